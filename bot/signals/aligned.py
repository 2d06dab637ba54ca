"""Many symbols on one list of sessions: what the panel functions read.

`PanelLike` is a shape, not a class: whatever has these arrays will do. `Aligned` is the plain
record of it, `align` builds one from bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.market.model import Bars, Days, Floats, Symbol, empty_bars
from bot.signals.windows import Flags

COLUMNS = ("open", "high", "low", "close", "volume")


class PanelLike(Protocol):
    """`days` has shape (sessions,), the columns (sessions, symbols) with NaN for gaps."""

    @property
    def symbols(self) -> tuple[Symbol, ...]: ...
    @property
    def days(self) -> Days: ...
    @property
    def open(self) -> Floats: ...
    @property
    def high(self) -> Floats: ...
    @property
    def low(self) -> Floats: ...
    @property
    def close(self) -> Floats: ...
    @property
    def volume(self) -> Floats: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Aligned:
    """The plain record of a panel."""

    symbols: tuple[Symbol, ...]
    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def align(many: Sequence[Bars]) -> Aligned:
    """The bars on the union of their sessions; what a symbol lacks is NaN."""
    calendars = [bars.days for bars in many]
    none = np.empty(0, dtype="datetime64[D]")
    days = np.unique(np.concatenate(calendars)) if calendars else none
    columns = {name: np.full((len(days), len(many)), np.nan) for name in COLUMNS}
    for i, bars in enumerate(many):
        rows = np.searchsorted(days, bars.days)
        for name, column in columns.items():
            column[rows, i] = getattr(bars, name)
    return Aligned(symbols=tuple(bars.symbol for bars in many), days=days, **columns)


def through_row(panel: PanelLike, stop: int) -> Aligned:
    """The first `stop` sessions of `panel` (views)."""
    return rows_of(panel, 0, stop)


def rows_of(panel: PanelLike, first: int, stop: int) -> Aligned:
    """The sessions `first` to `stop` of `panel` (views)."""
    columns = {name: getattr(panel, name)[first:stop] for name in COLUMNS}
    return Aligned(symbols=panel.symbols, days=panel.days[first:stop], **columns)


def bars_at(panel: PanelLike, column: int) -> Bars:
    """One symbol's bars with prices; dividends and splits are not in a panel and read 0."""
    known = present(panel)[:, column]
    if not known.any():
        return empty_bars(panel.symbols[column])
    none = np.zeros(int(known.sum()))
    columns = {name: getattr(panel, name)[known, column] for name in COLUMNS}
    return Bars(
        symbol=panel.symbols[column],
        days=panel.days[known],
        dividend=none,
        split=none,
        **columns,
    )


def present(panel: PanelLike) -> Flags:
    """Where high, low and close are all known, shape (sessions, symbols)."""
    known: Flags = np.isfinite(panel.high) & np.isfinite(panel.low) & np.isfinite(panel.close)
    return known
