"""The tight flag: a steep rise, then a rest that is narrow, calm and above its average."""

import numpy as np

from bot.market.model import Bars, as_date
from bot.signals.indicators import ATR_SESSIONS, rolling_min, sma, true_range, wilder
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
    lengths = np.arange(1, rule.longest + 1)
    heights = np.maximum.accumulate(known.high[: -rule.longest - 1 : -1])
    heights -= np.minimum.accumulate(known.low[: -rule.longest - 1 : -1])
    held = known.close[: -rule.longest - 1 : -1] > mean[: -rule.longest - 1 : -1]
    above = np.cumsum(held) / lengths
    ends = len(known) - lengths - 1  # the pole's last session
    feet = rolling_min(known.low[-rule.longest - rule.pole_sessions - 1 :], rule.pole_sessions)
    poles = known.high[ends] - feet[-1 - lengths]
    good = (poles >= rule.pole_height * averages[ends]) & (above >= rule.above_average)
    good &= heights <= np.minimum(rule.share_of_pole * poles, rule.height * atr)
    good &= lengths >= rule.shortest
    if not good.any():
        return None
    length = int(lengths[good][-1])
    first = len(known) - length
    start = first - rule.pole_sessions
    foot = start + int(np.argmin(known.low[start:first]))
    share = float(above[length - 1])
    return _setup(known, foot, first, contraction=contraction, above=share, atr=atr)


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
