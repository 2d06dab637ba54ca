"""Coarse sieves: which symbols of a panel could possibly show a setup's signal today.

Each sieve is a necessary condition of the exact rule, computed for all symbols at once; what
passes is looked at one by one. A sieve may let too much through, never too little, so that
comparisons here are looser than those of the rule by `SLACK`. All arrays have shape (sessions,
symbols) and hold no gaps; the last row is the session in question.
"""

from dataclasses import dataclass

import numpy as np

from bot.market.model import Floats
from bot.market.panel import Panel
from bot.signals.aligned import rows_of
from bot.signals.indicators import ATR_SESSIONS
from bot.signals.pivots import swing_high_flags
from bot.signals.ranges import narrowness
from bot.signals.thresholds import CONTRACTION, FLAG, HISTORY, RANGE, SURF, TRENDLINE
from bot.signals.windows import Flags, Ints

SLACK = 1e-6
"""Relative; far above the rounding of sums taken in another order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What the sieves share: the last 301 sessions, true ranges, and ATR of the last rows.

    `atr` has shape (23, symbols): the last row is the session in question.
    """

    panel: Panel
    ranges: Floats
    atr: Floats


ATR_ROWS = 23
ATR_MEMORY = 220
"""Sessions after which Wilder's mean has forgotten all but 10⁻⁷ of what was before."""


def ground(panel: Panel) -> Ground:
    """The shared arrays of a panel of at least 301 sessions without gaps."""
    recent = rows_of(panel, len(panel) - HISTORY - 1, len(panel))
    high, low = recent.high[-ATR_MEMORY:], recent.low[-ATR_MEMORY:]
    before = recent.close[-ATR_MEMORY - 1 : -1]
    ranges = np.maximum(high, before) - np.minimum(low, before)
    atr = np.empty((ATR_ROWS, ranges.shape[1]))
    keep = 1 - 1 / ATR_SESSIONS
    count = len(ranges) - ATR_ROWS + 1
    weights = keep ** np.arange(count - 1, -1, -1) / ATR_SESSIONS
    atr[0] = weights @ ranges[:count] / weights.sum()
    for i in range(1, ATR_ROWS):
        atr[i] = keep * atr[i - 1] + ranges[count + i - 1] / ATR_SESSIONS
    return Ground(panel=recent, ranges=ranges, atr=atr)


def closes_high(base: Ground) -> Flags:
    """A close in the upper half of its bar, which a support test needs."""
    high, low = base.panel.high[-1], base.panel.low[-1]
    upper: Flags = base.panel.close[-1] >= (high + low) / 2 * (1 - SLACK)
    return upper


def could_be_flag(base: Ground) -> Flags:
    """Calm and narrow up to the day before, above a flag's highs today, after a tall pole."""
    high, low, n = base.panel.high, base.panel.low, FLAG.shortest
    top, bottom = high[-n - 1 : -1].max(axis=0), low[-n - 1 : -1].min(axis=0)
    calm = base.ranges[-FLAG.contraction_short - 1 : -1].mean(axis=0)
    usual = base.ranges[-FLAG.contraction_long - 1 : -1].mean(axis=0)
    passed: Flags = (high[-1] > top) & (calm <= FLAG.contraction * usual * (1 + SLACK))
    passed &= top - bottom <= FLAG.height * base.atr[-2] * (1 + SLACK)
    return passed


