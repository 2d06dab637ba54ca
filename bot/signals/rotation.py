"""Relative rotation: where symbols stand against a benchmark and where they are heading.

An open approximation of relative rotation graphs, whose exact formula is not published. RS-ratio
is 100 + the z-score of the RS line over 63 sessions, RS-momentum 100 + the z-score (63 sessions)
of the ratio's 10-session change. Tails are weekly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Floats, Symbol, as_date
from bot.signals.indicators import week_ends, z_scores
from bot.signals.strength import strength_line

RATIO_SESSIONS = 63
"""A quarter."""
MOMENTUM_SESSIONS = 10
"""Two weeks."""
TAIL_WEEKS = 8
LEAST_SESSIONS = 2 * RATIO_SESSIONS + MOMENTUM_SESSIONS - 1


class Quadrant(StrEnum):
    LEADING = "leading"
    WEAKENING = "weakening"
    LAGGING = "lagging"
    IMPROVING = "improving"


@dataclass(frozen=True, kw_only=True, eq=False)
class Rotation:
    """One symbol's place and its weekly tail, oldest first; `ratio`, `momentum` around 100."""

    symbol: Symbol
    session: date
    ratio: float
    momentum: float
    quadrant: Quadrant
    previous: Quadrant | None
    tail_days: tuple[date, ...]
    tail_ratio: Floats
    tail_momentum: Floats


def rotation(bars: Bars, benchmark: Bars, *, weeks: int = TAIL_WEEKS) -> Rotation:
    """The place of `bars` against `benchmark`, with up to `weeks` week-end points.

    The last point is the last session, even inside a week. Raises NoData below 135 common
    sessions.
    """
    line = strength_line(bars, benchmark)
    if len(line.days) < LEAST_SESSIONS:
        raise NoData(
            f"{bars.symbol} and {benchmark.symbol} share {len(line.days)} sessions; "
            f"a rotation needs {LEAST_SESSIONS}."
        )
    ratio, momentum = ratio_and_momentum(line.line)
    ends = week_ends(line.days)
    ends = ends[np.isfinite(momentum[ends])][-weeks:]
    before = ends[-2] if len(ends) > 1 else None
    return Rotation(
        symbol=bars.symbol,
        session=as_date(line.days[-1]),
        ratio=float(ratio[-1]),
        momentum=float(momentum[-1]),
        quadrant=quadrant(float(ratio[-1]), float(momentum[-1])),
        previous=None if before is None else quadrant(ratio[before], momentum[before]),
        tail_days=tuple(as_date(day) for day in line.days[ends]),
        tail_ratio=ratio[ends],
        tail_momentum=momentum[ends],
    )


def rotations(
    many: Sequence[Bars], benchmark: Bars, *, weeks: int = TAIL_WEEKS
) -> tuple[tuple[Rotation, ...], tuple[Symbol, ...]]:
    """The places of all symbols that have enough sessions, and the symbols that have not."""
    placed, short = [], []
    for bars in many:
        try:
            placed.append(rotation(bars, benchmark, weeks=weeks))
        except NoData:
            short.append(bars.symbol)
    return tuple(placed), tuple(short)


def ratio_and_momentum(line: Floats) -> tuple[Floats, Floats]:
    """RS-ratio and RS-momentum of an RS line, each of shape (n,), NaN until warm."""
    ratio = 100 + z_scores(line, RATIO_SESSIONS)
    change = np.full(len(line), np.nan)
    change[MOMENTUM_SESSIONS:] = ratio[MOMENTUM_SESSIONS:] - ratio[:-MOMENTUM_SESSIONS]
    return ratio, 100 + z_scores(change, RATIO_SESSIONS)


def quadrant(ratio: float, momentum: float) -> Quadrant:
    """Leading and weakening lie right of 100, improving and leading above it."""
    if ratio >= 100:
        return Quadrant.LEADING if momentum >= 100 else Quadrant.WEAKENING
    return Quadrant.IMPROVING if momentum >= 100 else Quadrant.LAGGING
