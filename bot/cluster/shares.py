"""Which scanner job looks at which symbols. Pure.

Symbols whose alerts may stand under each other's in one message stay together: the market's
benchmark with its sectors, and the funds that follow the same index.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from zlib import crc32

from bot.alerts.quiet.lines import Circle
from bot.market.model import Symbol

SYMBOLS = 2000
"""A share's size: what a pass looks at in about a second. So many or fewer are one share, as in a
program that is one process."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One of `count` shares."""

    number: int
    count: int
    circle: Circle = field(compare=False)

    def has(self, symbol: Symbol) -> bool:
        return crc32(self._head(symbol).encode()) % self.count == self.number

    def _head(self, symbol: Symbol) -> Symbol:
        """The one of a symbol's companions that stands for all."""
        if symbol in self.circle.sectors:
            return self.circle.benchmark
        first = self.circle.clones.get(symbol, (symbol,))[0]
        benchmarks = self.circle.clones.get(self.circle.benchmark, (self.circle.benchmark,))
        return self.circle.benchmark if first in benchmarks else first

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def shares_for(symbols: int, circle: Circle) -> Iterator[Share]:
    """The shares for so many symbols."""
    count = max(1, -(-symbols // SYMBOLS))
    return (Share(number=number, count=count, circle=circle) for number in range(count))
