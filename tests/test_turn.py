"""Several programs on one PostgreSQL: one works, the others stand by."""

import asyncio

import pytest

from bot.settings import Settings, load_settings
from bot.turn import TurnLost, turn
from storage import turns
from storage.database import Database
from tests.postgres import Server

QUICK = 0.02


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
    await db.write(lambda c: turns.take(c, "other"))
    stop.set()
    async with turn(settings, stop, owner="b", renew=QUICK) as ours:
        assert not ours
    assert await db.read(turns.holder) == "other"
    await db.close()


async def test_a_turn_is_taken_over_only_when_it_is_not_renewed(
    settings: Settings,
) -> None:
    db = Database.open(settings.store)

    async def take(owner: str, seconds: float) -> bool:
        return await db.write(lambda c: turns.take(c, owner, seconds=seconds))

    assert await take("a", 60)
    assert not await take("b", 60)
    assert await take("a", 0)  # renewed, and over at once: it was killed or stands still
    assert await take("b", 60)
    assert not await take("a", 60)
    await db.write(lambda c: turns.leave(c, "a"))
    assert await db.read(turns.holder) == "b"
    await db.close()


async def test_one_that_lost_its_turn_ends(settings: Settings) -> None:
    db = Database.open(settings.store)

    async def stand_still() -> None:
        async with turn(settings, asyncio.Event(), owner="a", renew=QUICK):
            await db.write(lambda c: (turns.leave(c, "a"), turns.take(c, "b")))
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as lost:
        await stand_still()
    assert [type(error) for error in lost.value.exceptions] == [TurnLost]
    assert await db.read(turns.holder) == "b"
    await db.close()
