"""Moving averages, true range and rolling extremes, in float64.

All take and give arrays of shape (n,), Wilder's means and what they need also (n, symbols), and
are NaN until their window is full. The simple average comes from a convolution rather than from
running sums: nothing drifts, and a missing value spoils its own windows only.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bot.market.model import Bars, Days, Floats
from bot.market.panel import Panel
from bot.signals.windows import Ints, running_maxima

ATR_SESSIONS = 14
"""Wilder's own length."""
SMOOTHING_CHUNK = 128
"""Values solved at once: even for a mean of two (k = 1/3) k^128 is 10⁻⁶¹."""


def sma(values: Floats, n: int) -> Floats:
    """The simple mean of the last `n` values, the current one included."""
    result = np.full(len(values), np.nan)
    if len(values) >= n:
        result[n - 1 :] = np.convolve(values, np.full(n, 1.0), "valid") / n
    return result


def ema(values: Floats, n: int) -> Floats:
    """The exponential mean with weight 2/(n+1), seeded with the mean of the first `n` values."""
    return _smoothed(values, n, 2.0 / (n + 1))


def wilder(values: Floats, n: int) -> Floats:
    """Wilder's smoothing: weight 1/n, seeded with the mean of the first `n` values."""
    return _smoothed(values, n, 1.0 / n)


def true_range(bars: Bars | Panel) -> Floats:
    """The largest of high − low, |high − prior close| and |low − prior close|.

    The first session has no prior close: its high − low.
    """
    ranges = bars.high - bars.low
    if len(bars) > 1:
        prior = bars.close[:-1]
        gaps = np.fmax(np.abs(bars.high[1:] - prior), np.abs(bars.low[1:] - prior))
        ranges[1:] = np.fmax(ranges[1:], gaps)
    return ranges


def atr(bars: Bars | Panel, n: int = ATR_SESSIONS) -> Floats:
    """Wilder's average true range."""
    return wilder(true_range(bars), n)


def rolling_max(values: Floats, n: int) -> Floats:
    """The maximum of the last `n` values, the current one included."""
    result = np.full(len(values), np.nan)
    if len(values) >= n:
        result[n - 1 :] = running_maxima(values, n)
    return result


def rolling_min(values: Floats, n: int) -> Floats:
    """The minimum of the last `n` values, the current one included."""
    return -rolling_max(-values, n)


def z_scores(values: Floats, n: int) -> Floats:
    """(value − mean) ÷ standard deviation of the last `n` values; 0 where they do not vary."""
    result = np.full(len(values), np.nan)
    if len(values) < n:
        return result
    windows = sliding_window_view(values, n)
    mean, spread = windows.mean(axis=1), windows.std(axis=1, ddof=1)
    flat = spread <= 1e-12 * np.abs(mean)
    spread[flat] = 1.0
    result[n - 1 :] = np.where(flat, 0.0, (values[n - 1 :] - mean) / spread)
    return result


def week_ends(days: Days) -> Ints:
    """Positions of the last session of each calendar week (Monday to Sunday)."""
    weeks = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7  # 1970-01-01 was a Thursday
    return np.flatnonzero(np.r_[weeks[1:] != weeks[:-1], True]) if len(days) else weeks


@cache
def _powers(keep: float) -> Floats:
    """keep¹ … keep¹²⁸; there are as many different ones as there are lengths of means."""
    powers: Floats = np.power(keep, np.arange(1, SMOOTHING_CHUNK + 1, dtype=np.float64))
    powers.flags.writeable = False
    return powers


def _smoothed(values: Floats, n: int, weight: float) -> Floats:
    """Each mean moves by `weight` of its distance to the value; solved in closed form by chunks.

    Within a chunk mean[i] = k^i · (mean₀ + Σ weight · value[j] / k^j) with k = 1 − weight; a chunk
    is short enough for k^j not to vanish.
    """
    result = np.full_like(values, np.nan, dtype=np.float64)
    if len(values) < n or n == 1:
        return result if n > 1 else values.copy()
    mean = result[n - 1] = values[:n].mean(axis=0)
    powers = _powers(1 - weight)
    for start in range(n, len(values), SMOOTHING_CHUNK):
        part = values[start : start + SMOOTHING_CHUNK].T
        decay, stop = powers[: part.shape[-1]], start + part.shape[-1]
        sums = np.cumsum(weight * part / decay, axis=-1)
        result[start:stop] = (decay * (mean[..., None] + sums)).T
        mean = result[stop - 1]
    return result
