"""The rows of a watchlist's live table: prices, highs, ranks and setups of its symbols.

Setups are the slow part (about 10 ms a symbol), so only the rows that are shown get theirs,
unless the rows are sorted by them.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.answers.live import Live, live
from bot.cards.setups import ranked
from bot.cards.watchlist import PAGE, SPARK, Order, WatchRow, in_order
from bot.errors import NoData
from bot.market.families import family_of
from bot.market.model import Bars, Symbol
from bot.services import Services
from bot.signals.highs import high_report
from bot.signals.setup import Setup, Status
from bot.signals.setups import setups
from bot.signals.strength import RANK_RETURNS, ranks, strength_scores


@dataclass(frozen=True, kw_only=True, eq=False)
class Watched:
    """All rows in their order; those of the page have their setups."""

    rows: tuple[WatchRow, ...]
    live: Live


async def watched(
    services: Services, symbols: Sequence[Symbol], *, order: Order, page: int
) -> Watched:
    """The rows of `symbols`; what cannot be had is None in its row."""
    found = await live(services, symbols)
    places = await _ranks(services, [bars.symbol for bars in found.found.bars])
    bars = {each.symbol: each for each in found.found.bars}
    closed = {each.symbol: each for each in found.closed.bars}
    names = {symbol: services.name_of(symbol) for symbol in symbols}

    def work() -> tuple[WatchRow, ...]:
        rows = [_row(symbol, names[symbol], bars.get(symbol), places) for symbol in symbols]
        if order is Order.SETUP:
            return in_order([_with_setup(row, closed) for row in rows], order)
        first, stop = (page - 1) * PAGE, page * PAGE
        ordered = in_order(rows, order)
        return tuple(
            _with_setup(row, closed) if first <= i < stop else row for i, row in enumerate(ordered)
        )

    return Watched(rows=await asyncio.to_thread(work), live=found)


def _row(symbol: Symbol, name: str, bars: Bars | None, places: Mapping[Symbol, int]) -> WatchRow:
    if bars is None:
        return WatchRow(symbol=symbol, name=name, closes=np.empty(0))
    try:
        report = high_report(bars)
    except NoData:
        return WatchRow(
            symbol=symbol, name=name, last=float(bars.close[-1]), closes=bars.close[-SPARK:]
        )
    return WatchRow(
        symbol=symbol,
        name=name,
        last=report.last,
        change=report.change,
        distance=report.distance_52w,
        new_high=report.new_high_52w,
        rank=places.get(symbol),
        closes=bars.close[-SPARK:],
    )


def _with_setup(row: WatchRow, closed: Mapping[Symbol, Bars]) -> WatchRow:
    bars = closed.get(row.symbol)
    return row if bars is None else replace(row, setup=_best(bars))


def _best(bars: Bars) -> Setup | None:
    """The most urgent setup at the last close that has not failed."""
    going_on = [setup for setup in setups(bars) if setup.status is not Status.FAILED]
    return next(iter(ranked(going_on)), None)


async def _ranks(services: Services, symbols: Sequence[Symbol]) -> Mapping[Symbol, int]:
    """The RS rank of each symbol in its closest universe, as `/rs` has it."""
    families = dict.fromkeys(filter(None, map(family_of, symbols)))
    found: dict[Symbol, int] = {}
    for family in families:
        panel = await services.market.panel(family.symbols, sessions=RANK_RETURNS[-1][0] + 1)
        scores = await asyncio.to_thread(strength_scores, panel.close)
        places = dict(_known(panel.symbols, ranks(scores)))
        mine = (s for s in symbols if family_of(s) == family and s in places)
        found.update({symbol: places[symbol] for symbol in mine})
    return found


def _known(
    symbols: Sequence[Symbol], places: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Iterator[tuple[Symbol, int]]:
    for symbol, place in zip(symbols, places, strict=True):
        if np.isfinite(place):
            yield symbol, int(place)
