"""The answers of api.nasdaq.com, in the forms its public users have written down."""

from datetime import datetime
from typing import Any

from tests.market.imitation_yahoo.prices import NEW_YORK, Flaw, Listing

Json = dict[str, Any]

ASSET_CLASSES = {"etf": "ETF", "stocks": "EQUITY"}


def refused(code: int, message: str) -> Json:
    return {
        "data": None,
        "message": None,
        "status": {
            "rCode": 400,
            "bCodeMessage": [{"code": code, "errorMessage": message}],
            "developerMessage": None,
        },
    }


UNKNOWN = refused(1001, "Symbol not exists.")


def answered(data: Json) -> Json:
    return {
        "data": data,
        "message": None,
        "status": {"rCode": 200, "bCodeMessage": None, "developerMessage": None},
    }


def answer(listing: Listing | None, part: str, query: dict[str, str], now: datetime) -> Json:
    """The answer of `/api/quote/{symbol}/{part}`."""
    if listing is None or listing.flaw is Flaw.UNKNOWN:
        return UNKNOWN
    if ASSET_CLASSES.get(query.get("assetclass", "")) != listing.kind:
        return UNKNOWN
    match part:
        case "historical":
            return historical(listing, query["fromdate"], query["todate"])
        case "dividends":
            return dividends(listing)
        case "info":
            return info(listing, now)
        case "summary":
            return summary(listing)
    return UNKNOWN


def historical(listing: Listing, first: str, last: str) -> Json:
    """Newest first; stocks with dollar signs, funds without."""
    sign = "$" if listing.kind == "EQUITY" else ""
    rows = []
    for row in reversed(listing.rows):
        day = datetime.fromtimestamp(row.stamp, NEW_YORK).date()
        if first <= day.isoformat() <= last:
            prices = {n: f"{sign}{getattr(row, n):,.2f}" for n in ("open", "high", "low", "close")}
            rows.append({"date": f"{day:%m/%d/%Y}", "volume": f"{row.volume:,}", **prices})
    table = {"asOf": None, "headers": {"date": "Date"}, "rows": rows or None}
    return answered({"symbol": listing.symbol, "totalRecords": len(rows), "tradesTable": table})


def dividends(listing: Listing) -> Json:
    rows = [
        {
            "exOrEffDate": f"{datetime.fromtimestamp(at, NEW_YORK):%m/%d/%Y}",
            "type": "Cash",
            "amount": f"${amount}",
            "declarationDate": "N/A",
        }
        for at, amount in listing.dividends.items()
    ]
    rows.append({"exOrEffDate": "N/A", "type": "Cash", "amount": "N/A", "declarationDate": "N/A"})
    return answered({"dividends": {"rows": rows}})


def info(listing: Listing, now: datetime) -> Json:
    row = listing.rows[-1]
    local = now.astimezone(NEW_YORK)
    primary = {
        "lastSalePrice": f"${row.close:,.2f}",
        "netChange": "+0.10",
        "lastTradeTimestamp": f"{local:%b %d, %Y} {local.hour % 12 or 12}:{local:%M %p} ET",
        "isRealTime": True,
        "volume": f"{row.volume:,}",
    }
    return answered(
        {
            "symbol": listing.symbol,
            "marketStatus": "Open",
            "primaryData": primary,
            "secondaryData": None,
        }
    )


def summary(listing: Listing) -> Json:
    row, before = listing.rows[-1], listing.rows[-2]
    values = {
        "TodayHighLow": f"${row.high:,.2f}/${row.low:,.2f}",
        "ShareVolume": f"{row.volume:,}",
        "PreviousClose": f"${before.close:,.2f}",
    }
    labelled = {name: {"label": name, "value": value} for name, value in values.items()}
    return answered({"symbol": listing.symbol, "summaryData": labelled})
