"""Setup: a shape in the bars that is waiting for its trigger, with the geometry to draw it.

Lines are straight in session space (equal steps from session to session), as a chart without
weekend gaps draws them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np

from bot.market.model import Bars, Symbol, as_date
from bot.signals.model import Kind, Value
from bot.signals.thresholds import STATUS, StatusRule


class Status(StrEnum):
    """Where a setup stands relative to its trigger."""

    BUILDING = "building"
    NEAR = "near"
    TRIGGERED = "triggered"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place on the chart: a touch of a line or level, a swing."""

    session: date
    price: float


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A straight line between two sessions."""

    start: Point
    end: Point


@dataclass(frozen=True, kw_only=True)
class Band:
    """A box between two sessions and two prices."""

    start: date
    end: date
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A moving average to be drawn: the simple mean of `sessions` closes."""

    sessions: int


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What a chart draws so that it shows exactly what the detector saw."""

    segments: tuple[Segment, ...] = ()
    bands: tuple[Band, ...] = ()
    curves: tuple[Curve, ...] = ()
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One setup of `symbol` as it held at `session`.

    `trigger` is the price to be exceeded, `invalidation` the price below which a close ends it.
    `level` is the line or edge behind the trigger. `started` is where the shape begins and `age`
    its length in sessions. `distance` is trigger ÷ close − 1, `distance_atr` the same in ATR(14).
    `quality` is 0…100, `values` every rule value.
    """

    kind: Kind
    symbol: Symbol
    session: date
    status: Status
    trigger: float
    invalidation: float
    level: float
    level_session: date | None
    started: date
    age: int
    close: float
    atr: float
    distance: float
    distance_atr: float
    quality: int
    values: Mapping[str, Value] = field(default_factory=dict)
    geometry: Geometry = Geometry()


def grade(value: float, *, worst: float, best: float) -> float:
    """Where `value` lies between `worst` (0) and `best` (1), clipped."""
    return min(1.0, max(0.0, (value - worst) / (best - worst)))


def quality(*grades: float) -> int:
    """The mean of the grades as 0…100."""
    return round(100 * sum(grades) / len(grades))


def waiting(close: float, trigger: float, atr: float, *, rule: StatusRule = STATUS) -> Status:
    """Near within one ATR of the trigger, else building."""
    return Status.NEAR if trigger - close <= rule.near * atr else Status.BUILDING


def status_since(
    later: Bars,
    *,
    trigger: float,
    invalidation: float,
    atr: float,
    rule: StatusRule = STATUS,
) -> Status:
    """The status of a setup after the bars that followed it (at least one).

    A close below the invalidation fails it at any time, after a confirmation also a close below
    the trigger within 5 sessions. Crossed during a session but not yet at a close is triggered.
    """
    crossed = np.flatnonzero(later.high > trigger)
    lost = np.flatnonzero(later.close < invalidation)
    if len(lost) and (not len(crossed) or lost[0] <= crossed[0] + rule.failure_sessions):
        return Status.FAILED
    if not len(crossed):
        if len(later) >= rule.expiry_sessions:
            return Status.EXPIRED
        return waiting(float(later.close[-1]), trigger, atr, rule=rule)
    above = np.flatnonzero(later.close > trigger)
    if not len(above):
        return Status.TRIGGERED
    after = later.close[above[0] + 1 : above[0] + 1 + rule.failure_sessions]
    return Status.FAILED if (after < trigger).any() else Status.CONFIRMED


def point(bars: Bars, i: int, price: float) -> Point:
    """The place of session `i` at `price`."""
    return Point(session=as_date(bars.days[i]), price=float(price))


def band(bars: Bars, first: int, *, low: float, high: float) -> Band:
    """A box from session `first` to the last one."""
    return Band(start=as_date(bars.days[first]), end=bars.last_day, low=low, high=high)
