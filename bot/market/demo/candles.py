"""From closing paths to daily bars: opens, ranges, volume, dividends and splits.

Prices are what an exchange would have printed: whole cents in the shares of the day, then
adjusted for splits. The schedule of splits is fixed, so that sessions added at the end never
rescale earlier ones; a split that lies ahead is already in the prices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.demo.funds import DemoFund
from bot.market.demo.streams import fat_tailed, stream
from bot.market.demo.windows import highest_before
from bot.market.model import Bars, Days

Floats = NDArray[np.float64]

OVERNIGHT_SHARE = 0.35
"""Share of the close-to-close return that happens before the open."""
OPEN_SCATTER = 0.28
"""Further scatter of the open, in daily volatilities."""
WICK = 0.42
"""Mean size of a wick beyond open and close is 0.8 of this, in daily volatilities."""
BREAKOUT_SESSIONS = 64
BREAKOUT_HEAT = 1.5
"""Volume multiplies by this when the close beats the 64 closes before."""
PAYDAY = 18
"""Dividends go ex on the first session from this day of a paying month on."""
TRACKING = 0.0002
"""Deviation of a tracker's price from its fund's, one session."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """Log prices of one fund relative to its first close, and volume relative to its usual one."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    activity: Floats
    dividend_steps: Floats


def draw_shape(
    fund: DemoFund, days: Days, *, seed: int, returns: Floats, volatility: Floats, heat: Floats
) -> Shape:
    """The candles of one fund around its closing path; all arrays have shape (sessions,)."""
    gap, up, down, interest = (
        stream(seed, fund.symbol, part).standard_normal(len(days))
        for part in ("gap", "up", "down", "interest")
    )
    dividends = dividend_steps(fund, days)
    net = returns - dividends
    net[0] = 0.0
    close = np.cumsum(net)
    before = np.concatenate(([0.0], close[:-1]))
    start = before + OVERNIGHT_SHARE * net + OPEN_SCATTER * volatility * gap
    return Shape(
        open=start,
        high=np.maximum(start, close) + WICK * volatility * np.abs(up),
        low=np.minimum(start, close) - WICK * volatility * np.abs(down),
        close=close,
        activity=_activity(close, net / np.maximum(volatility, 1e-9), heat=heat, interest=interest),
        dividend_steps=dividends,
    )


def track(fund: DemoFund, followed: Shape, *, seed: int) -> Shape:
    """The shape of a fund that holds the same index as the followed one."""
    sessions = len(followed.close)
    off = stream(seed, fund.symbol, "tracking").standard_normal(sessions) * TRACKING
    interest = stream(seed, fund.symbol, "interest").standard_normal(sessions)
    return Shape(
        open=followed.open + off,
        high=followed.high + off,
        low=followed.low + off,
        close=followed.close + off,
        activity=followed.activity * np.exp(0.2 * interest),
        dividend_steps=followed.dividend_steps,
    )


def to_bars(fund: DemoFund, shape: Shape, days: Days) -> Bars:
    """Printed prices of `shape`, adjusted for the fund's split."""
    shares = np.ones(len(days))
    shares[: fund.split_session] = fund.split
    split = np.zeros(len(days))
    if 0 < fund.split_session < len(days):
        split[fund.split_session] = fund.split

    def printed(logs: Floats) -> Floats:
        return np.asarray(np.round(fund.price * np.exp(logs) * shares, 2) / shares)

    close = printed(shape.close)
    before = np.concatenate((close[:1], close[:-1]))
    paid = np.round(before * shape.dividend_steps * shares, 4) / shares
    usual = fund.volume * np.exp(0.1 * np.log(fund.price / before))
    volume = np.round(np.round(usual / shares * shape.activity) * shares)
    return Bars(
        symbol=fund.symbol,
        days=days,
        open=printed(shape.open),
        high=printed(shape.high),
        low=printed(shape.low),
        close=close,
        volume=volume,
        dividend=paid,
        split=split,
    )


def dividend_steps(fund: DemoFund, days: Days) -> Floats:
    """The part of the price each session pays out; shape (sessions,)."""
    steps = np.zeros(len(days))
    if fund.payments == 0 or fund.dividend_yield == 0:
        return steps
    months = days.astype("datetime64[M]")
    of_month = (days - months).astype(int) + 1
    pays = of_month >= PAYDAY
    pays[1:] &= (of_month[:-1] < PAYDAY) | (months[1:] != months[:-1])
    pays[0] = False
    every = 12 // fund.payments
    pays &= (months.astype(int) + 1) % every == 0
    steps[pays] = fund.dividend_yield / fund.payments
    return steps


def _activity(close: Floats, moves: Floats, *, heat: Floats, interest: Floats) -> Floats:
    """Volume relative to the usual: moves, patterns, breakouts and plain chance."""
    breakout = close > highest_before(close, BREAKOUT_SESSIONS)
    fresh = breakout.copy()
    fresh[1:] &= ~breakout[:-1]
    surprise = np.minimum(np.abs(fat_tailed(moves)), 4.0)
    size = 0.78 + 0.28 * surprise + np.where(moves < -1.5, 0.25, 0.0)
    lift = np.where(fresh, BREAKOUT_HEAT, 1.0)
    return np.asarray(size * heat * lift * np.exp(0.2 * interest))
