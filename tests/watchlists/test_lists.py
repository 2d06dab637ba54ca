"""Users' lists over a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import ReplayClock
from bot.errors import UserError
from bot.market.model import symbols_of
from bot.watchlists.lists import MOST_LISTS, MOST_SYMBOLS, Watchlists, clean_name
from storage.database import Database

ANN, BOB = 111, 222
THREE = symbols_of(("SPY", "QQQ", "IWM"))


@pytest_asyncio.fixture
async def lists(tmp_path: Path) -> AsyncIterator[Watchlists]:
    db = Database.open(tmp_path / "test.db")
    yield Watchlists(db=db, wall=ReplayClock(datetime(2026, 4, 17, tzinfo=UTC)))
    await db.close()


async def content(lists: Watchlists, user: int = ANN) -> dict[str, tuple[str, ...]]:
    return {one.name: one.symbols for one in await lists.of_user(user)}


async def test_the_first_symbols_make_the_first_list(lists: Watchlists) -> None:
    done = await lists.add(ANN, THREE)
    assert await content(lists) == {"main": ("SPY", "QQQ", "IWM")}
    assert done.symbols == THREE


async def test_a_list_that_is_not_there_is_not_made_by_a_typing_error(lists: Watchlists) -> None:
    await lists.create(ANN, "Tech")
    with pytest.raises(UserError, match="Yours are: Tech"):
        await lists.add(ANN, THREE, "teck")


async def test_names_are_found_in_any_case_and_taken_in_any_case(lists: Watchlists) -> None:
    await lists.create(ANN, "Größe  Zwei", THREE)
    assert (await lists.find(ANN, " GRÖSSE zwei ")).symbols == THREE
    with pytest.raises(UserError, match="already have"):
        await lists.create(ANN, "grösse zwei")


async def test_nobody_finds_the_list_of_another(lists: Watchlists) -> None:
    await lists.create(ANN, "secret", THREE)
    with pytest.raises(UserError):
        await lists.find(BOB, "secret")
    with pytest.raises(UserError):
        await lists.delete(BOB, "secret")
    assert await content(lists) == {"secret": THREE}


async def test_what_is_there_already_is_not_added_twice(lists: Watchlists) -> None:
    await lists.add(ANN, THREE)
    assert (await lists.add(ANN, symbols_of(("QQQ", "DIA")))).symbols == ("DIA",)
    with pytest.raises(UserError, match="already"):
        await lists.add(ANN, THREE)


async def test_adding_at_the_same_time_loses_nothing(lists: Watchlists) -> None:
    await lists.create(ANN, "a")
    names = [f"S{i}" for i in range(40)]
    await asyncio.gather(*(lists.add(ANN, symbols_of([name])) for name in names))
    assert sorted((await lists.find(ANN)).symbols) == sorted(names)


async def test_the_limits_hold_and_change_nothing(lists: Watchlists) -> None:
    many = symbols_of([f"S{i}" for i in range(MOST_SYMBOLS)])
    await lists.create(ANN, "full", many)
    with pytest.raises(UserError, match="200 is the most"):
        await lists.add(ANN, symbols_of(["ONE"]), "full")
    for i in range(MOST_LISTS - 1):
        await lists.create(ANN, f"list {i}")
    with pytest.raises(UserError, match="20 lists"):
        await lists.create(ANN, "one more")
    assert len(await content(lists)) == MOST_LISTS
    assert (await content(lists))["full"] == many


async def test_every_change_can_be_undone_and_undoing_too(lists: Watchlists) -> None:
    await lists.create(ANN, "a", THREE)
    steps = [
        lambda: lists.remove(ANN, symbols_of(["QQQ"]), "a"),
        lambda: lists.rename(ANN, "a", "b"),
        lambda: lists.add(ANN, symbols_of(["DIA"]), "b"),
        lambda: lists.create(ANN, "c"),
        lambda: lists.delete(ANN, "b"),
    ]
    for step in steps:
        before = await content(lists)
        done = await step()
        after = await content(lists)
        assert after != before
        assert await lists.undo(ANN, done.change) == done.what
        assert await content(lists) == before
        await lists.undo(ANN)
        assert await content(lists) == after


async def test_an_old_undo_does_not_undo_something_newer(lists: Watchlists) -> None:
    old = await lists.add(ANN, THREE)
    await lists.add(ANN, symbols_of(["DIA"]))
    with pytest.raises(UserError, match="changed since"):
        await lists.undo(ANN, old.change)
    with pytest.raises(UserError, match="nothing to undo"):
        await lists.undo(BOB)


async def test_a_code_opens_one_list_until_it_is_taken_back(lists: Watchlists) -> None:
    await lists.create(ANN, "a", THREE)
    await lists.create(ANN, "b")
    code = (await lists.share(ANN, "a")).code
    assert code is not None
    assert (await lists.share(ANN, "a")).code == code
    assert (await lists.shared(f" {code.upper()} ")).symbols == THREE
    changed = await lists.remove(ANN, symbols_of(["SPY"]), "a")
    await lists.unshare(ANN, "a")
    await lists.undo(ANN, changed.change)
    with pytest.raises(UserError, match="No list is shared"):
        await lists.shared(code)


@pytest.mark.parametrize("guess", ["", "%", "a" * 16, "' OR 1=1 --", "📈" * 16])
async def test_a_guessed_code_opens_nothing(lists: Watchlists, guess: str) -> None:
    await lists.create(ANN, "private", THREE)
    with pytest.raises(UserError):
        await lists.shared(guess)


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 33, "a:b", "@everyone", "<@1>", "`a`", "\u202e\u200b", "../x"]
)
def test_names_that_would_be_read_as_something_else_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="name"):
        clean_name(name)
