"""Personal alerts from prices to the outbox, on a real database and a folder of prices."""

import csv
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts.personal.book import Personal, Wanted, Where
from bot.alerts.personal.model import On, Repeat, Rule
from bot.alerts.personal.words import parse_condition
from bot.clock import LiveClock
from bot.errors import UserError
from bot.market.model import Symbol
from storage import personal
from storage.personal import PersonalRecord
from tests.alerts.stage import FIELDS, SESSIONS, Stage, at, evening, quiet_year, write_prices

FIRST = "2022-01-03"
DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
LAST_QUIET = DAYS[299]
QUIET_EVENING = evening(LAST_QUIET)
ME = 4242


class Desk:
    """A stage on which one user keeps alerts."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.personal = Personal(db=stage.db, wall=LiveClock(), clock=stage.clock)

    async def add(self, words: str, *, symbol: str = "AAA", **more: Any) -> PersonalRecord:
        where = more.pop("where", Where())
        condition = parse_condition(words)
        rule = Rule(symbol=Symbol(symbol), condition=condition, **more)
        return await self.personal.add(ME, Wanted(rule=rule, where=where))

    async def told(self) -> list[tuple[str, str]]:
        """(words, session) of every message owed, in order."""
        rows = await self.stage.outbox()
        return [(r.facts["words"], r.facts["session"]) for r in rows if r.stage == "personal"]

    async def state(self, record: PersonalRecord) -> str:
        found = await self.stage.db.read(lambda c: personal.get(c, record.id))
        assert found is not None
        return found.state


MakeDesk = Callable[..., Desk]


@pytest.fixture
async def make_desk(tmp_path: Path) -> AsyncIterator[MakeDesk]:
    stages: list[Stage] = []

    def make(*ending: float, start: datetime = QUIET_EVENING) -> Desk:
        if ending:
            write_prices(tmp_path / "prices", {"AAA": quiet_year(*ending)}, first=FIRST)
        stages.append(Stage(tmp_path / "prices", tmp_path / "data" / "a.db", start))
        return Desk(stages[-1])

    yield make
    for stage in stages:
        await stage.close()


def day(i: int) -> str:
    """The i-th session after the quiet year, from 0."""
    return str(DAYS[300 + i])


async def test_a_replay_in_which_an_alert_fires_rearms_after_recrossing_and_expires(
    make_desk: MakeDesk,
) -> None:
    # Above 98: crossed on days 1 and 4; still above on 2, back on 3; crossed on 6 after its end.
    desk = make_desk(96, 99, 99.2, 95, 99, 95, 99)
    end = SESSIONS.bounds(DAYS[305])[1] + timedelta(hours=1)
    alert = await desk.add("above 98", repeat=Repeat.AGAIN, expires=end)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(6))
    assert await desk.told() == [("above 98", day(1)), ("above 98", day(4))]
    assert await desk.state(alert) == "expired"


async def test_once_means_once(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99, 95, 99)
    alert = await desk.add("above 98")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(3))
    assert await desk.told() == [("above 98", day(1))]
    assert await desk.state(alert) == "fired"


async def test_made_while_the_price_is_above_it_waits_for_a_return(make_desk: MakeDesk) -> None:
    desk = make_desk(104, 105, 103, 101, 104, start=at(day(0), "18:00"))
    await desk.add("above 102")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(1), day(4))
    assert await desk.told() == [("above 102", day(4))]


async def test_made_after_a_close_that_is_not_settled_it_waits_for_that_close(
    make_desk: MakeDesk,
) -> None:
    just_after = SESSIONS.bounds(DAYS[300])[1] + timedelta(minutes=2)
    desk = make_desk(104, 105, start=just_after)
    for words in ("above 102", "up 5%"):
        await desk.add(words)
    await desk.add("above 101", on=On.CLOSE)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(1), day(1))
    assert await desk.told() == []


async def test_a_touch_is_told_while_the_session_runs_and_a_close_only_after_it(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(96, 97.8)
    await desk.add("above 98")
    await desk.add("above 97", on=On.CLOSE)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(1))
    rows = [r for r in await desk.stage.outbox() if r.stage == "personal"]
    assert [(r.facts["words"], r.facts["closed"]) for r in rows] == [
        ("above 98", False),
        ("above 97", True),
    ]
    # The day's high is 97.8 + 0.5; its close 97.8 stays below 98.
    assert rows[0].facts["price"] <= 98.3
    assert rows[1].facts["price"] == 97.8


async def test_a_direct_message_is_owed_to_the_user_and_a_channel_alert_to_the_channel(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(96, 99)
    await desk.add("above 98")
    await desk.add("above 97", where=Where(guild_id=7, channel_id=70))
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(1))
    rows = {r.facts["words"]: r for r in await desk.stage.outbox() if r.stage == "personal"}
    assert (rows["above 98"].guild_id, rows["above 98"].channel_id) == (0, ME)
    assert (rows["above 97"].guild_id, rows["above 97"].channel_id) == (7, 70)


async def test_what_was_missed_is_told_late_and_in_order(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99, 95, 99, 99.5)
    await desk.add("above 98", repeat=Repeat.AGAIN)
    await desk.stage.watcher.run_once()
    await desk.stage.look(evening(DAYS[304]))
    rows = [r for r in await desk.stage.outbox() if r.stage == "personal"]
    assert [(r.facts["session"], r.facts["late"]) for r in rows] == [(day(1), True), (day(3), True)]


async def test_looking_twice_or_from_two_watchers_tells_once(make_desk: MakeDesk) -> None:
    desk, other = make_desk(96, 99, 95, 99), make_desk()
    await desk.add("above 98", repeat=Repeat.AGAIN)
    await desk.stage.watcher.run_once()
    for i in range(4):
        for stage in (desk.stage, other.stage):
            await stage.look(at(day(i), "18:00"))
            await stage.watcher.run_once()
        for stage in (other.stage, desk.stage):
            await stage.look(evening(DAYS[300 + i]))
    assert await desk.told() == [("above 98", day(1)), ("above 98", day(3))]


async def test_a_pass_that_read_an_older_version_changes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99)
    old = await desk.add("above 98")
    await desk.personal.pause(old)
    decided = replace(old, state="fired", fires=1)
    assert await desk.stage.db.write(lambda c: personal.keep(c, decided)) is False
    assert await desk.state(old) == "paused"


async def test_a_paused_alert_is_silent_and_looks_afresh_when_it_is_resumed(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(96, 99, 99, 95, 99)
    alert = await desk.add("above 98")
    await desk.stage.watcher.run_once()
    await desk.personal.pause(alert)
    await desk.stage.play(day(0), day(1))
    await desk.personal.resume(alert)
    await desk.stage.play(day(2), day(4))
    assert await desk.told() == [("above 98", day(4))]


async def test_a_snoozed_alert_sleeps_until_its_time_and_then_looks_afresh(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(96, 99, 99, 95, 99)
    alert = await desk.add("above 98")
    await desk.stage.watcher.run_once()
    await desk.personal.snooze(alert, until=evening(DAYS[301]) + timedelta(hours=1))
    await desk.stage.play(day(0), day(4))
    assert await desk.told() == [("above 98", day(4))]


async def test_setups_and_highs_follow_the_episodes(make_desk: MakeDesk) -> None:
    # The 52-week high is 100.5; day 0 makes a new one, day 2 closes below it: it failed.
    desk = make_desk(103, 104, 99, 98)
    await desk.add("52-week high")
    await desk.add("failed breakout")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(3))
    told = await desk.told()
    assert ("52-week high", day(0)) in told
    assert ("failed breakout", day(2)) in told
    assert len([words for words, _ in told if words == "52-week high"]) == 1


async def test_an_alert_on_a_running_breakout_does_not_tell_of_it(make_desk: MakeDesk) -> None:
    desk = make_desk(103, 104, 105, start=at(day(0), "18:00"))
    await desk.add("52-week high")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(1), day(2))
    assert await desk.told() == []


async def test_an_all_time_low_is_told_once_an_episode(make_desk: MakeDesk) -> None:
    # The lowest low of the quiet year is above 93; both last days make new ones.
    desk = make_desk(95, 90, 89)
    await desk.add("all-time low", repeat=Repeat.EPISODE)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(2))
    assert await desk.told() == [("all-time low", day(1))]


async def test_a_move_counts_from_the_prior_close(make_desk: MakeDesk) -> None:
    desk = make_desk(95, 95, 100, 100)
    await desk.add("up 5%")
    await desk.add("down 5%")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(3))
    assert await desk.told() == [("up 5%", day(2))]


def spoil(path: Path, session: str, change: Callable[[list[str]], list[str]]) -> None:
    """Rewrite a price file's rows from `session` on."""
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS.split(","))
        writer.writerows(change(row) if row[1] == session else row for row in lines)


