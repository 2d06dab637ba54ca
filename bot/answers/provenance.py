"""The footer and the data notes that every answer about a symbol carries."""

from dataclasses import replace

from bot.cards import footer as words
from bot.market.asof import RECONSTRUCTED, AsOf
from bot.market.model import Bars, Basis
from bot.services import Services


def footer(services: Services, bars: Bars, basis: Basis = Basis.PRICE) -> str:
    """Source, session, delay and basis of `bars`."""
    freshness = services.market.freshness(bars.symbol)
    if freshness is None:
        return services.market.source.label
    if not bars.final and isinstance(services.market.source, AsOf):
        freshness = replace(freshness, source=f"{freshness.source}, {RECONSTRUCTED}")
    return words.footer(freshness, session=bars.last_day, final=bars.final, basis=basis)


def notes(services: Services, bars: Bars) -> tuple[str, ...]:
    """What the guard noticed that changes how the numbers read."""
    return words.notes(services.market.findings(bars.symbol))