def could_be_surf(base: Ground) -> Flags:
    """Above the ten highs before, with enough closes and only near dips on some average."""
    close, high, low = base.panel.close, base.panel.high, base.panel.low
    n = SURF.sessions
    passed: Flags = high[-1] > high[-n - 1 : -1].max(axis=0)
    chosen = np.flatnonzero(passed)
    some = np.zeros(len(chosen), dtype=bool)
    close, low, atr = close[:, chosen], low[:, chosen], base.atr[:, chosen]
    dips = np.zeros((n, len(chosen)), dtype=bool)
    middle = low[-n - 1 : -1]
    dips[:-1] = (middle[:-1] < low[-n - 2 : -3]) & (middle[:-1] <= middle[1:])
    for length in SURF.averages:
        sums = np.cumsum(close[-length - n - 1 : -1], axis=0)
        mean = sums[length - 1 :] - np.concatenate((np.zeros((1, len(chosen))), sums))[: n + 1]
        mean = mean / length
        window = mean[1:]
        above = (close[-n - 1 : -1] > window * (1 - SLACK)).sum(axis=0) >= SURF.closes_above
        rising = mean[-1] > mean[0] * (1 - SLACK)
        far = np.abs(middle - window) > SURF.touch * atr[-n - 1 : -1] * (1 + SLACK) + SLACK * window
        some |= above & rising & ~(far & dips).any(axis=0) & dips.any(axis=0)
    passed[chosen] = some
    return passed


def could_be_range(panel: Panel) -> Flags:
    """Above the twenty highs before, out of a channel that was narrow by its own standards."""
    shortest = RANGE.lengths[0]
    passed: Flags = panel.high[-1] > panel.high[-shortest - 1 : -1].max(axis=0)
    chosen = np.flatnonzero(passed)
    span = RANGE.memory + RANGE.lengths[-1]
    first = max(0, len(panel) - 1 - span)
    high, low = panel.high[first:-1, chosen], panel.low[first:-1, chosen]
    some = np.zeros(len(chosen), dtype=bool)
    for length, share in narrowness(high, low).items():
        edge = high[-length:].max(axis=0)
        some |= (share <= RANGE.narrowest) & (panel.high[-1, chosen] > edge)
    passed[chosen] = some
    return passed


def could_be_contraction(base: Ground) -> Flags:
    """Above the last swing high, which no high since had exceeded, on little volume before."""
    high, volume, side = base.panel.high, base.panel.volume, CONTRACTION.pivot
    passed: Flags = high[-1] > high[-side - 2 : -1].max(axis=0)
    chosen = np.flatnonzero(passed)
    window = high[-CONTRACTION.memory - side - 2 : -1, chosen]
    pivots = swing_high_flags(window, side)
    last = len(window) - 1 - np.argmax(pivots[::-1], axis=0)
    columns = np.arange(len(chosen))
    later = np.maximum.accumulate(window[::-1], axis=0)[::-1]
    after = later[np.minimum(last + 1, len(window) - 1), columns]
    some = pivots.any(axis=0) & (after <= window[last, columns])
    some &= high[-1, chosen] > window[last, columns]
    passed[chosen] = some & _dried_up(volume[:, chosen], len(window) - last)
    return passed


def _dried_up(volume: Floats, back: Ints) -> Flags:
    """`back` counts sessions from the swing high to the day before, both included."""
    rows, columns = len(volume) - 1, np.arange(volume.shape[1])
    sums = np.concatenate((np.zeros((1, volume.shape[1])), np.cumsum(volume, axis=0)))
    top = rows - back
    since = (sums[rows, columns] - sums[top + 1, columns]) / np.maximum(back - 1, 1)
    usual = (sums[top, columns] - sums[np.maximum(top - 50, 0), columns]) / 50
    dried: Flags = ~(since > CONTRACTION.volume * usual * (1 + SLACK))
    return dried


def could_be_break(base: Ground) -> Flags:
    """Even the steepest falling line there can be was above the last five closes until today.

    A line that falls by s per session from a high of at most `top`, at least 46 sessions ago, to
    above yesterday's close has s ≤ (top − close) / 45.
    """
    ceiling = base.panel.close[-1] - TRENDLINE.margin * base.atr[-1] * (1 - SLACK)
    rule, close = TRENDLINE, base.panel.close
    top = base.panel.high[-rule.longest - 1 : -1].max(axis=0)
    steepest = (top - close[-2]) / (rule.shortest + rule.pivot) * (1 + SLACK)
    possible = np.ones(len(top), dtype=bool)
    for back in range(1, rule.closes_below + 1):
        possible &= close[-1 - back] - back * steepest < ceiling * (1 + SLACK)
    return possible
