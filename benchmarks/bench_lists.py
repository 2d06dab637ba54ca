"""A watchlist of 200 symbols and a portfolio of 50 positions: how long their answers take.

Real services over a folder of made-up daily bars, ten years of each symbol. Cold is the first
answer of a fresh process, whose bars have to be read from the database; warm the median of the
others, each after a change of the list, so that no picture is drawn twice.
Run: python -m benchmarks.bench_lists
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from bot.answers.model import Caller
from bot.answers.parse import parse
from bot.charts.renderer import Renderer
from bot.services import Services
from tests.answers.stage import calendar, services_over, write_prices

FIRST, LAST = date(2014, 1, 2), date(2023, 11, 27)
SYMBOLS = tuple(f"S{number:03}" for number in range(200))
HELD = SYMBOLS[:50]
ROUNDS = 7
CALLER = Caller(user_id=5)


def write_market(folder: Path) -> None:
    rng = np.random.default_rng(3)
    sessions = len(calendar().between(FIRST, LAST))
    for symbol in (*SYMBOLS, "SPY"):
        walk = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.01, sessions)))
        write_prices(folder, symbol, FIRST, [round(float(price), 2) for price in walk])


async def ask(services: Services, text: str) -> float:
    started = time.perf_counter()
    answer = await parse(text).run(services, CALLER)
    seconds = time.perf_counter() - started
    if text.endswith(("show", "risk")):
        assert answer.card.picture is not None, answer.card.body
    return seconds


async def measure(folder: Path, scratch: Path) -> list[tuple[str, float, Sequence[float]]]:
    async with Renderer(1) as renderer:
        async with services_over(folder, scratch, as_of=LAST, renderer=renderer) as services:
            await ask(services, f"watchlist create name:All symbols:{' '.join(SYMBOLS)}")
            holdings = ", ".join(f"{symbol} 10 @ 90" for symbol in HELD)
            await ask(services, f"portfolio set holdings:{holdings}")
        rows = []
        commands = ("watchlist show", "portfolio show", "portfolio risk")
        for command in commands:
            # Opened anew: nothing of the bars is in memory any more.
            async with services_over(folder, scratch, as_of=LAST, renderer=renderer) as services:
                cold = await ask(services, command)
                warm = []
                for n in range(ROUNDS):
                    await ask(services, f"watchlist remove symbols:{SYMBOLS[n]}")
                    await ask(services, f"watchlist add symbols:{SYMBOLS[n]}")
                    await ask(services, f"portfolio set holdings:{HELD[n]} {11 + n}")
                    warm.append(await ask(services, command))
                rows.append((command, cold, warm))
        return rows


async def main() -> None:
    with tempfile.TemporaryDirectory() as prices, tempfile.TemporaryDirectory() as scratch:
        write_market(Path(prices))
        rows = await measure(Path(prices), Path(scratch))
    print(f"{len(SYMBOLS)} symbols in the watchlist, {len(HELD)} positions in the portfolio")
    print(f"{'':16} {'cold':>8} {'median':>8} {'worst':>8}")
    for name, cold, warm in rows:
        print(
            f"/{name:15} {cold:6.2f} s {statistics.median(warm):6.2f} s {max(warm):6.2f} s",
        )


if __name__ == "__main__":
    asyncio.run(main())
