"""Nasdaq's public JSON as a second source and as referee over the first; no key, US listings.

api.nasdaq.com serves the pages of nasdaq.com and is undocumented. The forms read here are those
that its public users have written down: `historical`, `dividends`, `info` and `summary` of
`/api/quote/{symbol}`, each needing the right `assetclass`, and an `rCode` of 400 with code 1001
for an unknown symbol. They are tested against an imitation of these forms; none of it could be
checked against the live service when this was written, least of all its limits, so the gate is
set to half of Yahoo's pace.

Prices are split-adjusted and not dividend-adjusted; splits are not listed, and the history ends ten
years back. Quotes know no opening price (NaN), and before the first trade neither high nor low.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.clock import Clock
from bot.errors import NoData, NotOffered, SourceDown, UnknownSymbol
from bot.market.limiter import Gate, Limits
from bot.market.model import Bars, FundProfile, Headline, Instrument, Quote, Symbol, as_date
from bot.market.sources.door import Answer, Door, GatedSession, Network, Pace

API = "https://api.nasdaq.com/api/quote"
HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Origin": "https://www.nasdaq.com",
    "Referer": "https://www.nasdaq.com/",
}
LIMITS = Limits(rate=1.0, burst=3, connections=2, hourly=600)
NEW_YORK = ZoneInfo("America/New_York")
ASSET_CLASSES = ("etf", "stocks")
UNKNOWN_SYMBOL = 1001
LONGEST = timedelta(days=3653)
"""How far back its history goes: ten years."""
NEW_LISTING = timedelta(days=10)
"""A history that begins this much after what was asked for begins with the listing."""
MOST_QUOTES = 20
CLOSE = time(16, 0)
SETTLED = timedelta(hours=4)
"""After the close, until its evening update the day's bar may still change."""
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


