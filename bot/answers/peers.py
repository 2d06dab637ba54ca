"""Peers: the symbols that one is measured against."""

from bot.market.families import family_of
from bot.market.model import Symbol
from bot.market.universes import Universe, universe

WIDEST = "us-etfs"
"""Everything: no circle of peers."""
DEFAULT = "size"
MOST = 12
"""Peers whose bars are read at the most, the first ones of the universe's file."""


def home_of(symbol: Symbol) -> Universe:
    """The universe whose symbols are the peers of `symbol`; the size funds where none lists it."""
    family = family_of(symbol)
    return universe(DEFAULT) if family is None or family.name == WIDEST else family


def peers_of(symbol: Symbol) -> tuple[Symbol, ...]:
    """At most twelve other symbols of its universe."""
    others = (other for other in home_of(symbol).symbols if other != symbol)
    return tuple(others)[:MOST]
