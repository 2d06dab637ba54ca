"""Shards belong to one gateway at a time."""

from collections.abc import AsyncIterator

import pytest

from bot.cluster.gateway import claim_of
from bot.cluster.roles import Shards
from bot.turn import WHOLE, Claim
from storage import turns
from storage.database import Database
from tests.postgres import Server


@pytest.fixture
async def db(postgres: Server) -> AsyncIterator[Database]:
    found = Database.open(postgres.fresh("schema"))
    yield found
    await found.close()


def gateway(shards: str) -> Claim:
    return claim_of(Shards.parse(shards))


async def test_shards_that_somebody_holds_are_waited_for_and_who_holds_them_is_named(
    db: Database,
) -> None:
    async def in_the_way_of(claim: Claim, owner: str) -> str:
        return await db.write(lambda c: claim.take(c, owner))

    assert not await in_the_way_of(gateway("0-1/4"), "one:1")
    assert not await in_the_way_of(gateway("2-3/4"), "two:2")
    for shards in ("0-1/4", "1/4", "0-3/4", "0/1"):
        found = await in_the_way_of(gateway(shards), "three:3")
        assert found.startswith("one:1 holds the shards 0-1/4, and this one is for ")
    assert not await in_the_way_of(gateway("0-1/4"), "one:1")
    assert "gateway 0-1/4 one:1, gateway 2-3/4 two:2" in await in_the_way_of(WHOLE, "all:4")
    await db.write(lambda c: turns.leave(c, gateway("0-1/4").name, "one:1"))
    assert not await in_the_way_of(gateway("1/4"), "three:3")


async def test_a_gateway_that_stood_still_does_not_come_back_beside_its_successor(
    db: Database,
) -> None:
    name, claim = gateway("0-3/4").name, gateway("0-3/4")
    assert await db.write(lambda c: turns.take(c, name, "one:1", seconds=-1))
    assert not await db.write(lambda c: gateway("0-1/4").take(c, "two:2"))
    assert "two:2 holds the shards 0-1/4" in await db.write(lambda c: claim.take(c, "one:1"))
