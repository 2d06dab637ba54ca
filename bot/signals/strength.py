"""Relative strength against a benchmark: the line, Mansfield's reading, the rank, new highs.

The rank is an open approximation of a proprietary rating: a percentile of past returns in which
the latest quarter counts double. It is ours and reproduces nobody's figures.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Days, Floats, Symbol, as_date
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.indicators import sma, week_ends
from bot.signals.model import Direction, Kind, Signal
from bot.signals.relative import common_sessions
from bot.signals.windows import complete, is_gap, window_start_of

MANSFIELD_WEEKS = 52
RANK_RETURNS = ((63, 0.4), (126, 0.2), (189, 0.2), (252, 0.2))
"""Sessions and weights of the returns behind the rank: quarters, the latest counted double."""
STALE_SESSIONS = 5
VERSION = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class StrengthLine:
    """close ÷ benchmark close on the sessions both have; all arrays of shape (n,)."""

    symbol: Symbol
    benchmark: Symbol
    days: Days
    line: Floats
    close: Floats
    benchmark_close: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class StrengthReport:
    """The relative strength at the last common session.

    `mansfield` is in percent and None below 52 weeks; `new_high` is strictly above the line's
    52 weeks before, `before_price` says that the close has not made its own new high yet.
    `change_…` are changes of the line as fractions, None where the data are too short.
    """

    symbol: Symbol
    benchmark: Symbol
    session: date
    line: StrengthLine
    mansfield: float | None
    new_high: bool
    before_price: bool
    line_high: float
    line_high_session: date
    since_listing: bool
    change_20: float | None
    change_60: float | None


def strength_line(bars: Bars, benchmark: Bars) -> StrengthLine:
    """The RS line. Raises NoData when the two have no session in common."""
    one, other = complete(bars), complete(benchmark)
    here, there = common_sessions(one, other)
    if not len(here):
        raise NoData(f"{bars.symbol} and {benchmark.symbol} have no session in common.")
    close, against = one.close[here], other.close[there]
    return StrengthLine(
        symbol=bars.symbol,
        benchmark=benchmark.symbol,
        days=one.days[here],
        line=close / against,
        close=close,
        benchmark_close=against,
    )


def strength_report(bars: Bars, benchmark: Bars) -> StrengthReport:
    """Everything `/rs` says. Raises NoData below two common sessions in the last year."""
    line = strength_line(bars, benchmark)
    last = len(line.days) - 1
    session = as_date(line.days[-1])
    start = window_start_of(line.days, session)
    if start >= last:
        raise NoData(f"{bars.symbol} and {benchmark.symbol} share less than two sessions.")
    top = start + int(np.argmax(line.line[start:last]))
    new_high = bool(line.line[-1] > line.line[top])
    return StrengthReport(
        symbol=bars.symbol,
        benchmark=benchmark.symbol,
        session=session,
        line=line,
        mansfield=mansfield(line),
        new_high=new_high,
        before_price=new_high and not bool(line.close[-1] > line.close[start:last].max()),
        line_high=float(line.line[top]),
        line_high_session=as_date(line.days[top]),
        since_listing=last - start < SESSIONS_OF_A_LISTED_YEAR,
        change_20=_change(line.line, 20),
        change_60=_change(line.line, 60),
    )


def mansfield(line: StrengthLine) -> float | None:
    """The last value of `mansfield_series`, or None below 52 weeks."""
    _, values = mansfield_series(line)
    return float(values[-1]) if np.isfinite(values[-1]) else None


def mansfield_series(line: StrengthLine) -> tuple[Days, Floats]:
    """(RS ÷ its 52-week mean − 1) × 100 on weekly closes, with the week-end days.

    As Mansfield's, the mean includes the week in question; a running week counts with its latest
    close.
    """
    ends = week_ends(line.days)
    weekly = line.line[ends]
    return line.days[ends], (weekly / sma(weekly, MANSFIELD_WEEKS) - 1) * 100


def strength_scores(closes: Floats) -> Floats:
    """0.4·r63 + 0.2·r126 + 0.2·r189 + 0.2·r252 at the last session of a panel.

    `closes` has shape (sessions, symbols), the result (symbols,). A missing close is replaced by
    the one before it, up to a week back; the score is NaN where there is none.
    """
    scores = np.zeros(closes.shape[1])
    if len(closes) <= RANK_RETURNS[-1][0]:
        return np.full(closes.shape[1], np.nan)
    for sessions, weight in RANK_RETURNS:
        scores += weight * (_close_at(closes, 0) / _close_at(closes, sessions) - 1)
    return scores


def _close_at(closes: Floats, back: int) -> Floats:
    """The closes `back` sessions before the last one, gaps filled from up to a week earlier."""
    row = len(closes) - 1 - back
    found: Floats = closes[row].copy()
    for earlier in range(row - 1, max(-1, row - STALE_SESSIONS - 1), -1):
        found = np.where(np.isnan(found), closes[earlier], found)
    return found


def ranks(scores: Floats) -> Floats:
    """Percentile ranks 1…99 among the known scores, ties sharing their mean; NaN stays NaN."""
    result = np.full(len(scores), np.nan)
    known = np.isfinite(scores)
    _, inverse, counts = np.unique(scores[known], return_inverse=True, return_counts=True)
    if len(counts) == 0:
        return result
    below = np.cumsum(counts) - counts
    place = (below + (counts - 1) / 2)[inverse]
    most = max(1, int(known.sum()) - 1)
    result[known] = np.round(1 + 98 * place / most) if known.sum() > 1 else 50.0
    return result


def detect_strength_high(bars: Bars, benchmark: Bars) -> Signal | None:
    """The RS line is strictly above its 52 weeks before, at the last session of `bars`.

    `level` is the price at which the line would have matched its old high.
    """
    if is_gap(bars) or is_gap(benchmark) or bars.last_day != benchmark.last_day:
        return None
    try:
        report = strength_report(bars, benchmark)
    except NoData:
        return None
    if not report.new_high or report.since_listing:
        return None
    line = report.line
    level = report.line_high * float(line.benchmark_close[-1])
    return Signal(
        kind=Kind.RS_HIGH,
        symbol=bars.symbol,
        session=report.session,
        direction=Direction.UP,
        level=level,
        level_session=report.line_high_session,
        price=float(line.close[-1]),
        invalidation=level,
        version=VERSION,
        evidence={
            "price": float(line.close[-1]),
            "level": level,
            "line": float(line.line[-1]),
            "line_high": report.line_high,
            "line_high_session": report.line_high_session.isoformat(),
            "benchmark": benchmark.symbol,
            "benchmark_close": float(line.benchmark_close[-1]),
            "before_price": int(report.before_price),
            "mansfield": report.mansfield,
            "change_20": report.change_20,
            "change_60": report.change_60,
        },
    )


def _change(values: Floats, sessions: int) -> float | None:
    return float(values[-1] / values[-1 - sessions]) - 1 if len(values) > sessions else None
