"""CPU of a symbol-year through Highwater's Yahoo source and through yfinance's own table.

Both ask the same imitation server, which runs in a process of its own, for the same 252 bars with
events; what is counted is this process's CPU (user and system, all threads). The two sides take
turns, so that a busy machine slows both; the median round counts. Exits with 1 when a symbol-year
costs Highwater more than 1.5 ms.
"""

import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import yfinance
from curl_cffi.requests import Session

from bot.clock import ReplayClock
from bot.market.limiter import Limits
from bot.market.model import Symbol
from bot.market.sources.door import Network
from bot.market.sources.yahoo import YahooSource
from tests.market.imitation_yahoo.prices import Listing, generated_rows
from tests.market.imitation_yahoo.server import ImitationYahoo, World

NOW = datetime(2026, 10, 1, 15, 0, tzinfo=UTC)
SYMBOLS = 40
ROUNDS = 7
BUDGET = 1.5
"""Milliseconds of CPU a symbol-year may cost."""
UNLIMITED = Limits(rate=1e6, burst=1_000_000, hourly=1_000_000)


def serve(pipe: Connection) -> None:
    """The imitation, until the other end of the pipe says something."""
    world = World(now=NOW)
    for i in range(SYMBOLS):
        rows = generated_rows(f"F{i}", 252, date(2026, 10, 1))
        paid = {row.stamp: 0.25 for row in rows[::63]}
        world.listings[f"F{i}"] = Listing(symbol=f"F{i}", rows=rows, dividends=paid)
    with ImitationYahoo(world) as server:
        pipe.send(server.network())
        pipe.recv()


def cpu_per_symbol(work: Callable[[], int]) -> float:
    """Milliseconds of CPU per symbol; `work` returns how many bars it read."""
    before = time.process_time()
    bars = work()
    spent = time.process_time() - before
    assert bars == SYMBOLS * 252, bars
    return 1000 * spent / SYMBOLS


def highwater(runner: asyncio.Runner, source: YahooSource) -> int:
    async def fetch() -> int:
        symbols = [Symbol(f"F{i}") for i in range(SYMBOLS)]
        return sum(len(bars) for bars in await asyncio.gather(*map(source.bars, symbols)))

    return runner.run(fetch())


def table(session: Session) -> int:
    bars = 0
    for i in range(SYMBOLS):
        ticker = yfinance.Ticker(f"F{i}", session=session)
        ticker._tz = "America/New_York"  # else a cold symbol costs a second request
        bars += len(ticker.history(start="2025-01-01", end="2026-10-02", auto_adjust=False))
    return bars


def measure(folder: Path, network: Network) -> tuple[float, float]:
    yfinance.set_tz_cache_location(str(folder / "cache"))
    session = Session(impersonate="chrome", proxy=network.proxy, verify=str(network.certificates))
    source = YahooSource(ReplayClock(NOW), folder / "cache", network=network, limits=UNLIMITED)
    ours, theirs = [], []
    with asyncio.Runner() as runner:
        for _ in range(ROUNDS):
            ours.append(cpu_per_symbol(lambda: highwater(runner, source)))
            theirs.append(cpu_per_symbol(lambda: table(session)))
        runner.run(source.close())
    return statistics.median(ours), statistics.median(theirs)


def main() -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        server = context.Process(target=serve, args=(there,))
        server.start()
        try:
            ours, theirs = measure(folder, here.recv())
        finally:
            here.send("stop")
            server.join(timeout=10)
    print(f"{SYMBOLS} symbol-years of 252 bars, {ROUNDS} rounds, {os.cpu_count()} cores")
    print(f"  Highwater's Yahoo source   {ours:6.2f} ms of CPU a symbol-year (goal {BUDGET})")
    print(f"  yfinance Ticker.history    {theirs:6.2f} ms   ({theirs / ours:.1f} times as much)")


if __name__ == "__main__":
    main()
