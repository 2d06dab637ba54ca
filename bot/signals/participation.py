"""Participation: does the market broaden or narrow? A reading with its counted reasons.

Each reason votes broader, narrower or neither; the reading is the side that is ahead by two. The
reasons are all shown, so that nobody has to trust the sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Floats
from bot.signals.breadth import BreadthSeries
from bot.signals.indicators import sma
from bot.signals.pairs import Pair, Trend, pair
from bot.signals.windows import complete

LEAD = 2
"""Votes by which one side must be ahead."""
CHANGE_SESSIONS = 20
SECTOR_SESSIONS = 50
BROAD_SECTORS, NARROW_SECTORS = 0.65, 0.35
"""Shares of sectors above their 50-session mean."""


class Reading(StrEnum):
    BROADENING = "broadening"
    NARROWING = "narrowing"
    MIXED = "mixed"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One vote: `name` says what was looked at, `value` is the number behind it."""

    name: str
    vote: Reading
    value: float


@dataclass(frozen=True, kw_only=True)
class Breadth:
    """The reading, its reasons, the pairs behind them, and what could not be looked at."""

    reading: Reading
    reasons: tuple[Reason, ...]
    pairs: tuple[Pair, ...]
    sectors_above: int | None
    sectors_counted: int
    missing: tuple[str, ...]


def read_breadth(
    series: BreadthSeries | None,
    *,
    benchmark: Bars,
    against: Sequence[Bars] = (),
    sectors: Sequence[Bars] = (),
) -> Breadth:
    """The reading at the last session.

    `against` are small, mid-sized and equal-weight funds (IWM, MDY, RSP) set against `benchmark`
    (SPY). Whatever is too short or absent is named in `missing`.
    """
    reasons: list[Reason] = []
    missing: list[str] = []
    pairs: list[Pair] = []
    if series is None:
        missing.append("universe")
    else:
        reasons += _universe_reasons(series)
    for bars in against:
        name = f"{bars.symbol}/{benchmark.symbol}"
        try:
            line = pair(bars, benchmark)
        except NoData:
            missing.append(name)
            continue
        pairs.append(line)
        if line.trend is Trend.UNKNOWN:
            missing.append(name)
        else:
            reasons.append(_reason(name, _TRENDS[line.trend], line.change_20))
    above = [flag for bars in sectors if (flag := _above_mean(bars)) is not None]
    if above:
        share = sum(above) / len(above)
        vote = _vote(share, low=NARROW_SECTORS, high=BROAD_SECTORS)
        reasons.append(_reason("sectors above their 50-session mean", vote, share))
    else:
        missing.append("sectors")
    return Breadth(
        reading=reading(reasons),
        reasons=tuple(reasons),
        pairs=tuple(pairs),
        sectors_above=sum(above) if above else None,
        sectors_counted=len(above),
        missing=tuple(missing),
    )


def reading(reasons: Sequence[Reason]) -> Reading:
    """The side that is ahead by at least two votes, else mixed."""
    broader = sum(reason.vote is Reading.BROADENING for reason in reasons)
    narrower = sum(reason.vote is Reading.NARROWING for reason in reasons)
    if broader - narrower >= LEAD:
        return Reading.BROADENING
    return Reading.NARROWING if narrower - broader >= LEAD else Reading.MIXED


_TRENDS = {
    Trend.RISING: Reading.BROADENING,
    Trend.FALLING: Reading.NARROWING,
    Trend.FLAT: Reading.MIXED,
}


def _universe_reasons(series: BreadthSeries) -> list[Reason]:
    net = (series.new_highs - series.new_lows)[-5:].astype(np.float64)
    reasons = [
        _reason("new highs − new lows, mean of 5 sessions", _vote(net.mean()), net.mean()),
        _change_reason("share above the 50-session mean, change in 20 sessions", series.above_50),
        _change_reason("share above the 200-session mean, change in 20 sessions", series.above_200),
    ]
    line = series.line.astype(np.float64)
    if len(line) > CHANGE_SESSIONS:
        change = float(line[-1] - line[-1 - CHANGE_SESSIONS])
        reasons.append(
            _reason("advance-decline line, change in 20 sessions", _vote(change), change)
        )
    return [reason for reason in reasons if np.isfinite(reason.value)]


def _change_reason(name: str, values: Floats) -> Reason:
    change = values[-1] - values[-1 - CHANGE_SESSIONS] if len(values) > CHANGE_SESSIONS else np.nan
    return _reason(name, _vote(change), change)


def _reason(name: str, vote: Reading, value: float | None) -> Reason:
    return Reason(name=name, vote=vote, value=float("nan") if value is None else float(value))


def _vote(value: float, *, low: float = 0.0, high: float = 0.0) -> Reading:
    if value > high:
        return Reading.BROADENING
    return Reading.NARROWING if value < low else Reading.MIXED


def _above_mean(bars: Bars) -> bool | None:
    close = complete(bars).close
    if len(close) < SECTOR_SESSIONS:
        return None
    return bool(close[-1] > sma(close, SECTOR_SESSIONS)[-1])
