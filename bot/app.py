"""The composition root: opens storage, builds the services and what stands on them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TextIO

import discord

from bot.alerts.bulletins import Bulletins
from bot.alerts.facts import AlertFacts
from bot.alerts.levels import Progress
from bot.alerts.personal.book import Personal
from bot.alerts.quiet import bundles
from bot.alerts.quiet.bundles import Bundle
from bot.alerts.quiet.channels import Channels
from bot.alerts.samples import Samples
from bot.alerts.subscriptions import Subscriptions
from bot.alerts.universes import Universes, resolve
from bot.alerts.watch.watcher import Mine, Notice, Watcher
from bot.answers.attached import AttachedBriefs
from bot.answers.bulletin_pass import BulletinPass
from bot.cards.model import Picture
from bot.cards.pictures import alert_chart
from bot.charts.renderer import PictureFailed, Renderer
from bot.client import Highwater, Portion
from bot.clock import LiveClock
from bot.connection import Connection
from bot.delivery.audit import ChannelAudit
from bot.delivery.breaker import InvalidRequests
from bot.delivery.bulletin_sink import BulletinSink
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_feed import publishing
from bot.delivery.discord_sink import DiscordSink, counting
from bot.delivery.limiter import Pace, Pacing
from bot.delivery.notes import Notes
from bot.delivery.personal_sink import PersonalSink
from bot.delivery.publisher import Publisher
from bot.delivery.reader_sink import ReaderSink
from bot.delivery.sink import Sink
from bot.errors import StorageError, Unreachable
from bot.market.listing import Listing
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.sources.yahoo_stream import YahooStream
from bot.market.symbols import Directory
from bot.news.desk import NewsDesk
from bot.news.local_model import LocalModel
from bot.news.scorers import Rules, Scorer
from bot.preferences import Preferences
from bot.services import Services
from bot.settings import Settings
from bot.transcript import TranscriptSink
from bot.world import World
from storage import claims
from storage.alerts import AlertRecord
from storage.database import Database
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Program:
    """Everything built and opened; nothing runs yet."""

    services: Services
    connection: Connection
    watcher: Watcher
    bulletins: BulletinPass
    deliverer: Deliverer
    publisher: Publisher
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
    async with open_services(settings, world) as services:
        db = services.db
        await db.write(claims.release_all)
        written, invalid = asyncio.Event(), InvalidRequests()
        watcher = watcher_of(services, on_alerts=written.set)
        connection = Connection(client_maker(services, invalid))
        sending = sending_of(services, lambda: connection.client, pictures=pictures)
        sink: Sink = sending.sink
        if transcript:
            sink = TranscriptSink(sink, file=transcript, clock=world.clock, db=db)
        pace = Pace()
        deliverer = Deliverer.of(
            db=db,
            sink=sink,
            wall=services.wall,
            pace=pace,
            ready=connection.is_ready,
            tell=sending.discord.tell,
            invalid=invalid,
            pulse=services.delivery,
        )
        publisher = publisher_of(
            services,
            lambda: connection.client,
            pace=pace,
            ready=lambda: connection.is_ready() and not services.delivery.halted,
        )
        audit = ChannelAudit(
            db=db,
            wall=services.wall,
            look=sending.discord.look,
            refusals=deliverer.refusals,
            ready=connection.is_ready,
        )
        yield Program(
            services=services,
            connection=connection,
            watcher=watcher,
            bulletins=BulletinPass(services),
            deliverer=deliverer,
            publisher=publisher,
            audit=audit,
            alerts_written=written,
            stream=world.stream,
        )


@asynccontextmanager
async def open_services(
    settings: Settings, world: World, *, jobs: bool = False, pictures: bool = True
) -> AsyncIterator[Services]:
    """Open storage, and the drawing processes where there will be `pictures`; with `jobs`,
    whatever is owed wakes the senders of a cluster.

    Raises StorageError when the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        db = await open_database(settings, jobs=jobs)
        stack.push_async_callback(db.close)
        stack.push_async_callback(world.source.close)
        renderer = Renderer(settings.chart_workers)
        stack.push_async_callback(renderer.close)
        warming = await stack.enter_async_context(asyncio.TaskGroup())
        if pictures:
            warming.create_task(warm(renderer))
        yield await build(settings, world, db=db, renderer=renderer, is_part=jobs)


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What pays alerts of every kind; `discord` is the innermost part of `sink`."""

    sink: Sink
    discord: DiscordSink


def sending_of(
    services: Services, client: Callable[[], discord.Client], *, pictures: bool = True
) -> Sending:
    """The sinks in front of each other; `client` gives the present client."""
    inner = DiscordSink(
        client,
        draw=drawing(services) if pictures else blank,
        together=together(services.db),
        notes=Notes(AttachedBriefs(services)),
    )
    own = BulletinSink(PersonalSink(inner, client))
    return Sending(sink=ReaderSink(own, services.preferences.notation), discord=inner)


def publisher_of(
    services: Services,
    client: Callable[[], discord.Client],
    *,
    pace: Pacing,
    ready: Callable[[], bool],
) -> Publisher:
    """What publishes the messages of feeds; several processes may run theirs side by side.

    `client` tells of long rate limits (`LONGEST_WAIT`) instead of waiting.
    """
    publish = publishing(client)
    return Publisher(db=services.db, wall=services.wall, publish=publish, pace=pace, ready=ready)


def client_maker(
    services: Services,
    invalid: InvalidRequests,
    *,
    portion: Portion | None = None,
) -> Callable[[asyncio.Event], Highwater]:
    """Makes clients that answer commands; `invalid` counts what Discord bans for. `portion` are
    the shards they hold, None for all."""

    def make(ready: asyncio.Event) -> Highwater:
        client = Highwater(services, became_ready=ready, portion=portion)
        client.http.http_trace = counting(invalid)
        return client

    return make


async def warm(renderer: Renderer) -> None:
    """Start the drawing processes beside everything else; without them answers have no picture."""
    try:
        await renderer.start()
    except PictureFailed as error:
        log.error("%s Answers come without pictures.", error)


async def open_database(settings: Settings, *, jobs: bool = False) -> Database:
    """Raises StorageError with what the operator can do, Unreachable while a server is away."""
    try:
        db = await asyncio.to_thread(Database.open, settings.store, jobs=jobs)
    except StorageAway as error:
        raise Unreachable(str(error)) from error
    except StorageFailure as error:
        raise StorageError(str(error)) from error
    return db


async def build(
    settings: Settings,
    world: World,
    *,
    db: Database,
    renderer: Renderer,
    is_part: bool = False,
) -> Services:
    """The services over an open database."""
    wall = LiveClock()
    market = Market(source=world.source, sessions=world.sessions, clock=world.clock, db=db)
    shipped = Directory.load().with_instruments(await world.source.directory())
    listing = Listing(shipped, file=settings.data_dir / "nasdaqtraded.txt", clock=wall)

    def name_of(symbol: str) -> str:
        instrument = listing.directory.get(symbol)
        return instrument.name if instrument else ""

    return Services(
        settings=settings,
        clock=world.clock,
        wall=wall,
        sessions=world.sessions,
        market=market,
        listing=listing,
        renderer=renderer,
        db=db,
        subscriptions=Subscriptions(db=db, clock=wall, resolve=resolve),
        universes=Universes(
            db=db, wall=wall, is_ticker=lambda text: listing.directory.get(text.upper()) is not None
        ),
        channels=Channels(db=db, clock=world.clock, wall=wall),
        bulletins=Bulletins(db=db, clock=world.clock, wall=wall, sessions=world.sessions),
        personal=Personal(db=db, wall=wall, clock=world.clock),
        preferences=Preferences(db=db, wall=wall, settings=settings),
        samples=Samples(market=market, clock=world.clock, name_of=name_of),
        is_part=is_part,
        news=NewsDesk(market=market, clock=world.clock, db=db, scorer=scorer_of(settings)),
    )


def watcher_of(
    services: Services,
    *,
    market: Market | None = None,
    progress: Progress | None = None,
    on_alerts: Notice = lambda: None,
    mine: Mine = lambda symbol: True,
    releases: bool = True,
) -> Watcher:
    """A watcher over everything that is subscribed to, or the part of it that is `mine`."""
    return Watcher(
        market=market or services.market,
        sessions=services.sessions,
        clock=services.clock,
        wall=services.wall,
        db=services.db,
        subscriptions=services.subscriptions,
        name_of=services.name_of,
        benchmark=Symbol(services.settings.benchmark),
        zone=services.settings.zone,
        progress=progress or services.progress,
        on_alerts=on_alerts,
        mine=mine,
        releases=releases,
    )


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
