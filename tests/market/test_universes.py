"""Universes are read from files that people edit, and from what people type."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidSymbol, UserError
from bot.market.demo.funds import VOLATILITY_INDEX, demo_funds
from bot.market.model import Symbol
from bot.market.symbols import Directory
from bot.market.universes import (
    ALIASES,
    UNIVERSES,
    clone_groups,
    names,
    parse_selection,
    read_universe,
    universe,
    universe_titles,
)

FOLDER = Path(__file__).resolve().parents[2] / "bot/market/data/universes"
SECTOR_FUNDS = {"XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"}


def test_the_universes_people_expect_are_there() -> None:
    expected = {"size", "sectors", "us-etfs", "countries", "bonds", "themes", "demo"}
    assert expected <= set(names())
    assert {"SPY", "QQQ", "IWM", "MDY"} <= set(universe("size").symbols)
    assert set(universe("sectors").symbols) == SECTOR_FUNDS
    assert 130 <= len(universe("us-etfs").symbols) <= 200


def test_the_demo_universe_is_the_funds_of_the_demo_market() -> None:
    funds = [fund.symbol for fund in demo_funds() if fund.symbol != VOLATILITY_INDEX]
    assert list(universe("demo").symbols) == funds


def test_every_file_has_a_title_and_names_each_symbol_once() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(UNIVERSES)
    for file in FOLDER.glob("*.txt"):
        lines = file.read_text(encoding="utf-8").splitlines()
        symbols = [line for line in lines if line and not line.startswith("#")]
        assert len(symbols) == len(set(symbols)), file.name
        assert universe_titles()[file.stem]


def test_every_symbol_of_a_universe_or_clone_group_is_in_the_directory() -> None:
    directory = Directory.load()
    groups = [*UNIVERSES.values(), *clone_groups()]
    unknown = {s for group in groups for s in group.symbols if directory.get(s) is None}
    assert unknown == set()


def test_no_universe_is_named_like_a_symbol_of_the_directory() -> None:
    directory = Directory.load()
    for name in (*UNIVERSES, *ALIASES):
        assert directory.get(name.upper()) is None, name


def test_aliases_lead_to_universes_and_keep_the_real_name() -> None:
    assert set(ALIASES.values()) <= set(UNIVERSES)
    assert universe("sector-spdrs") is universe("sectors")
    assert parse_selection(" Sector-SPDRs ").universe == "sectors"


def test_an_unknown_universe_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UserError, match=r"no universe “moons”.*sectors.*size"):
        universe("moons")
    with pytest.raises(UserError) as refused:
        universe("@everyone <b>`x`")
    assert not set("@<>`") & set(str(refused.value))


@pytest.mark.parametrize(
    "text", ["SPY QQQ IWM", "spy, qqq, iwm", "$SPY,$QQQ;$IWM", " SPY\nQQQ\tIWM  SPY "]
)
def test_symbols_may_be_written_in_many_ways(text: str) -> None:
    selection = parse_selection(text)
    assert selection.symbols == (Symbol("SPY"), Symbol("QQQ"), Symbol("IWM"))
    assert selection.universe is None


def test_a_universe_alone_is_chosen_by_its_name() -> None:
    selection = parse_selection("size")
    assert (selection.universe, selection.symbols) == ("size", universe("size").symbols)


@pytest.mark.parametrize("text", ["", "   ", ",,; ,"])
def test_no_symbol_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError, match="at least one symbol, such as SPY"):
        parse_selection(text)


def test_a_hundred_symbols_are_accepted_and_one_more_is_not() -> None:
    letters = itertools.product("ABCDEFGHIJ", repeat=2)
    hundred = ["".join(pair) for pair in letters]
    assert len(parse_selection(" ".join(hundred)).symbols) == 100
    with pytest.raises(UserError, match="101 symbols; at most 100"):
        parse_selection(" ".join([*hundred, "ZZZ"]))
    with pytest.raises(UserError, match="at most 100"):
        parse_selection("A " * 50_000)


def test_what_is_no_symbol_is_refused() -> None:
    with pytest.raises(InvalidSymbol, match="not a ticker symbol"):
        parse_selection("SPY ../../etc/passwd")


@given(st.text(max_size=200))
def test_any_text_is_a_selection_or_a_user_error(text: str) -> None:
    try:
        symbols = parse_selection(text).symbols
    except UserError:
        return
    assert 1 <= len(symbols) <= 200


def test_a_file_may_carry_comments_and_blank_lines() -> None:
    read = read_universe("mine", "# My picks\n\nspy  # the market\n# more\nIWM\nSPY\n")
    assert (read.title, read.symbols) == ("My picks", (Symbol("SPY"), Symbol("IWM")))


@pytest.mark.parametrize("text", ["", "SPY\n", "# Title only\n"])
def test_a_file_without_title_or_symbols_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_universe("broken", text)


def test_funds_of_one_index_are_one_group() -> None:
    groups = {frozenset(group.symbols) for group in clone_groups()}
    assert any({"SPY", "VOO", "IVV", "SPLG"} <= group for group in groups)
    assert any({"MDY", "IJH", "IVOO"} <= group for group in groups)
    assert any({"IWM", "VTWO"} == group for group in groups)
    assert any({"QQQ", "QQQM"} == group for group in groups)


def test_a_symbol_is_in_one_clone_group_at_most_and_no_group_is_alone() -> None:
    members = [symbol for group in clone_groups() for symbol in group.symbols]
    assert len(members) == len(set(members))
    assert all(len(group.symbols) >= 2 for group in clone_groups())
