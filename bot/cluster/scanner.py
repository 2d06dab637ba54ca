"""A scanner looks at the market, share by share: jobs that are deferred by the clock.

There is no leader. Every scanner defers the same jobs at the same moments, the database keeps one
of each, and whoever is free takes it. What a share's watcher remembers between passes is only
good while nobody else has looked at the share: one that changes hands is begun anew from the
database. Ticks of the shares that this scanner looked at lately defer a job between the moments.
"""

import asyncio
import logging
from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from bot.alerts.levels import Progress
from bot.alerts.quiet.lines import circle_of
from bot.alerts.watch.ticks import Stream, Ticks
from bot.alerts.watch.watcher import Watcher
from bot.answers.bulletin_pass import BulletinPass
from bot.app import open_services, watcher_of
from bot.cluster.heart import Heart, beating
from bot.cluster.jobs import UPKEEP, app_at, work
from bot.cluster.roles import Role
from bot.cluster.shares import Share, shares_for
from bot.cluster.upkeep import Upkeep
from bot.errors import DatabaseAway, OperatorError, RetryableError
from bot.live import FOLLOW_EVERY, keep_listing
from bot.loops import Pulse, every
from bot.market.market import Market
from bot.market.model import Quote, Symbol
from bot.services import Services
from bot.settings import Settings
from bot.watchdog import tell_systemd
from bot.web.health import Report, Watching
from bot.web.server import HealthServer
from bot.world import World
from storage import scans
from storage.database import FENCE
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)

SCANS = "scans"
BULLETINS = "bulletins"
AT_ONCE = 2
"""Jobs a scanner does at the same time: one computes while another waits for its source."""
LATELY = 3
"""Intervals after which a share that others look at since is listened for no more."""


class Scanner:
    """Does the jobs of shares; `failure` is why it cannot go on. With a `stream`, `ticks` is to
    be followed."""

    def __init__(
        self,
        services: Services,
        *,
        app: App,
        heart: Heart,
        stop: asyncio.Event,
        stream: Stream | None = None,
    ) -> None:
        self._services = services
        self._app = app
        self._heart = heart
        self._stop = stop
        self._circle = circle_of(Symbol(services.settings.benchmark))
        self._planner = watcher_of(services)
        self._watchers: dict[Share, Watcher] = {}
        self._polled: dict[Share, tuple[datetime, Mapping[Symbol, Quote]]] = {}
        self._at_work: set[Share] = set()
        self.ticks = None if stream is None else self._ticks(stream)
        self._started = services.wall.now()
        self._bulletins = BulletinPass(services)
        self.failure: OperatorError | None = None

    def register(self) -> None:
        """Take the jobs from now on, and defer them at their moments."""
        every = cron_of(self._services.settings.scan_interval)

        @self._app.periodic(cron=every)
        @self._app.task(name="scan", queue=SCANS, queueing_lock="scan")
        async def scan(timestamp: int) -> None:
            await self._safely(self.plan())

        @self._app.task(name="scan share", queue=SCANS)
        async def scan_share(number: int, count: int) -> None:
            share = Share(number=number, count=count, circle=self._circle)
            await self._safely(self.scan(share))

        @self._app.periodic(cron="* * * * *")
        @self._app.task(name=BULLETINS, queue=SCANS, queueing_lock=BULLETINS, lock=BULLETINS)
        async def bulletins(timestamp: int) -> None:
            await self._safely(self._bulletins.run_once())

    async def plan(self) -> None:
        """Defer the jobs of a pass: one for each share that none waits for."""
        wishes = await self._services.subscriptions.wishes()
        wanted = await self._planner.wanted(wishes)
        for share in shares_for(len(wanted), self._circle):
            await self._defer(share)

    async def _defer(self, share: Share) -> None:
        lock = f"share {share.number}"
        deferrer = self._app.configure_task(
            "scan share", queue=SCANS, lock=lock, queueing_lock=lock
        )
        try:
            await deferrer.defer_async(number=share.number, count=share.count)
        except AlreadyEnqueued:
            log.debug("share %s is waited for already", share)

    async def scan(self, share: Share) -> None:
        """One pass over a share. Raises what `Watcher.run_once` raises."""
        if share in self._at_work:
            return  # this process stood still, its job was given away and has come back
        self._at_work.add(share)
        owner, now = self._heart.owner, self._services.now()
        FENCE.set(self._heart.fence(owner))
        try:
            before = await self._services.db.write(lambda c: scans.hand_over(c, str(share), owner))
            if before != owner or share not in self._watchers:
                self._watchers[share] = self._new_watcher(share)
            await self._watchers[share].run_once()
            await self._services.db.write(lambda c: scans.done(c, str(share), market_time=now))
        except (StorageFailure, DatabaseAway):
            self._watchers.pop(share, None)  # what it remembers may not be what is stored
            raise
        finally:
            self._at_work.discard(share)

    async def report(self) -> Report:
        """How far all scanners have come, and what this one knows of its shares' symbols."""
        services = self._services
        passes = await services.db.read(scans.passes)
        progress = [watcher.progress for watcher in self._watchers.values()]
        watching = Watching(
            now=services.wall.now(),
            started=self._started,
            interval=timedelta(seconds=services.settings.scan_interval),
            last_pass=min(passes.values(), default=None),
            symbols=sum(one.symbols for one in progress),
            unavailable=sum(len(one.unavailable) for one in progress),
        )
        return Report(started=self._started, vitals=(watching,), role=Role.SCANNER)

    def _new_watcher(self, share: Share) -> Watcher:
        services = self._services
        market = Market(
            source=services.market.source,
            sessions=services.sessions,
            clock=services.clock,
            db=services.db,
        )
        watcher = watcher_of(
            services,
            market=market,
            progress=Progress(),
            mine=share.has,
            releases=share.number == 0,
        )
        if self.ticks is not None:
            watcher.on_quotes = partial(self._listen, self.ticks, share)
        return watcher

    def _ticks(self, stream: Stream) -> Ticks:
        services = self._services
        return Ticks(
            stream,
            clock=services.clock,
            sessions=services.sessions,
            crossing=self._crossing,
            wake=self._wake,
        )

    async def _listen(self, ticks: Ticks, share: Share, polled: Mapping[Symbol, Quote]) -> None:
        """From now on, ticks of this share count, beside those of the others of late."""
        self._polled[share] = (self._services.now(), polled)
        self._polled = {share: self._polled[share] for share in self._lately()}
        await ticks.watch({s: q for _, quotes in self._polled.values() for s, q in quotes.items()})

    def _lately(self) -> list[Share]:
        since = self._services.now() - LATELY * timedelta(
            seconds=self._services.settings.scan_interval
        )
        return [share for share, (at, _) in self._polled.items() if at >= since]

    def _crossing(self, quotes: Sequence[Quote]) -> set[Symbol]:
        found: set[Symbol] = set()
        for share in self._lately():
            if share in self._watchers:
                own = [quote for quote in quotes if share.has(quote.symbol)]
                found |= self._watchers[share].crossing(own)
        return found

    async def _wake(self, symbols: Collection[Symbol]) -> None:
        for share in self._lately():
            if any(map(share.has, symbols)):
                await self._safely(self._defer(share))

    async def _safely(self, job: Awaitable[object]) -> None:
        """A job that fails is done again at the next moment, unless waiting mends nothing."""
        try:
            await job
        except OperatorError as error:
            self.failure = error
            self._stop.set()
        except (RetryableError, StorageAway, ConnectorException) as error:
            log.warning("%s", error.__cause__ or error)
        except Exception:
            log.exception("a scan failed; it is tried again at its next moment")


