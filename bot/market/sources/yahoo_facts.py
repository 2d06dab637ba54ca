"""What Yahoo says about a symbol besides prices: fund profile, headlines, search results.

Sector names are Yahoo's own (Morningstar's eleven), written out. Headlines are identified by
Yahoo's content id, so one story found under several symbols or on several polls is one headline.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import InvalidSymbol, NoData, SourceDown, UnknownSymbol
from bot.market.model import FundProfile, Headline, Instrument, InstrumentType, Symbol
from bot.market.sources.door import Answer

MODULES = "quoteType,topHoldings,fundProfile"

SECTORS = {
    "realestate": "Real Estate",
    "consumer_cyclical": "Consumer Cyclical",
    "basic_materials": "Basic Materials",
    "consumer_defensive": "Consumer Defensive",
    "technology": "Technology",
    "communication_services": "Communication Services",
    "financial_services": "Financial Services",
    "utilities": "Utilities",
    "industrials": "Industrials",
    "energy": "Energy",
    "healthcare": "Healthcare",
}

TYPES = {
    "ETF": InstrumentType.ETF,
    "EQUITY": InstrumentType.STOCK,
    "INDEX": InstrumentType.INDEX,
}

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError)
"""What reading an object of another form raises."""


def profile_params() -> dict[str, object]:
    return {"modules": MODULES, "corsDomain": "finance.yahoo.com", "formatted": "false"}


def profile_in(symbol: Symbol, answer: Answer) -> FundProfile:
    """The fund's name, category and sector weights; no sectors for stocks and some bond funds.

    Raises UnknownSymbol, NoData, SourceDown.
    """
    try:
        envelope = answer.body["quoteSummary"]
        if not envelope["result"]:
            raise _absence(symbol, envelope.get("error") or {})
        facts = envelope["result"][0]
        return FundProfile(
            symbol=symbol,
            name=str((facts.get("quoteType") or {}).get("longName") or symbol),
            category=str((facts.get("fundProfile") or {}).get("categoryName") or ""),
            sectors=_sectors((facts.get("topHoldings") or {}).get("sectorWeightings") or []),
            as_of=None,
        )
    except UNREADABLE as exc:
        raise SourceDown(f"Yahoo's profile of {symbol} has an unknown form.") from exc


def news_params() -> dict[str, object]:
    return {"queryRef": "latestNews", "serviceKey": "ncp_fin"}


def news_body(symbol: Symbol, limit: int) -> dict[str, object]:
    return {"serviceConfig": {"snippetCount": limit, "s": [symbol]}}


def headlines_in(symbol: Symbol, answer: Answer, *, limit: int) -> tuple[Headline, ...]:
    """At most `limit` headlines, each content id once, newest first, advertisements left out.

    Raises SourceDown when the answer is not of the known form.
    """
    try:
        stream = answer.body["data"]["tickerStream"]["stream"] or []
        found = [_headline(symbol, item) for item in stream]
    except UNREADABLE as exc:
        raise SourceDown(f"Yahoo's news about {symbol} have an unknown form.") from exc
    distinct = {headline.id: headline for headline in found if headline is not None}
    newest = sorted(distinct.values(), key=lambda headline: headline.time, reverse=True)
    return tuple(newest[:limit])


def search_params(text: str, limit: int) -> dict[str, object]:
    return {
        "q": text,
        "quotesCount": limit,
        "newsCount": 0,
        "listsCount": 0,
        "enableFuzzyQuery": "false",
        "quotesQueryId": "tss_match_phrase_query",
    }


def instruments_in(answer: Answer) -> tuple[Instrument, ...]:
    """ETFs, stocks and indices among the search results, best match first.

    Raises SourceDown when the answer is not of the known form.
    """
    rows = answer.body.get("quotes") if isinstance(answer.body, dict) else None
    if not isinstance(rows, list):
        raise SourceDown("Yahoo's search answered in an unknown form.")
    return tuple(found for row in rows if (found := _instrument(row)) is not None)


def _absence(symbol: Symbol, error: Mapping[str, Any]) -> UnknownSymbol | NoData:
    description = str(error.get("description") or "")
    if description.startswith("Quote not found"):
        return UnknownSymbol(f"Yahoo does not know {symbol}.")
    return NoData(f"Yahoo has no profile of {symbol}.")


def _sectors(weightings: list[Mapping[str, Any]]) -> tuple[tuple[str, float], ...]:
    weights = {
        SECTORS.get(key, key.replace("_", " ").title()): _number(weight)
        for weighting in weightings
        for key, weight in weighting.items()
    }
    positive = [(name, weight) for name, weight in weights.items() if weight > 0]
    return tuple(sorted(positive, key=lambda pair: pair[1], reverse=True))


def _number(value: Any) -> float:
    """A number that Yahoo may have wrapped as {"raw": …, "fmt": …}."""
    return float(value["raw"] if isinstance(value, dict) else value)


def _headline(symbol: Symbol, item: Mapping[str, Any]) -> Headline | None:
    try:
        content = item["content"]
        if item.get("ad"):
            return None
        return Headline(
            id=str(content.get("id") or item["id"]),
            time=_aware(content["pubDate"]),
            title=str(content["title"]).strip(),
            url=str((content.get("canonicalUrl") or content["clickThroughUrl"])["url"]),
            publisher=str((content.get("provider") or {}).get("displayName") or "Yahoo Finance"),
            symbols=(symbol,),
            summary=str(content.get("summary") or "").strip(),
        )
    except UNREADABLE:
        return None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _instrument(row: Mapping[str, Any]) -> Instrument | None:
    try:
        return Instrument(
            symbol=Symbol(row["symbol"]),
            name=str(row.get("longname") or row.get("shortname") or row["symbol"]),
            type=TYPES[row["quoteType"]],
            exchange=str(row.get("exchDisp") or row.get("exchange") or ""),
        )
    except (*UNREADABLE, InvalidSymbol):
        return None
