"""How a cluster scales on one PostgreSQL: claims and marks of senders, passes of scanners.

    python -m benchmarks.bench_cluster [--symbols 2400] [--alerts 8000]

A pass fetches every symbol's year of bars from memory, stores it, and scans the newest session.

Processes are forked from this one and share this machine with the server, which writes to its disk
like any other (fsync on): beyond the number of cores printed, more processes only take turns. A
sender here talks to nobody, so what is measured is the database's part: claim five, mark each.
Compare within the run.
"""

import argparse
import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg

from bot.cluster.scanner import SCANS, run_scanner
from bot.cluster.shares import SYMBOLS
from bot.market.model import Bars, Quote, Symbol
from bot.settings import load_settings
from bot.world import World
from storage import alerts, claims, episodes, subscriptions
from storage.alerts import NewAlert
from storage.claims import Claim, Part
from storage.connection import Connection
from storage.database import Database
from storage.jobs import CHUNKS
from storage.values import from_time
from tests.market.known import SESSIONS, KnownSource, evening, walk
from tests.postgres import Server, running
from tests.reliability.cluster import FileClock

NOW = evening(date(2024, 12, 30))
NEXT = evening(date(2024, 12, 31))
LANES = 50
SHAPES = 200
"""Different histories; the symbols share them."""
PROCESSES = (1, 2, 4)
TIMES = 3
LONGEST = 1800.0


