"""Grades: what following an episode would have brought. Pure.

Entry at the open of the session after it began, exit at the close 5 and 20 sessions after it
began, beside the benchmark over the same time; the same definition as the event study's
(`bot.signals.outcomes.forward_returns`). Bars carry one scale, so splits on the way are in it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.episodes.lifecycle import Episode, State
from bot.market.model import Bars, Symbol, as_date

HORIZONS = (5, 20)
"""Sessions after which an episode is graded."""


@dataclass(frozen=True, kw_only=True)
class Grade:
    """`change`, `benchmark_change`, `best` and `worst` are fractions of the entry price.

    `best` and `worst` are the highest high and the lowest low on the way: maximum favourable
    and adverse excursion of a rise. `benchmark_change` is None where the benchmark has no bars.
    """

    sessions: int
    entry_session: date
    entry: float
    exit_session: date
    exit: float
    change: float
    benchmark: Symbol
    benchmark_change: float | None
    best: float
    worst: float


def grades_due(episode: Episode, bars: Bars, benchmark: Bars) -> list[Grade]:
    """The grades that the last bar makes possible and the episode does not have yet.

    Only episodes that held or failed are graded; a rejected one ended with its session.
    """
    if episode.state not in (State.HELD, State.FAILED):
        return []
    due = [sessions for sessions in HORIZONS if sessions > episode.graded]
    found = [grade(episode, bars, benchmark, sessions=sessions) for sessions in due]
    return [one for one in found if one is not None]


def grade(episode: Episode, bars: Bars, benchmark: Bars, *, sessions: int) -> Grade | None:
    """The grade after `sessions` sessions, or None while they are not all there."""
    start = bars.index_of(episode.began)
    if start is None or start + sessions >= len(bars):
        return None
    way = slice(start + 1, start + sessions + 1)
    entry, exit_ = float(bars.open[start + 1]), float(bars.close[start + sessions])
    if not np.isfinite(entry) or entry <= 0:
        return None
    first, last = as_date(bars.days[start + 1]), as_date(bars.days[start + sessions])
    return Grade(
        sessions=sessions,
        entry_session=first,
        entry=entry,
        exit_session=last,
        exit=exit_,
        change=exit_ / entry - 1,
        benchmark=benchmark.symbol,
        benchmark_change=_change(benchmark, first, last),
        best=float(np.nanmax(bars.high[way])) / entry - 1,
        worst=float(np.nanmin(bars.low[way])) / entry - 1,
    )


def _change(bars: Bars, first: date, last: date) -> float | None:
    """Open of `first` to close of `last`."""
    begin, end = bars.index_of(first), bars.index_of(last)
    if begin is None or end is None or not bars.open[begin] > 0:
        return None
    return float(bars.close[end] / bars.open[begin] - 1)