async def test_a_held_symbol_never_fires(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(96, 99)
    bad = str(DAYS[280])
    spoil(tmp_path / "prices" / "AAA.csv", bad, lambda row: [*row[:4], "0.27", *row[5:]])
    for words in ("above 98", "52-week high", "move 1%"):
        await desk.add(words)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(1))
    assert await desk.told() == []
    assert "0.27" in desk.stage.watcher.progress.unavailable[Symbol("AAA")]


async def test_a_split_rescales_the_level_and_the_memory(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    # A 2:1 split on day 1; on the new scale the level 98 is 49, which only day 3 exceeds.
    desk = make_desk(96, 96.4, 97, 99)
    split_in_two(tmp_path / "prices" / "AAA.csv", day(1))
    alert = await desk.add("above 98")
    await desk.add("down 10%")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(3))
    assert await desk.told() == [("above 49", day(3))]
    found = await desk.stage.db.read(lambda c: personal.get(c, alert.id))
    assert found is not None
    assert found.rule.level == pytest.approx(49.0)


def split_in_two(path: Path, session: str) -> None:
    """Rewrite a price file as a vendor does after a 2:1 split in `session`."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS.split(","))
        for row in rows:
            halved = [f"{float(price) / 2:.4f}" for price in row[2:7]]
            writer.writerow([*row[:2], *halved, row[7], 0, "2" if row[1] == session else "0"])


async def test_a_level_written_on_the_day_of_a_split_is_not_rescaled_again(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    # Day 1 opens at half the price. “Above 49.3” written that day means the new prices; only
    # day 3, with a high of 49.75, exceeds it.
    desk = make_desk(96, 96.4, 97, 98.5)
    split_in_two(tmp_path / "prices" / "AAA.csv", day(1))
    await desk.add("above 98.6")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(0))
    desk.stage.clock.move_to(at(day(1), "15:00"))
    await desk.add("above 49.3", repeat=Repeat.AGAIN)
    await desk.stage.play(day(2), day(3))
    assert sorted(await desk.told()) == [("above 49.3", day(3))] * 2


async def test_a_user_has_at_most_fifty_alerts_waiting(make_desk: MakeDesk) -> None:
    desk = make_desk(96)
    first = await desk.add("above 1000")
    for i in range(1, 50):
        await desk.add(f"above {1000 + i}")
    with pytest.raises(UserError, match="50 is the most"):
        await desk.add("above 2000")
    with pytest.raises(UserError, match="just this alert"):
        await desk.add("above 1001")
    await desk.personal.remove(first)
    await desk.add("above 2000")


async def test_its_symbol_is_watched_without_any_subscription(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99)
    await desk.add("above 98")
    await desk.stage.watcher.run_once()
    assert desk.stage.watcher.progress.symbols == 1


async def test_a_removed_alert_drops_what_it_was_owed(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99)
    alert = await desk.add("above 98")
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(1))
    await desk.personal.remove(alert)
    (row,) = await desk.stage.outbox()
    assert row.state == "dropped"


async def test_forgetting_a_user_leaves_nothing_of_theirs(make_desk: MakeDesk) -> None:
    desk = make_desk(96, 99)
    await desk.add("above 98")
    other = Wanted(rule=Rule(symbol=Symbol("AAA"), condition=parse_condition("above 98")))
    await desk.personal.add(ME + 1, other)
    await desk.stage.watcher.run_once()
    await desk.stage.play(day(0), day(1))
    assert await desk.personal.forget(ME) == 1
    sheets = "SELECT body FROM sheets"
    kept = await desk.stage.db.read(lambda c: c.execute(sheets).fetchall())
    assert not [body for (body,) in kept if f'"user_id":{ME},' in body]
    assert [row.channel_id for row in await desk.stage.outbox()] == [ME + 1]
    assert await desk.personal.of_user(ME) == []
    assert len(await desk.personal.of_user(ME + 1)) == 1
