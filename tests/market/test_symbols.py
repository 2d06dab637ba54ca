"""Searching the directory: what people type must find what they mean, and fast."""

import csv
import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.demo.funds import demo_funds
from bot.market.model import Instrument, InstrumentType, Symbol
from bot.market.spelling import Spelling, one_error
from bot.market.symbols import Directory

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA = Path(os.environ.get("HIGHWATER_REAL_DATA", ROOT / "../shared/market"))


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory.load()


def found(directory: Directory, text: str, limit: int = 25) -> list[str]:
    return [row.symbol for row in directory.search(text, limit)]


def test_the_shipped_directory_covers_funds_stocks_and_indices(directory: Directory) -> None:
    kinds = [row.type for row in directory]
    assert kinds.count(InstrumentType.ETF) >= 300
    assert kinds.count(InstrumentType.STOCK) >= 200
    assert kinds.count(InstrumentType.INDEX) >= 20
    assert all(row.name and row.name == row.name.strip() for row in directory)
    indices = {row.symbol for row in directory if row.type is InstrumentType.INDEX}
    assert {symbol[0] for symbol in indices} == {"^"}


def test_the_shipped_file_names_no_symbol_twice() -> None:
    path = ROOT / "bot/market/data/directory.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    symbols = [row["symbol"] for row in csv.DictReader(lines)]
    assert len(symbols) == len(set(symbols))


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("SPY", "State Street SPDR S&P 500 ETF Trust"),
        ("IVOO", "Vanguard S&P Mid-Cap 400 ETF"),
        ("IJH", "iShares Core S&P Mid-Cap ETF"),
        ("MDY", "State Street SPDR S&P MidCap 400 ETF Trust"),
        ("XLF", "State Street Financial Select Sector SPDR ETF"),
        ("IWM", "iShares Russell 2000 ETF"),
        ("BRK-B", "Berkshire Hathaway Inc. Class B"),
        ("^GSPC", "S&P 500 Index"),
        ("^VIX", "CBOE Volatility Index"),
    ],
)
def test_well_known_symbols_have_their_full_names(
    directory: Directory, symbol: str, name: str
) -> None:
    row = directory.get(symbol)
    assert row is not None
    assert row.name == name


def test_every_demo_fund_is_in_the_directory_under_the_same_name(directory: Directory) -> None:
    for fund in demo_funds():
        row = directory.get(fund.symbol)
        assert row is not None, fund.symbol
        assert row.name == fund.name


def test_most_funds_of_the_directory_occur_in_real_data(directory: Directory) -> None:
    listing = REAL_DATA / "etfs/symbols.csv"
    if not listing.is_file():
        pytest.skip(f"no real data at {listing}")
    with listing.open() as lines:
        real = {row["symbol"] for row in csv.DictReader(lines)}
    funds = [row.symbol for row in directory if row.type is InstrumentType.ETF]
    assert sum(symbol in real for symbol in funds) / len(funds) > 0.9


def test_an_exact_ticker_comes_first_then_tickers_that_begin_so(directory: Directory) -> None:
    assert found(directory, "iv")[:2] == ["IVV", "IVOO"]
    assert found(directory, "spy")[0] == "SPY"
    assert set(found(directory, "spy")[1:4]) <= {"SPYM", "SPYG", "SPYV", "SPYD"}
    assert found(directory, "V")[0] == "V"
    assert found(directory, " $ivoo ")[0] == "IVOO"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vanguard mid cap 400", "IVOO"),
        ("Mid-Cap 400", "MDY"),
        ("midcap", "MDY"),
        ("s&p 500", "SPY"),
        ("S and P 500", "SPY"),
        ("nasdaq 100", "QQQ"),
        ("google", "GOOGL"),
        ("facebook", "META"),
        ("russell 2000", "IWM"),
        ("berkshire", "BRK-B"),
        ("BRK.B", "BRK-B"),
        ("brk/b", "BRK-B"),
        ("estee lauder", "EL"),
        ("Estée", "EL"),
        ("mcdonalds", "MCD"),
        ("o'reilly", "ORLY"),
        ("oreilly", "ORLY"),
        ("at&t", "T"),
        ("vix", "^VIX"),
        ("gspc", "^GSPC"),
        ("semiconductor", "XSD"),
    ],
)
def test_what_people_type_finds_what_they_mean(
    directory: Directory, text: str, expected: str
) -> None:
    assert found(directory, text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aapk", "AAPL"),
        ("vangaurd midcap", "IVOO"),
        ("tresury", "TLH"),
        ("berkshrie", "BRK-B"),
        ("ivoq", "IVOO"),
    ],
)
def test_one_typing_error_is_forgiven(directory: Directory, text: str, expected: str) -> None:
    assert expected in found(directory, text)


