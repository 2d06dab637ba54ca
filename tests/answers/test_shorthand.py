"""Commands behind controls: short ones travel in the message, long ones in the database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answers import shorthand
from bot.answers.calls import menu, pages, written
from bot.cards.model import Menu
from bot.clock import ReplayClock
from bot.errors import UserError
from storage import calls
from storage.database import Database

NOW = datetime(2024, 1, 2, tzinfo=UTC)
LONG = "compare " + " ".join(f"SYMBOL{i}" for i in range(30))


@dataclass(frozen=True)
class Shelf:
    """What the shorthand needs of the services."""

    db: Database
    wall: ReplayClock


@pytest_asyncio.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    db = Database.open(tmp_path / "test.db")
    yield Shelf(db=db, wall=ReplayClock(NOW))
    await db.close()


async def test_a_short_command_is_written_out(shelf: Shelf) -> None:
    found = await shorthand.shortened(shelf, ["high SPY"])
    assert found == {"high SPY": "=high SPY"}


async def test_a_long_command_comes_back_whole_after_a_restart(
    shelf: Shelf, tmp_path: Path
) -> None:
    short = (await shorthand.shortened(shelf, [LONG]))[LONG]
    assert len(short) < 90
    await shelf.db.close()
    again = Database.open(tmp_path / "test.db")
    assert await shorthand.restored(Shelf(db=again, wall=shelf.wall), short) == LONG
    await again.close()


async def test_what_is_long_out_of_use_is_forgotten_and_the_answer_says_what_to_do(
    shelf: Shelf,
) -> None:
    short = (await shorthand.shortened(shelf, [LONG]))[LONG]
    later = NOW + timedelta(days=401)
    await shelf.db.write(lambda connection: calls.put(connection, ["x"], at=later))
    with pytest.raises(UserError, match="Run the command again"):
        await shorthand.restored(shelf, short)


def test_options_that_are_not_given_are_left_out() -> None:
    assert written("chart", "SPY", range="1y", interval=None) == "chart SPY range:1y"


def test_a_menu_of_more_than_25_choices_is_refused() -> None:
    many = [(str(i), str(i)) for i in range(26)]
    with pytest.raises(ValueError, match="25"):
        menu("Too many", many, chosen="", call=str)


def test_a_menu_marks_what_is_shown() -> None:
    made = menu("Range", [("1m", "1 month"), ("1y", "1 year")], chosen="1y", call=str)
    assert isinstance(made, Menu)
    assert [choice.chosen for choice in made.choices] == [False, True]


@pytest.mark.parametrize(("page", "labels"), [(1, ["Next ›"]), (2, ["‹ Previous"])])
def test_a_page_has_buttons_to_its_neighbours_only(page: int, labels: list[str]) -> None:
    assert [button.label for button in pages(page, 2, call=str)] == labels
