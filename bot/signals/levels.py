"""Support: a price at which swings turned at least three times, tested again from above.

Swings come from the daily bars of the last two years and from the monthly bars of the whole
history, so that a level can be "structural support dating back to 2018". Each counts by its age
and by its volume against the usual volume of its time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Days, Floats, as_date
from bot.signals.indicators import atr
from bot.signals.model import Direction, Kind, Signal
from bot.signals.pivots import swing_highs, swing_lows
from bot.signals.setup import Band, Geometry, Point, Setup, grade, quality, waiting
from bot.signals.thresholds import HISTORY, SUPPORT, SupportRule
from bot.signals.windows import complete, is_gap, tail

VERSION = 1
SESSIONS_50 = 50
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Swings:
    """Turning points as columns of shape (n,): day, price, weight."""

    days: Days
    prices: Floats
    weights: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Cluster:
    """Swings within one ATR; `level` is their weighted mean price."""

    level: float
    weight: float
    members: Swings


def find_support_test(bars: Bars, *, rule: SupportRule = SUPPORT) -> Setup | None:
    """The support that the last bar tested, or None.

    A test comes from above: the close before lay above the level, the low is within 0.75 ATR of
    it and the close above it in the upper half of the bar. The trigger is the testing bar's high.
    """
    known = complete(bars)
    if len(known) < SESSIONS_50 + 2 * rule.pivot:
        return None
    low, high, close = float(known.low[-1]), float(known.high[-1]), float(known.close[-1])
    if close < (high + low) / 2 or high <= low:
        return None
    atr_now = float(atr(tail(known, HISTORY))[-1])
    if atr_now <= 0:
        return None
    bottom = low - rule.touch * atr_now
    top = min(low + rule.touch * atr_now, close, float(known.close[-2]))
    width = rule.width * atr_now
    near = swings(known, low=bottom - width, high=top + width, rule=rule)
    cluster = strongest_cluster(near, width=width, low=bottom, high=top, rule=rule)
    return None if cluster is None else _setup(known, cluster, atr_now, rule)


def detect_support_test(bars: Bars) -> Signal | None:
    """The last bar tested a support and held it at the close."""
    setup = None if is_gap(bars) else find_support_test(bars)
    if setup is None:
        return None
    return Signal(
        kind=Kind.SUPPORT_TEST,
        symbol=setup.symbol,
        session=setup.session,
        direction=Direction.UP,
        level=setup.level,
        level_session=setup.level_session,
        price=setup.close,
        invalidation=setup.invalidation,
        version=VERSION,
        evidence={
            **setup.values,
            "level": setup.level,
            "price": setup.close,
            "low": float(bars.low[-1]),
            "atr": setup.atr,
            "quality": setup.quality,
        },
    )


def swings(
    bars: Bars, *, low: float = -np.inf, high: float = np.inf, rule: SupportRule = SUPPORT
) -> Swings:
    """The turning points of complete `bars` between two prices, known at their last session."""
    recent = tail(bars, rule.daily_memory)
    offset = len(bars) - len(recent)
    tops, bottoms = swing_highs(recent.high, rule.pivot), swing_lows(recent.low, rule.pivot)
    month_tops, month_bottoms = _monthly_swings(bars, rule.monthly_pivot, low, high)
    daily = np.concatenate((tops, bottoms)) + offset
    monthly = np.concatenate((month_tops, month_bottoms))
    places = np.concatenate((daily, monthly))
    prices = np.concatenate(
        (recent.high[tops], recent.low[bottoms], bars.high[month_tops], bars.low[month_bottoms])
    )
    kinds = np.repeat([1.0, rule.monthly_weight], [len(daily), len(monthly)])
    near = (prices >= low) & (prices <= high)
    places, prices, kinds = places[near], prices[near], kinds[near]
    years = (bars.days[-1] - bars.days[places]).astype(np.float64) / DAYS_PER_YEAR
    volumes = np.array([_volume_weight(bars.volume, int(i)) for i in places], dtype=np.float64)
    weights = kinds * 0.5 ** (years / rule.half_life_years) * volumes
    return Swings(days=bars.days[places], prices=prices, weights=weights)


def strongest_cluster(
    found: Swings, *, width: float, low: float, high: float, rule: SupportRule = SUPPORT
) -> Cluster | None:
    """The heaviest cluster whose level lies in [`low`, `high`], of at least three sessions."""
    near = np.argsort(found.prices, kind="stable")
    prices, best = found.prices[near], None
    stops = np.searchsorted(prices, prices + width, side="right")
    running = np.concatenate(([0.0], np.cumsum(found.weights[near])))
    most = (running[stops] - running[:-1]).tolist()  # with sessions that count twice
    for first, stop in enumerate(stops.tolist()):
        if stop - first < rule.points or (best and most[first] < best.weight):
            continue
        chosen = _one_per_session(found, near[first:stop])
        weight = float(found.weights[chosen].sum())
        if len(chosen) < rule.points or weight <= (best.weight if best else 0.0):
            continue
        level = float(found.prices[chosen] @ found.weights[chosen]) / weight
        if low <= level <= high:
            members = Swings(
                days=found.days[chosen],
                prices=found.prices[chosen],
                weights=found.weights[chosen],
            )
            best = Cluster(level=level, weight=weight, members=members)
    return best


def _one_per_session(found: Swings, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """A session that turned the day and the month counts once, with its greater weight."""
    order = chosen[np.argsort(-found.weights[chosen], kind="stable")]
    _, first = np.unique(found.days[order], return_index=True)
    return order[first]


def _volume_weight(volume: Floats, place: int) -> float:
    """Volume ÷ mean of the 50 sessions up to it, within 0.5…2; 1 where unknown."""
    usual = volume[place - SESSIONS_50 + 1 : place + 1]
    mean = float(usual.mean()) if len(usual) == SESSIONS_50 else 0.0
    ratio = float(volume[place]) / mean if mean > 0 else 1.0
    return min(2.0, max(0.5, ratio)) if np.isfinite(ratio) else 1.0


def _monthly_swings(
    bars: Bars, side: int, low: float, high: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the sessions that set monthly swings between two prices; no running month."""
    months = bars.days.astype("datetime64[M]")
    starts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    finished = starts[:-1]
    if len(finished) < 2 * side + 1:
        none = np.empty(0, dtype=np.int64)
        return none, none
    highs = np.maximum.reduceat(bars.high[: starts[-1]], finished)
    lows = np.minimum.reduceat(bars.low[: starts[-1]], finished)
    tops, bottoms = swing_highs(highs, side), swing_lows(lows, side)
    tops = tops[(highs[tops] >= low) & (highs[tops] <= high)]
    bottoms = bottoms[(lows[bottoms] >= low) & (lows[bottoms] <= high)]
    return (
        np.array([_place(bars.high, starts, m, highs[m]) for m in tops], dtype=np.int64),
        np.array([_place(bars.low, starts, m, lows[m]) for m in bottoms], dtype=np.int64),
    )


