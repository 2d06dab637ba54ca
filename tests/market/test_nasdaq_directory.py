"""Nasdaq Trader's list comes from outside: right rows are read, wrong ones never get in."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DataError
from bot.market.model import InstrumentType, Symbol
from bot.market.nasdaq_directory import parse_nasdaq_traded, yahoo_symbol

HEADER = (
    "Nasdaq Traded|Symbol|Security Name|Listing Exchange|Market Category|ETF|Round Lot Size|"
    "Test Issue|Financial Status|CQS Symbol|NASDAQ Symbol|NextShares"
)
TRAILER = "File Creation Time: 1120202607:03|||||||||||"


def listing(*rows: str) -> str:
    return "\r\n".join((HEADER, *rows, TRAILER)) + "\r\n"


GOOD = listing(
    "Y|AAPL|Apple Inc. - Common Stock|Q|Q|N|100|N|N||AAPL|N",
    "Y|BRK.B|Berkshire Hathaway Inc. New Common Stock|N| |N|100|N||BRK.B|BRK.B|N",
    "Y|GOOGL|Alphabet Inc. - Class A Common Stock|Q|Q|N|100|N|N||GOOGL|N",
    "Y|IVOO|Vanguard S&P Mid-Cap 400 ETF|P| |Y|100|N||IVOO|IVOO|N",
    "Y|IEFA|iShares Core MSCI EAFE ETF|Z| |Y|100|N||IEFA|IEFA|N",
    "Y|EPD|Enterprise Products Partners L.P. Common Units|N| |N|100|N||EPD|EPD|N",
    "Y|ABEV|Ambev S.A. American Depositary Shares (Each representing 1 Common Share)|N| |N|100|N||ABEV|ABEV|N",  # noqa: E501
    "Y|ITUB|Itau Unibanco Banco Holding SA American Depositary Shares (Each repstg 500 Preferred shares)|N| |N|100|N||ITUB|ITUB|N",  # noqa: E501
)


def test_funds_and_shares_are_read_with_their_plain_names() -> None:
    rows = {row.symbol: row for row in parse_nasdaq_traded(GOOD)}
    assert [(row.symbol, row.name, row.exchange) for row in rows.values()] == [
        ("AAPL", "Apple Inc.", "NASDAQ"),
        ("BRK-B", "Berkshire Hathaway Inc. New", "NYSE"),
        ("GOOGL", "Alphabet Inc. Class A", "NASDAQ"),
        ("IVOO", "Vanguard S&P Mid-Cap 400 ETF", "NYSE Arca"),
        ("IEFA", "iShares Core MSCI EAFE ETF", "Cboe BZX"),
        ("EPD", "Enterprise Products Partners L.P.", "NYSE"),
        ("ABEV", "Ambev S.A.", "NYSE"),
        ("ITUB", "Itau Unibanco Banco Holding SA", "NYSE"),
    ]
    assert rows[Symbol("IVOO")].type is InstrumentType.ETF
    assert rows[Symbol("AAPL")].type is InstrumentType.STOCK


@pytest.mark.parametrize(
    "row",
    [
        "Y|ZVZZT|NASDAQ TEST STOCK|Q|G|N|100|Y|N||ZVZZT|N",
        "N|OLD|No Longer Traded Inc. - Common Stock|Q|G|N|100|N|N||OLD|N",
        "Y|BAC$L|Bank of America 7.25% Preferred Stock|N| |N|100|N||BACpL|BAC-L|N",
        "Y|ACHR.W|Archer Aviation Inc. Redeemable Warrants|N| |N|100|N||ACHR.WS|ACHR+|N",
        "Y|AACBR|Artius II Acquisition Inc. - Rights|Q|G|N|100|N|N||AACBR|N",
        "Y|AACBU|Artius II Acquisition Inc. - Units|Q|G|N|100|N|N||AACBU|N",
        "Y|ADAMG|Adamas Trust, Inc. - 9.125% Senior Notes Due 2030|Q|Q|N|100|N|N||ADAMG|N",
        "Y|NEWCO#|New Company when-issued|N| |N|100|N||NEWCO#|NEWCO#|N",
    ],
)
def test_what_is_neither_fund_nor_share_is_left_out(row: str) -> None:
    assert parse_nasdaq_traded(listing(row)) == ()


@pytest.mark.parametrize(
    ("ticker", "expected"),
    [("BRK.B", "BRK-B"), ("BF.B", "BF-B"), ("SPY", "SPY"), ("ACHR.W", None), ("BAC$L", None)],
)
def test_share_classes_are_spelled_as_yahoo_does(ticker: str, expected: str | None) -> None:
    assert yahoo_symbol(ticker) == expected


@pytest.mark.parametrize(
    "row",
    [
        "Y|../../etc|Path Inc. - Common Stock|Q|Q|N|100|N|N||X|N",
        "Y|spy|lower case|Q|Q|N|100|N|N||X|N",
        "Y|A B|Blank Inc.|Q|Q|N|100|N|N||X|N",
        "Y||No Ticker Inc.|Q|Q|N|100|N|N||X|N",
        "Y|ABC|   |Q|Q|N|100|N|N||X|N",
        "Y|ABC|Too few fields",
        "Y|ABC|Too|many|fields|Q|Q|N|100|N|N||ABC|N|and|more",
        "Y|ＳＰＹ|Full width letters|Q|Q|N|100|N|N||X|N",
        "Y|" + "A" * 5000 + "|Long Inc.|Q|Q|N|100|N|N||X|N",
    ],
)
def test_malformed_rows_are_skipped_and_the_others_stay(row: str) -> None:
    good = "Y|SPY|SPDR S&P 500 ETF Trust|P| |Y|100|N||SPY|SPY|N"
    assert [found.symbol for found in parse_nasdaq_traded(listing(row, good))] == ["SPY"]


def test_names_cannot_carry_mentions_markup_or_control_characters() -> None:
    name = "@everyone <@1> **Bold** [x](http://evil.example) \u202egnp.exe \x1b[31m" + "y" * 500
    (row,) = parse_nasdaq_traded(listing(f"Y|EVIL|{name}|Q|Q|N|100|N|N||EVIL|N"))
    assert not set(row.name) & set("@<>*_`|[]\\#\u202e\x1b")
    assert len(row.name) <= 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><body>503 Service Unavailable</body></html>",
        "Symbol|Name\nSPY|Spider\n" + TRAILER,
        GOOD[: len(GOOD) // 2],
        HEADER,
    ],
)
def test_what_is_not_the_complete_list_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(DataError, match="the old one stays in use"):
        parse_nasdaq_traded(text)


def test_a_list_of_absurd_size_is_refused() -> None:
    with pytest.raises(DataError, match="larger"):
        parse_nasdaq_traded("x" * 16_000_001)


def test_the_first_of_two_rows_with_one_symbol_counts() -> None:
    rows = parse_nasdaq_traded(
        listing(
            "Y|SPY|SPDR S&P 500 ETF Trust|P| |Y|100|N||SPY|SPY|N",
            "Y|SPY|An Impostor|Q|Q|N|100|N|N||SPY|N",
        )
    )
    assert [row.name for row in rows] == ["SPDR S&P 500 ETF Trust"]


@given(st.text(alphabet=string.printable + "é\u202e", max_size=400))
def test_any_text_in_a_row_gives_safe_instruments_or_none(noise: str) -> None:
    for row in parse_nasdaq_traded(listing(noise.replace("\n", " "))):
        assert row.name
        assert row.name.isprintable()


@given(st.text(max_size=300))
def test_any_text_at_all_is_a_list_or_a_data_error(noise: str) -> None:
    with pytest.raises(DataError):
        parse_nasdaq_traded(noise)
