"""The demo market as a source: everything works without a vendor, nothing of it is real.

It knows its whole path from the first to the last session and gives all of it; what a
moment in between may not know yet is hidden by whoever plays it back.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from bot.errors import UnknownSymbol
from bot.market.demo.funds import VOLATILITY_INDEX, DemoFund, demo_funds
from bot.market.demo.market import make_market
from bot.market.demo.news import write_headlines
from bot.market.model import (
    Bars,
    Days,
    FundProfile,
    Headline,
    Instrument,
    InstrumentType,
    Quote,
    Symbol,
    as_date,
)

DEMO_LABEL = "Demo market (synthetic)"
LATEST_CLOSE = time(21, 0, tzinfo=UTC)
"""The regular close in New York in winter; in summer it is an hour earlier."""


class DemoSource:
    """An invented market over `days` (datetime64[D], strictly increasing sessions).

    The same seed and first day give the same bars on every machine; sessions added at the end
    leave the earlier ones as they were. The market is made on first use, in a thread.
    Raises ValueError for no sessions.
    """

    name = "demo"
    label = DEMO_LABEL
    delay_minutes = 0

    def __init__(self, *, days: Days, seed: int = 7) -> None:
        if len(days) == 0:
            raise ValueError("the demo market needs at least one session")
        self._days = days.astype("datetime64[D]")
        self._seed = seed
        self._funds: Mapping[Symbol, DemoFund] = {fund.symbol: fund for fund in demo_funds()}
        self._market: Mapping[Symbol, Bars] | None = None
        self._news: dict[Symbol, tuple[Headline, ...]] = {}
        self._making = asyncio.Lock()

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        fund = self._fund(symbol)
        bars = (await self._made())[fund.symbol]
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """The last session as a quote after its close."""
        market = await self._made()
        return {symbol: last_quote(market[symbol]) for symbol in symbols if symbol in market}

    async def profile(self, symbol: Symbol) -> FundProfile:
        """The weights of a fund, the same ones since the market's first session."""
        fund = self._fund(symbol)
        return FundProfile(
            symbol=fund.symbol,
            name=fund.name,
            category=f"{fund.category} (synthetic)",
            sectors=fund.sectors,
            as_of=as_date(self._days[0]),
        )

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        """The newest `limit` headlines first; all of them when `limit` is large enough."""
        fund = self._fund(symbol)
        if symbol not in self._news:
            bars = (await self._made())[symbol]
            self._news[symbol] = await asyncio.to_thread(
                write_headlines, fund, bars, seed=self._seed
            )
        return self._news[symbol][: max(limit, 0)]

    async def directory(self) -> tuple[Instrument, ...]:
        return tuple(_instrument(fund) for fund in self._funds.values())

    async def close(self) -> None:
        """Nothing is open."""

    def _fund(self, symbol: Symbol) -> DemoFund:
        try:
            return self._funds[symbol]
        except KeyError:
            raise UnknownSymbol(
                f"The demo market does not list {symbol}. It has {len(self._funds)} invented "
                "paths under well-known tickers, such as SPY, IWM, IVOO or XLF."
            ) from None

    async def _made(self) -> Mapping[Symbol, Bars]:
        async with self._making:
            if self._market is None:
                self._market = await asyncio.to_thread(make_market, self._days, seed=self._seed)
            return self._market


def last_quote(bars: Bars) -> Quote:
    """The last session of `bars` as a quote after the close."""
    return Quote(
        symbol=bars.symbol,
        last=float(bars.close[-1]),
        prior_close=float(bars.close[-2] if len(bars) > 1 else bars.open[-1]),
        open=float(bars.open[-1]),
        high=float(bars.high[-1]),
        low=float(bars.low[-1]),
        volume=float(bars.volume[-1]),
        time=datetime.combine(bars.last_day, LATEST_CLOSE),
        source=DEMO_LABEL,
    )


def _instrument(fund: DemoFund) -> Instrument:
    kind = InstrumentType.INDEX if fund.symbol == VOLATILITY_INDEX else InstrumentType.ETF
    return Instrument(symbol=fund.symbol, name=fund.name, type=kind, exchange=DEMO_LABEL)
