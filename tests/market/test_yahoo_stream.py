"""Streaming quotes through drops, silence, floods and nonsense."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.market.limiter import Gate, Limits
from bot.market.model import Quote, Symbol
from bot.market.sources.yahoo_library import open_pricing
from bot.market.sources.yahoo_stream import StreamTimes, YahooStream, refreshed, tick_in
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import RUNNING, UNLIMITED
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.server import ImitationYahoo, World
from tests.market.imitation_yahoo.streamer import frame

pytestmark = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)

IVOO, SPY = Symbol("IVOO"), Symbol("SPY")
QUICK = StreamTimes(pause=0.01, longest_pause=0.05)


def quote(symbol: Symbol = IVOO, *, time: datetime = RUNNING) -> Quote:
    return Quote(
        symbol=symbol,
        last=121.0,
        prior_close=120.97,
        open=121.1,
        high=121.5,
        low=120.8,
        volume=1000.0,
        time=time,
        source="yahoo",
    )


def at(seconds: float) -> int:
    """Milliseconds of a moment so many seconds after `RUNNING`."""
    return int((RUNNING + timedelta(seconds=seconds)).timestamp() * 1000)


@dataclass(frozen=True, kw_only=True)
class Line:
    server: ImitationYahoo
    stream: YahooStream

    async def heard(self) -> dict[str, Any]:
        """What the client said next."""
        return await asyncio.to_thread(self.server.streamer.heard.get, timeout=5)

    async def send(self, *frames: str) -> None:
        await asyncio.to_thread(self.server.streamer.send, *frames)


@asynccontextmanager
async def line(*, times: StreamTimes = QUICK) -> AsyncIterator[Line]:
    with ImitationYahoo(World(now=RUNNING)) as server:
        stream = YahooStream(Gate("Yahoo", UNLIMITED), network=server.network(), times=times)
        await stream.watch({IVOO: quote()})
        running = asyncio.ensure_future(stream.run())
        try:
            yield Line(server=server, stream=stream)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def test_a_tick_moves_last_range_volume_and_time() -> None:
    async with line() as wire:
        assert await wire.heard() == {"subscribe": ["IVOO"]}
        await wire.send(frame("IVOO", 122.57, at(5), volume=2000))
        changed = (await wire.stream.changes())[IVOO]
        assert (changed.last, changed.high, changed.low) == (122.57, 122.57, 120.8)
        assert changed.volume == 2000
        assert changed.time == RUNNING + timedelta(seconds=5)
        assert changed.prior_close == 120.97


async def test_thirteen_drops_of_both_kinds_are_survived() -> None:
    async with line() as wire:
        for i in range(13):
            assert await wire.heard() == {"subscribe": ["IVOO"]}
            await wire.send(frame("IVOO", 122.0 + i / 100, at(i + 1)))
            assert (await wire.stream.changes())[IVOO].last == 122.0 + i / 100
            if i % 2:
                await asyncio.to_thread(wire.server.streamer.close_cleanly)
            else:
                wire.server.streamer.abort()
        assert await wire.heard() == {"subscribe": ["IVOO"]}
        assert wire.stream.connections == 14


async def test_silence_is_given_up_and_the_connection_made_anew() -> None:
    times = StreamTimes(pause=0.01, longest_pause=0.02, silence=0.05)
    async with line(times=times) as wire:
        for _ in range(3):
            assert await wire.heard() == {"subscribe": ["IVOO"]}
        assert wire.server.streamer.connections >= 3


async def test_the_subscription_is_repeated_on_the_same_connection() -> None:
    times = StreamTimes(resubscribe=0.05)
    async with line(times=times) as wire:
        for _ in range(3):
            assert await wire.heard() == {"subscribe": ["IVOO"]}
        assert wire.server.streamer.connections == 1


async def test_a_flood_leaves_one_quote_per_watched_symbol() -> None:
    async with line() as wire:
        await wire.heard()
        flood = [frame(f"X{i % 500}", 10.0, at(1)) for i in range(4000)]
        prices = [frame("IVOO", 122.0 + i / 100, at(1 + i)) for i in range(1000)]
        await wire.send(*flood, *prices)
        quotes: list[Quote] = []
        while not quotes or quotes[-1].last < 131.99:
            changes = await wire.stream.changes()
            assert set(changes) == {IVOO}
            quotes.append(changes[IVOO])
        assert quotes[-1].high == 131.99


async def test_nonsense_is_counted_and_ignored() -> None:
    nonsense = (
        "",
        "[]",
        "{}",
        '{"type":"pricing"}',
        '{"type":"pricing","message":"!"}',
        '{"type":"pricing","message":"//8="}',
        '{"type":"pong"}',
        frame("not a symbol", 1.0, at(1)),
        frame("IVOO", float("nan"), at(1)),
        frame("IVOO", float("inf"), at(1)),
        frame("IVOO", -5.0, at(1)),
    )
    async with line() as wire:
        await wire.heard()
        await wire.send(*nonsense, frame("IVOO", 122.57, at(2)))
        assert (await wire.stream.changes())[IVOO].last == 122.57
        assert wire.stream.unreadable == 6
        assert wire.stream.connections == 1


async def test_watching_other_symbols_unsubscribes_the_old_ones() -> None:
    async with line() as wire:
        await wire.heard()
        await wire.stream.watch({SPY: quote(SPY)})
        assert await wire.heard() == {"unsubscribe": ["IVOO"]}
        assert await wire.heard() == {"subscribe": ["SPY"]}
        await wire.send(frame("IVOO", 122.0, at(1)), frame("SPY", 123.0, at(1)))
        assert set(await wire.stream.changes()) == {SPY}


async def test_a_refused_handshake_opens_the_gate_for_everybody() -> None:
    with ImitationYahoo(World(now=RUNNING)) as server:
        server.faults.add(Failure.TOO_MANY, times=1)
        gate = Gate("Yahoo", Limits(rate=1000.0, burst=1000, pause=0.1))
        stream = YahooStream(gate, network=server.network(), times=QUICK)
        await stream.watch({IVOO: quote()})
        running = asyncio.ensure_future(stream.run())
        heard = await asyncio.to_thread(server.streamer.heard.get, timeout=5)
        running.cancel()
        assert heard == {"subscribe": ["IVOO"]}
        assert gate.openings == 1
        assert len(server.seen) == 2


def tick(price: float, seconds: float, **fields: Any) -> Any:
    return tick_in(frame("IVOO", price, at(seconds), **fields), open_pricing())


@pytest.mark.parametrize("market_hours", [0, 2, 3])
def test_trades_before_and_after_the_session_are_no_ticks(market_hours: int) -> None:
    assert tick(122.0, 1, market_hours=market_hours) is None


def test_prices_lose_the_dust_of_32_bits() -> None:
    assert tick(122.74, 1, high=122.77, low=120.01).price == 122.74
    assert tick(122.74, 1, high=122.77, low=120.01).high == 122.77


def test_a_tick_that_is_older_or_of_another_day_changes_nothing() -> None:
    assert refreshed(quote(), tick(130.0, -1)) is None
    assert refreshed(quote(), tick(130.0, 86_400)) is None


def test_the_days_range_in_a_tick_widens_the_quotes() -> None:
    fresh = refreshed(quote(), tick(121.2, 1, high=122.0, low=120.5))
    assert fresh is not None
    assert (fresh.high, fresh.low) == (122.0, 120.5)