def test_text_that_means_nothing_finds_nothing(directory: Directory) -> None:
    assert found(directory, "zqxwvy") == []
    assert found(directory, "!!!") == []


def test_empty_text_gives_the_best_known(directory: Directory) -> None:
    assert found(directory, "", 3) == ["SPY", "VOO", "IVV"]


@given(text=st.text(max_size=120), limit=st.integers(1, 25))
def test_any_text_gives_at_most_limit_different_instruments(text: str, limit: int) -> None:
    rows = DIRECTORY.search(text, limit)
    assert len(rows) <= limit
    assert len({row.symbol for row in rows}) == len(rows)


DIRECTORY = Directory.load()


def test_every_symbol_finds_itself_first(directory: Directory) -> None:
    for row in directory:
        assert directory.search(row.symbol, 1) == (row,)


def test_suggestions_for_a_mistyped_ticker(directory: Directory) -> None:
    assert [row.symbol for row in directory.suggest("IVOOO")] == ["IVOO"]
    assert next(row.symbol for row in directory.suggest("APPL")) == "AAPL"
    assert directory.suggest("ZQXWV") == ()
    assert "SPY" not in [row.symbol for row in directory.suggest("SPY")]


def test_what_a_source_lists_adds_symbols_and_exchanges_but_keeps_known_names(
    directory: Directory,
) -> None:
    known = Instrument(
        symbol=Symbol("SPY"), name="SPDR TR UNIT SER 1", type=InstrumentType.ETF, exchange="Here"
    )
    bare = Instrument(symbol=Symbol("VOO"), name="", type=InstrumentType.STOCK)
    added = Instrument(symbol=Symbol("ZZTOP"), name="Beards Inc.", type=InstrumentType.STOCK)
    merged = directory.with_instruments([known, bare, added])
    assert len(merged) == len(directory) + 1
    first, before = next(iter(merged)), directory.get("SPY")
    assert before is not None
    assert (first.symbol, first.name, first.exchange) == ("SPY", before.name, "Here")
    assert merged.get("VOO") == directory.get("VOO")
    assert merged.search("beards") == (added,)
    assert merged.search("google")[0].symbol == "GOOGL"
    assert directory.get("ZZTOP") is None


def test_a_search_among_12000_instruments_takes_milliseconds_at_most(directory: Directory) -> None:
    rng = random.Random(1)
    words = sorted({word for row in directory for word in row.name.split()})
    large = directory.with_instruments(
        Instrument(
            symbol=Symbol("".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=5))),
            name=" ".join(rng.choices(words, k=5)),
            type=InstrumentType.ETF,
        )
        for _ in range(11_500)
    )
    for text in ("spy", "vanguard s", "mid cap", "etf inc", "vangaurd", "tresury bond", "zzzzzz"):
        assert _fastest(large, text) < 0.005, text


def _fastest(directory: Directory, text: str) -> float:
    """The best of ten tries, in seconds: the machine may be busy."""
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        directory.search(text)
        times.append(time.perf_counter() - begun)
    return min(times)


def edits(word: str, other: str) -> int:
    """Restricted Damerau-Levenshtein distance by the textbook table."""
    table = [
        [i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(word) + 1)
    ]
    for i in range(1, len(word) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (word[i - 1] != other[j - 1]),
            )
            if i > 1 and j > 1 and word[i - 1] == other[j - 2] and word[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_one_error_agrees_with_the_textbook_distance(word: str, other: str) -> None:
    assert one_error(word, other) == (edits(word, other) <= 1)


@given(
    st.lists(st.text(alphabet="abcd", min_size=3, max_size=6)),
    st.text("abcd", min_size=3, max_size=6),
)
def test_the_filing_finds_exactly_the_words_one_error_away(known: list[str], word: str) -> None:
    assert Spelling(known).near(word) == {other for other in known if edits(word, other) <= 1}
