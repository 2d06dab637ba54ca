"""The tight flag: a steep rise, then a rest that is narrow, calm and above its average."""

import numpy as np

from bot.market.model import Bars, as_date
from bot.signals.indicators import ATR_SESSIONS, sma, true_range, wilder
from bot.signals.model import Kind
from bot.signals.setup import Geometry, Segment, Setup, band, grade, point, quality, waiting
from bot.signals.thresholds import FLAG, HISTORY, FlagRule
from bot.signals.windows import complete, tail


def find_flag(bars: Bars, *, rule: FlagRule = FLAG) -> Setup | None:
    """The longest tight flag that ends at the last bar, or None.

    The pole ends with the session before the flag: from the lowest low of its 15 sessions to that
    session's high.
    """
    known = complete(tail(bars, HISTORY))
    if len(known) < rule.pole_sessions + rule.longest + rule.contraction_long:
        return None
    ranges = true_range(known)
    usual = ranges[-rule.contraction_long :].mean()
    contraction = ranges[-rule.contraction_short :].mean() / usual if usual > 0 else 1.0
    if contraction > rule.contraction:
        return None
    averages, mean = wilder(ranges, ATR_SESSIONS), sma(known.close, rule.average)
    atr = float(averages[-1])
    for length in range(rule.longest, rule.shortest - 1, -1):
        first = len(known) - length
        top, bottom = float(known.high[first:].max()), float(known.low[first:].min())
        start = first - rule.pole_sessions
        foot = start + int(np.argmin(known.low[start:first]))
        pole = float(known.high[first - 1] - known.low[foot])
        above = float((known.close[first:] > mean[first:]).mean())
        if (
            pole >= rule.pole_height * averages[first - 1]
            and top - bottom <= min(rule.share_of_pole * pole, rule.height * atr)
            and above >= rule.above_average
        ):
            return _setup(known, foot, first, contraction=contraction, above=above, atr=atr)
    return None


def _setup(
    known: Bars, foot: int, first: int, *, contraction: float, above: float, atr: float
) -> Setup:
    top, bottom = float(known.high[first:].max()), float(known.low[first:].min())
    pole = float(known.high[first - 1] - known.low[foot])
    close = float(known.close[-1])
    volumes = known.volume[foot:first].mean()
    calm = float(known.volume[first:].mean() / volumes) if volumes > 0 else 1.0
    share = (top - bottom) / pole
    return Setup(
        kind=Kind.TIGHT_FLAG,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, top, atr),
        trigger=top,
        invalidation=bottom,
        level=top,
        level_session=as_date(known.days[first + int(np.argmax(known.high[first:]))]),
        started=as_date(known.days[first]),
        age=len(known) - first,
        close=close,
        atr=atr,
        distance=top / close - 1,
        distance_atr=(top - close) / atr,
        quality=quality(
            grade(contraction, worst=0.85, best=0.5),
            grade(share, worst=0.5, best=0.15),
            grade(above, worst=0.7, best=1.0),
            grade(calm, worst=1.0, best=0.6),
        ),
        values={
            "pole": pole,
            "pole_atr": pole / atr,
            "pole_start": as_date(known.days[foot]).isoformat(),
            "flag_height": top - bottom,
            "flag_height_atr": (top - bottom) / atr,
            "flag_share_of_pole": share,
            "contraction": float(contraction),
            "closes_above_average": above,
            "volume_against_pole": calm if np.isfinite(calm) else None,
        },
        geometry=Geometry(
            segments=(
                Segment(
                    start=point(known, foot, known.low[foot]),
                    end=point(known, first - 1, known.high[first - 1]),
                ),
            ),
            bands=(band(known, first, low=bottom, high=top),),
        ),
    )
