"""The moving-average surf: closes ride a rising average and every dip turns at it."""

import numpy as np

from bot.market.model import Bars, Floats, as_date
from bot.signals.indicators import atr, sma
from bot.signals.model import Kind
from bot.signals.pivots import swing_lows
from bot.signals.setup import Curve, Geometry, Setup, grade, point, quality, waiting
from bot.signals.thresholds import HISTORY, SURF, SurfRule
from bot.signals.windows import Flags, complete, tail


def find_surf(bars: Bars, *, rule: SurfRule = SURF) -> Setup | None:
    """The surf on the shortest average that holds at the last bar, or None.

    A pullback is a session whose low is below those of its two neighbours; there must be one. The
    average rises when it is above its value 10 sessions before. The trigger is the highest high
    of the 10 sessions.
    """
    known = complete(tail(bars, HISTORY))
    if len(known) < rule.averages[0] + 2 * rule.sessions:
        return None
    averages = atr(known)
    for length in rule.averages:
        if len(known) < length + 2 * rule.sessions:
            return None
        mean = sma(known.close, length)
        found = _surf(known, mean, averages, length, rule)
        if found is not None:
            return found
    return None


def _surf(known: Bars, mean: Floats, averages: Floats, length: int, rule: SurfRule) -> Setup | None:
    first = len(known) - rule.sessions
    above = int((known.close[first:] > mean[first:]).sum())
    if above < rule.closes_above or mean[-1] <= mean[first - 1] or averages[-1] <= 0:
        return None
    dips = swing_lows(known.low[first - 1 :], 1) + first - 1
    distances = np.abs(known.low[dips] - mean[dips]) / averages[dips]
    if not len(dips) or distances.max() > rule.touch:
        return None
    age = _age(known.close >= mean - rule.invalidation * averages)
    if age == 0:
        return None
    top, atr_now = float(known.high[first:].max()), float(averages[-1])
    close = float(known.close[-1])
    slope = float(mean[-1] - mean[first - 1]) / atr_now
    return Setup(
        kind=Kind.AVERAGE_SURF,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, top, atr_now),
        trigger=top,
        invalidation=float(mean[-1]) - rule.invalidation * atr_now,
        level=top,
        level_session=as_date(known.days[first + int(np.argmax(known.high[first:]))]),
        started=as_date(known.days[len(known) - age]),
        age=age,
        close=close,
        atr=atr_now,
        distance=top / close - 1,
        distance_atr=(top - close) / atr_now,
        quality=quality(
            grade(above, worst=rule.closes_above - 1, best=rule.sessions),
            grade(float(distances.mean()), worst=rule.touch, best=0.0),
            grade(slope, worst=0.0, best=2.0),
            grade(age, worst=10, best=40),
        ),
        values={
            "average": length,
            "average_value": float(mean[-1]),
            "average_rise_atr": slope,
            "closes_above": above,
            "pullbacks": len(dips),
            "furthest_pullback_atr": float(distances.max()),
        },
        geometry=Geometry(
            curves=(Curve(sessions=length),),
            points=tuple(point(known, int(i), known.low[i]) for i in dips),
        ),
    )


def _age(held: Flags) -> int:
    """How many sessions up to the last one have held without a break."""
    broken = np.flatnonzero(~held)
    return len(held) - 1 - int(broken[-1]) if len(broken) else len(held)
