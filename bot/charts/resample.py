"""Daily bars as weekly or monthly ones, and averages that look through gaps.

A period opens with its first known open and closes with its last known close; its high and low
are the extremes of what is known, its volume the sum. A period without any price stays a gap.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Days, Floats, as_date

Whole = NDArray[np.int64]


class Interval(StrEnum):
    """What one candle covers."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, kw_only=True, eq=False)
class Candles:
    """Columns of candles, shape (n,); `days` holds the last session of each period.

    Where one of the four prices is not finite all four are NaN: such a candle cannot be drawn.
    `provisional`: the last candle may still change.
    """

    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    provisional: bool


def candles_of(bars: Bars, interval: Interval) -> Candles:
    """The whole history of `bars` at `interval`."""
    keys = period_keys(bars.days, interval)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(bars) else np.empty(0, int)
    stops = np.r_[starts[1:], len(bars)] if len(bars) else starts
    known = np.isfinite(bars.open) & np.isfinite(bars.high)
    known &= np.isfinite(bars.low) & np.isfinite(bars.close)
    with_gaps = [np.where(known, column, np.nan) for column in (bars.open, bars.close)]
    high = _fold(np.maximum, np.where(known, bars.high, -np.inf), starts)
    low = _fold(np.minimum, np.where(known, bars.low, np.inf), starts)
    volume = np.where(np.isfinite(bars.volume), np.maximum(bars.volume, 0.0), 0.0)
    return Candles(
        days=bars.days[stops - 1],
        open=_first_known(with_gaps[0], starts, stops),
        high=np.where(np.isfinite(high), high, np.nan),
        low=np.where(np.isfinite(low), low, np.nan),
        close=_first_known(with_gaps[1][::-1], len(bars) - stops, len(bars) - starts),
        volume=_fold(np.add, volume, starts),
        provisional=len(bars) > 0 and not (bars.final and ends_period(bars.last_day, interval)),
    )


def period_keys(days: Days, interval: Interval) -> Whole:
    """A number per day that is the same for all days of one period (weeks start on Monday)."""
    if interval is Interval.MONTHLY:
        return days.astype("datetime64[M]").astype(np.int64)
    since_1970 = days.astype("datetime64[D]").astype(np.int64)
    return (since_1970 + 3) // 7 if interval is Interval.WEEKLY else since_1970


def ends_period(day: date, interval: Interval) -> bool:
    """Whether the period of `day` ends with it: the next weekday belongs to another one.

    Without an exchange calendar a week cut short by a holiday counts as running until the next
    session: it is shown as provisional a little too long, never final too early.
    """
    following = np.busday_offset(np.datetime64(day), 1, roll="backward")
    keys = period_keys(np.array([day, as_date(following)], dtype="datetime64[D]"), interval)
    return bool(keys[0] != keys[1])


def moving_average(values: Floats, n: int) -> Floats:
    """Mean of the last `n` finite values at each position, NaN at gaps and before there are `n`."""
    averages = np.full(len(values), np.nan)
    known = np.flatnonzero(np.isfinite(values))
    if n < 1 or len(known) < n:
        return averages
    finite = values[known]
    scale = float(np.abs(finite).max()) or 1.0
    sums = np.cumsum(np.r_[0.0, finite / scale])
    averages[known[n - 1 :]] = (sums[n:] - sums[:-n]) / n * scale
    return averages


def _fold(fold: np.ufunc, values: Floats, starts: Whole) -> Floats:
    folded: Floats = fold.reduceat(values, starts) if len(starts) else np.empty(0)
    return folded


def _first_known(
    values: Floats,
    starts: Whole,
    stops: Whole,
) -> Floats:
    """The first finite value of each stretch, NaN where there is none; in the order given."""
    following = np.r_[values, np.nan]
    known = np.flatnonzero(np.isfinite(values))
    next_known = np.r_[known, len(values)][np.searchsorted(known, starts)]
    return np.where(next_known < stops, following[next_known], np.nan)
