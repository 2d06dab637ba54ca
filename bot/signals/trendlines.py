"""The downtrend line: through falling swing highs, and the close that breaks it.

A line is defined by its first and last touch, straight from session to session. Every pair of
known swing highs is a candidate. Of the valid lines a setup shows the nearest above the price; a
break names the broken line with the most touches, then the longest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Floats, as_date
from bot.signals.indicators import atr
from bot.signals.model import Direction, Kind, Signal
from bot.signals.pivots import swing_highs
from bot.signals.setup import Geometry, Segment, Setup, grade, point, quality, waiting
from bot.signals.thresholds import HISTORY, TRENDLINE, TrendlineRule
from bot.signals.windows import Ints, complete, is_gap, tail, without_last

VERSION = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A line in session space: `price` at position `first`, changing by `slope` per session."""

    first: int
    last: int
    price: float
    slope: float
    touches: Ints

    def at(self, position: int) -> float:
        """The line's price at `position`, also beyond its touches."""
        return self.price + self.slope * (position - self.first)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """Many lines as columns of shape (k,); `touching` has shape (k, pivots)."""

    first: Ints
    last: Ints
    price: Floats
    slope: Floats
    pivots: Ints
    touching: NDArray[np.bool_]

    def __getitem__(self, i: int) -> Line:
        return Line(
            first=int(self.first[i]),
            last=int(self.last[i]),
            price=float(self.price[i]),
            slope=float(self.slope[i]),
            touches=self.pivots[self.touching[i]],
        )

    def at(self, position: int) -> Floats:
        """All prices at `position`, shape (k,)."""
        return self.price + self.slope * (position - self.first)


def find_downtrend(bars: Bars, *, rule: TrendlineRule = TRENDLINE) -> Setup | None:
    """The nearest unbroken downtrend line above the last five closes, or None.

    The trigger is where a close of the next session breaks it.
    """
    known = complete(tail(bars, HISTORY))
    if len(known) < HISTORY - 1:
        return None
    averages = atr(known)
    lines = candidate_lines(known, averages, rule=rule)
    order = np.argsort(lines.at(len(known)), kind="stable")
    line = _first_valid(lines, order, known, averages, rule)
    return None if line is None else _setup(known, averages, line, rule)


def detect_downtrend_break(bars: Bars, *, rule: TrendlineRule = TRENDLINE) -> Signal | None:
    """The last bar closes more than 0.25 ATR above a line that held one session before."""
    if is_gap(bars):
        return None
    known = complete(tail(bars, HISTORY))
    if len(known) < HISTORY:
        return None
    averages, before = atr(known), without_last(known)
    ceiling = float(known.close[-1] - rule.margin * averages[-1])
    if ceiling <= float(before.close[-1]) - steepest_fall(before.high):
        return None
    lines = candidate_lines(before, averages[:-1], rule=rule, below=ceiling)
    order = np.lexsort((lines.first - lines.last, -lines.touching.sum(axis=1)))
    line = _first_valid(lines, order, before, averages[:-1], rule)
    if line is None:
        return None
    setup = _setup(before, averages[:-1], line, rule)
    level, close = line.at(len(before)), float(known.close[-1])
    return Signal(
        kind=Kind.DOWNTREND_BREAK,
        symbol=bars.symbol,
        session=known.last_day,
        direction=Direction.UP,
        level=level,
        level_session=as_date(known.days[line.first]),
        price=close,
        invalidation=level,
        version=VERSION,
        evidence={
            **setup.values,
            "price": close,
            "level": level,
            "prior_close": float(before.close[-1]),
            "atr": float(averages[-1]),
            "margin_atr": (close - level) / float(averages[-1]),
            "quality": setup.quality,
        },
    )


def candidate_lines(
    bars: Bars, averages: Floats, *, rule: TrendlineRule = TRENDLINE, below: float = np.inf
) -> Lines:
    """Lines of complete `bars` with enough touches and the last five closes below them.

    `averages` is their ATR. Only lines whose value in the next session is less than `below`.
    """
    n = len(bars)
    pivots = swing_highs(bars.high, rule.pivot)
    pivots = pivots[pivots >= n - rule.longest]
    one, other = np.triu_indices(len(pivots), 1)
    first, last, highs = pivots[one], pivots[other], bars.high
    usable = (highs[last] < highs[first]) & (last - first >= rule.shortest)
    first, last = first[usable], last[usable]
    slope = (highs[last] - highs[first]) / (last - first)
    above = highs[first] + slope * (n - first) < below
    for i in range(max(0, n - rule.closes_below), n):
        above &= bars.close[i] < highs[first] + slope * (i - first)
    first, last, slope = first[above], last[above], slope[above]
    lines = highs[first, None] + slope[:, None] * (pivots - first[:, None])
    touching = np.abs(highs[pivots] - lines) <= rule.touch * averages[pivots]
    touching &= (pivots >= first[:, None]) & (pivots <= last[:, None])
    enough = touching.sum(axis=1) >= rule.touches
    return Lines(
        first=first[enough],
        last=last[enough],
        price=highs[first[enough]],
        slope=slope[enough],
        pivots=pivots,
        touching=touching[enough],
    )


def steepest_fall(highs: Floats) -> float:
    """As much as any line of at least 40 sessions can fall in one session."""
    return float(highs.max() - highs.min()) / TRENDLINE.shortest


def _first_valid(
    lines: Lines, order: Ints, bars: Bars, averages: Floats, rule: TrendlineRule
) -> Line | None:
    """The first line in `order` that no close since its first touch was half an ATR above."""
    for i in order:
        line = lines[int(i)]
        path = line.price + line.slope * np.arange(len(bars) - line.first)
        limit = path + rule.tolerance * averages[line.first :]
        if not (bars.close[line.first :] > limit).any():
            return line
    return None


def _setup(known: Bars, averages: Floats, line: Line, rule: TrendlineRule) -> Setup:
    n, close, atr_now = len(known), float(known.close[-1]), float(averages[-1])
    trigger = line.at(n) + rule.margin * atr_now
    touches = tuple(point(known, int(i), known.high[i]) for i in line.touches)
    gaps = np.abs(
        known.high[line.touches] - (line.price + line.slope * (line.touches - line.first))
    )
    return Setup(
        kind=Kind.DOWNTREND_BREAK,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, trigger, atr_now),
        trigger=trigger,
        invalidation=float(known.low[line.last :].min()),
        level=line.at(n - 1),
        level_session=as_date(known.days[line.first]),
        started=as_date(known.days[line.first]),
        age=n - 1 - line.first,
        close=close,
        atr=atr_now,
        distance=trigger / close - 1,
        distance_atr=(trigger - close) / atr_now,
        quality=quality(
            grade(len(line.touches), worst=2, best=5),
            grade(line.last - line.first, worst=rule.shortest, best=160),
            grade(float((gaps / averages[line.touches]).mean()), worst=rule.touch, best=0.0),
            grade((trigger - close) / atr_now, worst=6.0, best=1.0),
        ),
        values={
            "line": line.at(n - 1),
            "line_slope": line.slope,
            "line_start": as_date(known.days[line.first]).isoformat(),
            "line_end": as_date(known.days[line.last]).isoformat(),
            "line_sessions": line.last - line.first,
            "touches": len(line.touches),
        },
        geometry=Geometry(
            segments=(
                Segment(
                    start=point(known, line.first, line.price),
                    end=point(known, n - 1, line.at(n - 1)),
                ),
            ),
            points=touches,
        ),
    )
