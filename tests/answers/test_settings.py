"""Defaults that people and servers choose, and the answers that use them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answers.calls import calls_of
from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.cards.model import Button
from bot.charts.renderer import Renderer
from bot.errors import UserError
from bot.notation import Notation, written_for
from bot.services import Services
from tests.answers.stage import services_over

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = Caller(user_id=7, guild_id=1, channel_id=10)
MODERATOR = replace(ANN, user_id=8, may_manage=True, may_manage_server=True)
ELSEWHERE = replace(ANN, guild_id=2)


@pytest_asyncio.fixture(loop_scope="session")
async def services(tmp_path: Path, renderer: Renderer) -> AsyncIterator[Services]:
    async with services_over(None, tmp_path, as_of=date(2024, 6, 28), renderer=renderer) as opened:
        yield opened


async def said(services: Services, text: str, caller: Caller = ANN) -> Answer:
    return await parse(text).run(services, caller)


def undo_of(answer: Answer) -> str:
    return next(c.call for c in answer.controls if isinstance(c, Button) and c.label == "Undo")


async def test_without_a_choice_the_programs_settings_count(services: Services) -> None:
    answer = await said(services, "settings me")
    assert answer.private
    assert answer.numbers["chosen"] == {
        "zone": None,
        "benchmark": None,
        "basis": None,
        "numbers": None,
    }
    counted = {name: answer.numbers[name] for name in ("zone", "benchmark", "basis")}
    assert counted == {"zone": "America/New_York", "benchmark": "SPY", "basis": "price"}


async def test_a_persons_choice_beats_the_servers_and_the_servers_beats_the_default(
    services: Services,
) -> None:
    await said(services, "settings server benchmark:QQQ zone:europe/berlin", MODERATOR)
    await said(services, "settings me benchmark:iwm")
    mine = await said(services, "settings me")
    assert (mine.numbers["benchmark"], mine.numbers["zone"]) == ("IWM", "Europe/Berlin")
    shown = {field.name: field.value for field in mine.card.fields}
    assert "your choice" in shown["Benchmark"]
    assert "the server’s choice" in shown["Time zone"]
    assert "default" in shown["Basis"]
    there = await said(services, "settings me", ELSEWHERE)
    assert (there.numbers["benchmark"], there.numbers["zone"]) == ("IWM", "America/New_York")


async def test_the_answers_use_the_chosen_basis_and_benchmark(services: Services) -> None:
    await said(services, "settings me basis:total benchmark:QQQ")
    assert (await said(services, "high SPY")).numbers["report"]["basis"] == "total"
    assert (await said(services, "high SPY basis:price")).numbers["report"]["basis"] == "price"
    assert (await said(services, "high SPY", MODERATOR)).numbers["report"]["basis"] == "price"
    compared = (await said(services, "compare IWM")).numbers
    assert (compared["basis"], set(compared["members"])) == ("total", {"QQQ", "IWM"})
    assert "QQQ" in (await said(services, "rs IWM")).card.title
    assert "SPY" in (await said(services, "rs IWM", MODERATOR)).card.title
    pairs = (await said(services, "breadth sectors")).numbers["pairs"]
    assert {pair.partition("/")[2] for pair in pairs} == {"QQQ"}
    studied = (await said(services, "record symbol:IWM")).card
    assert " over QQQ" in f"{studied.body} {studied.fields}"
    led = (await said(services, "brief IWM")).numbers["findings"]
    assert {f["numbers"]["benchmark"] for f in led if "benchmark" in f["numbers"]} == {"QQQ"}


async def test_the_servers_zone_is_that_of_its_channels(services: Services) -> None:
    await said(services, "settings server zone:Asia/Tokyo", MODERATOR)
    shown = await said(services, "quiet set hours:22-7", MODERATOR)
    assert shown.numbers["zone"] == "Asia/Tokyo"
    own = await said(services, "quiet set zone:Europe/Berlin", MODERATOR)
    assert own.numbers["zone"] == "Europe/Berlin"


async def test_a_typed_date_ends_by_the_persons_clock(services: Services) -> None:
    moderator = replace(MODERATOR, user_id=9)
    await said(services, "settings me zone:Asia/Tokyo", moderator)
    muted = await said(services, "mute add SPY until:2024-12-31", moderator)
    # Tokyo is nine hours ahead all year: its 2025 begins at 15:00 UTC on New Year's Eve.
    assert muted.numbers["mutes"][0]["until"] == "2024-12-31T15:00:00+00:00"
    await said(services, "alert add SPY when:above 9999 expires:2024-12-31", moderator)
    (mine,) = await services.personal.of_user(9)
    assert mine.rule.expires_at == datetime(2024, 12, 31, 15, tzinfo=UTC)


async def test_every_change_can_be_undone(services: Services) -> None:
    await said(services, "settings me basis:total zone:Asia/Tokyo")
    changed = await said(services, "settings me basis:price benchmark:QQQ")
    back = await said(services, undo_of(changed))
    assert back.numbers["chosen"] == {
        "zone": "Asia/Tokyo",
        "benchmark": None,
        "basis": "total",
        "numbers": None,
    }
    again = await said(services, undo_of(back))
    assert again.numbers["chosen"]["benchmark"] == "QQQ"
    unchanged = await said(services, "settings me basis:price")
    assert not [c for c in unchanged.controls if isinstance(c, Button)]


async def test_every_choice_that_is_offered_is_a_command_that_works(services: Services) -> None:
    for caller, command in ((ANN, "settings me"), (MODERATOR, "settings server")):
        for text in calls_of(await said(services, command, caller)):
            assert parse(text).name == command
            await said(services, text, caller)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("settings me zone:Mars/Base", "no time zone"),
        ("settings me benchmark:ZZZZZ", "ZZZZZ"),
        ("settings me benchmark:📈", "not a ticker symbol"),
        ("settings me basis:both", "price, total, default"),
    ],
)
async def test_what_cannot_be_a_default_is_refused_and_nothing_changes(
    services: Services, text: str, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        await said(services, text)
    kept = (await said(services, "settings me")).numbers["chosen"]
    assert kept == {"zone": None, "benchmark": None, "basis": None, "numbers": None}


async def test_a_member_sees_the_servers_settings_and_cannot_change_them(
    services: Services,
) -> None:
    shown = await said(services, "settings server")
    assert not shown.controls
    one_channel = replace(ANN, may_manage=True)
    for caller in (ANN, one_channel):
        with pytest.raises(UserError, match="whole server"):
            await said(services, "settings server basis:total", caller)
    assert (await said(services, "settings server")).numbers["basis"] == "price"


async def test_settings_are_handed_out_and_forgotten_with_the_person(services: Services) -> None:
    await said(services, "settings me zone:Asia/Tokyo")
    mine = await said(services, "my-data")
    assert mine.numbers["tables"] == {"user_preferences": 1}
    await said(services, "forget-me sure:true")
    assert (await said(services, "settings me")).numbers["zone"] == "America/New_York"


async def test_the_way_to_write_numbers_is_a_persons_then_the_servers(services: Services) -> None:
    notation = services.preferences.notation
    assert await notation(7, 1) is Notation.POINT
    await said(services, "settings server numbers:comma", MODERATOR)
    shown = await said(services, "settings me numbers:space")
    assert "1\u202f234,50" in {field.name: field.value for field in shown.card.fields}["Numbers"]
    assert await notation(7, 1) is Notation.SPACE
    assert await notation(8, 1) is Notation.COMMA
    assert await notation(0, 1) is Notation.COMMA
    assert await notation(8, 0) is Notation.POINT


async def test_a_picture_is_drawn_for_each_notation_once(services: Services) -> None:
    pictures = []
    for notation in (Notation.POINT, Notation.COMMA, Notation.POINT):
        with written_for(notation):
            picture = (await said(services, "chart SPY")).card.picture
        assert picture is not None
        pictures.append(picture.png)
    assert pictures[0] == pictures[2] != pictures[1]
