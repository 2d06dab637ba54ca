"""Several senders on one outbox: nothing is claimed twice, and nothing is left with the dead."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import discord
import psycopg
import pytest

from bot.alerts.facts import AlertFacts
from bot.clock import LiveClock
from bot.delivery.deliverer import Deliverer, Share
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.payments import Payments
from storage import alerts, claims, quieted
from storage.claims import DueChannel, Part
from storage.connection import Connection
from storage.database import Database
from storage.postgres.engine import PostgresEngine
from storage.quieted import QuietedRecord
from tests.cluster.conftest import HERE, NOW, THERE, owed

LEASE = NOW + timedelta(minutes=10)
WAITING = """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'highwater' AND wait_event_type = 'Lock'"""


@pytest.fixture
def engines(address: str) -> Iterator[list[PostgresEngine]]:
    """Two processes’ worth of connections."""
    opened = [PostgresEngine.open(address) for _ in range(2)]
    with opened[0].transaction() as connection:
        alerts.enqueue(connection, [owed(f"a{i}", channel=i % 2) for i in range(6)])
        alerts.enqueue(connection, [owed("b", guild=THERE, channel=9)])
    yield opened
    for engine in opened:
        engine.close()


def claimed(connection: Connection, owner: str, *, chunk: int = 5, each: int = 2) -> list[str]:
    part = Part(chunk=chunk, owner=owner)
    due = claims.due_channels(connection, now=NOW, part=part)
    return names(connection, due, part, each)


def names(
    connection: Connection, channels: list[DueChannel], part: Part, each: int = 2
) -> list[str]:
    queues = claims.claim(connection, channels, now=NOW, lease_until=LEASE, each=each, part=part)
    return [claim.alert.id for queue in queues for claim in queue]


def test_a_part_sees_and_claims_its_chunk_alone(engines: list[PostgresEngine]) -> None:
    with engines[0].transaction(alone=False) as connection:
        assert claimed(connection, "x", chunk=6) == ["b"]
        assert claimed(connection, "x", chunk=7) == []


def test_two_transactions_at_once_never_claim_of_the_same_chunk(
    engines: list[PostgresEngine],
) -> None:
    one, other = engines
    with one.transaction(alone=False) as first, other.transaction(alone=False) as second:
        assert claimed(first, "x") == ["a0", "a2", "a1", "a3"]
        assert claimed(second, "y") == []
        assert claimed(second, "y", chunk=6) == ["b"]


def test_a_channel_of_which_another_has_claims_gives_nothing(
    engines: list[PostgresEngine],
) -> None:
    with engines[0].transaction(alone=False) as connection:
        channel = DueChannel(guild_id=HERE, channel_id=0, oldest=0)
        first = names(connection, [channel], Part(chunk=5, owner="x"))
    assert first == ["a0", "a2"]
    with engines[1].transaction(alone=False) as connection:
        assert claimed(connection, "y", each=5) == ["a1", "a3", "a5"]
        assert claimed(connection, "x", each=5) == ["a4"]


def test_a_row_that_is_being_changed_is_passed_over_not_waited_for(
    engines: list[PostgresEngine], address: str
) -> None:
    with psycopg.connect(address) as held:
        held.execute("UPDATE alerts SET reason = 'held' WHERE id = 'a0'")
        with engines[0].transaction(alone=False) as connection:
            assert claimed(connection, "x", each=1) == ["a2", "a1"]


async def test_claims_of_the_dead_are_taken_over_and_those_of_the_living_are_not(
    db: Database,
) -> None:
    await db.write(lambda c: alerts.enqueue(c, [owed("a"), owed("b", guild=THERE, channel=2)]))
    assert await db.write(lambda c: claimed(c, "dead")) == ["a"]
    assert await db.write(lambda c: claimed(c, "alive", chunk=6)) == ["b"]
    assert await db.read(lambda c: claims.any_beside(c, ["alive"]))
    assert await db.write(lambda c: claims.take_over_from(c, alive=["alive"])) == 1
    assert not await db.read(lambda c: claims.any_beside(c, ["alive"]))
    assert await db.write(lambda c: claimed(c, "other")) == ["a"]


async def test_whoever_was_taken_over_from_changes_nothing_of_the_new_claim(db: Database) -> None:
    await db.write(lambda c: alerts.enqueue(c, [owed("a")]))
    part = Part(chunk=5, owner="zombie")
    channel = [DueChannel(guild_id=HERE, channel_id=1, oldest=0)]
    [[old]] = await db.write(
        lambda c: claims.claim(c, channel, now=NOW, lease_until=LEASE, each=1, part=part)
    )
    await db.write(lambda c: claims.take_over_from(c, alive=[]))
    assert await db.write(lambda c: claimed(c, "new")) == ["a"]

    def let_go(connection: Connection) -> None:
        claims.retry_later(connection, old.alert, now=NOW, not_before=NOW, reason="late")
        claims.postpone(connection, [old.alert], now=NOW, not_before=NOW, reason="late")
        alerts.end(connection, "a", state="dropped", reason="late", owner=old.alert.claimant)

    await db.write(let_go)
    found = await db.read(lambda c: alerts.get(c, "a"))
    assert found is not None
    assert (found.state, found.claimant, found.attempts) == ("claimed", "new", 2)


async def test_what_a_call_pays_besides_is_paid_whoever_has_just_touched_it(
    db: Database, address: str
) -> None:
    """PostgreSQL looks again at a row that was changed while it waited; so many rows that it
    looks them up one by one, as it does in an outbox of any size."""
    names = [f"a{number}" for number in range(500)]

    def bundle(connection: Connection) -> None:
        alerts.enqueue(connection, [owed(name) for name in names])
        records = [
            QuietedRecord(alert_id=name, channel_id=1, paid_with=f"a{number // 3 * 3}")
            for number, name in enumerate(names)
        ]
        quieted.put(
            connection, [record for record in records if record.paid_with != record.alert_id]
        )

    await db.write(bundle)
    async with await psycopg.AsyncConnection.connect(address) as other:
        await other.execute("UPDATE alerts SET not_before = created_at WHERE id = 'a2'")
        marking = asyncio.create_task(
            db.write(lambda c: alerts.mark_sent(c, "a0", message_id=7, at=NOW), alone=False)
        )
        async with asyncio.timeout(20):
            while (await (await other.execute(WAITING)).fetchone()) is None:
                await asyncio.sleep(0)
        await other.commit()
        await marking
    found = await db.read(
        lambda c: c.execute("SELECT id FROM alerts WHERE state = 'sent'").fetchall()
    )
    assert sorted(found) == [("a0",), ("a1",), ("a2",)]


async def test_claims_that_their_owner_does_not_know_of_are_let_go(db: Database) -> None:
    await db.write(lambda c: alerts.enqueue(c, [owed("a"), owed("b", guild=THERE, channel=2)]))
    assert await db.write(lambda c: claimed(c, "me") + claimed(c, "me", chunk=6)) == ["a", "b"]
    assert await db.write(lambda c: claims.let_go(c, "other", at_work=[])) == 0
    assert await db.write(lambda c: claims.let_go(c, "me", at_work=[5])) == 1
    assert await db.write(lambda c: claimed(c, "other", chunk=6)) == ["b"]
    assert await db.write(lambda c: claimed(c, "other")) == []


async def test_a_sender_does_not_ask_on_and_on_for_what_another_has_claimed(db: Database) -> None:
    await db.write(lambda c: alerts.enqueue(c, [owed("a"), owed("b")]))
    assert await db.write(lambda c: claimed(c, "other", each=1)) == ["a"]

    def nobody() -> discord.Client:
        raise AssertionError("nothing is to be sent")

    wall = LiveClock()
    sink = DiscordSink(nobody, draw=no_picture)
    deliverer = Deliverer(
        Payments(db=db, sink=sink, wall=wall, pace=Pace(), tell=None),
        db=db,
        wall=wall,
        share=Share(part=Part(chunk=5, owner="me"), messages=16, lanes=8),
    )
    async with asyncio.timeout(10):
        assert await deliverer.run_once() == 0


async def no_picture(facts: AlertFacts) -> None:
    return None
