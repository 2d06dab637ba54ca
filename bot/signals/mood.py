"""Mood: our own gauge of the market's temper, 0 (fear) to 100 (greed).

Six equal parts, each the percentile of its latest value in its own last two years. Parts whose
series are missing or too short are left out and named. It is nobody else's index.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Floats
from bot.signals.breadth import BreadthSeries
from bot.signals.indicators import sma
from bot.signals.relative import common_sessions
from bot.signals.windows import complete

MEMORY = 504
"""Two years."""
LEAST_MEMORY = 252
"""A percentile within less than a year would say little."""
RETURN_SESSIONS = 20
INDEX_MEAN, VIX_MEAN = 125, 50
VOLUME_MEAN = 10
"""A single day's advancing volume is noise: the mean of two weeks."""
FEAR, CAUTION, CALM, GREED = 25, 45, 55, 75
"""Upper bounds of the labels; above the last it is extreme greed."""


class Temper(StrEnum):
    EXTREME_FEAR = "extreme fear"
    FEAR = "fear"
    NEUTRAL = "neutral"
    GREED = "greed"
    EXTREME_GREED = "extreme greed"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One sixth: `value` in its own unit (a fraction), `score` its percentile 0…100."""

    name: str
    value: float
    score: float
    sessions: int


@dataclass(frozen=True, kw_only=True)
class Mood:
    """The mean of the parts that could be computed, and the names of those that could not."""

    session: date
    score: float
    temper: Temper
    parts: tuple[Part, ...]
    missing: tuple[str, ...]


def mood(
    *,
    index: Bars | None,
    vix: Bars | None = None,
    high_yield: Bars | None = None,
    investment_grade: Bars | None = None,
    treasuries: Bars | None = None,
    breadth: BreadthSeries | None = None,
) -> Mood:
    """The gauge at the index's last session. Raises NoData when no part can be computed."""
    series: dict[str, Floats | None] = {
        "index against its 125-session mean": _against_mean(index, INDEX_MEAN),
        "net new highs": _net_new_highs(breadth),
        "advancing volume": sma(breadth.advancing_volume, VOLUME_MEAN) if breadth else None,
        "VIX against its 50-session mean": _negative(_against_mean(vix, VIX_MEAN)),
        "high-yield against investment-grade bonds": _spread(high_yield, investment_grade),
        "index against treasuries": _spread(index, treasuries),
    }
    scored = {name: part(name, values) for name, values in series.items()}
    parts = tuple(found for found in scored.values() if found is not None)
    if index is None or not len(index) or not parts:
        raise NoData("no part of the mood can be computed from the series at hand.")
    score = sum(found.score for found in parts) / len(parts)
    return Mood(
        session=index.last_day,
        score=score,
        temper=temper(score),
        parts=parts,
        missing=tuple(name for name, found in scored.items() if found is None),
    )


def part(name: str, values: Floats | None) -> Part | None:
    """The percentile of the last value among its last two years; ties count half."""
    if values is None or not len(values) or not np.isfinite(values[-1]):
        return None
    memory = values[-MEMORY:]
    memory = memory[np.isfinite(memory)]
    if len(memory) < LEAST_MEMORY:
        return None
    last = memory[-1]
    below, equal = (memory < last).sum(), (memory == last).sum() - 1
    score = 100 * float(below + equal / 2) / (len(memory) - 1)
    return Part(name=name, value=float(last), score=score, sessions=len(memory))


def temper(score: float) -> Temper:
    """The label of a score."""
    if score < FEAR:
        return Temper.EXTREME_FEAR
    if score < CAUTION:
        return Temper.FEAR
    if score <= CALM:
        return Temper.NEUTRAL
    return Temper.GREED if score <= GREED else Temper.EXTREME_GREED


def _against_mean(bars: Bars | None, sessions: int) -> Floats | None:
    if bars is None:
        return None
    close = complete(bars).close
    return close / sma(close, sessions) - 1


def _negative(values: Floats | None) -> Floats | None:
    return None if values is None else -values


def _net_new_highs(breadth: BreadthSeries | None) -> Floats | None:
    if breadth is None:
        return None
    net = (breadth.new_highs - breadth.new_lows).astype(np.float64)
    counted = breadth.counted.astype(np.float64)
    share = np.full(len(net), np.nan)
    np.divide(net, counted, out=share, where=counted > 0)
    return share


def _spread(one: Bars | None, other: Bars | None) -> Floats | None:
    """The difference of 20-session returns on the common sessions."""
    if one is None or other is None:
        return None
    here, there = common_sessions(complete(one), complete(other))
    a, b = complete(one).close[here], complete(other).close[there]
    n = RETURN_SESSIONS
    return a[n:] / a[:-n] - b[n:] / b[:-n] if len(a) > n else None
