"""`/breadth`: how many symbols of a universe take part, and whether they become more."""

import asyncio
from dataclasses import replace

from bot.answers.calls import menu, written
from bot.answers.histories import histories, shared_footer
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture_if_any
from bot.answers.panels import panel_of
from bot.cards.breadth import (
    BreadthView,
    breadth_card,
    breadth_csv,
    breadth_picture,
    numbers,
)
from bot.cards.model import Control
from bot.market.model import symbols_of
from bot.market.universes import universe as universe_of
from bot.services import Services
from bot.signals.breadth import BreadthSeries, breadth_series
from bot.signals.participation import Breadth, read_breadth

US_ETFS = "us-etfs"
OFFERED = (US_ETFS, "large-caps", "sectors", "themes", "countries", "factors", "bonds")
AGAINST = symbols_of(("IWM", "MDY", "RSP"))
"""Small, mid-sized and equally weighted companies, set against the benchmark."""
SESSIONS = 756
"""Three years: one for the first 52-week window, two to look at."""


async def breadth(
    services: Services, caller: Caller = NOBODY, *, universe: str = US_ETFS
) -> Answer:
    """New highs and lows, shares above averages, advancers, thrusts, and the reading.

    `universe` may also be a list of symbols. Raises NoData when it has no usable bars at all,
    and what the benchmark's bars raise.
    """
    selection = await services.universes.select(universe, guild_id=caller.guild_id)
    chosen = selection.universe or " ".join(selection.symbols)
    benchmark = (await defaults_for(services, caller)).benchmark
    index = await services.market.bars(benchmark)
    against = await histories(services, AGAINST)
    sectors = await histories(services, universe_of("sectors").symbols)
    panel, notes = await panel_of(services, selection.symbols, sessions=SESSIONS)

    def read() -> tuple[BreadthSeries, Breadth]:
        series = breadth_series(panel)
        reading = read_breadth(series, benchmark=index, against=against.bars, sectors=sectors.bars)
        absent = [f"{symbol}/{benchmark}" for symbol in against.missing]
        reading = replace(reading, missing=(*reading.missing, *absent))
        return series, reading

    series, reading = await asyncio.to_thread(read)
    view = BreadthView(
        series=series,
        reading=reading,
        universe=selection.universe or f"{len(selection.symbols)} symbols",
        symbols=len(selection.symbols),
        known=len(panel.symbols),
        footer=shared_footer(services, (index,)),
        notes=notes,
    )
    card = await with_picture_if_any(
        services, breadth_card(view), lambda: breadth_picture(view), filename="breadth.png"
    )
    return Answer(
        card=card,
        numbers=numbers(view),
        controls=_controls(chosen, named=selection.universe is not None),
        table=breadth_csv(series),
        call=written("breadth", chosen),
    )


def _controls(chosen: str, *, named: bool) -> tuple[Control, ...]:
    offered = [(name, name.capitalize()) for name in OFFERED]
    if chosen not in OFFERED:
        offered.insert(0, (chosen, chosen.capitalize() if named else "These symbols"))
    return (menu("Universe", offered, chosen=chosen, call=lambda value: written("breadth", value)),)
