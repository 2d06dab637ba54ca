"""Bars for the tests: real ones where they are at hand, made ones from a seed or a few numbers."""

import csv
import gzip
import os
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bot.market.model import Bars, Symbol

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("HIGHWATER_REAL_DATA", ROOT / "../shared/market"))


def real_bars(symbol: str) -> Bars:
    """Real daily bars of `symbol`; skips the test where there are none."""
    path = REAL / "core" / f"{symbol}.csv.gz"
    if not path.is_file():
        pytest.skip(f"no real bars at {REAL} (set HIGHWATER_REAL_DATA)")
    return _read(symbol, path)


@cache
def _read(symbol: str, path: Path) -> Bars:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    numbers = {
        name: np.array([float(row[name] or "nan") for row in rows])
        for name in ("open", "high", "low", "close", "volume", "dividend", "split")
    }
    days = np.array([row["date"] for row in rows], dtype="datetime64[D]")
    return Bars(symbol=Symbol(symbol), days=days, **numbers)


def weekdays(count: int, first: str = "2015-01-01") -> np.ndarray:
    return np.busday_offset(first, np.arange(count), roll="forward").astype("datetime64[D]")


def bars_of(
    close: Sequence[float] | np.ndarray,
    *,
    high: Sequence[float] | np.ndarray | None = None,
    low: Sequence[float] | np.ndarray | None = None,
    opens: Sequence[float] | np.ndarray | None = None,
    volume: Sequence[float] | np.ndarray | None = None,
    days: np.ndarray | None = None,
    symbol: str = "TEST",
    final: bool = True,
) -> Bars:
    """Bars from closes; what is not given equals the close, the volume is 1,000."""
    closes = np.asarray(close, dtype=np.float64)
    none = np.zeros(len(closes))

    def column(values: Sequence[float] | np.ndarray | None) -> np.ndarray:
        return closes.copy() if values is None else np.asarray(values, dtype=np.float64)

    return Bars(
        symbol=Symbol(symbol),
        days=weekdays(len(closes)) if days is None else days,
        open=column(opens),
        high=column(high),
        low=column(low),
        close=closes,
        volume=none + 1000.0 if volume is None else np.asarray(volume, dtype=np.float64),
        dividend=none,
        split=none.copy(),
        final=final,
    )


def random_bars(seed: int, count: int = 700, *, symbol: str = "TEST", gaps: float = 0.0) -> Bars:
    """A random walk in cents with ranges, volumes and, on request, missing sessions as NaN."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0.0003, 0.012, count)))
    open_ = np.roll(close, 1) * (1 + random.normal(0, 0.003, count))
    open_[0] = close[0]
    high = np.maximum(open_, close) * (1 + abs(random.normal(0, 0.005, count)))
    low = np.minimum(open_, close) * (1 - abs(random.normal(0, 0.005, count)))
    volume = np.round(random.lognormal(13, 0.5, count))
    missing = random.random(count) < gaps
    columns = [np.round(c, 2) for c in (open_, high, low, close)]
    for column in (*columns, volume):
        column[missing] = np.nan
    return bars_of(
        columns[3],
        opens=columns[0],
        high=columns[1],
        low=columns[2],
        volume=volume,
        symbol=symbol,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)
