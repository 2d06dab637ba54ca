"""The bars of several symbols: those that are to be had, and why the others are not."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answers.provenance import footer
from bot.answers.since import Since
from bot.cards.format import joined, plural
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Bars, Basis, Symbol
from bot.services import Services
from bot.signals.relative import bottom

AT_ONCE = 8
"""Histories that are read at a time."""
NAMED = 6
"""Symbols that a note names one by one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Histories:
    """`bars` in the order asked for; `missing` says why the others cannot be had."""

    bars: tuple[Bars, ...]
    missing: Mapping[Symbol, str]

    def get(self, symbol: Symbol) -> Bars | None:
        return next((bars for bars in self.bars if bars.symbol == symbol), None)


async def histories(
    services: Services, symbols: Sequence[Symbol], *, running: bool = False
) -> Histories:
    """All that can be had. Raises nothing for a symbol that cannot."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(symbol: Symbol) -> Bars | str:
        async with gate:
            try:
                return await services.market.bars(symbol, running=running)
            except (UserError, DataError, RetryableError) as error:
                return str(error)

    found = await asyncio.gather(*(one(symbol) for symbol in symbols))
    return Histories(
        bars=tuple(bars for bars in found if isinstance(bars, Bars)),
        missing={
            symbol: reason
            for symbol, reason in zip(symbols, found, strict=True)
            if isinstance(reason, str)
        },
    )


async def start_of(services: Services, since: Since, last: date, benchmark: Symbol) -> date:
    """The day `since` means for a period that ends with `last`.

    Raises UserError when it is not before `last`, and for `bottom` what the benchmark's bars
    raise.
    """
    if since != "bottom":
        return since.resolve(last, bottom=lambda: last)
    index = await services.market.bars(benchmark)
    return since.resolve(last, bottom=lambda: bottom(index.through(last)))


def shared_footer(services: Services, many: Sequence[Bars], basis: Basis = Basis.PRICE) -> str:
    """The footer of an answer about several symbols: the oldest last session counts."""
    oldest = min(many, key=lambda bars: bars.last_day)
    final = all(bars.final or bars.last_day > oldest.last_day for bars in many)
    return footer(services, replace(oldest, final=final), basis)


def left_out(missing: Mapping[Symbol, str]) -> tuple[str, ...]:
    """Notes on what is missing: each symbol with its reason, or a count where they are many."""
    if len(missing) > NAMED:
        named = joined(list(missing)[:NAMED])
        return (f"Left out for want of data: {plural(len(missing), 'symbol')}, such as {named}.",)
    return tuple(f"{symbol} is left out. {reason}" for symbol, reason in missing.items())
