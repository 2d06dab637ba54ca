"""Relative performance: several symbols from one common start.

A return runs from the close of the start session (or of the last one before it), so that what
happened on the start day itself is not counted. The common start of several symbols is the latest
of their first sessions and is always stated; the common end is the earliest of their last ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Basis, Days, Floats, Symbol, as_date, on_basis
from bot.signals.highs import high_report
from bot.signals.windows import Ints, complete

SESSIONS_PER_YEAR = 252
BOTTOM_SESSIONS = 126
"""How far back the bottom of a benchmark is looked for: half a year."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """One symbol since the common start; all figures but the closes are fractions.

    `excess` is over the first symbol; `correlation` of daily returns with the first symbol is None
    below three common sessions; `volatility` is annualised, None below three sessions. `days` and
    `rebased` (100 at the start) have shape (n,).
    """

    symbol: Symbol
    start: date
    end: date
    start_close: float
    end_close: float
    change: float
    excess: float
    max_drawdown: float
    volatility: float | None
    correlation: float | None
    distance_52w: float | None
    distance_all_time: float | None
    days: Days
    rebased: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Symbols compared, in the order asked for.

    `asked` is the start that was asked for, `start` and `end` the common ones. `correlations` has
    shape (symbols, symbols), NaN where fewer than three sessions are common.
    """

    asked: date
    start: date
    end: date
    basis: Basis
    members: tuple[Performance, ...]
    correlations: Floats

    @property
    def ranked(self) -> tuple[Performance, ...]:
        """The members, best first."""
        return tuple(sorted(self.members, key=lambda member: -member.change))


def return_since(bars: Bars, start: date, *, end: date | None = None) -> float:
    """close[end] / close[start] − 1, from the last session at or before `start`.

    Raises NoData when there is no session at or before `start`.
    """
    closes = _span(complete(bars), start, end or bars.last_day).close
    return float(closes[-1] / closes[0]) - 1


def bottom(benchmark: Bars, *, sessions: int = BOTTOM_SESSIONS) -> date:
    """The session of the lowest close in the last `sessions` sessions; the latest of equals.

    Raises NoData without sessions.
    """
    known = complete(benchmark)
    if not len(known):
        raise NoData(f"{benchmark.symbol} has no sessions to look for a bottom in.")
    recent = known.close[-sessions:][::-1]
    return as_date(known.days[len(known) - 1 - int(np.argmin(recent))])


def compare(
    many: Sequence[Bars], since: date, *, until: date | None = None, basis: Basis = Basis.PRICE
) -> Comparison:
    """Each symbol since the common start, against the first one.

    Raises NoData when a symbol has no prices or nothing is left between start and end.
    """
    known = [complete(on_basis(bars, basis)) for bars in many]
    empty = [bars.symbol for bars in known if not len(bars)]
    if empty or not known:
        raise NoData(f"no prices of {', '.join(empty) or 'anything'}.")
    start = max(since, *(as_date(bars.days[0]) for bars in known))
    end = min(bars.last_day for bars in known)
    end = min(end, until) if until else end
    if end < start:
        raise NoData(f"the symbols have no common sessions from {start} to {end}.")
    spans = [_span(bars, start, end) for bars in known]
    table = correlations(spans)
    first = float(spans[0].close[-1] / spans[0].close[0])
    members = tuple(
        _performance(bars.through(end), span, first, table[0, i])
        for i, (bars, span) in enumerate(zip(known, spans, strict=True))
    )
    return Comparison(
        asked=since, start=start, end=end, basis=basis, members=members, correlations=table
    )


def max_drawdown(closes: Floats) -> float:
    """The deepest fall from a running maximum, as a fraction of 0 or below."""
    return float((closes / np.maximum.accumulate(closes)).min()) - 1 if len(closes) else 0.0


def volatility(closes: Floats) -> float | None:
    """Annualised standard deviation of daily log returns × √252; None below three closes."""
    if len(closes) < 3:
        return None
    return float(np.diff(np.log(closes)).std(ddof=1) * np.sqrt(SESSIONS_PER_YEAR))


def correlations(many: Sequence[Bars]) -> Floats:
    """Correlation of daily returns on the sessions each pair has in common, shape (k, k)."""
    table = np.full((len(many), len(many)), np.nan)
    for i, one in enumerate(many):
        for j in range(i, len(many)):
            here, there = common_sessions(one, many[j])
            table[i, j] = table[j, i] = _correlation(one.close[here], many[j].close[there])
    return table


def common_sessions(one: Bars, other: Bars) -> tuple[Ints, Ints]:
    """Positions in `one` and in `other` of the sessions that both have."""
    _, here, there = np.intersect1d(one.days, other.days, assume_unique=True, return_indices=True)
    return here.astype(np.int64), there.astype(np.int64)


def _span(bars: Bars, start: date, end: date) -> Bars:
    """The sessions from the last one at or before `start` to `end`."""
    first = int(np.searchsorted(bars.days, np.datetime64(start), side="right")) - 1
    if first < 0:
        raise NoData(f"{bars.symbol} has no session at or before {start}.")
    return bars.through(end).since(as_date(bars.days[first]))


def _performance(bars: Bars, span: Bars, first: float, correlation: float) -> Performance:
    growth = float(span.close[-1] / span.close[0])
    try:
        report = high_report(bars)
    except NoData:
        report = None
    return Performance(
        symbol=bars.symbol,
        start=as_date(span.days[0]),
        end=span.last_day,
        start_close=float(span.close[0]),
        end_close=float(span.close[-1]),
        change=growth - 1,
        excess=growth - first,
        max_drawdown=max_drawdown(span.close),
        volatility=volatility(span.close),
        correlation=None if np.isnan(correlation) else float(correlation),
        distance_52w=report.distance_52w if report else None,
        distance_all_time=report.distance_all_time if report else None,
        days=span.days,
        rebased=100 * span.close / span.close[0],
    )


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 3:
        return float("nan")
    a, b = np.diff(one) / one[:-1], np.diff(other) / other[:-1]
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else float("nan")
