"""Streaming quotes from Yahoo, with a client of our own.

yfinance's `AsyncWebSocket` spins at full speed after a clean close by the server and never comes
back after an unclean one. This client reconnects after both, and after silence; it repeats its
subscription every 15 s as Yahoo's own page does. However fast ticks arrive, only the latest quote
of a watched symbol is kept until somebody takes it, so a flood costs time but no memory.

A tick carries little more than price, time and volume. It is applied to a full quote that the
batch endpoint gave before; a tick of another day, or outside of the regular session, is ignored.
"""

import asyncio
import base64
import json
import math
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import aiohttp
import numpy as np

from bot.errors import InvalidSymbol, RateLimited
from bot.market.limiter import Gate, Outcome, Ticket
from bot.market.model import Quote, Symbol
from bot.market.sources.door import Network, Pace
from bot.market.sources.yahoo_library import Pricing, open_pricing

URL = "wss://streamer.finance.yahoo.com/?version=2"
NEW_YORK = ZoneInfo("America/New_York")
REGULAR_HOURS = 1
"""`PricingData.market_hours` of the regular session; 0 before, 2 after, 3 extended."""


@dataclass(frozen=True, kw_only=True)
class StreamTimes:
    """Seconds. `pause` between two connections doubles up to `longest_pause` while none works."""

    resubscribe: float = 15.0
    silence: float = 60.0
    """Without any message a connection is given up."""
    pause: float = 1.0
    longest_pause: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One trade of the regular session; `high`, `low`, `volume` of the day are 0 where unsaid."""

    symbol: Symbol
    price: float
    time: datetime
    high: float
    low: float
    volume: float


def tick_in(frame: str, pricing: Pricing) -> Tick | None:
    """The tick in a message of the stream; None for other hours and other messages.

    Raises ValueError when the message cannot be read.
    """
    try:
        envelope = json.loads(frame)
        if envelope.get("type") != "pricing":
            return None
        data = pricing.message.FromString(base64.b64decode(envelope["message"], validate=True))
        if data.market_hours != REGULAR_HOURS or not 0 < data.price < math.inf:
            return None
        return Tick(
            symbol=Symbol(data.id),
            price=printed(data.price),
            time=datetime.fromtimestamp(data.time / 1000, UTC),
            high=printed(data.day_high),
            low=printed(data.day_low),
            volume=float(data.day_volume),
        )
    except (LookupError, TypeError, AttributeError, OverflowError, OSError) as exc:
        raise ValueError("a message of an unknown form") from exc
    except (pricing.error, InvalidSymbol) as exc:
        raise ValueError("a message that cannot be decoded") from exc


def printed(price: float) -> float:
    """A price that travelled as 32-bit float, as it was printed: 122.74, not 122.73999786."""
    return float(str(np.float32(price)))


def refreshed(quote: Quote, tick: Tick) -> Quote | None:
    """The quote after a tick; None where the tick is older or of another day."""
    same_day = tick.time.astimezone(NEW_YORK).date() == quote.time.astimezone(NEW_YORK).date()
    if not same_day or tick.time < quote.time:
        return None
    return replace(
        quote,
        last=tick.price,
        high=max(quote.high, tick.price, tick.high),
        low=min(quote.low, tick.price, tick.low or tick.price),
        volume=max(quote.volume, tick.volume),
        time=tick.time,
        delay_minutes=0,
    )


class YahooStream:
    """Keeps the quotes of watched symbols up to date. `run` it in a task; take `changes`."""

    def __init__(
        self,
        gate: Gate,
        *,
        network: Network,
        pace: Pace | None = None,
        times: StreamTimes | None = None,
    ) -> None:
        self._gate = gate
        self._network = network
        self._monotonic = (pace or Pace()).monotonic
        self._times = times or StreamTimes()
        self._quotes: dict[Symbol, Quote] = {}
        self._changed: dict[Symbol, Quote] = {}
        self._news = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.connections = 0
        """How many connections have been made so far."""
        self.unreadable = 0
        """How many messages could not be read so far."""

    async def watch(self, quotes: Mapping[Symbol, Quote]) -> None:
        """Stream these symbols from now on, beginning with these quotes of today's session."""
        removed = sorted(self._quotes.keys() - quotes.keys())
        self._quotes = dict(quotes)
        self._changed = {s: quote for s, quote in self._changed.items() if s in quotes}
        if self._socket is not None:
            # A connection that is just breaking is subscribed anew when it is back.
            with suppress(aiohttp.ClientError, OSError):
                if removed:
                    await self._socket.send_str(json.dumps({"unsubscribe": removed}))
                await self._subscribe(self._socket)

    async def changes(self) -> Mapping[Symbol, Quote]:
        """The latest quote of every symbol that ticked since the last call; waits for one."""
        await self._news.wait()
        self._news.clear()
        changed, self._changed = self._changed, {}
        return changed

    async def run(self) -> None:
        """Receive until cancelled; connects again after every end."""
        # In a thread: the first import of yfinance takes 0.4 s.
        pricing = await asyncio.to_thread(open_pricing)
        pause = self._times.pause
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    heard = await self._connection(session, pricing)
                    pause = self._times.pause if heard else self._longer(pause)
                except RateLimited as exc:
                    pause = max(self._longer(pause), exc.after.total_seconds() if exc.after else 0)
                except (aiohttp.ClientError, OSError):
                    pause = self._longer(pause)
                await asyncio.sleep(pause * random.uniform(0.75, 1.0))

    async def _connection(self, session: aiohttp.ClientSession, pricing: Pricing) -> bool:
        """One connection from beginning to end; whether anything was heard."""
        ticket, outcome = await self._admitted(), Outcome.FAILED
        try:
            socket = await session.ws_connect(
                URL,
                proxy=self._network.proxy,
                ssl=self._network.tls(),
                timeout=aiohttp.ClientWSTimeout(ws_close=3.0),
                max_msg_size=1 << 20,
            )
            outcome = Outcome.ANSWERED
        except aiohttp.WSServerHandshakeError as exc:
            outcome = Outcome.REFUSED if exc.status == 429 else Outcome.FAILED
            raise
        finally:
            self._gate.settle(ticket, outcome, self._monotonic())
        self.connections += 1
        self._socket = socket
        try:
            return await self._receive(socket, pricing)
        finally:
            self._socket = None
            await socket.close()

    async def _admitted(self) -> Ticket:
        # The gate knows how long to wait but not the event loop, so there is no event to await.
        while not isinstance(admission := self._gate.admit(self._monotonic()), Ticket):  # noqa: ASYNC110
            await asyncio.sleep(admission)
        return admission

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse, pricing: Pricing) -> bool:
        await self._subscribe(socket)
        heard = False
        subscribed = last = self._monotonic()
        while True:
            due = min(subscribed + self._times.resubscribe, last + self._times.silence)
            message = await self._next(socket, due - self._monotonic())
            now = self._monotonic()
            if message is not None and message.type is not aiohttp.WSMsgType.TEXT:
                return heard
            if message is not None:
                heard, last = True, now
                self._take(message.data, pricing)
            elif now - last >= self._times.silence:
                return heard
            if now - subscribed >= self._times.resubscribe:
                await self._subscribe(socket)
                subscribed = now

    async def _next(
        self, socket: aiohttp.ClientWebSocketResponse, seconds: float
    ) -> aiohttp.WSMessage | None:
        try:
            # Not 0: aiohttp takes that for "no timeout".
            return await socket.receive(timeout=max(0.001, seconds))
        except TimeoutError:
            return None

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        if self._quotes:
            await socket.send_str(json.dumps({"subscribe": sorted(self._quotes)}))

    def _take(self, frame: str, pricing: Pricing) -> None:
        try:
            tick = tick_in(frame, pricing)
        except ValueError:
            self.unreadable += 1
            return
        if tick is None or tick.symbol not in self._quotes:
            return
        quote = refreshed(self._quotes[tick.symbol], tick)
        if quote is not None:
            self._quotes[tick.symbol] = self._changed[tick.symbol] = quote
            self._news.set()

    def _longer(self, pause: float) -> float:
        return min(2 * pause, self._times.longest_pause)
