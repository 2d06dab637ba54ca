"""From bars to a panel and back."""

from collections.abc import Sequence

import numpy as np

from bot.market.model import Bars
from bot.market.panel import COLUMNS, Panel
from bot.signals.windows import Flags, Ints


def align(many: Sequence[Bars]) -> Panel:
    """The bars on the union of their sessions; what a symbol lacks is NaN."""
    none = np.empty(0, dtype="datetime64[D]")
    days = np.unique(np.concatenate([bars.days for bars in many])) if many else none
    return Panel.of(many, days)


def rows_of(panel: Panel, first: int, stop: int) -> Panel:
    """The sessions `first` to `stop` of `panel` (views)."""
    columns = {name: getattr(panel, name)[first:stop] for name in COLUMNS}
    return Panel(symbols=panel.symbols, days=panel.days[first:stop], **columns)


def columns_of(panel: Panel, chosen: Ints) -> Panel:
    """The symbols at the ascending positions `chosen`: views where they are neighbours."""
    picked = span(chosen)
    columns = {name: getattr(panel, name)[:, picked] for name in COLUMNS}
    symbols = tuple(panel.symbols[int(i)] for i in chosen)
    return Panel(symbols=symbols, days=panel.days, **columns)


def span(chosen: Ints) -> Ints | slice:
    """The ascending positions `chosen` as a slice where they are neighbours: a view, no copy."""
    if len(chosen) and chosen[-1] - chosen[0] == len(chosen) - 1:
        return slice(int(chosen[0]), int(chosen[-1]) + 1)
    return chosen


def through_row(panel: Panel, stop: int) -> Panel:
    """The first `stop` sessions of `panel` (views)."""
    return rows_of(panel, 0, stop)


def bars_at(panel: Panel, column: int) -> Bars:
    """One symbol's bars with prices; dividends and splits are not in a panel and read 0."""
    prices = {name: np.ascontiguousarray(getattr(panel, name)[:, column]) for name in COLUMNS}
    days = panel.days
    known = np.isfinite(prices["high"]) & np.isfinite(prices["low"]) & np.isfinite(prices["close"])
    if not known.all():
        days, prices = days[known], {name: values[known] for name, values in prices.items()}
    return Bars(
        symbol=panel.symbols[column],
        days=days,
        open=prices["open"],
        high=prices["high"],
        low=prices["low"],
        close=prices["close"],
        volume=prices["volume"],
        dividend=np.zeros(len(days)),
        split=np.zeros(len(days)),
    )


def present(panel: Panel) -> Flags:
    """Where high, low and close are all known, shape (sessions, symbols)."""
    known: Flags = np.isfinite(panel.high) & np.isfinite(panel.low) & np.isfinite(panel.close)
    return known
