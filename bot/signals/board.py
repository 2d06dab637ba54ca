"""The board: for every symbol of a universe the levels that its next session has to beat.

Built once after the close, it answers a snapshot of a whole universe with a few comparisons of
arrays. The all-time high is carried from board to board, so that only the last year is read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.market.model import Floats, Symbol
from bot.market.panel import Panel
from bot.signals.aligned import columns_of, present, rows_of
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.model import Kind
from bot.signals.windows import Flags, Ints, window_start_of

CHANNELS = {Kind.DONCHIAN_20: 20, Kind.DONCHIAN_55: 55}


@dataclass(frozen=True, kw_only=True, eq=False)
class Board:
    """Levels for `session`; all arrays have shape (symbols,).

    A symbol with less than 200 sessions in its window has `listed` False and no high or low is
    new for it. Channel levels are NaN where one of their sessions is missing. `rows` is the
    number of panel rows that the board has seen.
    """

    symbols: tuple[Symbol, ...]
    session: date
    rows: int
    listed: Flags
    high_52w: Floats
    low_52w: Floats
    closing_high_52w: Floats
    all_time_high: Floats
    channels: Mapping[Kind, Floats]

    def crossed(self, high: Floats, low: Floats, close: Floats) -> dict[Kind, Flags]:
        """Which symbols cross which level with these prices (NaN never does).

        During the session `close` is the last price, and what it says of the closing kinds is
        provisional.
        """
        return {
            Kind.HIGH_52_WEEKS: (high > self.high_52w) & self.listed,
            Kind.ALL_TIME_HIGH: (high > self.all_time_high) & self.listed,
            Kind.LOW_52_WEEKS: (low < self.low_52w) & self.listed,
            Kind.CLOSING_HIGH_52_WEEKS: (close > self.closing_high_52w) & self.listed,
            **{kind: close > level for kind, level in self.channels.items()},
        }


def board(panel: Panel, session: date, *, previous: Board | None = None) -> Board:
    """The board for `session` from all rows of `panel` before it.

    `previous` is a board of the same symbols from an earlier state of the same panel: its all-time
    highs are carried on. Raises ValueError when it cannot be one.
    """
    stop = int(np.searchsorted(panel.days, np.datetime64(session)))
    start = window_start_of(panel.days[:stop], session)
    year = rows_of(panel, start, stop)
    top, bottom = _highest(year.high), -_highest(-year.low)
    close, listed = _highest(year.close), np.full(len(panel.symbols), len(year) >= _LEAST)
    channels = {kind: _channel(year.high, n) for kind, n in CHANNELS.items()}
    gappy = _incomplete(top, bottom, close)
    if len(gappy):
        known = present(columns_of(year, gappy))
        top[gappy] = _highest(np.where(known, year.high[:, gappy], -np.inf))
        bottom[gappy] = -_highest(np.where(known, -year.low[:, gappy], -np.inf))
        close[gappy] = _highest(np.where(known, year.close[:, gappy], -np.inf))
        listed[gappy] = known.sum(axis=0) >= _LEAST
        for kind, n in CHANNELS.items():
            channels[kind][gappy[~known[-n:].all(axis=0)]] = np.nan
    return Board(
        symbols=panel.symbols,
        session=session,
        rows=stop,
        listed=listed,
        high_52w=top,
        low_52w=bottom,
        closing_high_52w=close,
        all_time_high=_all_time_highs(panel, top, start=start, previous=previous, stop=stop),
        channels=channels,
    )


_LEAST = SESSIONS_OF_A_LISTED_YEAR


def _highest(values: Floats) -> Floats:
    """The maximum of each column: −inf for no rows, NaN where one is missing."""
    highest: Floats = values.max(axis=0, initial=-np.inf)
    return highest


def _incomplete(*extremes: Floats) -> Ints:
    """The columns one of whose extremes is not a number."""
    whole = np.logical_and.reduce([np.isfinite(values) for values in extremes])
    return np.flatnonzero(~whole)


def _all_time_highs(
    panel: Panel, year: Floats, *, start: int, stop: int, previous: Board | None
) -> Floats:
    if previous is None:
        top, first = year, 0
    elif previous.symbols != panel.symbols or previous.rows > stop:
        raise ValueError("the previous board is not an earlier state of this panel")
    else:
        top, first = np.maximum(year, previous.all_time_high), previous.rows
    if first >= start:
        return top
    older = rows_of(panel, first, start)
    highest = _highest(older.high)
    gappy = _incomplete(highest, _highest(older.low), _highest(older.close))
    if len(gappy):
        few = columns_of(older, gappy)
        highest[gappy] = _highest(np.where(present(few), few.high, -np.inf))
    return np.maximum(top, highest)


def _channel(high: Floats, sessions: int) -> Floats:
    if len(high) < sessions:
        return np.full(high.shape[1], np.nan)
    return _highest(high[-sessions:])
