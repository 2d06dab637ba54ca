"""The family of a symbol: the universe of its peers, for ranks and for pooled records."""

from bot.market.model import Symbol
from bot.market.universes import UNIVERSES, Universe

FAMILIES = (
    "sectors",
    "size",
    "factors",
    "countries",
    "bonds",
    "commodities",
    "themes",
    "large-caps",
    "us-etfs",
)
"""From the closest peers to the widest circle; a symbol belongs to the first that lists it."""


def family_of(symbol: Symbol) -> Universe | None:
    """The closest family that lists `symbol`, or None."""
    listing = (UNIVERSES[name] for name in FAMILIES)
    return next((family for family in listing if symbol in family.symbols), None)
