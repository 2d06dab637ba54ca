"""Ticks from the imitation's stream: what wakes the watcher, and what does not."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.watch.ticks import AGAIN, Ticks
from bot.clock import ReplayClock
from bot.market.limiter import Gate
from bot.market.model import Quote, Symbol
from bot.market.sources.yahoo_stream import StreamTimes, YahooStream
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import RUNNING, UNLIMITED
from tests.market.imitation_yahoo.server import ImitationYahoo, World
from tests.market.imitation_yahoo.streamer import frame
from tests.market.known import SESSIONS

pytestmark = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)
IVOO = Symbol("IVOO")
LEVEL = 122.74
POLLED = Quote(
    symbol=IVOO,
    last=121.0,
    prior_close=120.97,
    open=121.1,
    high=121.5,
    low=120.8,
    volume=1000.0,
    time=RUNNING,
    source="yahoo",
)


def above(quotes: Sequence[Quote]) -> set[Symbol]:
    return {quote.symbol for quote in quotes if quote.high > LEVEL}


@dataclass(kw_only=True)
class Floor:
    """The stream's two ends, and how often the watcher was woken."""

    server: ImitationYahoo
    ticks: Ticks
    clock: ReplayClock
    following: asyncio.Task[None]
    woken: asyncio.Queue[Collection[Symbol]] = field(default_factory=asyncio.Queue)

    async def tick(self, price: float, *, seconds: float = 1, symbol: str = "IVOO") -> None:
        sent = frame(symbol, price, int((RUNNING + timedelta(seconds=seconds)).timestamp() * 1000))
        await asyncio.to_thread(self.server.streamer.send, sent)

    async def wakes(self) -> None:
        async with asyncio.timeout(10):
            assert await self.woken.get() == {IVOO}


@asynccontextmanager
async def floor() -> AsyncIterator[Floor]:
    clock, stop = ReplayClock(RUNNING), asyncio.Event()
    woken: asyncio.Queue[Collection[Symbol]] = asyncio.Queue()
    with ImitationYahoo(World(now=RUNNING)) as server:
        times = StreamTimes(pause=0.01, longest_pause=0.05)
        stream = YahooStream(Gate("Yahoo", UNLIMITED), network=server.network(), times=times)
        ticks = Ticks(
            stream,
            clock=clock,
            sessions=SESSIONS,
            crossing=above,
            wake=woken.put,
        )
        await ticks.watch({IVOO: POLLED})
        following = asyncio.create_task(ticks.follow(stop))
        await asyncio.to_thread(server.streamer.heard.get, timeout=10)
        try:
            yield Floor(server=server, ticks=ticks, clock=clock, following=following, woken=woken)
        finally:
            stop.set()
            await following


async def test_a_tick_above_a_level_wakes_the_watcher_once_a_minute() -> None:
    async with floor() as stage:
        await stage.tick(122.0)
        await stage.tick(122.75, seconds=2)
        await stage.wakes()
        for i in range(200):
            await stage.tick(122.8, seconds=3 + i / 1000)
        await stage.ticks.take({IVOO: POLLED})
        assert stage.woken.empty()
        stage.clock.move_to(RUNNING + AGAIN)
        await stage.tick(122.9, seconds=60)
        await stage.wakes()


async def test_after_a_drop_ticks_are_heard_again() -> None:
    async with floor() as stage:
        await asyncio.to_thread(stage.server.streamer.abort)
        await asyncio.to_thread(stage.server.streamer.heard.get, timeout=10)
        await stage.tick(122.75)
        await stage.wakes()


async def test_old_ticks_and_ticks_far_from_the_prior_close_wake_nobody() -> None:
    async with floor() as stage:
        far = POLLED.prior_close * 1.21
        for quote in (
            _moved(far, RUNNING),
            _moved(122.75, RUNNING - timedelta(seconds=121)),
        ):
            await stage.ticks.take({IVOO: quote})
        assert stage.woken.empty()
        await stage.ticks.take({IVOO: _moved(122.75, RUNNING - timedelta(seconds=119))})
        assert stage.woken.qsize() == 1


async def test_nothing_is_streamed_outside_of_a_session() -> None:
    async with floor() as stage:
        stage.clock.move_to(datetime(2026, 10, 1, 20, 0, tzinfo=UTC))
        async with asyncio.timeout(10):
            await stage.following
        connections = stage.server.streamer.connections
        await stage.ticks.follow(asyncio.Event())
        assert stage.server.streamer.connections == connections


def _moved(price: float, time: datetime) -> Quote:
    quote = POLLED
    return Quote(
        symbol=IVOO,
        last=price,
        prior_close=quote.prior_close,
        open=quote.open,
        high=max(quote.high, price),
        low=quote.low,
        volume=quote.volume,
        time=time,
        source=quote.source,
    )
