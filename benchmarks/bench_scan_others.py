"""The scan beside other ways of doing it, and how it grows with the universe.

Run: python -m benchmarks.bench_scan_others [largest universe]
Each way finds the same thing: which symbols made a new high or low of 252 and a breakout of 20
and 55 sessions at the last session. Times are processor time, medians of some runs. TA-Lib is
not among the requirements; where it is not installed its row says so. To compare with it:
`pip install --no-deps --target DIR TA-Lib`, then `PYTHONPATH=DIR python -m …`.
"""

import statistics
import sys
from collections.abc import Callable
from time import process_time

import numpy as np
import pandas as pd

from benchmarks.bench_scan import generated
from bot.market.model import as_date
from bot.market.panel import Panel
from bot.signals.aligned import columns_of
from bot.signals.board import board
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from bot.signals.scan import FAST_KINDS, scan

try:
    import talib
except ImportError:
    talib = None

YEAR, MONTH, QUARTER = 252, 20, 55
OTHERS = 500
"""Symbols for the ways that take one symbol after the other."""
SIZES = (1_000, 5_000, 10_000, 20_000)
SESSIONS = 1_260


def median(work: Callable[[], object], runs: int = 5) -> float:
    """Milliseconds of processor time."""
    taken = []
    for _ in range(runs):
        begun = process_time()
        work()
        taken.append(process_time() - begun)
    return 1000 * statistics.median(taken)


def ours(panel: Panel) -> object:
    levels = board(panel, as_date(panel.days[-1]))
    return levels.crossed(panel.high[-1], panel.low[-1], panel.close[-1])


def with_slices(panel: Panel) -> object:
    found = []
    for i in range(len(panel.symbols)):
        high, low, close = panel.high[:, i], panel.low[:, i], panel.close[:, i]
        found.append(
            (
                high[-1] > high[-1 - YEAR : -1].max(),
                low[-1] < low[-1 - YEAR : -1].min(),
                close[-1] > high[-1 - MONTH : -1].max(),
                close[-1] > high[-1 - QUARTER : -1].max(),
            )
        )
    return found


def with_talib(panel: Panel) -> object:
    found = []
    for i in range(len(panel.symbols)):
        high = np.ascontiguousarray(panel.high[:, i])
        low = np.ascontiguousarray(panel.low[:, i])
        close = panel.close[-1, i]
        found.append(
            (
                high[-1] > talib.MAX(high, YEAR)[-2],
                low[-1] < talib.MIN(low, YEAR)[-2],
                close > talib.MAX(high, MONTH)[-2],
                close > talib.MAX(high, QUARTER)[-2],
            )
        )
    return found


def with_pandas(panel: Panel) -> object:
    found = []
    for i in range(len(panel.symbols)):
        high, low = pd.Series(panel.high[:, i]), pd.Series(panel.low[:, i])
        close = panel.close[-1, i]
        found.append(
            (
                high.iloc[-1] > high.rolling(YEAR).max().iloc[-2],
                low.iloc[-1] < low.rolling(YEAR).min().iloc[-2],
                close > high.rolling(MONTH).max().iloc[-2],
                close > high.rolling(QUARTER).max().iloc[-2],
            )
        )
    return found


def compared(panel: Panel) -> None:
    some = columns_of(panel, np.arange(OTHERS))
    levels = board(panel, as_date(panel.days[-1]))
    rows = [("this scan, board and snapshot", panel, ours)]
    rows.append(
        (
            "this scan, snapshot alone",
            panel,
            lambda p: levels.crossed(p.high[-1], p.low[-1], p.close[-1]),
        )
    )
    rows += [("numpy slices per symbol", some, with_slices)]
    if talib is not None:
        rows.append((f"TA-Lib {talib.__version__} per symbol", some, with_talib))
    rows.append((f"pandas {pd.__version__} per symbol", some, with_pandas))
    print(f"new highs, lows and breakouts at the last of {SESSIONS} sessions, processor time")
    first = 0.0
    for name, data, work in rows:
        each = 1000 * median(lambda work=work, data=data: work(data)) / len(data.symbols)
        first = first or each
        print(f"  {name:<36} {each:10.3f} µs a symbol  {each / first:10.1f} ×")
    if talib is None:
        print("  TA-Lib is not installed: no comparison with it")


def growth(largest: int) -> None:
    print(f"every kind but the support test, {SESSIONS} sessions")
    for size in (size for size in SIZES if size <= largest):
        panel = generated(size, SESSIONS)
        kinds = [kind for kind in FAST_KINDS if kind is not Kind.RS_HIGH and kind in KINDS]
        taken = median(lambda panel=panel, kinds=kinds: scan(panel, kinds=kinds), runs=3)
        memory = sum(getattr(panel, name).nbytes for name in ("open", "high", "low", "close"))
        memory += panel.volume.nbytes
        print(
            f"  {size:>6} symbols {taken:9.1f} ms  {1000 * taken / size:7.1f} µs a symbol  "
            f"{memory / size / 1024:6.1f} KiB a symbol"
        )


if __name__ == "__main__":
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    compared(generated(5_000, SESSIONS))
    growth(most)
