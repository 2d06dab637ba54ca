"""Jobs are wake-ups: written with what is owed, revived with the dead, made anew when lost."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from procrastinate import App

from bot.clock import LiveClock
from bot.cluster.heart import Heart
from bot.cluster.jobs import app_at, revive, wake
from bot.cluster.roles import Role
from bot.cluster.upkeep import Upkeep
from storage import alerts, subscriptions
from storage.alerts import Broadcast
from storage.connection import Connection
from storage.database import Database
from storage.postgres.schema import WRITING
from tests.cluster.conftest import NOW, THERE, owed
from tests.cluster.test_claims import claimed

Jobs = list[tuple[str, str]]


@pytest.fixture
async def app(address: str) -> AsyncIterator[App]:
    opened = app_at(address)
    async with opened.open_async():
        yield opened


def jobs_in(address: str) -> Jobs:
    with psycopg.connect(address) as connection:
        query = "SELECT lock, status::text FROM procrastinate_jobs ORDER BY id"
        return connection.execute(query).fetchall()


async def test_what_is_owed_and_the_jobs_for_it_are_one_transaction(
    db: Database, address: str
) -> None:
    await db.write(
        lambda c: alerts.enqueue(c, [owed("a"), owed("b", channel=2), owed("c", guild=THERE)])
    )
    assert jobs_in(address) == [("chunk 5", "todo"), ("chunk 6", "todo")]

    def fail(connection: Connection) -> None:
        alerts.enqueue(connection, [owed("d", guild=7 << 22)])
        raise RuntimeError("taken back")

    with pytest.raises(RuntimeError):
        await db.write(fail)
    assert len(jobs_in(address)) == 2


async def test_a_signal_for_few_wakes_their_chunks_and_one_for_many_wakes_all(
    db: Database, address: str
) -> None:
    def subscribe(connection: Connection) -> int:
        return subscriptions.add(
            connection,
            guild_id=THERE,
            channel_id=1,
            kinds=["high_52w"],
            universe=None,
            symbols=["SPY"],
            created_by=1,
            at=NOW,
        ).id

    number = await db.write(subscribe)
    for name, numbers, chunks in (("few", [number], {6}), ("many", range(1, 1281), range(64))):
        post = Broadcast(
            episode_id=name,
            stage="opened",
            facts={},
            created_at=NOW,
            market_time=NOW,
            expires_at=NOW,
            ids={each: f"{name}{each}" for each in numbers},
        )
        assert await db.write(lambda c, p=post: alerts.broadcast(c, p)) == 1  # type: ignore[misc]
        assert {lock for lock, _ in jobs_in(address)} == {f"chunk {chunk}" for chunk in chunks}


async def test_a_program_that_is_no_cluster_defers_nothing(address: str) -> None:
    whole = Database.open(address)
    await whole.write(lambda c: alerts.enqueue(c, [owed("a")]))
    await whole.close()
    assert jobs_in(address) == []


async def test_a_chunk_is_woken_once_however_often_it_is_asked_for(app: App, address: str) -> None:
    await wake(app, 5)
    await wake(app, 5)
    assert jobs_in(address) == [("chunk 5", "todo")]


def kill_worker(address: str) -> None:
    """A worker took the first job and has not been heard of for a minute."""
    with psycopg.connect(address) as connection:
        connection.execute(
            """WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat)
                VALUES (now() - interval '1 minute') RETURNING id)
            UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)
            WHERE id = (SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo')"""
        )


async def test_the_job_of_a_dead_worker_is_given_to_others(app: App, address: str) -> None:
    await wake(app, 5)
    kill_worker(address)
    assert await revive(app) == 1
    assert jobs_in(address) == [("chunk 5", "todo")]
    assert await revive(app) == 0


async def test_a_dead_workers_job_does_not_block_the_one_that_waits_for_its_lock(
    app: App, address: str
) -> None:
    await wake(app, 5)
    kill_worker(address)
    await wake(app, 5)
    assert await revive(app) == 1
    assert jobs_in(address) == [("chunk 5", "todo")]


async def test_upkeep_makes_lost_wake_ups_anew_and_frees_the_claims_of_the_dead(
    db: Database, app: App, address: str
) -> None:
    await db.write(lambda c: alerts.enqueue(c, [owed("a"), owed("b", guild=THERE, channel=2)]))
    with psycopg.connect(address) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
    living = Heart(db, Role.SENDER)
    await living.run_once()
    assert await db.write(lambda c: claimed(c, "dead")) == ["a"]
    assert await db.write(lambda c: claimed(c, living.owner, chunk=6)) == ["b"]
    await Upkeep(app, db, LiveClock()).run_once()
    assert jobs_in(address) == [("chunk 5", "todo")]
    assert await db.write(lambda c: claimed(c, living.owner)) == ["a"]
    await Upkeep(app, db, LiveClock()).run_once()
    assert jobs_in(address) == [("chunk 5", "todo")]


async def test_a_life_that_was_not_renewed_is_over_for_good(db: Database) -> None:
    heart = Heart(db, Role.SCANNER, lease=0.0)
    await heart.run_once()
    first = heart.owner
    assert not heart.beats(first)
    fence = heart.fence(first)
    await heart.run_once()
    assert heart.owner != first
    with pytest.raises(Exception, match="stood still"):
        await db.write(fence)


async def test_a_life_lasts_while_it_is_renewed_and_ends_at_once_in_order(db: Database) -> None:
    heart = Heart(db, Role.SENDER, lease=60.0)
    await heart.run_once()
    await heart.run_once()
    owner = heart.owner
    assert heart.beats(owner)
    await db.write(heart.fence(owner))
    await heart.stop()
    assert not heart.beats(owner)
    with pytest.raises(Exception, match="stood still"):
        await db.write(heart.fence(owner))


async def test_a_life_goes_on_while_another_writes_for_long(db: Database, address: str) -> None:
    heart = Heart(db, Role.SENDER)
    await heart.run_once()
    async with await psycopg.AsyncConnection.connect(address) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        async with asyncio.timeout(20):
            await heart.run_once()
    assert heart.is_beating()