def cron_of(seconds: int) -> str:
    """The nearest interval that a clock's hands can show: `*/5` seconds, `*/15` minutes.

    >>> cron_of(20), cron_of(60), cron_of(900), cron_of(3600)
    ('* * * * * */20', '*/1 * * * *', '*/15 * * * *', '0 * * * *')
    """
    if seconds < 60:
        return f"* * * * * */{seconds}"
    minutes = round(seconds / 60)
    return f"*/{minutes} * * * *" if minutes < 60 else "0 * * * *"


async def run_scanner(settings: Settings, world: World, stop: asyncio.Event) -> None:
    """Look at the market until `stop`. Raises OperatorError when it cannot go on."""
    app = app_at(str(settings.store))
    async with (
        open_services(settings, world, jobs=True, pictures=False) as services,
        beating(settings, Role.SCANNER, stop) as heart,
        app.open_async(),
    ):
        scanner = Scanner(services, app=app, heart=heart, stop=stop, stream=world.stream)
        scanner.register()
        Upkeep(app, services.db, services.wall).register()
        log.info("looking at the market, as %s", heart.owner)
        pages = HealthServer(scanner.report, port=settings.web_port, host=settings.web_host)
        await pages.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_listing(services, stop))
            group.create_task(tell_systemd((), ready=heart.is_beating, stop=stop))
            if (ticks := scanner.ticks) is not None:
                follow = Pulse(name="stream")
                group.create_task(
                    every(FOLLOW_EVERY, lambda: ticks.follow(stop), pulse=follow, stop=stop)
                )
            for queue, at_once in ((SCANS, AT_ONCE), (UPKEEP, 1)):
                pulse = Pulse(name=queue)
                group.create_task(work(app, [queue], at_once=at_once, pulse=pulse, stop=stop))
        await pages.stop()
    if scanner.failure is not None:
        raise scanner.failure
