"""Several programs on one PostgreSQL: one works, the others stand by."""

import asyncio

import pytest

from bot.settings import Settings, load_settings
from bot.turn import WHOLE, Claim, TurnLost, part, turn
from storage import turns
from storage.database import Database
from tests.postgres import Server

QUICK = 0.02
NAME = turns.OF_THE_WHOLE


@pytest.fixture
def settings(postgres: Server) -> Settings:
    return load_settings(env_file=None, database_url=postgres.fresh("schema"))


async def test_the_second_waits_until_the_first_has_ended(settings: Settings) -> None:
    order: list[str] = []
    began = asyncio.Event()

    async def work(name: str) -> None:
        async with turn(settings, asyncio.Event(), owner=name, renew=QUICK) as ours:
            assert ours
            order.append(f"{name} begins")
            began.set()
            await asyncio.sleep(5 * QUICK)
            order.append(f"{name} ends")

    first = asyncio.create_task(work("a"))
    await began.wait()
    await asyncio.gather(first, work("b"))
    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_one_that_stands_by_can_be_stopped(settings: Settings) -> None:
    db, stop = Database.open(settings.store), asyncio.Event()
    await db.write(lambda c: turns.take(c, NAME, "other"))
    stop.set()
    async with turn(settings, stop, owner="b", renew=QUICK) as ours:
        assert not ours
    assert await db.read(lambda c: turns.holder(c, NAME)) == "other"
    await db.close()


async def test_a_turn_is_taken_over_only_when_it_is_not_renewed(
    settings: Settings,
) -> None:
    db = Database.open(settings.store)

    async def take(owner: str, seconds: float) -> bool:
        return await db.write(lambda c: turns.take(c, NAME, owner, seconds=seconds))

    assert await take("a", 60)
    assert not await take("b", 60)
    assert await take("a", 0)  # renewed, and over at once: it was killed or stands still
    assert await take("b", 60)
    assert not await take("a", 60)
    await db.write(lambda c: turns.leave(c, NAME, "a"))
    assert await db.read(lambda c: turns.holder(c, NAME)) == "b"
    await db.close()


async def test_one_that_lost_its_turn_ends(settings: Settings) -> None:
    db = Database.open(settings.store)

    async def stand_still() -> None:
        async with turn(settings, asyncio.Event(), owner="a", renew=QUICK):
            await db.write(lambda c: (turns.leave(c, NAME, "a"), turns.take(c, NAME, "b")))
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as lost:
        await stand_still()
    assert [type(error) for error in lost.value.exceptions] == [TurnLost]
    assert await db.read(lambda c: turns.holder(c, NAME)) == "b"
    await db.close()


async def test_parts_live_beside_each_other_and_never_beside_a_whole_program(
    settings: Settings,
) -> None:
    db = Database.open(settings.store)

    async def in_the_way_of(claim: Claim, owner: str) -> str:
        return await db.write(lambda c: claim.take(c, owner))

    async def gone(claim: Claim, owner: str) -> None:
        await db.write(lambda c: turns.leave(c, claim.name, owner))

    one, two = part("sender 1"), part("sender 2")
    assert not await in_the_way_of(one, "host:1")
    assert not await in_the_way_of(two, "host:2")
    assert "(sender 1 host:1, sender 2 host:2)" in await in_the_way_of(WHOLE, "host:3")
    await gone(one, "host:1")
    assert "(sender 2 host:2)" in await in_the_way_of(WHOLE, "host:3")
    await gone(two, "host:2")
    assert not await in_the_way_of(WHOLE, "host:3")
    assert "a whole program, host:3, works" in await in_the_way_of(one, "host:1")
    await db.close()


async def test_turns_that_ended_are_neither_alive_nor_kept(settings: Settings) -> None:
    db = Database.open(settings.store)
    await db.write(lambda c: turns.take(c, "turn of a", "host:1", seconds=60))
    await db.write(lambda c: turns.take(c, "turn of b", "host:2", seconds=-1))
    await db.write(lambda c: turns.take(c, "another", "host:3", seconds=-1))
    (alive,) = await db.read(lambda c: turns.alive(c, "turn of "))
    assert (alive.name, alive.owner) == ("turn of a", "host:1")
    assert await db.read(lambda c: turns.holder(c, "turn of b")) == ""
    await db.write(lambda c: turns.forget(c, turns.OF_PARTS))
    kept = "SELECT name FROM facts WHERE name IN ('turn of a', 'turn of b', 'another') ORDER BY 1"
    assert [name for (name,) in await db.read(lambda c: list(c.execute(kept)))] == [
        "another",
        "turn of a",
    ]
    await db.close()
