"""Whether symbols that somebody lists are known to anybody, before they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.histories import histories
from bot.market.model import Symbol
from bot.services import Services

MOST_ASKED = 40
"""Symbols outside the directory that the source is asked about for one list."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`known` in their order and in the directory's spelling, and those nobody knows."""

    known: tuple[Symbol, ...]
    unknown: tuple[Symbol, ...]


async def checked(services: Services, symbols: Sequence[Symbol]) -> Checked:
    """What the directory does not list is known when the source has bars of it.

    BRK.B is taken for BRK-B where only that is listed. Beyond 40 unlisted symbols the rest
    count as unknown.
    """
    spelled = tuple(dict.fromkeys(_spelled(services, symbol) for symbol in symbols))
    unlisted = [s for s in spelled if services.directory.get(s) is None]
    found = await histories(services, unlisted[:MOST_ASKED])
    there = {bars.symbol for bars in found.bars}
    unknown = tuple(s for s in unlisted if s not in there)
    return Checked(known=tuple(s for s in spelled if s not in unknown), unknown=unknown)


def _spelled(services: Services, symbol: Symbol) -> Symbol:
    if services.directory.get(symbol) is None:
        dashed = symbol.replace(".", "-")
        if services.directory.get(dashed) is not None:
            return Symbol(dashed)
    return symbol
