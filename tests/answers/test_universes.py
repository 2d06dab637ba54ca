"""Universes of servers: made, changed, undone, subscribed to, and used by the answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.cards.model import Button
from bot.charts.renderer import Renderer
from bot.errors import UserError
from bot.services import Services
from tests.answers.stage import services_over

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = Caller(user_id=7, guild_id=1, channel_id=10)
MODERATOR = replace(ANN, user_id=8, may_manage=True, may_manage_server=True)
ELSEWHERE = replace(MODERATOR, guild_id=2, channel_id=20)


@pytest_asyncio.fixture(loop_scope="session")
async def services(tmp_path: Path, renderer: Renderer) -> AsyncIterator[Services]:
    async with services_over(None, tmp_path, as_of=date(2024, 6, 28), renderer=renderer) as opened:
        yield opened


async def said(services: Services, text: str, caller: Caller = MODERATOR) -> Answer:
    return await parse(text).run(services, caller)


async def refusal(services: Services, text: str, caller: Caller = MODERATOR) -> str:
    with pytest.raises(UserError) as raised:
        await said(services, text, caller)
    return str(raised.value)


async def symbols_of(services: Services, name: str) -> list[str]:
    shown = await said(services, f"universe show {name}", ANN)
    (universe,) = shown.numbers["universes"]
    found: list[str] = universe["symbols"]
    return found


async def watched(services: Services, guild_id: int = 1) -> list[list[str]]:
    """The symbols that the watcher is asked to look at, by subscription."""
    wishes = await services.subscriptions.wishes()
    return [sorted(wish.symbols) for wish in wishes if wish.subscription.guild_id == guild_id]


async def test_a_universe_is_made_of_what_people_paste_and_names_what_nobody_knows(
    services: Services,
) -> None:
    made = await said(
        services, "universe create Tech-Leaders symbols:$QQQ, xlk;NASDAQ:XLC ZZZZQ 12"
    )
    assert made.card.verdict.startswith("Created tech-leaders: QQQ, XLK and XLC. It has 3 symbols.")
    assert "ZZZZQ (unknown)" in made.card.body
    assert await symbols_of(services, "TECH-leaders") == ["QQQ", "XLK", "XLC"]
    listed = (await said(services, "universe list", ANN)).card
    assert listed.body.startswith("**tech-leaders** · 3 symbols")
    assert "sectors" in listed.body


async def test_a_subscription_follows_its_universe(services: Services) -> None:
    await said(services, "universe create mine symbols:SPY QQQ")
    await said(services, "subscribe mine")
    assert await watched(services) == [["QQQ", "SPY"]]
    await said(services, "universe add mine symbols:IWM")
    await said(services, "universe remove mine symbols:SPY")
    assert await watched(services) == [["IWM", "QQQ"]]
    assert await watched(services, guild_id=2) == []
    assert "Subscribed to: #1" in (await said(services, "universe show mine")).card.verdict
    assert "#1" in await refusal(services, "universe delete mine")
    await said(services, "subscriptions remove 1")
    assert "Deleted mine" in (await said(services, "universe delete mine")).card.verdict


async def test_every_change_is_undone_by_its_button(services: Services) -> None:
    for before, change in (
        ([], "create undone symbols:SPY QQQ"),
        (["SPY", "QQQ"], "add undone symbols:IWM SPY"),
        (["SPY", "QQQ"], "remove undone symbols:QQQ"),
        (["SPY", "QQQ"], "delete undone"),
    ):
        if before and change.startswith("add"):
            await said(services, "universe create undone symbols:SPY QQQ")
        answer = await said(services, f"universe {change}")
        (undo,) = [c for c in answer.controls if isinstance(c, Button)]
        await said(services, undo.call)
        if before:
            assert await symbols_of(services, "undone") == before, change
        else:
            assert "no universe" in await refusal(services, "universe show undone")


async def test_the_answers_of_its_server_know_it_and_those_of_others_do_not(
    services: Services,
) -> None:
    await said(services, "universe create pair symbols:SPY IWM")
    compared = await said(services, "compare pair", ANN)
    assert set(compared.numbers["members"]) == {"SPY", "IWM"}
    for command in ("breadth pair", "setups pair", "rotation pair against:QQQ", "sectors pair"):
        assert (await said(services, command, ANN)).card.title, command
    # In another server the word is taken for a ticker symbol that nobody knows.
    assert "PAIR" in await refusal(services, "rotation pair against:QQQ", ELSEWHERE)
    assert "PAIR" in await refusal(services, "subscribe pair", ELSEWHERE)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("universe create sectors symbols:SPY", "comes with me"),
        ("universe create spy symbols:QQQ", "SPY is a ticker symbol"),
        ("universe create a symbols:QQQ", "2 to 24 letters"),
        ("universe create @everyone symbols:QQQ", "2 to 24 letters"),
        ("universe create empty symbols:ZZZZQ", "There is no symbol in that"),
        ("universe add nothing symbols:SPY", "no universe of that name"),
        ("universe add sectors symbols:SPY", "cannot be changed"),
        ("universe remove nothing symbols:SPY", "no universe of that name"),
        ("universe delete nothing", "no universe of that name"),
        ("universe show nothing", "no universe"),
    ],
)
async def test_wrong_input_is_answered_with_what_to_do(
    services: Services, command: str, answer: str
) -> None:
    assert answer in await refusal(services, command)


async def test_a_universe_is_never_emptied_doubled_or_too_large(services: Services) -> None:
    await said(services, "universe create full symbols:SPY QQQ")
    assert "already" in await refusal(services, "universe create FULL symbols:IWM")
    assert "already" in await refusal(services, "universe add full symbols:QQQ SPY")
    assert "None of these" in await refusal(services, "universe remove full symbols:IWM")
    assert "would be empty" in await refusal(services, "universe remove full symbols:SPY QQQ")
    many = " ".join(f"S{number}" for number in range(201))
    assert "201 symbols" in await refusal(services, f"universe add full symbols:{many}")
    assert await symbols_of(services, "full") == ["SPY", "QQQ"]
    for number in range(19):
        await said(services, f"universe create u-{number} symbols:SPY")
    assert "20 universes" in await refusal(services, "universe create u-20 symbols:SPY")


async def test_only_who_manages_the_server_changes_one_and_only_in_a_server(
    services: Services,
) -> None:
    channel_manager = replace(ANN, may_manage=True)
    for caller in (ANN, channel_manager):
        assert "permission" in await refusal(services, "universe create x1 symbols:SPY", caller)
    alone = Caller(user_id=7)
    assert "server only" in await refusal(services, "universe create x1 symbols:SPY", alone)
    assert "Servers make their own" in (await said(services, "universe list", alone)).card.verdict


async def test_a_server_that_removes_the_bot_takes_its_universes_along(services: Services) -> None:
    await said(services, "universe create here symbols:SPY")
    await said(services, "universe create there symbols:SPY", ELSEWHERE)
    await services.subscriptions.forget_guild(1)
    assert await services.universes.in_guild(1) == []
    assert [one.name for one in await services.universes.in_guild(2)] == ["there"]
