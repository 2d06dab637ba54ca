"""Breadth: how many symbols of a universe take part.

Every figure is a count of symbols that have the sessions it needs; a symbol that is missing on a
day counts neither way.
"""

from dataclasses import dataclass

import numpy as np

from bot.errors import NoData
from bot.market.model import Days, Floats
from bot.market.panel import Panel
from bot.signals.aligned import present
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.windows import Flags, Ints, range_maxima, window_starts

KNOWN_SHARE = 0.8
"""Share of a mean's sessions that must be known."""
NEAR_HIGH = 0.02
THRUST_SESSIONS = 10
THRUST_FROM, THRUST_TO = 0.40, 0.615
"""Zweig's breadth thrust: the 10-session mean of advancers' share, from below to above."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BreadthSeries:
    """Breadth of a universe session by session; all arrays have shape (sessions,).

    `above_50`, `above_200`, `near_high`, `advancing_volume` are fractions (NaN where nobody could
    be counted); `line` is the running sum of advancers − decliners; `thrust_mean` Zweig's mean and
    `thrust` the sessions on which a thrust completed. `counted` is the number of symbols with a
    full 52-week window.
    """

    days: Days
    counted: Ints
    new_highs: Ints
    new_lows: Ints
    above_50: Floats
    above_200: Floats
    near_high: Floats
    advancers: Ints
    decliners: Ints
    advancing_volume: Floats
    line: Ints
    thrust_mean: Floats
    thrust: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """What every symbol counts as in every session; all arrays have shape (sessions, symbols).

    The other flags of the year count only where `listed`, with a full 52-week window; `above_50`
    only where `judged_50`, with enough closes for the mean.
    """

    listed: Flags
    new_high: Flags
    new_low: Flags
    near_high: Flags
    above_50: Flags
    judged_50: Flags


def marks(panel: Panel) -> Marks:
    """The marks of each symbol, whoever else is in the panel."""
    known = present(panel)
    high, low, close = (
        np.where(known, column, np.nan) for column in (panel.high, panel.low, panel.close)
    )
    starts, stops = window_starts(panel.days), np.arange(len(panel.days))
    listed = known & (_counts(known, starts, stops) >= SESSIONS_OF_A_LISTED_YEAR)
    top = range_maxima(high, starts, stops)
    bottom = -range_maxima(-low, starts, stops)
    above_50, judged_50 = _above(close, 50)
    return Marks(
        listed=listed,
        new_high=(high > top) & listed,
        new_low=(low < bottom) & listed,
        near_high=(close >= (1 - NEAR_HIGH) * np.fmax(top, high)) & listed,
        above_50=above_50,
        judged_50=judged_50,
    )


def breadth_series(panel: Panel) -> BreadthSeries:
    """The whole history of breadth. Raises NoData for a panel without sessions or symbols."""
    if not panel.close.size:
        raise NoData("breadth needs at least one symbol with sessions.")
    marked = marks(panel)
    close = np.where(present(panel), panel.close, np.nan)
    step = _changes(close)
    volume = np.where(np.isfinite(panel.volume), panel.volume, 0.0)
    up = np.where(step > 0, volume, 0.0).sum(axis=1)
    down = np.where(step < 0, volume, 0.0).sum(axis=1)
    advancers, decliners = (step > 0).sum(axis=1), (step < 0).sum(axis=1)
    mean = thrust_mean(advancers, decliners)
    return BreadthSeries(
        days=panel.days,
        counted=marked.listed.sum(axis=1),
        new_highs=marked.new_high.sum(axis=1),
        new_lows=marked.new_low.sum(axis=1),
        above_50=_share(marked.above_50, marked.judged_50),
        above_200=_share(*_above(close, 200)),
        near_high=_share(marked.near_high, marked.listed),
        advancers=advancers,
        decliners=decliners,
        advancing_volume=_ratio(up, up + down),
        line=np.cumsum(advancers - decliners),
        thrust_mean=mean,
        thrust=thrusts(mean),
    )


def thrust_mean(advancers: Ints, decliners: Ints) -> Floats:
    """The 10-session exponential mean of advancers ÷ (advancers + decliners), shape (n,).

    Sessions on which nothing moved are passed over. NaN until ten sessions have moved.
    """
    share = _ratio(advancers.astype(np.float64), (advancers + decliners).astype(np.float64))
    result, mean, seen = np.full(len(share), np.nan), 0.0, 0
    for i, value in enumerate(share.tolist()):
        if value == value:
            seen += 1
            weight = 1 / seen if seen <= THRUST_SESSIONS else 2 / (THRUST_SESSIONS + 1)
            mean += (value - mean) * weight
        if seen >= THRUST_SESSIONS:
            result[i] = mean
    return result


def thrusts(mean: Floats) -> Flags:
    """The sessions on which the mean crosses 0.615, below 0.40 at most ten sessions before."""
    fired = np.zeros(len(mean), dtype=bool)
    for i in np.flatnonzero(mean > THRUST_TO):
        before = mean[max(0, i - THRUST_SESSIONS) : i]
        fired[i] = bool((before < THRUST_FROM).any()) and not bool(before[-1] > THRUST_TO)
    return fired


def _counts(known: Flags, starts: Ints, stops: Ints) -> Ints:
    running = np.zeros((len(known) + 1, known.shape[1]), dtype=np.int32)
    np.cumsum(known, axis=0, out=running[1:])
    counts: Ints = running[stops] - running[starts]
    return counts


def _changes(close: Floats) -> Floats:
    """Each close minus the symbol's own close one session before; NaN in and after a gap."""
    step = np.full(close.shape, np.nan)
    step[1:] = close[1:] - close[:-1]
    return step


def _above(close: Floats, sessions: int) -> tuple[Flags, Flags]:
    """Whose close is above their mean of `sessions` closes, and of whom that can be said."""
    known = np.isfinite(close)
    rows = np.arange(1, len(close) + 1)
    first = np.maximum(rows - sessions, 0)
    sums = np.zeros((len(close) + 1, close.shape[1]))
    np.cumsum(np.where(known, close, 0.0), axis=0, out=sums[1:])
    counts = _counts(known, first, rows)
    means = _ratio(sums[rows] - sums[first], counts.astype(np.float64))
    usable = (counts >= KNOWN_SHARE * sessions) & (rows >= sessions)[:, None]
    judged = known & usable
    return (close > means) & judged, judged


def _share(true: Flags, counted: Flags) -> Floats:
    hits = true.sum(axis=1).astype(np.float64)
    return _ratio(hits, counted.sum(axis=1).astype(np.float64))


def _ratio(part: Floats, whole: Floats) -> Floats:
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
