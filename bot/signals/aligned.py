"""From bars to a panel and back."""

from collections.abc import Sequence

import numpy as np

from bot.market.model import Bars, empty_bars
from bot.market.panel import COLUMNS, Panel
from bot.signals.windows import Flags


def align(many: Sequence[Bars]) -> Panel:
    """The bars on the union of their sessions; what a symbol lacks is NaN."""
    none = np.empty(0, dtype="datetime64[D]")
    days = np.unique(np.concatenate([bars.days for bars in many])) if many else none
    return Panel.of(many, days)


def rows_of(panel: Panel, first: int, stop: int) -> Panel:
    """The sessions `first` to `stop` of `panel` (views)."""
    columns = {name: getattr(panel, name)[first:stop] for name in COLUMNS}
    return Panel(symbols=panel.symbols, days=panel.days[first:stop], **columns)


def through_row(panel: Panel, stop: int) -> Panel:
    """The first `stop` sessions of `panel` (views)."""
    return rows_of(panel, 0, stop)


def bars_at(panel: Panel, column: int) -> Bars:
    """One symbol's bars with prices; dividends and splits are not in a panel and read 0."""
    high, low, close = (getattr(panel, name)[:, column] for name in ("high", "low", "close"))
    known = np.isfinite(high) & np.isfinite(low) & np.isfinite(close)
    if not known.any():
        return empty_bars(panel.symbols[column])
    none = np.zeros(int(known.sum()))
    columns = {name: getattr(panel, name)[known, column] for name in COLUMNS}
    return Bars(
        symbol=panel.symbols[column], days=panel.days[known], dividend=none, split=none, **columns
    )


def present(panel: Panel) -> Flags:
    """Where high, low and close are all known, shape (sessions, symbols)."""
    known: Flags = np.isfinite(panel.high) & np.isfinite(panel.low) & np.isfinite(panel.close)
    return known
