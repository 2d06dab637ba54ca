"""Value, weights, changes and look-through, against sums written out by hand."""

from datetime import date

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import FundProfile, Symbol
from bot.portfolio.model import Holding
from bot.portfolio.value import effective_number, look_through, valuation
from tests.signals.bars import bars_of, weekdays

AAA, BBB, CCC = Symbol("AAA"), Symbol("BBB"), Symbol("CCC")
BARS = {
    AAA: bars_of([90, 100, 110], symbol="AAA"),
    BBB: bars_of([50, 50, 40], symbol="BBB"),
    CCC: bars_of([7], symbol="CCC"),
}


def held(symbol: Symbol, shares: float, cost: float | None = None) -> Holding:
    return Holding(symbol=symbol, shares=shares, cost=cost)


def test_values_weights_and_changes_are_the_sums_of_the_parts() -> None:
    worth = valuation([held(BBB, 5, 50), held(AAA, 10, 80)], BARS)
    # 10 × 110 = 1100 and 5 × 40 = 200; yesterday 1000 and 250; paid 800 and 250
    assert [p.symbol for p in worth.positions] == ["AAA", "BBB"]
    assert worth.value == 1300
    assert [p.weight for p in worth.positions] == [1100 / 1300, 200 / 1300]
    assert worth.day == 50
    assert worth.day_share == 50 / 1250
    assert worth.total == 250
    assert worth.total_share == pytest.approx(250 / 1050)
    assert worth.effective == pytest.approx(1300**2 / (1100**2 + 200**2))


def test_what_has_no_cost_is_left_out_of_the_total_alone() -> None:
    worth = valuation([held(BBB, 5), held(AAA, 10, 80)], BARS)
    assert worth.total == 300
    assert worth.total_share == 300 / 800
    assert worth.costed == 1100 / 1300
    assert valuation([held(BBB, 5)], BARS).total is None
    assert valuation([held(BBB, 5, 0.0)], BARS).total_share is None


def test_a_symbol_with_one_session_has_no_change_and_one_without_any_is_left_out() -> None:
    worth = valuation([held(CCC, 1), held(Symbol("NONE"), 3)], BARS)
    assert [(p.symbol, p.day) for p in worth.positions] == [("CCC", 0)]
    with pytest.raises(NoData):
        valuation([held(Symbol("NONE"), 3)], BARS)


def test_a_split_after_the_day_of_a_holding_changes_its_shares_and_not_its_value() -> None:
    bars = bars_of([50, 50, 51], symbol="AAA", days=weekdays(3, "2024-06-05"))
    bars.split[1] = 2.0  # the prices before it are on the new scale already
    for day, shares in ((date(2024, 6, 5), 20), (date(2024, 6, 6), 10)):
        holding = Holding(symbol=AAA, shares=10, cost=90.0, since=day)
        (position,) = valuation([holding], {AAA: bars}).positions
        assert position.holding.shares == shares
        assert position.value == shares * 51
        assert position.total == pytest.approx(shares * 51 - 900)


def test_the_effective_number_of_equal_weights_is_their_number() -> None:
    assert effective_number([0.25] * 4) == pytest.approx(4)
    assert effective_number([3, 1]) == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert effective_number([1.0]) == 1


def profile(symbol: Symbol, **sectors: float) -> FundProfile:
    weights = tuple(sorted(sectors.items(), key=lambda item: -item[1]))
    return FundProfile(symbol=symbol, name="", category="", sectors=weights, as_of=None)


def test_sectors_are_weighed_through_and_what_nobody_says_is_unknown() -> None:
    worth = valuation([held(AAA, 10), held(BBB, 5), held(CCC, 10)], BARS)
    # 1100, 200 and 70 of 1370
    found = look_through(
        worth.positions,
        {AAA: profile(AAA, Tech=0.6, Energy=0.3), BBB: profile(BBB, Energy=1.2, Tech=0.3)},
    )
    sectors = dict(found.sectors)
    assert sectors["Tech"] == pytest.approx((1100 * 0.6 + 200 * 0.2) / 1370)
    assert sectors["Energy"] == pytest.approx((1100 * 0.3 + 200 * 0.8) / 1370)
    assert found.unknown == pytest.approx((1100 * 0.1 + 70) / 1370)
    assert found.missing == (CCC,)
    assert sum(sectors.values()) + found.unknown == pytest.approx(1)


@pytest.mark.parametrize("shares", [0, -1, float("inf"), float("nan"), 1e13])
def test_what_cannot_be_held_is_refused(shares: float) -> None:
    with pytest.raises(ValueError, match="cannot be held"):
        held(AAA, shares)


def test_a_gap_at_the_end_is_passed_over() -> None:
    bars = bars_of([50.0, 60.0, np.nan], symbol="AAA")
    (position,) = valuation([held(AAA, 1)], {AAA: bars}).positions
    assert (position.last, position.prior_close) == (60, 50)
