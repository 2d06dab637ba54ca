"""Closing paths: a market, factors around it, and what each fund does on its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.demo.funds import VOLATILITY_INDEX, DemoFund
from bot.market.demo.phases import PATTERNS, REGIMES, Walk, walk
from bot.market.demo.streams import stream

Floats = NDArray[np.float64]

SESSIONS_A_YEAR = 252
MARKET_VOLATILITY = 0.125
"""A year; the regimes multiply it."""
MARKET_GROWTH = 0.115
"""A year, dividends included: the trend the regimes keep near."""
FACTOR_VOLATILITY = {
    "size": 0.1,
    "growth": 0.08,
    "tech": 0.095,
    "financials": 0.11,
    "health": 0.11,
    "discretionary": 0.085,
    "communications": 0.11,
    "industrials": 0.08,
    "staples": 0.09,
    "energy": 0.18,
    "utilities": 0.12,
    "materials": 0.11,
    "realestate": 0.11,
    "foreign": 0.09,
    "emerging": 0.12,
    "rates": 0.065,
    "credit": 0.035,
    "gold": 0.15,
    "oil": 0.33,
    "dollar": 0.07,
}
"""A year, of each factor beside the market; one unit of rates is a ten-year bond."""

MARKET_PATIENCE = 0.25
"""The market falls back to its trend four times less eagerly than it catches up."""

CLUSTER_MEMORY = 0.97
CLUSTER_WIDTH = 0.3
"""Log-volatility is an AR(1): its memory per session and its stationary deviation."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Log returns without dividends, their momentary daily volatility and the volume heat.

    All have the shape (sessions, funds) in the order of the funds asked for.
    """

    returns: Floats
    volatility: Floats
    heat: Floats


def closing_paths(funds: Sequence[DemoFund], *, seed: int, sessions: int) -> Paths:
    """The paths of `funds`; the volatility index follows the market's momentary volatility.

    A fund earns what it pays out, as far as the growth of the market does not earn it already.
    """
    factors = ["market", *FACTOR_VOLATILITY]
    names = [*factors, *(f"own {fund.symbol}" for fund in funds)]
    steps, volatility, heat = _drivers(names, funds, seed=seed, sessions=sessions)
    split = len(factors)
    loadings = np.array([[fund.loadings.get(name, 0.0) for name in factors] for fund in funds]).T
    earned = [fund.dividend_yield * max(1 - fund.loadings.get("market", 0), 0) for fund in funds]
    returns = steps[:, :split] @ loadings + steps[:, split:] + np.array(earned) / SESSIONS_A_YEAR
    variance = volatility[:, :split] ** 2 @ loadings**2 + volatility[:, split:] ** 2
    paths = Paths(
        returns=returns,
        volatility=np.sqrt(variance),
        heat=heat[:, split:] * heat[:, :1],
    )
    for column, fund in enumerate(funds):
        if fund.symbol == VOLATILITY_INDEX:
            _follow_fear(paths, column, fund.price, market=(steps[:, 0], volatility[:, 0]))
    return paths


def _drivers(
    names: Sequence[str], funds: Sequence[DemoFund], *, seed: int, sessions: int
) -> tuple[Floats, Floats, Floats]:
    """Steps, momentary volatilities and heat of all drivers; shapes (sessions, drivers)."""
    annual = [MARKET_VOLATILITY, *FACTOR_VOLATILITY.values(), *(f.own_volatility for f in funds)]
    daily = np.array(annual) / np.sqrt(SESSIONS_A_YEAR)
    growth = MARKET_GROWTH / SESSIONS_A_YEAR / float(daily[0])
    walks = [
        walk(REGIMES, seed, names[0], sessions=sessions, trend=growth, patience=MARKET_PATIENCE)
    ]
    walks += [walk(PATTERNS, seed, name, sessions=sessions) for name in names[1:]]
    clusters = _clusters(names, seed=seed, sessions=sessions)
    noise = _columns(walks, "noise") * clusters
    steps = (noise + _columns(walks, "drift")) * daily
    return steps, _columns(walks, "volatility") * clusters * daily, _columns(walks, "heat")


def _columns(walks: Sequence[Walk], field: str) -> Floats:
    return np.column_stack([getattr(one, field) for one in walks])


def _clusters(names: Sequence[str], *, seed: int, sessions: int) -> Floats:
    """Slow multipliers of volatility with a mean square near 1; shape (sessions, drivers).

    The market's nervousness reaches all others with half of its strength.
    """
    shock = CLUSTER_WIDTH * np.sqrt(1 - CLUSTER_MEMORY**2)
    shocks = np.column_stack(
        [stream(seed, name, "clusters").standard_normal(sessions) * shock for name in names]
    )
    level = np.zeros(len(names))
    for row in shocks:
        level *= CLUSTER_MEMORY
        level += row
        row[:] = level
    shocks[:, 1:] = 0.8 * shocks[:, 1:] + 0.5 * shocks[:, :1]
    return np.asarray(np.exp(shocks - CLUSTER_WIDTH**2))


def _follow_fear(paths: Paths, column: int, start: float, *, market: tuple[Floats, Floats]) -> None:
    """Make `column` a volatility index: the market's volatility, smoothed, and its last shock."""
    steps, volatility = market
    annual = volatility * np.sqrt(SESSIONS_A_YEAR) * 100
    level, shock, smooth = start, 0.0, np.empty(len(steps))
    for i in range(len(steps)):
        level += 0.2 * (1.4 * float(annual[i]) - level)
        shock = 0.8 * shock - 4.0 * float(steps[i])
        smooth[i] = np.log(max(level, 9.0)) + shock
    paths.returns[:, column] = np.diff(smooth, prepend=np.log(start))
    paths.volatility[:, column] = 0.06
    paths.heat[:, column] = 1.0
