"""A post that many subscriptions are owed, written as one statement."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import alerts, subscriptions
from storage.alerts import Broadcast
from storage.connection import Connection
from storage.database import Database

NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)


def subscribe(connection: Connection, channel: int) -> int:
    return subscriptions.add(
        connection,
        guild_id=channel // 10,
        channel_id=channel,
        kinds=["high_52w"],
        universe=None,
        symbols=["SPY"],
        created_by=1,
        at=NOW,
    ).id


def post(*numbers: int) -> Broadcast:
    return Broadcast(
        episode_id="e1",
        stage="opened",
        facts={"symbol": "SPY"},
        created_at=NOW,
        market_time=NOW - timedelta(minutes=1),
        expires_at=NOW + timedelta(hours=24),
        ids={number: f"alert{number}" for number in numbers},
    )


async def owed(db: Database) -> list[tuple[str, int, int, str]]:
    rows = await db.read(
        lambda c: c.execute(
            "SELECT id, guild_id, channel_id, stage FROM alerts ORDER BY id"
        ).fetchall()
    )
    return [tuple(row) for row in rows]


async def test_each_subscription_is_owed_a_post_once_however_often_it_is_repeated(
    where: Path | str,
) -> None:
    db = Database.open(where)
    one, two = [await db.write(lambda c, n=n: subscribe(c, n)) for n in (101, 202)]  # type: ignore[misc]
    gone = 99
    assert await db.write(lambda c: alerts.broadcast(c, post(one, two, gone))) == 2
    first = [(f"alert{one}", 10, 101, "opened"), (f"alert{two}", 20, 202, "opened")]
    assert await owed(db) == first
    await db.write(lambda c: alerts.end(c, f"alert{one}", state="dropped", reason="muted"))
    assert await db.write(lambda c: alerts.broadcast(c, post(one, two, gone))) == 0
    three = await db.write(lambda c: subscribe(c, 303))
    assert await db.write(lambda c: alerts.broadcast(c, post(one, two, three))) == 1
    assert await owed(db) == [*first, (f"alert{three}", 30, 303, "opened")]
    ended = await db.read(lambda c: alerts.get(c, f"alert{one}"))
    assert ended is not None
    assert (ended.state, ended.reason, ended.facts) == ("dropped", "muted", {"symbol": "SPY"})
    await db.close()


async def test_another_stage_of_what_was_told_is_owed_beside_it(where: Path | str) -> None:
    db = Database.open(where)
    one = await db.write(lambda c: subscribe(c, 101))
    later = replace(post(one), stage="closed", ids={one: f"later{one}"})
    await db.write(lambda c: alerts.broadcast(c, post(one)))
    assert await db.write(lambda c: alerts.broadcast(c, later)) == 1
    assert [(row[0], row[3]) for row in await owed(db)] == [
        ("alert1", "opened"),
        ("later1", "closed"),
    ]
    await db.close()
