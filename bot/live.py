"""The whole program running: the client, the watcher and the deliverer in one TaskGroup."""

import asyncio
import logging
import signal
from collections.abc import Collection
from datetime import timedelta

from bot.alerts.watch.ticks import Ticks
from bot.app import Program
from bot.delivery.audit import LOOK_EVERY
from bot.delivery.publisher import PUBLISH_EVERY
from bot.loops import Pulse, every
from bot.market import listing as listings
from bot.market.asof import AsOf
from bot.market.model import Symbol
from bot.market.sources.yahoo_stream import YahooStream
from bot.reporter import Reporter
from bot.services import Services
from bot.watchdog import Passes, tell_systemd
from bot.web.board import Board
from bot.web.server import HealthServer, Look

log = logging.getLogger(__name__)

DELIVER_EVERY = timedelta(seconds=5)
"""How often the outbox is looked at when nobody says that something is in it."""
FOLLOW_EVERY = timedelta(seconds=30)
"""How often to see whether a session runs whose quotes can be streamed."""
BULLETINS_EVERY = timedelta(minutes=1)
"""How often to see whether a scorecard or a watchlist is due."""
DRAIN_SECONDS = 10.0
"""How long a stop waits for commands that are being answered."""


async def run_live(program: Program, token: str, stop: asyncio.Event) -> None:
    """The client, the watcher and the deliverer, until `stop`.

    Raises OperatorError when one of them cannot go on.
    """
    settings = program.services.settings
    scan, deliver = Pulse(name="watcher"), Pulse(name="deliverer")
    deliver.wake = program.alerts_written
    interval = timedelta(seconds=settings.scan_interval)
    reporter = Reporter(program.services, program.connection, scan)
    pages = pages_of(program.services, reporter.report, port=settings.web_port)
    await pages.start()

    async def owe_bulletins() -> None:
        if await program.bulletins.run_once():
            program.alerts_written.set()

    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(program.connection.keep(token, stop))
        group.create_task(every(interval, program.watcher.run_once, pulse=scan, stop=stop))
        group.create_task(
            every(DELIVER_EVERY, program.deliverer.run_once, pulse=deliver, stop=stop)
        )
        feeds = Pulse(name="publisher")
        group.create_task(every(PUBLISH_EVERY, program.publisher.run_once, pulse=feeds, stop=stop))
        group.create_task(keep_listing(program.services, stop))
        if program.stream is not None:
            ticks = ticks_of(program, program.stream, scan)
            follow = Pulse(name="stream")
            group.create_task(
                every(FOLLOW_EVERY, lambda: ticks.follow(stop), pulse=follow, stop=stop)
            )
        notes = Pulse(name="bulletins")
        group.create_task(every(BULLETINS_EVERY, owe_bulletins, pulse=notes, stop=stop))
        passes, sending = (
            Passes(scan, now=asyncio.get_running_loop().time),
            program.services.delivery,
        )
        moves = (passes.move, lambda: sending.stuck_since is None)
        group.create_task(tell_systemd(moves, ready=program.connection.is_ready, stop=stop))
        looks = Pulse(name="audit of channels")
        group.create_task(every(LOOK_EVERY, program.audit.run_once, pulse=looks, stop=stop))
        await stop.wait()
        log.info("stopping: letting running commands finish")
        await program.connection.close(DRAIN_SECONDS)
        keeping.cancel()  # discord.py goes on launching shards after it was closed
    await pages.stop()


async def keep_listing(services: Services, stop: asyncio.Event) -> None:
    """Keep the symbol directory fresh until `stop`, where the market is a real one."""
    if not isinstance(services.market.source, AsOf):
        lists = Pulse(name="symbol directory")
        await every(listings.LOOK_EVERY, services.listing.refresh, pulse=lists, stop=stop)


def pages_of(services: Services, look: Look, *, port: int) -> HealthServer:
    """The HTTP server of what `look` reports, with the board where the settings have it."""
    return HealthServer(
        look,
        port=port,
        host=services.settings.web_host,
        routes=Board(services).routes() if services.settings.serves_board else (),
    )


def ticks_of(program: Program, stream: YahooStream, scan: Pulse) -> Ticks:
    """The stream joined to the watcher: it hears of every poll, and may ask for one."""
    services = program.services

    async def wake(symbols: Collection[Symbol]) -> None:
        scan.wake.set()

    ticks = Ticks(
        stream,
        clock=services.clock,
        sessions=services.sessions,
        crossing=program.watcher.crossing,
        wake=wake,
    )
    program.watcher.on_quotes = ticks.watch
    return ticks


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a clean stop; a second one of them is no different."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
