"""A scanner hears ticks of the shares it looked at, and has them looked at again at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from bot.alerts.quiet.lines import circle_of
from bot.alerts.subscriptions import Place
from bot.app import open_services
from bot.cluster.heart import Heart
from bot.cluster.jobs import app_at
from bot.cluster.roles import Role
from bot.cluster.scanner import LATELY, Scanner
from bot.cluster.shares import Share
from bot.market.limiter import Gate
from bot.market.model import Quote, Symbol
from bot.market.sources.yahoo_stream import StreamTimes, YahooStream
from bot.settings import Settings
from bot.signals.model import Kind
from bot.world import World
from tests.cluster.test_jobs import Jobs, jobs_in
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import RUNNING, UNLIMITED, Bench, bench
from tests.market.imitation_yahoo.prices import Listing, generated_rows
from tests.market.imitation_yahoo.streamer import frame
from tests.market.known import SESSIONS

pytestmark = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)
QQQ = Symbol("QQQ")
INTERVAL = timedelta(seconds=60)
DEFERRED = "LISTEN procrastinate_any_queue_v1"


def calm(symbol: str) -> Listing:
    """A fund that is at 100 all year and was never above 101."""
    rows = generated_rows(symbol, 300, RUNNING.date())
    quiet = {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0}
    return Listing(symbol=symbol, rows=[replace(row, **quiet) for row in rows])


@dataclass(kw_only=True)
class Room:
    bench: Bench
    scanner: Scanner
    address: str

    async def take(self, price: float) -> Jobs:
        """What is deferred when a tick at this price comes."""
        assert self.scanner.ticks is not None
        quote = Quote(
            symbol=QQQ,
            last=price,
            prior_close=100.0,
            open=100.0,
            high=max(price, 101.0),
            low=99.0,
            volume=1000.0,
            time=self.bench.clock.now(),
            source="yahoo",
        )
        await self.scanner.ticks.take({QQQ: quote})
        return jobs_in(self.address)


@asynccontextmanager
async def room(folder: Path, address: str) -> AsyncIterator[Room]:
    """A scanner that has looked at two funds once, in a session that runs."""
    settings = Settings(
        data_dir=folder,
        database_url=SecretStr(address),
        scan_interval=int(INTERVAL.total_seconds()),
    )
    async with bench(folder, calm("SPY"), calm("QQQ")) as made:
        stream = YahooStream(
            Gate("Yahoo", UNLIMITED),
            network=made.server.network(),
            times=StreamTimes(pause=0.01, longest_pause=0.05),
        )
        world = World(clock=made.clock, source=made.yahoo, sessions=SESSIONS, stream=stream)
        app = app_at(address)
        async with (
            open_services(settings, world, jobs=True, pictures=False) as services,
            app.open_async(),
        ):
            await services.subscriptions.add(
                Place(guild_id=1, channel_id=10, user_id=100),
                (Kind.HIGH_52_WEEKS,),
                universe=None,
                symbols=[Symbol("SPY"), QQQ],
            )
            heart, stop = Heart(services.db, Role.SCANNER), asyncio.Event()
            await heart.run_once()
            scanner = Scanner(services, app=app, heart=heart, stop=stop, stream=world.stream)
            await scanner.plan()
            assert jobs_in(address) == [("share 0", "todo")]
            with psycopg.connect(address) as connection:
                connection.execute("DELETE FROM procrastinate_jobs")
            await scanner.scan(Share(number=0, count=1, circle=circle_of(Symbol("SPY"))))
            assert scanner.ticks is not None
            following = asyncio.create_task(scanner.ticks.follow(stop))
            try:
                yield Room(bench=made, scanner=scanner, address=address)
            finally:
                stop.set()
                await following


async def test_a_tick_above_a_level_has_its_share_looked_at_now(
    tmp_path: Path, address: str
) -> None:
    async with room(tmp_path, address) as stage:
        streamer = stage.bench.server.streamer
        heard = await asyncio.to_thread(streamer.heard.get, timeout=10)
        assert "QQQ" in str(heard)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as listener:
            await listener.execute(DEFERRED)
            moment = int((RUNNING + timedelta(seconds=1)).timestamp() * 1000)
            await asyncio.to_thread(streamer.send, frame("QQQ", 101.5, moment))
            told = [note async for note in listener.notifies(timeout=10, stop_after=1)]
        assert len(told) == 1
        assert jobs_in(address) == [("share 0", "todo")]


async def test_a_tick_below_every_level_defers_nothing_and_one_above_is_one_job(
    tmp_path: Path, address: str
) -> None:
    async with room(tmp_path, address) as stage:
        assert await stage.take(100.9) == []
        assert await stage.take(101.5) == [("share 0", "todo")]
        stage.bench.at(RUNNING + INTERVAL)
        assert await stage.take(101.6) == [("share 0", "todo")]


async def test_a_share_that_others_look_at_since_is_listened_for_no_more(
    tmp_path: Path, address: str
) -> None:
    async with room(tmp_path, address) as stage:
        stage.bench.at(RUNNING + (LATELY + 1) * INTERVAL)
        assert await stage.take(101.5) == []
