"""Many symbols side by side: one array for each price, aligned on sessions.

A whole universe is scanned in one vectorised pass. Arrays are (sessions, symbols); they lie in
memory symbol by symbol, because rules run along time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from bot.market.model import Bars, Days, Floats, Symbol

COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """Bars of several symbols: `days` (t,), `symbols` (n,), prices and volume (t, n).

    A missing bar is NaN in all five arrays.
    """

    symbols: tuple[Symbol, ...]
    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @classmethod
    def of(cls, histories: Sequence[Bars], days: Days) -> Self:
        """The panel of `histories` over the sessions `days`; bars on other days are left out."""
        values = np.full((len(COLUMNS), len(histories), len(days)), np.nan)
        for i, bars in enumerate(histories):
            there, here = _places(bars.days, days)
            for column, name in zip(values, COLUMNS, strict=True):
                column[i, there] = getattr(bars, name)[here]
        opened, high, low, close, volume = values.transpose(0, 2, 1)
        return cls(
            symbols=tuple(bars.symbol for bars in histories),
            days=days,
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=volume,
        )

    def __len__(self) -> int:
        return len(self.days)

    def index_of(self, symbol: Symbol) -> int:
        """The column of `symbol`. Raises ValueError."""
        return self.symbols.index(symbol)


Places = slice | np.ndarray


def _places(own: Days, days: Days) -> tuple[Places, Places]:
    """Where the bars of `own` go in `days`, and which of them; slices where nothing is missing."""
    if not len(own) or not len(days):
        return slice(0, 0), slice(0, 0)
    first = int(np.searchsorted(own, days[0]))
    start = int(np.searchsorted(days, own[first])) if first < len(own) else len(days)
    length = min(len(own) - first, len(days) - start)
    whole = slice(start, start + length), slice(first, first + length)
    last_fits = first + length == len(own) or own[first + length] > days[-1]
    if last_fits and np.array_equal(days[whole[0]], own[whole[1]]):
        return whole
    there = np.minimum(np.searchsorted(days, own), len(days) - 1)
    here = np.flatnonzero(days[there] == own)
    return there[here], here
