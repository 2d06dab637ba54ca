"""One pace for all senders, by the server's clock."""

import asyncio
from itertools import pairwise

import pytest

from bot.cluster.pace import SharedPace
from storage import paces
from storage.database import Database


async def test_reserved_moments_follow_each_other_whoever_reserves(
    db: Database, address: str
) -> None:
    other = Database.open(address)
    waits = []
    for number in range(10):
        one = (db, other)[number % 2]
        waits.append(await one.write(lambda c: paces.reserve(c, "x", slots=4, rate=0.05, burst=1)))
    await other.close()
    assert waits[0] < 1
    for before, after in pairwise(waits):
        assert after - before == pytest.approx(80, abs=5)  # 4 slots of 20 s, less what passed


async def test_after_a_rest_no_more_than_a_burst_goes_at_once(db: Database) -> None:
    await db.write(lambda c: paces.reserve(c, "x", slots=1, rate=0.05, burst=3))
    await db.write(lambda c: c.execute("UPDATE facts SET value = '0' WHERE name = 'x'"))
    waits = [
        await db.write(lambda c: paces.reserve(c, "x", slots=1, rate=0.05, burst=3))
        for _ in range(5)
    ]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3] == pytest.approx(20, abs=5)
    assert waits[4] == pytest.approx(40, abs=5)


async def test_two_senders_together_send_no_faster_than_one_may(db: Database, address: str) -> None:
    other = Database.open(address)
    paces_of = [SharedPace(one, "sends", rate=200, burst=5) for one in (db, other)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.turn() for pace in paces_of for _ in range(60)))
    took = loop.time() - began
    await other.close()
    assert took > (120 - 5 - 1) / 200  # the last of them cannot be earlier
