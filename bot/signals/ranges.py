"""The range: a Donchian channel that is narrow by its own standards and touched at both edges."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Floats, as_date
from bot.signals.indicators import atr
from bot.signals.model import Kind
from bot.signals.setup import Geometry, Setup, band, grade, point, quality, waiting
from bot.signals.thresholds import RANGE, RangeRule
from bot.signals.windows import Flags, Ints, complete, tail


def find_range(bars: Bars, *, rule: RangeRule = RANGE) -> Setup | None:
    """The longest range that ends at the last bar, or None.

    Widths are compared as fractions of the channel's middle.
    """
    known = complete(tail(bars, rule.memory + rule.lengths[-1]))
    if len(known) < rule.memory + rule.lengths[0] - 1:
        return None
    atr_now = float(atr(known)[-1])
    if atr_now <= 0:
        return None
    shares = narrowness(known.high, known.low, rule=rule)
    for length, share in reversed(shares.items()):
        narrower = float(share)
        if narrower > rule.narrowest:
            continue
        first = len(known) - length
        top, bottom = float(known.high[first:].max()), float(known.low[first:].min())
        upper = touches(known.high[first:] >= top - rule.touch * atr_now) + first
        lower = touches(known.low[first:] <= bottom + rule.touch * atr_now) + first
        if min(len(upper), len(lower)) >= rule.touches:
            return _setup(known, first, upper, lower, narrower=narrower, atr_now=atr_now)
    return None


def narrowness(
    high: Floats, low: Floats, *, rule: RangeRule = RANGE
) -> dict[int, NDArray[np.float64]]:
    """For each length the share of the last two years' channel widths narrower than the last.

    `high` and `low` have shape (n,) or (n, symbols), the shares () or (symbols,). A length is left
    out where n is too short for it; symbols with missing prices get a meaningless share.
    """
    tops, bottoms = channel_edges(high, rule.lengths), channel_edges(-low, rule.lengths)
    shares = {}
    for length in rule.lengths:
        if len(high) < rule.memory + length - 1:
            continue
        top, bottom = tops[length][-rule.memory :], -bottoms[length][-rule.memory :]
        widths = (top - bottom) / (top + bottom)
        shares[length] = np.asarray((widths < widths[-1]).mean(axis=0))
    return shares


def channel_edges(values: Floats, lengths: Sequence[int]) -> dict[int, Floats]:
    """Rolling maxima of several lengths along axis 0, each built from the shorter ones."""
    known, width = {1: values}, 1
    while 2 * width <= lengths[0]:
        known[2 * width] = _wider(known[width], width)
        width *= 2
    for length in lengths:
        shorter = max(known)
        while shorter < length:
            step = min(shorter, length - shorter)
            known[shorter + step] = _wider(known[shorter], step)
            shorter += step
    return {length: known[length] for length in lengths}


def _wider(maxima: Floats, step: int) -> Floats:
    """Maxima over `step` values more; `step` is at most their width so far."""
    wider: Floats = np.maximum(maxima[step:], maxima[:-step]) if step < len(maxima) else maxima[:0]
    return wider


def touches(near: Flags) -> Ints:
    """The first positions of the runs of True."""
    first = near.copy()
    first[1:] &= ~near[:-1]
    return np.flatnonzero(first)


def _setup(
    known: Bars, first: int, upper: Ints, lower: Ints, *, narrower: float, atr_now: float
) -> Setup:
    top, bottom = float(known.high[first:].max()), float(known.low[first:].min())
    close = float(known.close[-1])
    points = [point(known, int(i), known.high[i]) for i in upper]
    points += [point(known, int(i), known.low[i]) for i in lower]
    return Setup(
        kind=Kind.RANGE,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, top, atr_now),
        trigger=top,
        invalidation=bottom,
        level=top,
        level_session=as_date(known.days[first + int(np.argmax(known.high[first:]))]),
        started=as_date(known.days[first]),
        age=len(known) - first,
        close=close,
        atr=atr_now,
        distance=top / close - 1,
        distance_atr=(top - close) / atr_now,
        quality=quality(
            grade(narrower, worst=0.15, best=0.0),
            grade(min(len(upper), len(lower)), worst=1, best=4),
            grade(len(known) - first, worst=0, best=90),
        ),
        values={
            "length": len(known) - first,
            "height": top - bottom,
            "height_atr": (top - bottom) / atr_now,
            "height_share": (top - bottom) / close,
            "narrower_share": narrower,
            "touches_above": len(upper),
            "touches_below": len(lower),
        },
        geometry=Geometry(bands=(band(known, first, low=bottom, high=top),), points=tuple(points)),
    )
