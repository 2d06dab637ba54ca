"""Holdings as people paste them and as brokers export them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.portfolio.reading import read_holdings


def found(text: str) -> dict[str, tuple[float, float | None]]:
    return {str(h.symbol): (h.shares, h.cost) for h in read_holdings(text).holdings}


@pytest.mark.parametrize(
    "text",
    [
        "IVOO 10 @ 95.20, SPY 5",
        "$ivoo 10 95.20\nspy 5",
        "IVOO 10@95.20;SPY 5",
        "IVOO,10,95.20\nSPY,5",
        "IVOO 10 shares at 95.20, SPY 5 shares",
        "Symbol,Quantity,Average Cost\nIVOO,10,$95.20\nSPY,5,",
        'Ticker;Name;Shares;Purchase Price\nIVOO;"Mid; cap";10;95.20\nSPY;S&P;5;',
        "Quantity\tSymbol\tCost Basis Total\n10\tIVOO\t952.00\n5\tSPY\t--",
        "Symbol,Shares\nIVOO,10\nSPY,5".replace("Shares", "Shares,Cost").replace(
            "IVOO,10", "IVOO,10,95.20"
        ),
    ],
)
def test_all_ways_to_write_holdings_mean_the_same(text: str) -> None:
    assert found(text) == {"IVOO": (10, pytest.approx(95.2)), "SPY": (5, None)}


def test_thousands_are_read_where_a_blank_follows_the_symbol() -> None:
    assert found("BRK-A 1,234 @ 612,500.75") == {"BRK-A": (1234, 612500.75)}
    assert found('Symbol,Shares,Cost\nSPY,"1,234.5","$1,000"') == {"SPY": (1234.5, 1000)}


def test_lots_of_one_symbol_add_up_and_their_cost_is_the_mean_by_shares() -> None:
    assert found("SPY 10 @ 100, SPY 30 @ 200") == {"SPY": (40, 175.0)}
    assert found("SPY 10 @ 100, SPY 30") == {"SPY": (40, None)}


def test_no_shares_take_a_holding_away() -> None:
    read = read_holdings("SPY 0, QQQ 3")
    assert read.gone == ("SPY",)
    assert [str(h.symbol) for h in read.holdings] == ["QQQ"]


@pytest.mark.parametrize(
    "bad", ["QQQ", "SPY -3", "SPY 1e999", "5 6", "SPY 1 2 3", "<@1> 3", "SPY nan", "📈 3", "=1+1 2"]
)
def test_what_cannot_be_held_is_named_and_costs_nothing_else(bad: str) -> None:
    read = read_holdings(f"IWM 7\n{bad}\nDIA 1")
    assert {str(h.symbol) for h in read.holdings} == {"IWM", "DIA"}
    assert read.bad
    assert not any(c in "".join(read.bad) for c in "@<>`")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for holding in read_holdings(text).holdings:
        assert holding.shares > 0
