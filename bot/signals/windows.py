"""The 52-week window: sessions from the same calendar date one year before up to the one before.

Every high and low of the project goes through these functions, so that there is one answer to
"which sessions count". Maxima over windows of different lengths come from a sparse table: one
row per power of two, two look-ups per window.
"""

from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Days, Floats, empty_bars

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_SESSIONS_52_WEEKS = 262
"""The most weekdays that fit into a calendar year; exchanges hold at most 254 sessions in it."""


def year_before(days: Days) -> Days:
    """The same calendar dates one year earlier; 29 February becomes 1 March."""
    months = days.astype("datetime64[M]")
    day_of_month = days - months.astype("datetime64[D]")
    earlier: Days = (months - np.timedelta64(12, "M")).astype("datetime64[D]") + day_of_month
    return earlier


def window_starts(days: Days) -> Ints:
    """For each session the position of the first session of its 52-week window, shape (n,).

    The window of session i is `[starts[i], i)`; it is empty for the first session of all.
    """
    return np.searchsorted(days, year_before(days)).astype(np.int64)


def window_start_of(days: Days, session: date) -> int:
    """The position of the first session of `session`'s 52-week window."""
    day = np.array([session], dtype="datetime64[D]")
    return int(np.searchsorted(days, year_before(day)[0]))


def range_maxima(values: Floats, first: Ints, stop: Ints) -> Floats:
    """The maximum of `values[first[i]:stop[i]]` for each i; −inf for empty windows.

    NaN counts as absent. Shapes: values (n,) or (n, symbols), first and stop (m,), result (m,) or
    (m, symbols).
    """
    lengths = stop - first
    result = np.full((len(first), *values.shape[1:]), -np.inf)
    filled = lengths > 0
    if not filled.any():
        return result
    level = np.where(np.isnan(values), -np.inf, values)
    power = np.frexp(np.maximum(lengths, 1).astype(np.float64))[1] - 1  # floor(log2)
    width = 1
    for exponent in range(int(power[filled].max()) + 1):
        mine = filled & (power == exponent)
        if mine.any():
            result[mine] = np.maximum(level[first[mine]], level[stop[mine] - width])
        level = np.maximum(level[:-width], level[width:]) if len(level) > width else level
        width *= 2
    return result


def prior_maxima(days: Days, values: Floats) -> Floats:
    """For each session the maximum of `values` in its 52-week window, −inf where it is empty."""
    return range_maxima(values, window_starts(days), np.arange(len(days)))


def running_maxima(values: Floats, width: int) -> Floats:
    """The maxima of all windows of `width` values, along axis 0; the first is `values[:width]`'s.

    Windows double until the next doubling would be too wide, so that few passes are made.
    """
    maxima, known = values, 1
    while known < width:
        step = min(known, width - known)
        maxima = np.maximum(maxima[:-step], maxima[step:])
        known += step
    return maxima


def complete(bars: Bars) -> Bars:
    """`bars` without the sessions whose high, low or close is missing."""
    known = np.isfinite(bars.high) & np.isfinite(bars.low) & np.isfinite(bars.close)
    if known.all():
        return bars
    columns = ("days", "open", "high", "low", "close", "volume", "dividend", "split")
    picked = {name: getattr(bars, name)[known] for name in columns}
    final = bars.final or not known[-1]
    return replace(bars, **picked, final=final)


def is_gap(bars: Bars) -> bool:
    """Whether the last session is missing a price (or there is none at all)."""
    if not len(bars):
        return True
    last = (bars.high[-1], bars.low[-1], bars.close[-1])
    return not bool(np.isfinite(last).all())


def tail(bars: Bars, sessions: int) -> Bars:
    """The last `sessions` sessions of `bars` (views)."""
    return bars.between(len(bars) - sessions, len(bars)) if len(bars) > sessions else bars


def without_last(bars: Bars) -> Bars:
    """`bars` as they stood one session earlier (views)."""
    return bars.between(0, len(bars) - 1) if len(bars) > 1 else empty_bars(bars.symbol)
