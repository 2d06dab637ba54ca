"""Yahoo Finance as a source of market data; for personal use only, by Yahoo's terms.

Everything goes through one gate (`bot.market.limiter`): what it refuses is refused before a
request leaves. The source promises one request per history, one per 99 quotes, one per 250
quotes of a whole market, one per profile, per poll of news and per search; the first request that
needs a cookie and a crumb costs two more.

A symbol that is not found is not asked for again for a quarter of an hour, and after three
sessions for a week. "Not found" about a symbol that has been found before is NoData, not
UnknownSymbol, until three sessions agree: Yahoo says it about its own faults as well.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.errors import NoData, UnknownSymbol
from bot.market.limiter import DeadSymbols, Gate, Limits
from bot.market.model import (
    Bars,
    FundProfile,
    Headline,
    Instrument,
    InstrumentType,
    Quote,
    Symbol,
)
from bot.market.sources.door import Network, Pace
from bot.market.sources.yahoo_chart import bars_in, chart_params
from bot.market.sources.yahoo_door import QUERY1, QUERY2, ROOT, YahooDoor
from bot.market.sources.yahoo_facts import (
    headlines_in,
    instruments_in,
    news_body,
    news_params,
    profile_in,
    profile_params,
    search_params,
)
from bot.market.sources.yahoo_quotes import (
    MARKET_SIZE,
    PAGE,
    batches,
    page_in,
    quote_params,
    quotes_in,
    screen_body,
    screen_params,
)
from bot.market.sources.yahoo_stream import YahooStream

NEW_YORK = ZoneInfo("America/New_York")


class YahooSource:
    """The `Source` named "yahoo".

    `cache` is a directory for yfinance's cookie. `network` names a proxy and certificates where
    they differ from the usual; `limits` and `pace` are for tests against an imitation.
    """

    name = "yahoo"
    label = "Yahoo"
    delay_minutes = 0

    def __init__(
        self,
        clock: Clock,
        cache: Path,
        *,
        network: Network | None = None,
        limits: Limits | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._clock = clock
        self.gate = Gate(self.label, limits)
        self._pace = pace or Pace()
        self._door = YahooDoor(self.gate, cache=cache, network=network, pace=self._pace)
        self._dead = DeadSymbols()

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        """Daily bars from `since` on; see `Source.bars`. One request."""
        self._refuse_dead(symbol)
        now = self._clock.now()
        answer = await self._door.chart(symbol, chart_params(since, now))
        try:
            bars = bars_in(symbol, answer, since=since, now=now)
        except UnknownSymbol as exc:
            raise self._missed(symbol, exc) from exc
        self._dead.answered(symbol)
        return bars

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes of those symbols that have one. One request per 99 symbols."""
        found: dict[Symbol, Quote] = {}
        for batch in batches(symbols):
            answer = await self._door.get(f"{QUERY1}/v7/finance/quote", quote_params(batch))
            found.update(quotes_in(answer))
        return {symbol: found[symbol] for symbol in symbols if symbol in found}

    async def market(
        self, kind: InstrumentType, *, limit: int = MARKET_SIZE
    ) -> Mapping[Symbol, Quote]:
        """Quotes of up to `limit` US listings of `kind`, by ticker. One request per 250.

        Raises ValueError for indices.
        """
        found: dict[Symbol, Quote] = {}
        url = f"{QUERY1}/v1/finance/screener"
        for offset in range(0, min(limit, MARKET_SIZE), PAGE):
            body = screen_body(kind, offset)
            page, total = page_in(await self._door.post(url, body, params=screen_params()))
            found.update(page)
            if offset + PAGE >= total:
                break
        return dict(list(found.items())[:limit])

    async def profile(self, symbol: Symbol) -> FundProfile:
        """Name, category and sector weights of a fund; a stock has no sectors. One request."""
        self._refuse_dead(symbol)
        url = f"{QUERY2}/v10/finance/quoteSummary/{symbol}"
        answer = await self._door.get(url, profile_params())
        try:
            return profile_in(symbol, answer)
        except UnknownSymbol as exc:
            raise self._missed(symbol, exc) from exc

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        """The newest headlines first, each story once. One request."""
        url = f"{ROOT}/xhr/ncp"
        answer = await self._door.post(url, news_body(symbol, limit), params=news_params())
        return headlines_in(symbol, answer, limit=limit)

    async def search(self, text: str, *, limit: int = 10) -> tuple[Instrument, ...]:
        """ETFs, stocks and indices whose ticker or name matches `text`. One request."""
        url = f"{QUERY2}/v1/finance/search"
        answer = await self._door.get(url, search_params(text, limit))
        return instruments_in(answer)[:limit]

    async def directory(self) -> tuple[Instrument, ...]:
        """Empty: Yahoo cannot list what it carries; `search` finds single instruments."""
        return ()

    def stream(self) -> YahooStream:
        """A client for streaming quotes that shares this source's gate and network."""
        return YahooStream(self._door.gate, network=self._door.network, pace=self._pace)

    @property
    def paused(self) -> float:
        """Seconds for which Yahoo wants no request; 0 when it does."""
        return self.gate.paused(self._pace.monotonic())

    @property
    def requests_left(self) -> int:
        """Requests that the hour still allows."""
        return self.gate.left(self._pace.monotonic())

    def dead(self, symbol: Symbol) -> bool:
        """Whether `symbol` was not found on three sessions and never since."""
        return self._dead.dead(symbol)

    async def close(self) -> None:
        """Fail what waits and start nothing new."""
        self._door.close()
        await asyncio.sleep(0)

    def _refuse_dead(self, symbol: Symbol) -> None:
        if self._dead.shunned(symbol, self._pace.monotonic()):
            raise self._absence(symbol)

    def _missed(self, symbol: Symbol, exc: UnknownSymbol) -> UnknownSymbol | NoData:
        self._dead.missed(symbol, session_day(self._clock.now()), self._pace.monotonic())
        return self._absence(symbol)

    def _absence(self, symbol: Symbol) -> UnknownSymbol | NoData:
        if self._dead.doubtful(symbol):
            return NoData(f"Yahoo does not find {symbol} today, though it did before.")
        return UnknownSymbol(f"Yahoo does not know {symbol}.")


def session_day(moment: datetime) -> date:
    """The New York weekday a moment belongs to; a weekend belongs to its Friday."""
    day = moment.astimezone(NEW_YORK).date()
    return day - timedelta(days=max(0, day.weekday() - 4))
