"""The symbols a brief looks at besides its own, and over how many sessions it tells changes."""

from bot.market.model import Symbol
from bot.market.universes import universe

MONTH, QUARTER = 20, 60
"""Sessions over which changes are told."""
STRONG_RATIO = 0.05
"""A change of a ratio in a month that is as strong a fact as there is."""

SMALL, MID, EQUAL, MEGA = Symbol("IWM"), Symbol("MDY"), Symbol("RSP"), Symbol("QQQ")
LONG_BONDS, BONDS, LINKERS = Symbol("TLT"), Symbol("IEF"), Symbol("TIP")
HIGH_YIELD, CORPORATE = Symbol("HYG"), Symbol("LQD")
SECTORS = universe("sectors").symbols
BREADTH = (SMALL, MID, EQUAL)
RATES = (LONG_BONDS, BONDS, LINKERS, HIGH_YIELD, CORPORATE)
MARKERS = (Symbol("SPY"), MEGA, MID, SMALL)
"""Whose distances from their highs are told side by side."""


def wanted(symbol: Symbol, benchmark: Symbol, peers: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """All symbols whose bars a brief about `symbol` looks at, each once, without itself."""
    every = (benchmark, *BREADTH, *MARKERS, *RATES, *SECTORS, *peers)
    return tuple(other for other in dict.fromkeys(every) if other != symbol)
