"""Quiet in a replay: prices in a folder, the watcher, the outbox, the real client, the playground.

Sessions are real ones: Friday 24 November 2023 closed early, at 13:00 in New York (18:00 UTC);
clocks there went back on Sunday 5 November 2023.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import discord
import pytest

from bot.alerts.personal.book import Personal, Wanted, Where
from bot.alerts.personal.model import Rule as PersonalRule
from bot.alerts.personal.words import parse_condition
from bot.clock import LiveClock
from bot.market.model import Symbol
from bot.playground.server import Playground
from tests.alerts.stage import SESSIONS, Stage, at, evening, quiet_year, write_prices
from tests.delivery.theatre import Theatre, connected
from tests.playground.conftest import playground  # noqa: F401  the fixture

FIRST = "2022-01-03"
DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
HALF_DAY = date(2023, 11, 24)


def breaking(day: date, *closes: float) -> list[float]:
    """A quiet year and more; from session `day` on these closes (the old high is 100.5)."""
    return quiet_year(*closes, sessions=DAYS.index(day))


def titles(message: discord.Message) -> list[str]:
    return [(embed.title or "").split(" made")[0] for embed in message.embeds]


def texts(message: discord.Message) -> list[str]:
    return [embed.description or "" for embed in message.embeds]


async def states(stage: Stage) -> list[tuple[str, str, str]]:
    return [(row.facts["symbol"], row.stage, row.state) for row in await stage.outbox()]


MakeTheatre = Callable[..., Awaitable[Theatre]]


@pytest.fixture
async def make_theatre(
    playground: Playground,  # noqa: F811
    tmp_path: Path,
) -> AsyncIterator[MakeTheatre]:
    opened: list[Theatre] = []
    async with connected(playground) as client:

        async def make(eve: date, **closes: Sequence[float]) -> Theatre:
            """Everything up to the evening of `eve`, which is learnt with the first pass."""
            write_prices(tmp_path / "prices", closes, first=FIRST)
            theatre = Theatre(tmp_path / "prices", tmp_path / "data" / "a.db", evening(eve))
            theatre.seat(client)
            opened.append(theatre)
            return theatre

        yield make
    for theatre in opened:
        await theatre.close()


def eve_of(day: date) -> date:
    return DAYS[DAYS.index(day) - 1]


async def test_a_pass_is_one_message_and_each_alert_keeps_its_own_edit(
    make_theatre: MakeTheatre,
) -> None:
    up = {symbol: breaking(HALF_DAY, 103) for symbol in ("SPY", "VOO", "GLD", "XLK")}
    theatre = await make_theatre(eve_of(HALF_DAY), **up, IWM=breaking(HALF_DAY, 100.2))
    await theatre.want("GLD", "IWM", "SPY", "VOO")
    await theatre.want(universe="sectors")
    await theatre.watcher.run_once()
    (message,) = await theatre.after(at("2023-11-24", "17:50"))
    assert sorted(titles(message)) == ["◆ GLD", "◆ IWM", "◆ SPY"]
    spy = texts(message)[titles(message).index("◆ SPY")]
    assert "The same index: VOO." in spy
    assert "Sectors that did the same: XLK." in spy
    (edited,) = await theatre.after(evening(HALF_DAY))
    assert edited.id == message.id
    assert sorted(titles(edited)) == ["● GLD", "● SPY", "✕ IWM"]
    rows = await theatre.outbox()
    assert len(rows) == 10
    assert {(row.state, row.message_id) for row in rows} == {("sent", message.id)}


async def test_an_edit_of_one_alert_leaves_the_others_as_they_stand(
    make_theatre: MakeTheatre,
) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY),
        GLD=breaking(HALF_DAY, 103, 99),
        TLT=breaking(HALF_DAY, 103, 104),
    )
    await theatre.want("GLD", "TLT")
    await theatre.watcher.run_once()
    await theatre.after(evening(HALF_DAY))
    message, reply = await theatre.after(evening(date(2023, 11, 27)))
    assert sorted(titles(message)) == ["● GLD", "● TLT"]
    assert reply.reference is not None
    assert reply.reference.message_id == message.id
    assert "GLD’s breakout of 24 Nov 2023 failed" in texts(reply)[0]


async def test_too_many_alerts_of_one_pass_are_one_summary(make_theatre: MakeTheatre) -> None:
    symbols = [f"S{number:02}" for number in range(12)]
    theatre = await make_theatre(
        eve_of(HALF_DAY), **{symbol: breaking(HALF_DAY, 103) for symbol in symbols}
    )
    await theatre.want(*symbols)
    await theatre.watcher.run_once()
    (message,) = await theatre.after(evening(HALF_DAY))
    assert titles(message) == ["12 alerts at once"]
    assert all(symbol in texts(message)[0] for symbol in symbols)
    assert {row.state for row in await theatre.outbox()} == {"sent"}


async def test_quiet_hours_hold_alerts_and_end_with_one_digest(make_theatre: MakeTheatre) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103), IWM=breaking(HALF_DAY, 100.2)
    )
    await theatre.want("GLD", "IWM")
    await theatre.choose(quiet="12:00-20:00")
    await theatre.watcher.run_once()
    assert await theatre.after(at("2023-11-24", "17:50")) == []
    assert await theatre.after(evening(HALF_DAY)) == []
    assert await theatre.after(at("2023-11-25", "00:59")) == []
    (digest,) = await theatre.after(at("2023-11-25", "01:00"))
    assert titles(digest) == ["Digest: 2 alerts"]
    assert texts(digest)[0].startswith("Held during the channel’s quiet hours.")
    assert "● GLD made a new all-time high" in texts(digest)[0]
    assert "✕ IWM made a new all-time high" in texts(digest)[0]
    assert {state for _, _, state in await states(theatre)} == {"sent"}
    assert len(await theatre.after(at("2023-11-25", "01:30"))) == 1


async def test_quiet_hours_end_at_their_hour_before_and_after_the_clocks_change(
    make_theatre: MakeTheatre,
) -> None:
    friday, monday = date(2023, 11, 3), date(2023, 11, 6)
    theatre = await make_theatre(
        eve_of(friday), GLD=breaking(friday, 103, 104), IWM=breaking(friday, 95, 103)
    )
    await theatre.want("GLD", "IWM")
    await theatre.choose(quiet="15:30-10:00")
    await theatre.watcher.run_once()
    assert await theatre.after(evening(friday)) == []
    assert await theatre.after(at("2023-11-04", "13:59")) == []
    (first,) = await theatre.after(at("2023-11-04", "14:00"))  # 10:00 EDT
    assert titles(first) == ["● GLD"]
    assert len(await theatre.after(evening(monday))) == 1
    assert len(await theatre.after(at("2023-11-07", "14:59"))) == 1
    _, second = await theatre.after(at("2023-11-07", "15:00"))  # 10:00 EST
    assert titles(second) == ["● IWM"]


async def test_a_snoozed_alert_of_a_member_sleeps_through_the_change_of_the_clocks(
    make_theatre: MakeTheatre,
) -> None:
    friday, tuesday = date(2023, 11, 3), date(2023, 11, 7)
    theatre = await make_theatre(eve_of(friday), GLD=breaking(friday, 103, 95, 103))
    member = theatre.guild.owner_id
    assert member is not None
    own = Personal(db=theatre.db, wall=LiveClock(), clock=theatre.clock)
    rule = PersonalRule(symbol=Symbol("GLD"), condition=parse_condition("above 101"))
    record = await own.add(member, Wanted(rule=rule, where=Where()))
    await own.snooze(record, until=datetime(2023, 11, 6, 9, tzinfo=ZoneInfo("America/New_York")))
    for moment in (at("2023-11-03", "19:00"), evening(friday), at("2023-11-06", "13:59")):
        await theatre.after(moment)
    assert [row.stage for row in await theatre.outbox()] == []
    await theatre.after(at("2023-11-06", "15:00"))
    await theatre.after(evening(date(2023, 11, 6)))
    await theatre.after(evening(tuesday))
    direct = await theatre.client.create_dm(discord.Object(member))
    (message,) = [each async for each in direct.history()]
    assert "GLD" in (message.embeds[0].title or "")
    assert [row.facts["session"] for row in await theatre.outbox()] == [str(tuesday)]


async def test_a_digest_keeps_its_hour_when_the_clocks_change(make_theatre: MakeTheatre) -> None:
    friday, monday = date(2023, 11, 3), date(2023, 11, 6)
    theatre = await make_theatre(
        eve_of(friday), GLD=breaking(friday, 103, 104), IWM=breaking(friday, 95, 103)
    )
    number = await theatre.want("GLD", "IWM")
    await theatre.deliver(number, "digest")
    await theatre.choose(digest=("09:00",))
    await theatre.watcher.run_once()
    assert await theatre.after(evening(friday)) == []
    assert await theatre.after(at("2023-11-04", "12:59")) == []
    (first,) = await theatre.after(at("2023-11-04", "13:00"))  # 09:00 EDT
    assert titles(first) == ["● GLD"]
    assert len(await theatre.after(evening(monday))) == 1
    assert len(await theatre.after(at("2023-11-07", "13:59"))) == 1
    _, second = await theatre.after(at("2023-11-07", "14:00"))  # 09:00 EST
    assert titles(second) == ["● IWM"]
    assert "Held for the digest, as its subscription asks." in texts(second)[0]


async def test_delivery_at_the_close_comes_decided_on_a_half_day_too(
    make_theatre: MakeTheatre,
) -> None:
    theatre = await make_theatre(eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103))
    await theatre.deliver(await theatre.want("GLD"), "close")
    await theatre.watcher.run_once()
    assert await theatre.after(at("2023-11-24", "17:50")) == []
    (message,) = await theatre.after(at("2023-11-24", "18:21"))
    assert titles(message) == ["● GLD"]
    assert {state for _, _, state in await states(theatre)} == {"sent"}


async def test_a_mute_keeps_a_symbol_silent_until_it_ends_and_the_row_says_why(
    make_theatre: MakeTheatre,
) -> None:
    monday = date(2023, 11, 27)
    theatre = await make_theatre(
        eve_of(HALF_DAY),
        GLD=breaking(HALF_DAY, 103, 104),
        IWM=breaking(HALF_DAY, 95, 103),
        TLT=breaking(HALF_DAY, 103, 104),
    )
    await theatre.want("GLD", "IWM", "TLT")
    await theatre.mute("GLD", at("2023-11-27", "12:00"))
    await theatre.mute("IWM", at("2023-11-27", "12:00"))
    await theatre.watcher.run_once()
    (message,) = await theatre.after(at("2023-11-24", "17:50"))
    assert titles(message) == ["◆ TLT"]
    await theatre.after(evening(HALF_DAY))
    (gold,) = [
        row
        for row in await theatre.outbox()
        if row.facts["symbol"] == "GLD" and row.stage == "opened"
    ]
    assert (gold.state, gold.reason) == ("dropped", "muted in this channel until 2023-11-27 07:00")
    _, later = await theatre.after(evening(monday))
    assert titles(later) == ["● IWM"]
    assert "pending" not in {state for _, _, state in await states(theatre)}


async def test_beyond_the_budget_messages_wait_for_the_full_hour(
    make_theatre: MakeTheatre,
) -> None:
    monday = date(2023, 11, 27)
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103, 99), IWM=breaking(HALF_DAY, 95, 103)
    )
    await theatre.want("GLD", "IWM")
    await theatre.choose(budget=1)
    await theatre.watcher.run_once()
    await theatre.after(evening(HALF_DAY))
    first, second = await theatre.after(evening(monday))
    assert (titles(first), titles(second)) == (["● GLD"], ["● IWM"])
    assert "has now had its messages of this hour (1)" in texts(second)[0]
    assert len(await theatre.after(at("2023-11-27", "21:59"))) == 2
    *_, reply = await theatre.after(at("2023-11-27", "22:00"))
    assert "GLD’s breakout of 24 Nov 2023 failed" in texts(reply)[0]
    assert reply.reference is not None
    assert reply.reference.message_id == first.id


async def test_only_the_chosen_role_is_mentioned(make_theatre: MakeTheatre) -> None:
    theatre = await make_theatre(eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103))
    role = next(role for role in theatre.guild.roles if not role.is_default())
    await theatre.deliver(await theatre.want("GLD"), "instant", role.id)
    await theatre.watcher.run_once()
    (message,) = await theatre.after(evening(HALF_DAY))
    assert message.content == f"<@&{role.id}>"
    assert message.raw_role_mentions == [role.id]
    assert not message.mention_everyone


async def test_alerts_of_a_removed_subscription_take_no_others_of_their_message_along(
    make_theatre: MakeTheatre,
) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103), TLT=breaking(HALF_DAY, 103)
    )
    first = await theatre.want("GLD")
    await theatre.want("TLT")
    await theatre.watcher.run_once()
    await theatre.look(evening(HALF_DAY))
    record = await theatre.subscriptions.find(first, guild_id=theatre.guild.id)
    await theatre.subscriptions.remove(record, user_id=1)
    (message,) = await theatre.after(evening(HALF_DAY))
    assert titles(message) == ["● TLT"]
    assert await states(theatre) == [("GLD", "opened", "dropped"), ("TLT", "opened", "sent")]


async def test_a_message_of_several_alerts_that_was_cut_off_shows_once(
    make_theatre: MakeTheatre,
    playground: Playground,  # noqa: F811
) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103), TLT=breaking(HALF_DAY, 103)
    )
    await theatre.want("GLD", "TLT")
    await theatre.watcher.run_once()
    await cut_off(playground)
    await theatre.after(evening(HALF_DAY))
    theatre.wall.skipped += timedelta(seconds=10)
    (message,) = await theatre.after(evening(HALF_DAY))
    assert sorted(titles(message)) == ["● GLD", "● TLT"]
    assert {(row.state, row.message_id) for row in await theatre.outbox()} == {("sent", message.id)}


async def cut_off(playground: Playground, times: int = 1) -> None:  # noqa: F811
    """Let the next posts arrive without anybody hearing so."""
    async with aiohttp.ClientSession() as http:
        fault = {"where": "rest", "times": times, "method": "POST", "path": "/messages"}
        url = f"{playground.url}control/faults"
        async with http.post(url, json={**fault, "act": "cut_after"}) as answer:
            assert answer.status < 300, await answer.text()


async def forget_nonces(playground: Playground) -> None:  # noqa: F811
    async with aiohttp.ClientSession() as http:
        url = f"{playground.url}control/time"
        async with http.post(url, json={"advance": 200}) as answer:
            assert answer.status < 300, await answer.text()


async def test_a_cut_off_message_shows_once_though_its_first_alert_loses_its_subscription(
    make_theatre: MakeTheatre,
    playground: Playground,  # noqa: F811
) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY),
        **{symbol: breaking(HALF_DAY, 103) for symbol in ("GLD", "SLV", "TLT")},
    )
    numbers = [await theatre.want(symbol) for symbol in ("GLD", "SLV", "TLT")]
    await theatre.watcher.run_once()
    for number in numbers[:2]:
        # discord.py repeats a cut request by itself, with the same nonce.
        await cut_off(playground, times=5)
        (message,) = await theatre.after(evening(HALF_DAY))
        assert sorted(titles(message)) == ["● GLD", "● SLV", "● TLT"]
        await forget_nonces(playground)
        record = await theatre.subscriptions.find(number, guild_id=theatre.guild.id)
        await theatre.subscriptions.remove(record, user_id=1)
        theatre.wall.skipped += timedelta(minutes=4)
    async with aiohttp.ClientSession() as http:
        await http.delete(f"{playground.url}control/faults")
    (again,) = await theatre.after(evening(HALF_DAY))
    assert again.id == message.id
    rows = {row.facts["symbol"]: row for row in await theatre.outbox()}
    assert (rows["TLT"].state, rows["TLT"].message_id) == ("sent", message.id)


async def test_what_follows_a_message_that_changed_hands_is_an_edit_of_it(
    make_theatre: MakeTheatre,
    playground: Playground,  # noqa: F811
) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103), TLT=breaking(HALF_DAY, 103)
    )
    first = await theatre.want("GLD")
    await theatre.want("TLT")
    await theatre.watcher.run_once()
    await cut_off(playground, times=5)
    (message,) = await theatre.after(at("2023-11-24", "17:50"))
    record = await theatre.subscriptions.find(first, guild_id=theatre.guild.id)
    await theatre.subscriptions.remove(record, user_id=1)
    async with aiohttp.ClientSession() as http:
        await http.delete(f"{playground.url}control/faults")
    theatre.wall.skipped += timedelta(seconds=10)
    (edited,) = await theatre.after(evening(HALF_DAY))
    assert edited.id == message.id
    assert titles(edited) == ["● TLT"]


async def test_nothing_of_a_guild_that_leaves_is_kept(make_theatre: MakeTheatre) -> None:
    theatre = await make_theatre(
        eve_of(HALF_DAY), GLD=breaking(HALF_DAY, 103), TLT=breaking(HALF_DAY, 103)
    )
    await theatre.deliver(await theatre.want("GLD", "TLT"), "close")
    await theatre.choose(quiet="22:00-07:00")
    await theatre.mute("IWM", at("2023-12-01", "12:00"))
    await theatre.watcher.run_once()
    await theatre.look(at("2023-11-24", "17:50"))
    await theatre.subscriptions.forget_guild(theatre.guild.id)
    for table in ("channels", "mutes", "ways", "quieted"):
        query = f"SELECT count(*) FROM {table}"
        assert await theatre.db.read(lambda c, q=query: c.execute(q).fetchone()) == (0,)
