"""Quotes out of Yahoo's quote objects: batches of up to 99 symbols, or a market by screener.

Both endpoints carry the same objects. One screener request brings 250 of them, so a market of
5,000 names costs 20 requests instead of 51 batches, and needs no list of symbols.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.errors import InvalidSymbol, SourceDown
from bot.market.model import InstrumentType, Quote, Symbol
from bot.market.sources.door import Answer

BATCH = 99
"""Symbols in one quote request; Yahoo leaves out what is beyond."""

PAGE = 250
"""Quotes in one screener answer at the most."""

MARKET_SIZE = 10_000
"""How far a screener can be paged through."""

QUOTE_TYPES = {
    InstrumentType.ETF: "ETF",
    InstrumentType.STOCK: "EQUITY",
    InstrumentType.INDEX: "INDEX",
}


def batches(symbols: Sequence[Symbol]) -> Iterator[tuple[Symbol, ...]]:
    """Each symbol once, in batches that one request can carry."""
    distinct = tuple(dict.fromkeys(symbols))
    for start in range(0, len(distinct), BATCH):
        yield distinct[start : start + BATCH]


def quote_params(symbols: Iterable[Symbol]) -> dict[str, object]:
    return {"symbols": ",".join(symbols), "formatted": "false", "lang": "en-US", "region": "US"}


def quotes_in(answer: Answer) -> dict[Symbol, Quote]:
    """The usable quotes of an answer. Raises SourceDown when it is not of the known form."""
    return usable(_rows(answer, "quoteResponse"))


def screen_params() -> dict[str, object]:
    return {
        "corsDomain": "finance.yahoo.com",
        "formatted": "false",
        "lang": "en-US",
        "region": "US",
    }


def screen_body(kind: InstrumentType, offset: int) -> dict[str, object]:
    """The query for one page of all US listings of `kind`, by ticker so that pages fit together.

    Raises ValueError for indices, which no screener lists.
    """
    if kind is InstrumentType.INDEX:
        raise ValueError("Yahoo has no screener of indices")
    return {
        "offset": offset,
        "count": PAGE,
        "size": PAGE,
        "sortField": "ticker",
        "sortType": "ASC",
        "userId": "",
        "userIdType": "guid",
        "quoteType": QUOTE_TYPES[kind],
        "query": {"operator": "EQ", "operands": ["region", "us"]},
    }


def page_in(answer: Answer) -> tuple[dict[Symbol, Quote], int]:
    """The usable quotes of one screener page, and how many listings there are in all.

    Raises SourceDown when the answer is not of the known form.
    """
    try:
        (page,) = _rows(answer, "finance")
        return usable(page["quotes"]), int(page["total"])
    except (LookupError, TypeError, ValueError, OverflowError) as exc:
        raise SourceDown("Yahoo's screener answered in an unknown form.") from exc


def usable(rows: Iterable[Mapping[str, Any]]) -> dict[Symbol, Quote]:
    """Quotes of those objects that have a symbol, a price, a range, a prior close, a time."""
    quotes = (quote_in(row) for row in rows)
    return {quote.symbol: quote for quote in quotes if quote is not None}


def quote_in(row: Mapping[str, Any]) -> Quote | None:
    """The quote of the regular session; None where something needed is missing."""
    try:
        return Quote(
            symbol=Symbol(row["symbol"]),
            last=float(row["regularMarketPrice"]),
            prior_close=float(row["regularMarketPreviousClose"]),
            open=float(row.get("regularMarketOpen") or "nan"),
            high=float(row["regularMarketDayHigh"]),
            low=float(row["regularMarketDayLow"]),
            volume=float(row.get("regularMarketVolume") or 0),
            time=datetime.fromtimestamp(row["regularMarketTime"], UTC),
            source="yahoo",
            delay_minutes=int(row.get("exchangeDataDelayedBy") or 0),
        )
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        OSError,
        InvalidSymbol,
    ):
        return None


def _rows(answer: Answer, envelope: str) -> list[Any]:
    try:
        rows = answer.body[envelope]["result"]
    except (KeyError, TypeError) as exc:
        raise SourceDown(f"Yahoo's {envelope} has an unknown form.") from exc
    if not isinstance(rows, list):
        raise SourceDown(f"Yahoo's {envelope} has no result (HTTP {answer.status}).")
    return rows
