"""Pasted lists of symbols, as people and other sites write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.pasted import LARGEST, decoded
from bot.watchlists.reading import read_symbols


@pytest.mark.parametrize(
    "text",
    [
        "IVOO SPY BRK-B",
        "ivoo, spy;brk-b",
        "$IVOO\n$SPY\r\n$BRK-B\n",
        "Symbol\nIVOO\nSPY\nBRK-B",
        "Ticker;Name\nIVOO;Mid caps\nSPY;S&P 500\nBRK-B;Berkshire",
        'Name,Symbol,Price\n"Vanguard, Mid",IVOO,101.2\nS&P 500,SPY,512\nBerkshire,BRK-B,1',
        "IVOO,Vanguard Mid Cap,101.20\nSPY,SPDR Trust,512.00\nBRK-B,Berkshire Hathaway,400.1",
        "AMEX:IVOO,AMEX:SPY,NYSE:BRK-B",
        "IVOO\tSPY\tBRK-B\tIVOO",
        "IVOO | SPY | BRK-B",
    ],
)
def test_all_ways_to_write_a_list_give_its_symbols_in_order(text: str) -> None:
    assert read_symbols(text).symbols == ("IVOO", "SPY", "BRK-B")
    assert read_symbols(text).bad == ()


def test_what_is_no_symbol_is_named_and_costs_nothing_else() -> None:
    found = read_symbols("SPY, 512.30, @everyone, QQQ, 📈, ../../etc/passwd, IWM")
    assert found.symbols == ("SPY", "QQQ", "IWM")
    assert found.bad == ("“512.30”", "“everyone”", "“📈”", "“../../etc/passwd”")


def test_a_symbol_called_like_a_heading_needs_company_below_to_be_one() -> None:
    assert read_symbols("FUND").symbols == ("FUND",)


def test_a_file_from_a_spreadsheet_is_read_whatever_its_encoding() -> None:
    text = "Symbol,Name\r\nIVOO,Größe\r\nSPY,Ä\r\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        assert read_symbols(decoded(text.encode(encoding))).symbols == ("IVOO", "SPY")


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"A" * (LARGEST + 1)])
def test_a_picture_and_a_huge_file_are_refused(data: bytes) -> None:
    with pytest.raises(UserError):
        decoded(data)


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    found = read_symbols(text)
    assert len(set(found.symbols)) == len(found.symbols)
    assert not any(c in "".join(found.bad) for c in "@<>`")
