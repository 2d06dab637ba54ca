"""The composition root: opens storage, builds the services, runs everything in one TaskGroup."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

from bot.alerts import bundles
from bot.alerts.bulletins import Bulletins
from bot.alerts.bundles import Bundle
from bot.alerts.channels import Channels
from bot.alerts.facts import AlertFacts
from bot.alerts.personal import Personal
from bot.alerts.samples import Samples
from bot.alerts.subscriptions import Subscriptions
from bot.alerts.ticks import Ticks
from bot.alerts.universes import Universes, resolve
from bot.alerts.watcher import Watcher
from bot.answers.attached import AttachedBriefs
from bot.answers.bulletin_pass import BulletinPass
from bot.cards.model import Picture
from bot.cards.pictures import alert_chart
from bot.charts.renderer import PictureFailed, Renderer
from bot.client import Highwater
from bot.clock import LiveClock
from bot.connection import Connection
from bot.delivery.audit import LOOK_EVERY, ChannelAudit
from bot.delivery.breaker import InvalidRequests
from bot.delivery.bulletin_sink import BulletinSink
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink, counting
from bot.delivery.notes import Notes
from bot.delivery.personal_sink import PersonalSink
from bot.delivery.reader_sink import ReaderSink
from bot.errors import StorageError, Unreachable
from bot.loops import Pulse, every
from bot.market import listing as listings
from bot.market.asof import AsOf
from bot.market.listing import Listing
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.sources.yahoo_stream import YahooStream
from bot.market.symbols import Directory
from bot.news.desk import NewsDesk
from bot.news.local_model import LocalModel
from bot.news.scorers import Rules, Scorer
from bot.preferences import Preferences
from bot.reporter import Reporter
from bot.services import Services
from bot.settings import Settings, notify_socket
from bot.transcript import TranscriptSink
from bot.watchdog import TELL_EVERY, Watchdog
from bot.web.board import Board
from bot.web.server import HealthServer
from bot.world import World
from storage import alerts
from storage.alerts import AlertRecord
from storage.database import Database
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)

DELIVER_EVERY = timedelta(seconds=5)
"""How often the outbox is looked at when nobody says that something is in it."""
FOLLOW_EVERY = timedelta(seconds=30)
"""How often to see whether a session runs whose quotes can be streamed."""
BULLETINS_EVERY = timedelta(minutes=1)
"""How often to see whether a scorecard or a watchlist is due."""
DRAIN_SECONDS = 10.0
"""How long a stop waits for commands that are being answered."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """Everything built and opened; nothing runs yet."""

    services: Services
    connection: Connection
    watcher: Watcher
    bulletins: BulletinPass
    deliverer: Deliverer
    audit: ChannelAudit
    alerts_written: asyncio.Event
    stream: YahooStream | None = None


@asynccontextmanager
async def open_program(
    settings: Settings,
    world: World,
    *,
    transcript: TextIO | None = None,
    pictures: bool = True,
) -> AsyncIterator[Program]:
    """Open storage and the drawing processes, build the services, close all at the end.

    Raises StorageError when the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        db = await open_database(settings)
        await db.write(alerts.release_all)
        stack.push_async_callback(db.close)
        stack.push_async_callback(world.source.close)
        renderer = Renderer(settings.chart_workers)
        stack.push_async_callback(renderer.close)
        warming = await stack.enter_async_context(asyncio.TaskGroup())
        warming.create_task(warm(renderer))
        services, watcher, written = await build(settings, world, db=db, renderer=renderer)
        invalid = InvalidRequests()

        def make_client(ready: asyncio.Event) -> Highwater:
            client = Highwater(services, became_ready=ready)
            client.http.http_trace = counting(invalid)
            return client

        connection = Connection(make_client)
        discord_sink = DiscordSink(
            lambda: connection.client,
            draw=drawing(services) if pictures else blank,
            together=together(db),
            notes=Notes(AttachedBriefs(services)),
        )
        personal_sink = PersonalSink(discord_sink, lambda: connection.client)
        sink = ReaderSink(BulletinSink(personal_sink), services.preferences.notation)
        deliverer = Deliverer(
            db=db,
            sink=TranscriptSink(sink, file=transcript, clock=world.clock, db=db)
            if transcript
            else sink,
            wall=services.wall,
            ready=connection.is_ready,
            tell=discord_sink.tell,
            invalid=invalid,
            pulse=services.delivery,
        )
        audit = ChannelAudit(
            db=db,
            wall=services.wall,
            look=discord_sink.look,
            refusals=deliverer.refusals,
            ready=connection.is_ready,
        )
        yield Program(
            services=services,
            connection=connection,
            watcher=watcher,
            bulletins=BulletinPass(services),
            deliverer=deliverer,
            audit=audit,
            alerts_written=written,
            stream=world.stream,
        )


async def warm(renderer: Renderer) -> None:
    """Start the drawing processes beside everything else; without them answers have no picture."""
    try:
        await renderer.start()
    except PictureFailed as error:
        log.error("%s Answers come without pictures.", error)


async def open_database(settings: Settings) -> Database:
    """Raises StorageError with what the operator can do, Unreachable while a server is away."""
    try:
        db = await asyncio.to_thread(Database.open, settings.store)
    except StorageAway as error:
        raise Unreachable(str(error)) from error
    except StorageFailure as error:
        raise StorageError(str(error)) from error
    return db


