"""When shards may identify: what Discord asks, and slots that all processes share."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.cluster.starts import Slots, Starts, starts_of
from bot.errors import DiscordRefused, Unreachable
from bot.playground.server import Playground
from bot.settings import Settings, load_settings
from storage import facts, slots
from storage.database import Database
from tests.postgres import Server


@pytest.fixture
async def databases(postgres: Server) -> AsyncIterator[tuple[Database, Database]]:
    """One database as two processes see it."""
    address = postgres.fresh("schema")
    one, other = Database.open(address), Database.open(address)
    yield one, other
    await one.close()
    await other.close()


async def reserved(db: Database, name: str) -> float:
    return await db.write(lambda c: slots.reserve(c, name, apart=5.0))


async def test_each_slot_of_a_bucket_is_five_seconds_after_the_one_before(
    databases: tuple[Database, Database],
) -> None:
    waits = [await reserved(db, "identify 0") for _ in range(2) for db in databases]
    assert waits == pytest.approx([0, 5, 10, 15], abs=0.9)
    assert await reserved(databases[0], "identify 1") == 0


async def test_a_clock_that_was_set_back_stops_nobody(
    databases: tuple[Database, Database],
) -> None:
    db, _ = databases
    await db.write(lambda c: facts.put(c, "identify 0", "99999999999.5"))
    assert await reserved(db, "identify 0") == 0
    await db.write(lambda c: facts.put(c, "identify 0", "1000.5"))
    assert await reserved(db, "identify 0") == 0


async def test_two_gateways_that_start_at_once_identify_one_after_the_other(
    databases: tuple[Database, Database],
) -> None:
    now = asyncio.get_running_loop().time
    began: list[tuple[int, float]] = []

    async def gateway(db: Database, shards: range) -> None:
        waiting = Slots(db, buckets=2, apart=0.3)
        for shard in shards:
            await waiting.wait(shard)
            began.append((shard % 2, now()))

    one, other = databases
    await asyncio.gather(gateway(one, range(2)), gateway(other, range(2, 4)))
    for bucket in range(2):
        first, second = [at for of, at in began if of == bucket]
        assert second - first > 0.25


def of_playground(server: Playground) -> Settings:
    return load_settings(
        env_file=None, discord_api_base=server.api_base, discord_gateway=server.gateway_url
    )


async def test_discord_is_asked_how_many_shards_it_wants() -> None:
    server = Playground()
    await server.start()
    try:
        settings = of_playground(server)
        found = await starts_of(settings, server.token)
        assert (found.shards, found.buckets, found.left) == (1, 1, 1000)
        found.refuse(1000)
        with pytest.raises(DiscordRefused, match="DISCORD_TOKEN"):
            await starts_of(settings, "another")
    finally:
        await server.stop()
    with pytest.raises(Unreachable, match="cannot be asked how many shards"):
        await starts_of(settings, server.token)


def test_a_token_that_began_too_many_sessions_is_kept_from_its_last_ones() -> None:
    starts = Starts(shards=4, buckets=1, left=3, renewed=timedelta(hours=5))
    with pytest.raises(Unreachable, match=r"3 more sessions, and 4 are wanted.*in 5:00:00"):
        starts.refuse(4)
