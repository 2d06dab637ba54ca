"""Pairs: the ratio line of two symbols, such as long IWM against short QQQ."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Days, Floats, Symbol, as_date
from bot.signals.indicators import sma, z_scores
from bot.signals.strength import strength_line
from bot.signals.windows import window_start_of

TREND_SESSIONS = 50
"""The mean that the ratio is compared with."""
SLOPE_SESSIONS = 10
"""Over how many sessions that mean must have risen or fallen."""
Z_SESSIONS = 252


class Trend(StrEnum):
    RISING = "rising"
    FALLING = "falling"
    FLAT = "flat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """`long` ÷ `short` on their common sessions; arrays have shape (n,).

    `trend` is rising when the ratio is above its 50-session mean and that mean is above its value
    10 sessions before, falling when both are below, else flat. `z_score` is over 252 sessions,
    None when shorter. `change_20`, `change_60` are fractions. `new_high`, `new_low` are strict
    and over the 52 weeks before.
    """

    long: Symbol
    short: Symbol
    session: date
    days: Days
    ratio: Floats
    trend: Trend
    z_score: float | None
    change_20: float | None
    change_60: float | None
    new_high: bool
    new_low: bool


def pair(long: Bars, short: Bars) -> Pair:
    """The pair at the last common session. Raises NoData below two common sessions."""
    line = strength_line(long, short)
    ratio = line.line
    if len(ratio) < 2:
        raise NoData(f"{long.symbol} and {short.symbol} share less than two sessions.")
    session = as_date(line.days[-1])
    window = ratio[window_start_of(line.days, session) : -1]
    z_score = z_scores(ratio[-Z_SESSIONS:], Z_SESSIONS)[-1]
    return Pair(
        long=long.symbol,
        short=short.symbol,
        session=session,
        days=line.days,
        ratio=ratio,
        trend=trend(ratio),
        z_score=float(z_score) if np.isfinite(z_score) else None,
        change_20=change(ratio, 20),
        change_60=change(ratio, 60),
        new_high=bool(len(window) and ratio[-1] > window.max()),
        new_low=bool(len(window) and ratio[-1] < window.min()),
    )


def trend(ratio: Floats) -> Trend:
    """The trend of a ratio line at its end."""
    if len(ratio) < TREND_SESSIONS + SLOPE_SESSIONS:
        return Trend.UNKNOWN
    mean = sma(ratio[-TREND_SESSIONS - SLOPE_SESSIONS :], TREND_SESSIONS)
    now, before = mean[-1], mean[-1 - SLOPE_SESSIONS]
    if ratio[-1] > now > before:
        return Trend.RISING
    return Trend.FALLING if ratio[-1] < now < before else Trend.FLAT


def change(ratio: Floats, sessions: int) -> float | None:
    """The change of a line over `sessions` sessions as a fraction; None when it is shorter."""
    return float(ratio[-1] / ratio[-1 - sessions]) - 1 if len(ratio) > sessions else None
