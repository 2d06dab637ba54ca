"""`/mood`: our gauge of the market's temper."""

import asyncio

from bot.answers.breadth import US_ETFS
from bot.answers.histories import histories, shared_footer
from bot.answers.model import Answer, with_picture
from bot.answers.panels import panel_of
from bot.cards.format import day_text
from bot.cards.mood import MoodView, mood_card, mood_picture, numbers
from bot.errors import NoData
from bot.market.model import Bars, Symbol, symbols_of
from bot.market.universes import universe
from bot.services import Services
from bot.signals.breadth import BreadthSeries, breadth_series
from bot.signals.mood import Mood
from bot.signals.mood import mood as read_mood

VIX, HIGH_YIELD, INVESTMENT_GRADE, TREASURIES = symbols_of(("^VIX", "HYG", "LQD", "TLT"))
SESSIONS = 800
"""Two years of percentiles, and one before them for the first 52-week window."""
LEAST_BREADTH = 20
"""Symbols below which a universe says nothing about a market."""


async def mood(services: Services) -> Answer:
    """The gauge and its six parts; what is missing is left out and said.

    Raises NoData when no part can be computed, and what the index's bars raise.
    """
    index = await services.market.bars(Symbol(services.settings.benchmark))
    others = await histories(services, (VIX, HIGH_YIELD, INVESTMENT_GRADE, TREASURIES))
    old = [bars for bars in others.bars if bars.last_day != index.last_day]
    found = {bars.symbol: bars for bars in others.bars if bars.last_day == index.last_day}
    series, known = await _breadth(services, index)

    def read() -> Mood:
        return read_mood(
            index=index,
            vix=found.get(VIX),
            high_yield=found.get(HIGH_YIELD),
            investment_grade=found.get(INVESTMENT_GRADE),
            treasuries=found.get(TREASURIES),
            breadth=series,
        )

    gauge = await asyncio.to_thread(read)
    stale = tuple(
        f"{bars.symbol} is left out: its last session is {day_text(bars.last_day)}." for bars in old
    )
    counted = f"Net new highs and advancing volume are those of {known} symbols of {US_ETFS}."
    view = MoodView(
        mood=gauge,
        universe=US_ETFS,
        footer=shared_footer(services, (index,)),
        notes=(*stale, *((counted,) if series else ())),
    )
    card = await with_picture(services, mood_card(view), mood_picture(gauge), filename="mood.png")
    return Answer(card=card, numbers=numbers(view))


async def _breadth(services: Services, index: Bars) -> tuple[BreadthSeries | None, int]:
    """The breadth of the known ETFs at the index's last session, and how many they are."""
    try:
        panel, _ = await panel_of(services, universe(US_ETFS).symbols, sessions=SESSIONS)
    except NoData:
        return None, 0
    count = len(panel.symbols)
    if count < LEAST_BREADTH or panel.days[-1] != index.days[-1]:
        return None, count
    return await asyncio.to_thread(breadth_series, panel), count
