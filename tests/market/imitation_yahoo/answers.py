"""The JSON that Yahoo's endpoints answer, for the generated listings."""

from datetime import date, datetime, time, timedelta
from typing import Any

from tests.market.imitation_yahoo.prices import (
    CLOSES,
    NEW_YORK,
    OPENS,
    Flaw,
    Listing,
    Row,
    stamp,
    with_flaw,
)

Json = dict[str, Any]

NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
"""As recorded for the chart of an unknown symbol."""

WEIGHTS = {"technology": 0.31, "realestate": 0.07, "financial_services": 0.19, "energy": 0.0}


def chart(listing: Listing | None, query: dict[str, str], now: datetime) -> tuple[int, Json]:
    """Status and body of `/v8/finance/chart/{symbol}`."""
    if listing is None or listing.flaw is Flaw.UNKNOWN:
        return 404, {"chart": {"result": None, "error": NOT_FOUND}}
    rows = with_flaw(listing.rows, listing.flaw, now)
    meta = chart_meta(listing, rows, now)
    if "period1" in query:
        first, last = int(query["period1"]), int(query["period2"])
        rows = [row for row in rows if first <= row.stamp < last]
    elif query.get("range") == "5d":
        rows = rows[-5:]
    result: Json = {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
    if listing.flaw is not Flaw.NOTHING and rows:
        result["timestamp"] = [row.stamp for row in rows]
        if listing.flaw is not Flaw.NULL_BLOCK:
            result["indicators"] = indicators(rows)
        result["events"] = events(listing, rows)
    return 200, {"chart": {"result": [result], "error": None}}


def chart_meta(listing: Listing, rows: list[Row], now: datetime) -> Json:
    meta: Json = {
        "currency": "USD",
        "symbol": listing.symbol,
        "instrumentType": listing.kind,
        "exchangeTimezoneName": "America/New_York",
        "dataGranularity": "1d",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    if listing.flaw is Flaw.NO_TIMES:
        return meta
    today = now.astimezone(NEW_YORK).date()
    traded = min(int(now.timestamp()), stamp(today, CLOSES))
    return meta | {
        "gmtoffset": int((now.astimezone(NEW_YORK).utcoffset() or timedelta()).total_seconds()),
        "timezone": "EDT",
        "firstTradeDate": rows[0].stamp,
        "regularMarketTime": traded,
        "regularMarketPrice": rows[-1].close,
        "priceHint": 2,
        "chartPreviousClose": rows[0].open,
        "currentTradingPeriod": {
            "pre": period(today, time(4), OPENS),
            "regular": period(today, OPENS, CLOSES),
            "post": period(today, CLOSES, time(20)),
        },
    }


def period(day: date, start: time, end: time) -> Json:
    return {
        "timezone": "EDT",
        "start": stamp(day, start),
        "end": stamp(day, end),
        "gmtoffset": -14400,
    }


def indicators(rows: list[Row]) -> Json:
    columns = {
        name: [getattr(row, name) for row in rows]
        for name in ("low", "open", "volume", "high", "close")
    }
    return {"quote": [columns], "adjclose": [{"adjclose": columns["close"]}]}


def events(listing: Listing, rows: list[Row]) -> Json:
    first, last = rows[0].stamp, rows[-1].stamp

    def inside(stamps: dict[int, Any]) -> dict[int, Any]:
        return {at: value for at, value in stamps.items() if first <= at <= last}

    named = {
        "dividends": {
            str(at): {"amount": amount, "date": at}
            for at, amount in inside(listing.dividends).items()
        },
        "capitalGains": {
            str(at): {"amount": amount, "date": at} for at, amount in inside(listing.gains).items()
        },
        "splits": {
            str(at): {"date": at, "numerator": n, "denominator": d, "splitRatio": f"{n}:{d}"}
            for at, (n, d) in inside(listing.splits).items()
        },
    }
    return {name: values for name, values in named.items() if values}


def quote(listing: Listing, now: datetime) -> Json:
    """One quote object, of `/v7/finance/quote` and of the screener."""
    last, before = listing.rows[-1], listing.rows[-2]
    return {
        "symbol": listing.symbol,
        "quoteType": listing.kind,
        "longName": f"{listing.symbol} Fund",
        "exchangeTimezoneName": "America/New_York",
        "marketState": "REGULAR",
        "exchangeDataDelayedBy": 0,
        "regularMarketPrice": round(last.close or 0, 2),
        "regularMarketPreviousClose": round(before.close or 0, 2),
        "regularMarketOpen": round(last.open or 0, 2),
        "regularMarketDayHigh": round(last.high or 0, 2),
        "regularMarketDayLow": round(last.low or 0, 2),
        "regularMarketVolume": last.volume,
        "regularMarketTime": int(now.timestamp()),
    }


def quotes(listings: list[Listing], now: datetime) -> Json:
    found = [quote(listing, now) for listing in listings if listing.flaw is not Flaw.UNKNOWN]
    return {"quoteResponse": {"result": found, "error": None}}


def page(listings: list[Listing], offset: int, size: int, now: datetime) -> Json:
    """One page of the screener."""
    shown = listings[offset : offset + size]
    result = {
        "start": offset,
        "count": len(shown),
        "total": len(listings),
        "quotes": [quote(listing, now) for listing in shown],
    }
    return {"finance": {"result": [result], "error": None}}


def summary(listing: Listing | None, symbol: str) -> tuple[int, Json]:
    """Status and body of `/v10/finance/quoteSummary/{symbol}`."""
    if listing is None or listing.flaw is Flaw.UNKNOWN:
        text = f"Quote not found for ticker symbol: {symbol}"
        error = {"code": "Not Found", "description": text}
        return 404, {"quoteSummary": {"result": None, "error": error}}
    facts: Json = {"quoteType": {"quoteType": listing.kind, "longName": f"{symbol} Fund"}}
    if listing.kind == "ETF":
        weightings = [{name: weight} for name, weight in WEIGHTS.items()]
        facts["topHoldings"] = {"sectorWeightings": weightings, "holdings": []}
        facts["fundProfile"] = {"categoryName": "Mid-Cap Blend", "family": "Imitation"}
        facts["summaryProfile"] = {"longBusinessSummary": "A fund."}
    return 200, {"quoteSummary": {"result": [facts], "error": None}}


def news(symbol: str, count: int, published: datetime) -> Json:
    """Stories oldest first, the second one twice, and an advertisement."""
    stories = [story(symbol, i, published + timedelta(minutes=i)) for i in range(count)]
    stream = [*stories, *stories[1:2], {"id": "advert", "ad": [{"id": 1}]}]
    return {"status": "OK", "data": {"tickerStream": {"stream": stream, "nextPage": False}}}


def story(symbol: str, number: int, published: datetime) -> Json:
    name = f"{symbol}-{published:%H%M}-{number}"
    return {
        "id": name,
        "content": {
            "id": name,
            "contentType": "STORY",
            "title": f"{symbol} story {number}",
            "summary": "A summary.",
            "pubDate": f"{published:%Y-%m-%dT%H:%M:%SZ}",
            "provider": {"displayName": "Imitation Wire"},
            "canonicalUrl": {"url": f"https://finance.yahoo.com/news/{name}.html"},
        },
    }


def search(text: str, listings: list[Listing], searches: int) -> Json:
    """Matches by prefix; the name tells how many searches there have been."""
    found = [
        {
            "symbol": listing.symbol,
            "longname": f"{listing.symbol} Fund, search {searches}",
            "quoteType": listing.kind,
            "exchDisp": "NYSEArca",
            "isYahooFinance": True,
        }
        for listing in listings
        if listing.symbol.startswith(text.upper())
    ]
    option = {"symbol": "SPY261218C00500000", "quoteType": "OPTION", "shortname": "an option"}
    return {"count": len(found) + 1, "quotes": [*found, option], "news": []}
