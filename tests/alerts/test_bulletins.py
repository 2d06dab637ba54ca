"""When bulletins are due, and that each is owed once whoever looks."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.bulletins import Bulletins, next_digest_after, next_week_end, week_of
from bot.alerts.subscriptions import Place
from bot.clock import LiveClock, ReplayClock
from bot.market.sessions import Sessions
from storage import alerts
from storage.database import Database

SESSIONS = Sessions.load()
NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
HERE = Place(guild_id=1, channel_id=10, user_id=7)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # Friday 24 November 2023 closed at 13:00 in New York, 18:00 UTC; 20 minutes to settle.
        ("2023-11-20 15:00", "2023-11-24 18:20"),
        ("2023-11-24 18:19", "2023-11-24 18:20"),
        ("2023-11-24 18:20", "2023-12-01 21:20"),
        ("2023-11-25 12:00", "2023-12-01 21:20"),
        # Good Friday 2024 (29 March) is no session; Thursday closes at 16:00, by then 20:00 UTC.
        ("2024-03-25 15:00", "2024-03-28 20:20"),
    ],
)
def test_a_week_ends_with_its_last_settled_close(now: str, due: str) -> None:
    assert next_week_end(SESSIONS, utc(now)) == utc(due)


def test_a_week_has_the_sessions_that_it_has() -> None:
    assert week_of(SESSIONS, date(2023, 11, 23)) == (date(2023, 11, 20), date(2023, 11, 24))
    assert week_of(SESSIONS, date(2024, 3, 26)) == (date(2024, 3, 25), date(2024, 3, 28))


@pytest.mark.parametrize(
    ("times", "now", "due"),
    [
        (("close",), "2023-11-24 18:19", "2023-11-24 18:20"),
        (("close",), "2023-11-24 18:20", "2023-11-27 21:20"),
        (("close",), "2023-11-24 18:30", "2023-11-27 21:20"),
        # Berlin put its clocks back on 29 October 2023: 08:00 there is 06:00, then 07:00 UTC.
        (("08:00",), "2023-10-28 06:00", "2023-10-29 07:00"),
        (("08:00", "close"), "2023-10-27 21:00", "2023-10-28 06:00"),
    ],
)
def test_a_list_comes_at_its_times_and_never_twice_at_one(
    times: tuple[str, ...], now: str, due: str
) -> None:
    assert next_digest_after(times, BERLIN, utc(now), SESSIONS) == utc(due)


async def test_two_that_look_at_once_owe_one_message(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")
    clock = ReplayClock(utc("2023-11-20 15:00"))
    first, second = (
        Bulletins(db=db, clock=clock, wall=LiveClock(), sessions=SESSIONS) for _ in range(2)
    )
    await first.want_scorecard(HERE)
    assert await first.due() == []
    clock.move_to(utc("2023-11-24 18:25"))
    (mine,), (same,) = await first.due(), await second.due()
    card = {"title": "Scorecard", "verdict": "Nothing yet."}
    assert await first.send(mine, card, zone=NEW_YORK)
    assert not await second.send(same, card, zone=NEW_YORK)
    assert await db.read(alerts.counts) == {"pending": 1}
    assert await first.due() == []
    (row,) = await db.read(lambda c: c.execute("SELECT next_at FROM bulletins").fetchall())
    assert datetime.fromisoformat(row[0]) == utc("2023-12-01 21:20")
    await db.close()


async def test_turned_on_anew_it_starts_with_the_week_that_runs(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")
    clock = ReplayClock(utc("2023-11-20 15:00"))
    wishes = Bulletins(db=db, clock=clock, wall=LiveClock(), sessions=SESSIONS)
    record = await wishes.want_scorecard(HERE)
    assert await wishes.scorecard_of(HERE) == record
    await wishes.end_scorecard(HERE, record)
    assert await wishes.scorecard_of(HERE) is None
    clock.move_to(record.next_at + timedelta(days=10))
    assert (await wishes.want_scorecard(HERE)).next_at == utc("2023-12-08 21:20")
    await db.close()