async def build(
    settings: Settings, world: World, *, db: Database, renderer: Renderer
) -> tuple[Services, Watcher, asyncio.Event]:
    """The services over an open database, the watcher, and the event it sets."""
    wall = LiveClock()
    written = asyncio.Event()
    market = Market(source=world.source, sessions=world.sessions, clock=world.clock, db=db)
    shipped = Directory.load().with_instruments(await world.source.directory())
    listing = Listing(shipped, file=settings.data_dir / "nasdaqtraded.txt", clock=wall)
    subscriptions = Subscriptions(db=db, clock=wall, resolve=resolve)

    def name_of(symbol: str) -> str:
        instrument = listing.directory.get(symbol)
        return instrument.name if instrument else ""

    watcher = Watcher(
        market=market,
        sessions=world.sessions,
        clock=world.clock,
        wall=wall,
        db=db,
        subscriptions=subscriptions,
        name_of=name_of,
        benchmark=Symbol(settings.benchmark),
        zone=settings.zone,
        on_alerts=written.set,
    )
    services = Services(
        settings=settings,
        clock=world.clock,
        wall=wall,
        sessions=world.sessions,
        market=market,
        listing=listing,
        renderer=renderer,
        db=db,
        subscriptions=subscriptions,
        universes=Universes(
            db=db, wall=wall, is_ticker=lambda text: listing.directory.get(text.upper()) is not None
        ),
        channels=Channels(db=db, clock=world.clock, wall=wall),
        bulletins=Bulletins(db=db, clock=world.clock, wall=wall, sessions=world.sessions),
        personal=Personal(db=db, wall=wall, clock=world.clock),
        preferences=Preferences(db=db, wall=wall, settings=settings),
        samples=Samples(market=market, clock=world.clock, name_of=name_of),
        progress=watcher.progress,
        news=NewsDesk(market=market, clock=world.clock, db=db, scorer=scorer_of(settings)),
    )
    return services, watcher, written


def scorer_of(settings: Settings) -> Scorer:
    """Who reads the headlines. Raises SettingsError for a model that cannot be used."""
    folder = settings.sentiment_model
    return Rules() if folder is None else LocalModel(folder)


def drawing(services: Services) -> Callable[[AlertFacts], Awaitable[Picture | None]]:
    """Draws an alert's chart from the bars as they are known now."""

    async def draw(facts: AlertFacts) -> Picture | None:
        bars = await services.market.bars(facts.symbol, running=facts.close is None)
        spec = alert_chart(bars, facts)
        png = await services.renderer.draw(spec)
        return Picture(filename=f"{facts.symbol}-{facts.kind}.png", png=png, alt=spec.alt)

    return draw


def together(db: Database) -> Callable[[AlertRecord], Awaitable[Bundle | None]]:
    """Reads what the message of an alert shows besides the alert."""

    async def read(alert: AlertRecord) -> Bundle | None:
        return await db.read(lambda c: bundles.read(c, alert))

    return read


async def blank(facts: AlertFacts) -> Picture | None:
    """No picture, for replays that only want the words."""
    return None


async def run_live(program: Program, token: str, stop: asyncio.Event) -> None:
    """The client, the watcher and the deliverer, until `stop`.

    Raises OperatorError when one of them cannot go on.
    """
    settings = program.services.settings
    scan, deliver = Pulse(name="watcher"), Pulse(name="deliverer")
    deliver.wake = program.alerts_written
    interval = timedelta(seconds=settings.scan_interval)
    pages = pages_of(program, scan, port=settings.web_port)
    await pages.start()

    async def owe_bulletins() -> None:
        if await program.bulletins.run_once():
            program.alerts_written.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(program.connection.keep(token, stop))
        group.create_task(every(interval, program.watcher.run_once, pulse=scan, stop=stop))
        group.create_task(
            every(DELIVER_EVERY, program.deliverer.run_once, pulse=deliver, stop=stop)
        )
        if not isinstance(program.services.market.source, AsOf):
            lists = Pulse(name="symbol directory")
            refresh = program.services.listing.refresh
            group.create_task(every(listings.LOOK_EVERY, refresh, pulse=lists, stop=stop))
        if program.stream is not None:
            ticks = ticks_of(program, program.stream, scan)
            follow = Pulse(name="stream")
            group.create_task(
                every(FOLLOW_EVERY, lambda: ticks.follow(stop), pulse=follow, stop=stop)
            )
        notes = Pulse(name="bulletins")
        group.create_task(every(BULLETINS_EVERY, owe_bulletins, pulse=notes, stop=stop))
        if (address := notify_socket()) is not None:
            watchdog = Watchdog(
                address,
                scan=scan,
                delivery=program.deliverer.pulse,
                ready=program.connection.is_ready,
                now=asyncio.get_running_loop().time,
            )
            told = Pulse(name="watchdog")
            group.create_task(every(TELL_EVERY, watchdog.run_once, pulse=told, stop=stop))
        looks = Pulse(name="audit of channels")
        group.create_task(every(LOOK_EVERY, program.audit.run_once, pulse=looks, stop=stop))
        await stop.wait()
        log.info("stopping: letting running commands finish")
        await program.connection.close(DRAIN_SECONDS)
    await pages.stop()


def pages_of(program: Program, scan: Pulse, *, port: int) -> HealthServer:
    """The HTTP server of a program, with the board where the settings have it."""
    services = program.services
    return HealthServer(
        Reporter(services, program.connection, program.deliverer, scan).figures,
        port=port,
        host=services.settings.web_host,
        routes=Board(services).routes() if services.settings.serves_board else (),
    )


def ticks_of(program: Program, stream: YahooStream, scan: Pulse) -> Ticks:
    """The stream joined to the watcher: it hears of every poll, and may ask for one."""
    services = program.services
    ticks = Ticks(
        stream,
        clock=services.clock,
        sessions=services.sessions,
        crossing=program.watcher.crossing,
        wake=scan.wake.set,
    )
    program.watcher.on_quotes = ticks.watch
    return ticks


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a clean stop; a second one of them is no different."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