class NasdaqSource:
    """The `Source` named "nasdaq": bars (two requests) and quotes (two requests a symbol)."""

    name = "nasdaq"
    label = "Nasdaq"
    delay_minutes = 15

    def __init__(
        self,
        clock: Clock,
        *,
        network: Network | None = None,
        limits: Limits = LIMITS,
        pace: Pace | None = None,
    ) -> None:
        self._clock = clock
        gate = Gate(self.label, limits)
        self._session = GatedSession(gate, network or Network(), pace=pace or Pace())
        self._door = Door(self.label, self._session, threads=limits.connections)
        self._classes: dict[Symbol, str] = {}

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        """Daily bars; `split` is 0 throughout. See `Source.bars`.

        Raises NotOffered when all bars are asked for and they reach back further than ten years,
        because an all-time high of a shortened history would be wrong.
        """
        now = self._clock.now()
        today = now.astimezone(NEW_YORK).date()
        # It refuses a span of one day.
        first = min(since or today - LONGEST, today - timedelta(days=1))
        span = {"fromdate": str(first), "todate": str(today), "limit": "9999"}
        history = await self._data(symbol, "historical", span)
        paid = await self._data(symbol, "dividends", {})
        try:
            bars = bars_in(symbol, history, paid, now=now)
        except UNREADABLE as exc:
            raise SourceDown(f"Nasdaq's history of {symbol} has an unknown form.") from exc
        if since is None and as_date(bars.days[0]) < first + NEW_LISTING:
            raise NotOffered(f"Nasdaq's history of {symbol} does not reach back to its listing.")
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes of those symbols that have one in the regular session.

        Raises NotOffered for more than 20 symbols: they would be old before the last one came.
        """
        if len(symbols) > MOST_QUOTES:
            raise NotOffered(f"Nasdaq cannot quote {len(symbols)} symbols at a time.")
        found: dict[Symbol, Quote] = {}
        for symbol in dict.fromkeys(symbols):
            try:
                info = await self._data(symbol, "info", {})
                summary = await self._data(symbol, "summary", {})
            except (UnknownSymbol, NoData):
                continue
            quote = quote_in(symbol, info, summary)
            if quote is not None:
                found[symbol] = quote
        return found

    async def profile(self, symbol: Symbol) -> FundProfile:
        raise NotOffered("Nasdaq's data has no fund profiles.")

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        raise NotOffered("Nasdaq is used for prices only.")

    async def directory(self) -> tuple[Instrument, ...]:
        """Empty: it is asked for single symbols only."""
        return ()

    async def close(self) -> None:
        """Fail what waits and start nothing new."""
        self._door.close()
        await asyncio.sleep(0)

    async def _data(self, symbol: Symbol, part: str, query: Mapping[str, str]) -> Any:
        """The `data` of an answer; the asset class is found by trying and remembered."""
        if symbol.startswith("^") or "=" in symbol:
            raise NotOffered(f"Nasdaq's data has US listings only, not {symbol}.")
        known = self._classes.get(symbol)
        for asset_class in (known,) if known else ASSET_CLASSES:
            answer = await self._ask(symbol, part, {**query, "assetclass": asset_class})
            data = data_in(symbol, answer)
            if data is not None:
                self._classes[symbol] = asset_class
                return data
        raise UnknownSymbol(f"Nasdaq does not know {symbol}.")

    async def _ask(self, symbol: Symbol, part: str, query: Mapping[str, str]) -> Answer:
        url = f"{API}/{symbol.replace('-', '.')}/{part}"
        return await self._door.ask(
            lambda: self._session.get(url, params=dict(query), headers=HEADERS)
        )


def data_in(symbol: Symbol, answer: Answer) -> Any:
    """The `data` of an answer; None when the symbol is unknown in that asset class.

    Raises NoData for another refusal, SourceDown when the answer is not of the known form.
    """
    try:
        if answer.body["data"] is not None:
            return answer.body["data"]
        codes = [reason["code"] for reason in answer.body["status"]["bCodeMessage"] or ()]
    except UNREADABLE as exc:
        raise SourceDown(f"Nasdaq's answer for {symbol} has an unknown form.") from exc
    if UNKNOWN_SYMBOL in codes:
        return None
    raise NoData(f"Nasdaq has no data for {symbol} ({codes}).")


def bars_in(symbol: Symbol, history: Any, paid: Any, *, now: datetime) -> Bars:
    """The bars in the data of `historical`, with the cash dividends in that of `dividends`.

    Rows with a missing price are left out. Raises NoData without rows, and what reading an
    unknown form raises.
    """
    rows = history["tradesTable"]["rows"] or ()
    read = {_day(row["date"]): row for row in rows if "N/A" not in row.values()}
    if not read:
        raise NoData(f"Nasdaq has no bars for {symbol} in that time.")
    days = sorted(read)
    columns = {
        name: np.array([number(read[day][name]) for day in days])
        for name in ("open", "high", "low", "close", "volume")
    }
    dividend = np.zeros(len(days))
    for event in (paid.get("dividends") or {}).get("rows") or ():
        if "N/A" not in (event["exOrEffDate"], event["amount"]) and event["type"] == "Cash":
            i = bisect_left(days, _day(event["exOrEffDate"]))
            if i < len(days) and _day(event["exOrEffDate"]) >= days[0]:
                dividend[i] += number(event["amount"])
    settled = datetime.combine(days[-1], CLOSE, tzinfo=NEW_YORK) + SETTLED
    return Bars(
        symbol=symbol,
        days=np.array(days, dtype="datetime64[D]"),
        dividend=dividend,
        split=np.zeros(len(days)),
        final=now >= settled,
        **columns,
    )


def quote_in(symbol: Symbol, info: Any, summary: Any) -> Quote | None:
    """The quote of the regular session; None outside of it or where a price is missing."""
    try:
        extended = info["marketStatus"] not in ("Open", "Closed")
        trade = info["secondaryData"] if extended else info["primaryData"]
        values = {name: entry["value"] for name, entry in summary["summaryData"].items()}
        high, _, low = str(values.get("TodayHighLow") or "").partition("/")
        return Quote(
            symbol=symbol,
            last=number(trade["lastSalePrice"]),
            prior_close=number(values["PreviousClose"]),
            open=float("nan"),
            high=_number_or_nan(high),
            low=_number_or_nan(low),
            volume=number(values["ShareVolume"]),
            time=moment(trade["lastTradeTimestamp"]),
            source="nasdaq",
            delay_minutes=0 if trade.get("isRealTime") else NasdaqSource.delay_minutes,
        )
    except UNREADABLE:
        return None


def number(text: str) -> float:
    """ "$1,341.07" as 1341.07. Raises ValueError for "N/A"."""
    return float(text.replace("$", "").replace(",", ""))


def moment(text: str) -> datetime:
    """ "Sep 25, 2026 9:02 AM ET", or a date alone, which means its close, in UTC."""
    if text.endswith(" ET"):
        local = datetime.strptime(text, "%b %d, %Y %I:%M %p ET").replace(tzinfo=NEW_YORK)
    else:
        day = datetime.strptime(text, "%b %d, %Y").replace(tzinfo=NEW_YORK)
        local = datetime.combine(day, CLOSE, tzinfo=NEW_YORK)
    return local.astimezone(UTC)


def _number_or_nan(text: str) -> float:
    try:
        return number(text)
    except ValueError:
        return float("nan")


def _day(text: str) -> date:
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))
