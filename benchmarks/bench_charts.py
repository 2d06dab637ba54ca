"""How long a candle chart takes, how heavy it is, and what drawing does to the event loop.

Run with `python benchmarks/bench_charts.py`. The bars are a seeded random walk. mplfinance is no
part of the project; to compare with it, install it beside and show the way there:
`pip install --no-deps --target DIR mplfinance six`, then `PYTHONPATH=DIR python -W ignore …`.
"""

import asyncio
import importlib.util
import io
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.charts import candles
from bot.charts.renderer import Renderer
from bot.charts.specs import CandleChart, LevelLine, Marker, candle_chart
from bot.market.model import Bars, Symbol, as_date

SESSIONS = 126
HISTORY = 2_520
ROUNDS = 40
CPU_GOAL_MS = 90.0
LAG_GOAL_MS = 5.0
SIZE_GOAL = 40_000


def bars() -> Bars:
    rng = np.random.default_rng(11)
    closes = 100 * np.exp(np.cumsum(rng.standard_t(4, HISTORY) * 0.009 + 0.0004))
    opens = np.r_[closes[:1], closes[:-1]] * np.exp(rng.normal(0, 0.003, HISTORY))
    spread = np.exp(np.abs(rng.normal(0, 0.006, (2, HISTORY))))
    days = np.busday_offset(np.datetime64("2026-04-17"), np.arange(1 - HISTORY, 1), roll="backward")
    return Bars(
        symbol=Symbol("BENCH"),
        days=days,
        open=opens,
        high=np.maximum(opens, closes) * spread[0],
        low=np.minimum(opens, closes) / spread[1],
        close=closes,
        volume=np.exp(rng.normal(16, 0.35, HISTORY)),
        dividend=np.zeros(HISTORY),
        split=np.zeros(HISTORY),
    )


def chart(history: Bars, title: str = "BENCH · six months of candles") -> CandleChart:
    high = float(history.high[-60:-1].max())
    day = as_date(history.days[-60:-1][int(history.high[-60:-1].argmax())])
    return candle_chart(
        history,
        sessions=SESSIONS,
        title=title,
        levels=[LevelLine(price=high, label="52-week high", since=day, accent=True)],
        markers=[Marker(day=history.last_day, price=float(history.high[-1]), label="today")],
    )


def drawing(history: Bars) -> None:
    spec = chart(history)
    cold = time.perf_counter()
    png = candles.draw(spec)
    cold = time.perf_counter() - cold
    cpu, wall = [], []
    for _ in range(ROUNDS):
        started, busy = time.perf_counter(), time.process_time()
        candles.draw(spec)
        cpu.append((time.process_time() - busy) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    print(f"candle chart, {SESSIONS} sessions, 3 averages, level, marker: {len(png):,} bytes")
    print(f"  first draw {cold * 1000:.0f} ms; warm, median of {ROUNDS}:", end=" ")
    print(f"CPU {statistics.median(cpu):.1f} ms (goal {CPU_GOAL_MS:.0f}),", end=" ")
    print(f"wall {statistics.median(wall):.1f} ms")
    started = time.perf_counter()
    for _ in range(ROUNDS):
        chart(history)
    print(f"  building its spec: {(time.perf_counter() - started) / ROUNDS * 1000:.2f} ms")
    if len(png) > SIZE_GOAL:
        print(f"  heavier than {SIZE_GOAL:,} bytes")


async def loop_lag(history: Bars) -> None:
    """Sleeps of one millisecond, and how much later than that they end, idle and drawing."""
    started = time.perf_counter()
    async with Renderer() as renderer:
        print(f"drawing process ready after {(time.perf_counter() - started) * 1000:.0f} ms")
        await renderer.draw(chart(history, "warm"))
        specs = [chart(history, f"chart {i}") for i in range(ROUNDS)]
        idle = await lags_during(asyncio.sleep(1.0))
        started = time.perf_counter()
        busy = await lags_during(draw_all(renderer, specs))
        each = (time.perf_counter() - started) / ROUNDS * 1000
        print(f"  {each:.1f} ms a chart through the process")
        print(f"  loop lag p99: idle {percentile(idle):.2f} ms,", end=" ")
        print(f"drawing {percentile(busy):.2f} ms (goal {LAG_GOAL_MS:.0f})")
        started = time.perf_counter()
        await renderer.draw(specs[-1])
        print(f"  a kept picture: {(time.perf_counter() - started) * 1000:.2f} ms")


async def draw_all(renderer: Renderer, specs: list[CandleChart]) -> None:
    for spec in specs:
        await renderer.draw(spec)


async def lags_during(work) -> list[float]:
    lags: list[float] = []

    async def measure() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.001)
            lags.append((time.perf_counter() - started) * 1000 - 1)

    async with asyncio.TaskGroup() as group:
        measuring = group.create_task(measure())
        await work
        measuring.cancel()
    return lags


def percentile(lags: list[float]) -> float:
    return float(np.percentile(lags, 99))


def mplfinance_for_comparison(history: Bars) -> None:
    if not importlib.util.find_spec("mplfinance"):
        print("mplfinance is not installed: no comparison (see the top of this file)")
        return
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415
    import mplfinance as mpf  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    names = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"}
    columns = {name: getattr(history, field)[-SESSIONS:] for name, field in names.items()}
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(history.days[-SESSIONS:]))
    cpu, own, spec = [], [], chart(history)
    for _ in range(10):
        busy = time.process_time()
        candles.draw(spec)
        own.append((time.process_time() - busy) * 1000)
        busy = time.process_time()
        target = io.BytesIO()
        mpf.plot(frame, type="candle", volume=True, mav=(10, 50), figsize=(10, 6),
                 savefig={"fname": target, "dpi": 100})  # fmt: skip
        plt.close("all")
        cpu.append((time.process_time() - busy) * 1000)
    print("side by side, medians of 10, two averages there, three and a level here:")
    print(f"  mplfinance CPU {statistics.median(cpu):.0f} ms", end=", ")
    print(f"{len(target.getvalue()):,} bytes; ours {statistics.median(own):.0f} ms", end=", ")
    print(f"{statistics.median(cpu) / statistics.median(own):.1f} times as fast")


if __name__ == "__main__":
    HISTORY_BARS = bars()
    if hasattr(os, "getloadavg"):
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    drawing(HISTORY_BARS)
    asyncio.run(loop_lag(HISTORY_BARS))
    mplfinance_for_comparison(HISTORY_BARS)
