"""Volatility contraction: successive pullbacks get shallower while volume dries up."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.market.model import Bars, as_date
from bot.signals.indicators import atr
from bot.signals.model import Kind
from bot.signals.pivots import swing_highs
from bot.signals.setup import Geometry, Segment, Setup, grade, point, quality, waiting
from bot.signals.thresholds import CONTRACTION, HISTORY, ContractionRule
from bot.signals.windows import complete, tail

USUAL_SESSIONS = 50


@dataclass(frozen=True, kw_only=True)
class Pullback:
    """From a swing high to the lowest low before the next one; `depth` is a fraction."""

    top: int
    bottom: int
    depth: float


def find_contraction(bars: Bars, *, rule: ContractionRule = CONTRACTION) -> Setup | None:
    """The contraction whose last pullback runs to the last bar, or None.

    The last pullback starts at the last known swing high, which no later high exceeds.
    """
    known = complete(tail(bars, HISTORY))
    if len(known) < USUAL_SESSIONS + rule.memory:
        return None
    pulls = pullbacks(known, rule=rule)
    count = _contractions(pulls, rule)
    if count < rule.least or pulls[-1].depth > rule.last_depth:
        return None
    top = pulls[-1].top
    if known.high[top + 1 :].max() > known.high[top]:
        return None
    usual = known.volume[top - USUAL_SESSIONS : top].mean()
    dried = float(known.volume[top + 1 :].mean() / usual) if usual > 0 else np.inf
    atr_now = float(atr(known)[-1])
    if not dried <= rule.volume or atr_now <= 0:
        return None
    return _setup(known, pulls[-count:], dried=dried, atr_now=atr_now)


def pullbacks(bars: Bars, *, rule: ContractionRule = CONTRACTION) -> list[Pullback]:
    """All pullbacks of the last 150 sessions of complete `bars`, oldest first."""
    tops = swing_highs(bars.high, rule.pivot)
    tops = tops[tops >= len(bars) - rule.memory]
    found = []
    stops = [*tops[1:], len(bars)][: len(tops)]
    for top, stop in zip(tops, stops, strict=True):
        bottom = int(top) + int(np.argmin(bars.low[top:stop]))
        depth = 1 - float(bars.low[bottom] / bars.high[top])
        found.append(Pullback(top=int(top), bottom=bottom, depth=depth))
    return found


def _contractions(pulls: list[Pullback], rule: ContractionRule) -> int:
    """How many pullbacks at the end shrink one after the other, at most five."""
    count = min(1, len(pulls))
    while count < min(len(pulls), rule.most):
        if not 0 < pulls[-count].depth <= rule.shrink * pulls[-count - 1].depth:
            break
        count += 1
    return count


def _setup(known: Bars, pulls: list[Pullback], *, dried: float, atr_now: float) -> Setup:
    last, close = pulls[-1], float(known.close[-1])
    top, bottom = float(known.high[last.top]), float(known.low[last.bottom])
    shrink = [b.depth / a.depth for a, b in pairwise(pulls)]
    return Setup(
        kind=Kind.VOLATILITY_CONTRACTION,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, top, atr_now),
        trigger=top,
        invalidation=bottom,
        level=top,
        level_session=as_date(known.days[last.top]),
        started=as_date(known.days[pulls[0].top]),
        age=len(known) - 1 - pulls[0].top,
        close=close,
        atr=atr_now,
        distance=top / close - 1,
        distance_atr=(top - close) / atr_now,
        quality=quality(
            grade(len(pulls), worst=1, best=4),
            grade(last.depth, worst=0.06, best=0.01),
            grade(sum(shrink) / len(shrink), worst=0.75, best=0.4),
            grade(dried, worst=0.8, best=0.4),
        ),
        values={
            "pullbacks": len(pulls),
            "depths": " ".join(f"{pull.depth:.4f}" for pull in pulls),
            "first_depth": pulls[0].depth,
            "last_depth": last.depth,
            "volume_against_usual": dried,
        },
        geometry=Geometry(
            segments=tuple(
                Segment(
                    start=point(known, pull.top, known.high[pull.top]),
                    end=point(known, pull.bottom, known.low[pull.bottom]),
                )
                for pull in pulls
            ),
            points=tuple(point(known, pull.top, known.high[pull.top]) for pull in pulls),
        ),
    )
