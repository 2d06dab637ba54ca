"""Every session on which a kind was true, for a whole panel at once.

The same rules as `bot.signals.kinds`, written for arrays of shape (sessions, symbols). They serve
the event study, which needs the past, not only the last bar. Kinds whose rule does not reduce to
a level (flags, trendlines, …) come in through `crossings_of`, from signals found one by one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from bot.market.model import Floats, Symbol
from bot.market.panel import Panel
from bot.signals.aligned import present
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.model import Direction, Kind, Signal
from bot.signals.windows import Flags, Ints, range_maxima, window_starts


@dataclass(frozen=True, kw_only=True, eq=False)
class Crossings:
    """Columns of shape (n,), sorted by symbol and session.

    `rows`, `columns` point into the panel. `eligible` has shape (sessions, symbols): where the
    kind could have been true, which is what an ordinary day is drawn from.
    """

    kind: Kind
    direction: Direction
    rows: Ints
    columns: Ints
    levels: Floats
    eligible: Flags


def crossings(panel: Panel, kind: Kind) -> Crossings:
    """The crossings of one of `CROSSERS`. Raises KeyError for another kind."""
    return CROSSERS[kind](panel)


def crossings_of(
    panel: Panel, kind: Kind, direction: Direction, signals: Iterable[Signal], *, warm_up: int
) -> Crossings:
    """The crossings that `signals` of one kind stand for; others are passed over."""
    column_of = {symbol: i for i, symbol in enumerate(panel.symbols)}
    mine = [s for s in signals if s.kind is kind and s.symbol in column_of]
    days = np.array([s.session for s in mine], dtype="datetime64[D]")
    columns = np.array([column_of[s.symbol] for s in mine], dtype=np.int64)
    rows = np.searchsorted(panel.days, days)
    order = np.lexsort((rows, columns))
    known = present(panel)
    return Crossings(
        kind=kind,
        direction=direction,
        rows=rows[order],
        columns=columns[order],
        levels=np.array([s.level for s in mine])[order],
        eligible=known & (np.cumsum(known, axis=0) > warm_up),
    )


def strength_crossings(panel: Panel, benchmark: Symbol) -> Crossings:
    """The crossings of RS highs: lines against `benchmark`, a symbol of the panel.

    A level is the price at which the line would have matched its old high that day. Raises
    ValueError when the benchmark is not in the panel.
    """
    column = panel.index_of(benchmark)
    here = present(panel)
    against = np.where(here[:, column], panel.close[:, column], np.nan)
    line = panel.close / against[:, None]
    found = _beyond_window(panel, Kind.RS_HIGH, line, known=here & here[:, [column]])
    return replace(found, levels=found.levels * against[found.rows])


def sessions_in_window(known: Flags, starts: Ints) -> Ints:
    """How many known sessions lie in each session's window, shape (sessions, symbols)."""
    running = np.zeros((len(known) + 1, known.shape[1]), dtype=np.int32)
    np.cumsum(known, axis=0, out=running[1:])
    counts: Ints = running[:-1] - running[starts]
    return counts


def _high_52_weeks(panel: Panel) -> Crossings:
    return _beyond_window(panel, Kind.HIGH_52_WEEKS, panel.high)


def _low_52_weeks(panel: Panel) -> Crossings:
    return _beyond_window(panel, Kind.LOW_52_WEEKS, -panel.low)


def _closing_high(panel: Panel) -> Crossings:
    return _beyond_window(panel, Kind.CLOSING_HIGH_52_WEEKS, panel.close)


def _beyond_window(
    panel: Panel, kind: Kind, values: Floats, *, known: Flags | None = None
) -> Crossings:
    known = present(panel) if known is None else known
    starts = window_starts(panel.days)
    values = np.where(known, values, np.nan)
    level = range_maxima(values, starts, np.arange(len(values)))
    eligible = known & (sessions_in_window(known, starts) >= SESSIONS_OF_A_LISTED_YEAR)
    return _crossings(kind, values, level, eligible)


def _all_time_high(panel: Panel) -> Crossings:
    known = present(panel)
    highs = np.where(known, panel.high, -np.inf)
    level = np.full(highs.shape, -np.inf)
    np.maximum.accumulate(highs[:-1], axis=0, out=level[1:])
    enough = sessions_in_window(known, window_starts(panel.days)) >= SESSIONS_OF_A_LISTED_YEAR
    return _crossings(Kind.ALL_TIME_HIGH, panel.high, level, known & enough)


def _donchian(kind: Kind, sessions: int) -> Callable[[Panel], Crossings]:
    def cross(panel: Panel) -> Crossings:
        known = present(panel)
        stops = np.arange(len(panel.days))
        starts = np.maximum(stops - sessions, 0)
        level = range_maxima(np.where(known, panel.high, np.nan), starts, stops)
        eligible = known & (sessions_in_window(known, starts) >= sessions)
        return _crossings(kind, panel.close, level, eligible)

    return cross


def _crossings(kind: Kind, values: Floats, level: Floats, eligible: Flags) -> Crossings:
    """Where eligible `values` exceed `level`; for lows both come in with their sign turned."""
    down = kind is Kind.LOW_52_WEEKS
    columns, rows = np.nonzero(((values > level) & eligible).T)
    sign = -1.0 if down else 1.0
    return Crossings(
        kind=kind,
        direction=Direction.DOWN if down else Direction.UP,
        rows=rows.astype(np.int64),
        columns=columns.astype(np.int64),
        levels=sign * level[rows, columns],
        eligible=eligible,
    )


CROSSERS: Mapping[Kind, Callable[[Panel], Crossings]] = MappingProxyType(
    {
        Kind.HIGH_52_WEEKS: _high_52_weeks,
        Kind.ALL_TIME_HIGH: _all_time_high,
        Kind.LOW_52_WEEKS: _low_52_weeks,
        Kind.CLOSING_HIGH_52_WEEKS: _closing_high,
        Kind.DONCHIAN_20: _donchian(Kind.DONCHIAN_20, 20),
        Kind.DONCHIAN_55: _donchian(Kind.DONCHIAN_55, 55),
    }
)
