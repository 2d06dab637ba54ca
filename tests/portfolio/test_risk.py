"""Risk against slow, independent arithmetic on real bars."""

import math
import statistics

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import Bars, Symbol
from bot.portfolio.model import Holding
from bot.portfolio.risk import LEAST, contributions_of, risk
from bot.portfolio.value import valuation
from tests.signals.bars import bars_of, real_bars, weekdays

HELD = {"SPY": 5.0, "XLU": 40.0, "IWM": 12.0, "XLE": 30.0}


def total_returns(bars: Bars) -> dict[str, float]:
    """(close + dividend) against the close before, as CRSP's convention has it."""
    found = {}
    for i in range(1, len(bars)):
        kept = 1 - bars.dividend[i] / bars.close[i - 1]
        found[str(bars.days[i])] = float(bars.close[i] / (bars.close[i - 1] * kept) - 1)
    return found


@pytest.fixture(scope="module")
def real() -> dict[Symbol, Bars]:
    return {Symbol(name): real_bars(name) for name in HELD}


def test_the_risk_of_real_funds_is_that_of_the_slow_way(real: dict[Symbol, Bars]) -> None:
    holdings = [Holding(symbol=Symbol(name), shares=n) for name, n in HELD.items()]
    worth = valuation(holdings, real)
    found = risk(worth.positions, real, real[Symbol("SPY")])

    last = min(bars.last_day for bars in real.values()).isoformat()
    days = sorted(day for day in total_returns(real[Symbol("SPY")]) if day <= last)[-252:]
    each = {name: total_returns(real[Symbol(name)]) for name in HELD}
    value = {name: n * float(real[Symbol(name)].close[-1]) for name, n in HELD.items()}
    weights = {name: amount / sum(value.values()) for name, amount in value.items()}
    whole = [sum(weights[n] * each[n][day] for n in HELD) for day in days]
    index = [each["SPY"][day] for day in days]

    assert found.sessions == 252
    assert found.volatility == pytest.approx(statistics.stdev(whole) * math.sqrt(252))
    slope = statistics.linear_regression(index, whole).slope
    assert found.beta == pytest.approx(slope)
    assert found.correlation == pytest.approx(statistics.correlation(index, whole))
    top, level, deepest = 1.0, 1.0, 0.0
    for change in whole:
        level *= 1 + change
        top = max(top, level)
        deepest = min(deepest, level / top - 1)
    assert found.drawdown == pytest.approx(deepest)
    assert found.growth[-1] == pytest.approx(level)

    variance = statistics.variance(whole)
    shares = {c.symbol: c.share for c in found.contributions}
    for name in HELD:
        own = [each[name][day] for day in days]
        assert shares[name] == pytest.approx(
            weights[name] * statistics.covariance(own, whole) / variance
        )
    assert sum(shares.values()) == pytest.approx(1)


def test_the_benchmark_alone_has_a_beta_and_a_correlation_of_one(real: dict[Symbol, Bars]) -> None:
    spy = Symbol("SPY")
    worth = valuation([Holding(symbol=spy, shares=3)], real)
    found = risk(worth.positions, real, real[spy])
    assert (found.beta, found.correlation) == (pytest.approx(1), pytest.approx(1))
    assert found.volatility == pytest.approx(found.benchmark_volatility)
    assert [c.share for c in found.contributions] == [pytest.approx(1)]


def test_a_hedge_has_a_negative_share_and_the_shares_still_sum_to_one() -> None:
    covariance = np.array([[0.04, -0.03], [-0.03, 0.05]])
    shares = contributions_of(np.array([0.8, 0.2]), covariance)
    # w·Σw: 0.8·(0.032 − 0.006) = 0.0208 and 0.2·(−0.024 + 0.01) = −0.0028
    assert shares == pytest.approx([0.0208 / 0.018, -0.0028 / 0.018])


def wave(symbol: str, sessions: int, step: float) -> Bars:
    return bars_of(100 + 5 * np.sin(np.arange(sessions) * step), symbol=symbol)


def test_a_missing_session_of_one_fund_is_no_session_of_any() -> None:
    days = weekdays(120)
    whole = bars_of(100 + 5 * np.sin(np.arange(120) * 0.7), symbol="INDEX", days=days)
    kept = np.arange(120) != 110
    gappy = bars_of(whole.close[kept], symbol="GAPPY", days=days[kept])
    worth = valuation([Holding(symbol=Symbol("GAPPY"), shares=1)], {Symbol("GAPPY"): gappy})
    found = risk(worth.positions, {Symbol("GAPPY"): gappy}, whole)
    assert found.beta == pytest.approx(1)  # it is the index; a day off would spoil that
    assert found.sessions == 118


def test_what_has_too_short_a_history_is_left_out_by_name() -> None:
    bars = {Symbol("OLD"): wave("OLD", 300, 0.7), Symbol("NEW"): wave("NEW", LEAST, 0.3)}
    holdings = [Holding(symbol=symbol, shares=1) for symbol in bars]
    worth = valuation(holdings, bars)
    found = risk(worth.positions, bars, wave("INDEX", 300, 0.5))
    assert found.left_out == ("NEW",)
    assert found.covered == pytest.approx(
        next(p.weight for p in worth.positions if p.symbol == "OLD")
    )
    alone = {Symbol("NEW"): bars[Symbol("NEW")]}
    few = valuation(holdings[1:], alone)
    with pytest.raises(NoData, match="history"):
        risk(few.positions, alone, wave("INDEX", 300, 0.5))


def test_prices_that_never_move_have_no_beta_and_no_risk() -> None:
    still = {Symbol("FLAT"): bars_of([100.0] * 200, symbol="FLAT")}
    worth = valuation([Holding(symbol=Symbol("FLAT"), shares=1)], still)
    found = risk(worth.positions, still, bars_of([50.0] * 200, symbol="INDEX"))
    assert (found.volatility, found.beta, found.correlation) == (0, None, None)
    assert [c.share for c in found.contributions] == [0]
