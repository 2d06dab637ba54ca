"""The nouns of a portfolio: what is held, and what it comes to."""

import math
from dataclasses import dataclass
from datetime import date

from bot.market.model import Days, Floats, Symbol

MOST_SHARES = 1e12
MOST_COST = 1e9


@dataclass(frozen=True, kw_only=True)
class Holding:
    """`shares` of a symbol as of `since`; `cost` of one of them, None where unknown. Without a
    day no split has happened since.

    Raises ValueError for what cannot be held: nothing, less than nothing, infinitely much.
    """

    symbol: Symbol
    shares: float
    cost: float | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        if not 0 < self.shares <= MOST_SHARES or not math.isfinite(self.shares):
            raise ValueError(f"{self.shares} shares of {self.symbol} cannot be held")
        if self.cost is not None and not 0 <= self.cost <= MOST_COST:
            raise ValueError(f"{self.cost} is no cost of a share of {self.symbol}")


@dataclass(frozen=True, kw_only=True)
class Position:
    """A holding at the last price. `weight` is its share of all positions' value; changes are
    amounts of money, `total` since the purchase and None without a cost. `distance` of the
    last price from the 52-week high is a fraction, None where unknown."""

    holding: Holding
    last: float
    prior_close: float
    value: float
    weight: float
    day: float
    total: float | None
    distance: float | None
    session: date

    @property
    def symbol(self) -> Symbol:
        return self.holding.symbol

    @property
    def day_share(self) -> float:
        """The day's change as a fraction."""
        return self.last / self.prior_close - 1

    @property
    def total_share(self) -> float | None:
        """The change since the purchase as a fraction; None without a cost above 0."""
        cost = self.holding.cost
        return None if not cost else self.last / cost - 1


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """All positions, largest first. `day_share` is the change of what stands there now;
    `total` and `total_share` cover the positions with a cost alone, `costed` of the value."""

    positions: tuple[Position, ...]
    value: float
    day: float
    day_share: float
    total: float | None
    total_share: float | None
    costed: float
    effective: float


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """How much of the portfolio's volatility comes from one position.

    `share` sums to 1 over all; `volatility` is the position's own, annualised; `beta` is
    against the benchmark, None where the benchmark does not move.
    """

    symbol: Symbol
    weight: float
    share: float
    volatility: float
    beta: float | None
    drawdown: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Risk:
    """The risk of today's weights over past sessions, as if they had been held all along.

    `sessions` daily returns from the close of `first` to that of `last`; volatility is annualised,
    `drawdown` is 0 or below. `growth` starts at 1, over `days`, the benchmark's beside it.
    `left_out` have too short a history.
    """

    first: date
    last: date
    sessions: int
    volatility: float
    benchmark_volatility: float
    beta: float | None
    correlation: float | None
    drawdown: float
    benchmark_drawdown: float
    contributions: tuple[Contribution, ...]
    left_out: tuple[Symbol, ...]
    covered: float
    days: Days
    growth: Floats
    benchmark_growth: Floats


@dataclass(frozen=True, kw_only=True)
class LookThrough:
    """Sectors behind the funds: (name, share of the whole value), largest first.

    `unknown` is the share of value whose sectors nobody says, `missing` whose they are.
    """

    sectors: tuple[tuple[str, float], ...]
    unknown: float
    missing: tuple[Symbol, ...]
    as_of: tuple[date, ...]