def _place(values: Floats, starts: NDArray[np.int64], month: int, price: float) -> int:
    first = int(starts[month])
    return first + int(np.argmax(values[first : starts[month + 1]] == price))


def _setup(known: Bars, cluster: Cluster, atr_now: float, rule: SupportRule) -> Setup:
    low, high, close = float(known.low[-1]), float(known.high[-1]), float(known.close[-1])
    members, first = cluster.members, int(np.argmin(cluster.members.days))
    started = as_date(members.days[first])
    order = np.argsort(members.days, kind="stable")
    years = float((known.days[-1] - members.days[first]).astype(np.float64)) / DAYS_PER_YEAR
    return Setup(
        kind=Kind.SUPPORT_TEST,
        symbol=known.symbol,
        session=known.last_day,
        status=waiting(close, high, atr_now),
        trigger=high,
        invalidation=cluster.level - rule.invalidation * atr_now,
        level=cluster.level,
        level_session=started,
        started=started,
        age=int((known.days > members.days[first]).sum()),
        close=close,
        atr=atr_now,
        distance=high / close - 1,
        distance_atr=(high - close) / atr_now,
        quality=quality(
            grade(len(members.days), worst=2, best=8),
            grade(years, worst=0.0, best=5.0),
            grade(abs(low - cluster.level) / atr_now, worst=rule.touch, best=0.0),
            grade((close - low) / (high - low), worst=0.5, best=1.0),
        ),
        values={
            "touches": len(members.days),
            "first_touch": started.isoformat(),
            "first_touch_year": started.year,
            "low_distance_atr": (low - cluster.level) / atr_now,
            "close_in_bar": (close - low) / (high - low),
            "weight": cluster.weight,
        },
        geometry=Geometry(
            bands=(
                Band(
                    start=started,
                    end=known.last_day,
                    low=float(members.prices.min()),
                    high=float(members.prices.max()),
                ),
            ),
            points=tuple(
                Point(session=as_date(members.days[i]), price=float(members.prices[i]))
                for i in order
            ),
        ),
    )
