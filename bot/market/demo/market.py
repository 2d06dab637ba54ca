"""The whole demo market, made in one go."""

from collections.abc import Mapping

import numpy as np

from bot.market.demo.candles import Shape, draw_shape, to_bars, track
from bot.market.demo.funds import VOLATILITY_INDEX, demo_funds
from bot.market.demo.paths import closing_paths
from bot.market.model import Bars, Days, Symbol


def make_market(days: Days, *, seed: int) -> Mapping[Symbol, Bars]:
    """Bars of every demo fund over `days` (datetime64[D], strictly increasing, not empty).

    The same seed and first day give the same bars everywhere; more days at the end leave the
    earlier bars as they were.
    """
    funds = demo_funds()
    paths = closing_paths(funds, seed=seed, sessions=len(days))
    shapes: dict[Symbol, Shape] = {}
    market: dict[Symbol, Bars] = {}
    for column, fund in enumerate(funds):
        if fund.tracks is None:
            shape = draw_shape(
                fund,
                days,
                seed=seed,
                returns=paths.returns[:, column],
                volatility=paths.volatility[:, column],
                heat=paths.heat[:, column],
            )
        else:
            shape = track(fund, shapes[fund.tracks], seed=seed)
        shapes[fund.symbol] = shape
        market[fund.symbol] = to_bars(fund, shape, days)
    _silence(market[VOLATILITY_INDEX])
    for bars in market.values():
        for column_name in ("open", "high", "low", "close", "volume", "dividend", "split"):
            getattr(bars, column_name).flags.writeable = False
    return market


def _silence(index: Bars) -> None:
    """An index is not traded: no volume."""
    index.volume[:] = np.zeros(len(index))