def owed(count: int) -> list[NewAlert]:
    """Five alerts a channel, in servers of all chunks."""
    return [
        NewAlert(
            id=f"a{number}",
            subscription_id=1,
            episode_id="e1",
            stage="opened",
            act="post",
            target=None,
            guild_id=(number // 5) << 22,
            channel_id=number // 5,
            facts={},
            created_at=NOW,
            market_time=NOW,
        )
        for number in range(count)
    ]


def forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            logging.disable(logging.CRITICAL)
            work()
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    return child


async def pay(address: str, chunks: Sequence[int], owner: str) -> None:
    """Claim and mark everything of these chunks, in lanes that do not wait for each other."""
    db = Database.open(address)
    lanes = asyncio.Semaphore(LANES)

    async def mark(claim: Claim) -> None:
        async with lanes:
            await db.write(
                lambda c: alerts.mark_sent(c, claim.alert.id, message_id=1, at=NOW), alone=False
            )

    async with asyncio.TaskGroup() as group:
        for chunk in chunks:
            part = Part(chunk=chunk, owner=owner)
            due = await db.read(lambda c, p=part: claims.due_channels(c, now=NOW, part=p))  # type: ignore[misc]
            for first in range(0, len(due), 8):
                some, until = due[first : first + 8], NOW + timedelta(minutes=10)
                queues = await db.write(
                    lambda c, s=some, p=part, u=until: claims.claim(  # type: ignore[misc]
                        c, s, now=NOW, lease_until=u, each=5, part=p
                    ),
                    alone=False,
                )
                for queue in queues:
                    for claim in queue:
                        group.create_task(mark(claim))
    await db.close()


def senders(server: Server, template: str, processes: int, count: int) -> float:
    """Alerts claimed and marked a second."""
    address = server.fresh(template)
    began = time.perf_counter()
    children = [
        forked(
            lambda n=number: asyncio.run(  # type: ignore[misc]
                pay(address, range(n, CHUNKS, processes), f"s{n}")
            )
        )
        for number in range(processes)
    ]
    finish(children)
    took = time.perf_counter() - began
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT count(*) FROM alerts WHERE state = 'sent'").fetchone()
    assert row == (count,)
    return count / took


class Walks(KnownSource):
    """Any symbol has one of a few histories."""

    def __init__(self, shapes: Sequence[Bars], last: Callable[[], datetime]) -> None:
        super().__init__()
        self._shapes = shapes
        self._now = last

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        shape = self._shapes[crc32(symbol.encode()) % len(self._shapes)]
        bars = replace(shape, symbol=symbol).through(SESSIONS.last_closed(self._now()))
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        return {}


def wish(connection: Connection, symbols: int) -> None:
    """One subscription to all symbols, which have been scanned up to the session before."""
    named = [f"S{number:05}" for number in range(symbols)]
    episodes.mark_scanned(connection, named, through=NOW.date(), at=NOW)
    subscriptions.add(
        connection,
        guild_id=1 << 22,
        channel_id=1,
        kinds=["high_52w"],
        universe=None,
        symbols=named,
        created_by=1,
        at=NOW,
    )


def scanners(server: Server, template: str, processes: int, symbols: int, folder: Path) -> float:
    """Seconds of a pass over all symbols in a new database, from its plan on."""
    address = server.fresh(template, name=f"passed{processes}")
    clock = FileClock(folder / f"clock{processes}")
    clock.move_to(NEXT)
    shapes = [walk("2023-10-02", "2024-12-31", seed=seed) for seed in range(SHAPES)]

    def be() -> None:
        settings = load_settings(
            env_file=None, database_url=address, data_dir=folder, scan_interval=3600, web_port=0
        )
        world = World(clock=clock, source=Walks(shapes, clock.now), sessions=SESSIONS)
        asyncio.run(run_scanner(settings, world, asyncio.Event()))

    children = [forked(be) for _ in range(processes)]
    with psycopg.connect(address, autocommit=True) as connection:
        wait_for(
            connection, "SELECT count(*) FROM procrastinate_workers", lambda n: n >= 2 * processes
        )
        began = time.perf_counter()
        connection.execute(
            """SELECT procrastinate_defer_jobs_v1(ARRAY[
            ROW(%s, 'scan', 0, NULL, NULL, '{"timestamp": 0}'::jsonb, NULL)
            ]::procrastinate_job_to_defer_v1[])""",
            (SCANS,),
        )
        seen = f"""SELECT count(*) FROM facts
            WHERE name LIKE 'scanned%' AND value >= '{from_time(NEXT)}'"""
        shares = -(-symbols // SYMBOLS)
        wait_for(connection, seen, lambda n: n == shares)
        took = time.perf_counter() - began
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return took


def wait_for(
    connection: psycopg.Connection[object], query: str, done: Callable[[int], bool]
) -> None:
    end = time.monotonic() + LONGEST
    while True:
        row: Any = connection.execute(query.encode()).fetchone()
        if row is not None and done(row[0]):
            return
        assert time.monotonic() < end, query
        time.sleep(0.02)


def finish(children: Sequence[int]) -> None:
    for child in children:
        _, status = os.waitpid(child, 0)
        assert status == 0


async def prepared(address: str, work: Callable[[Connection], object]) -> None:
    db = Database.open(address)
    await db.write(work)
    await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=2_400)
    parser.add_argument("--alerts", type=int, default=8_000)
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, shared by the processes and the server")
    with running({}) as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(
            prepared(
                server.fresh("template1", name="owed"),
                lambda c: alerts.enqueue(c, owed(chosen.alerts)),
            )
        )
        rates = {
            n: statistics.median(senders(server, "owed", n, chosen.alerts) for _ in range(TIMES))
            for n in PROCESSES
        }
        for count, rate in rates.items():
            times = f"{rate / rates[1]:.2f} times one"
            print(f"{count} sender(s): {rate:>8,.0f} alerts claimed and marked a second, {times}")
        asyncio.run(
            prepared(server.fresh("template1", name="wished"), lambda c: wish(c, chosen.symbols))
        )
        everything = f"{chosen.symbols:,} symbols"
        passes = {n: scanners(server, "wished", n, chosen.symbols, Path(folder)) for n in PROCESSES}
        for count, took in passes.items():
            times = f"{passes[1] / took:.2f} times one"
            print(f"{count} scanner(s): {took:>6.1f} s for a session of {everything}, {times}")


if __name__ == "__main__":
    main()
