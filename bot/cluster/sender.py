"""A sender pays what is owed, chunk by chunk, and talks to Discord's REST interface alone."""

import asyncio
import logging
from contextvars import ContextVar
from datetime import timedelta

import aiohttp
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from bot.alerts.pulse import DeliveryPulse
from bot.app import open_services, publisher_of, sending_of
from bot.client import logged_in
from bot.cluster.heart import Heart, beating
from bot.cluster.jobs import UPKEEP, app_at, wake, work
from bot.cluster.pace import SharedPace
from bot.cluster.roles import Role
from bot.cluster.upkeep import Upkeep
from bot.delivery.breaker import InvalidRequests
from bot.delivery.deliverer import Deliverer, Share
from bot.delivery.discord_sink import HeldBack, counting
from bot.delivery.payments import Payments
from bot.delivery.publisher import PUBLISH_EVERY, Publisher
from bot.errors import OperatorError
from bot.loops import Pulse, every
from bot.reporter import PayReporter
from bot.services import Services
from bot.settings import Settings
from bot.watchdog import tell_systemd
from bot.web.health import Report
from bot.web.server import HealthServer
from bot.world import World
from storage import claims
from storage.claims import Part
from storage.errors import StorageAway
from storage.jobs import DELIVER, DELIVERIES

log = logging.getLogger(__name__)

JOBS = 8
"""Chunks worked on at the same time."""
LANES = 8
"""Channels of a chunk paid at the same time."""
MESSAGES = 16
"""A job makes way for the other chunks after about so many messages."""
LET_GO_EVERY = timedelta(seconds=2)
HALTED_SECONDS = 5
"""When a chunk is looked at again while nothing may be sent."""
LIFE: ContextVar[str] = ContextVar("life")
"""In whose name the requests of a task were claimed."""


class Sender:
    """Does the jobs of chunks; `failure` is why it cannot go on."""

    def __init__(
        self,
        services: Services,
        *,
        app: App,
        heart: Heart,
        payments: Payments,
        invalid: InvalidRequests,
        stop: asyncio.Event,
    ) -> None:
        self._services = services
        self._app = app
        self._heart = heart
        self._payments = payments
        self._invalid = invalid
        self._stop = stop
        self._at_work: dict[int, DeliveryPulse] = {}
        self.failure: OperatorError | None = None

    def register(self) -> None:
        """Take the jobs of chunks from now on."""

        @self._app.task(name=DELIVER, queue=DELIVERIES)
        async def deliver(chunk: int) -> None:
            await self.deliver(chunk)

    async def deliver(self, chunk: int) -> None:
        """Pay a chunk's share, and see to it that the rest is paid."""
        if chunk in self._at_work:
            return  # this process stood still, its job was given away and has come back
        pulse = self._at_work[chunk] = DeliveryPulse()
        try:
            await self._deliver(chunk, pulse)
        except StorageAway as error:
            log.warning("chunk %d: %s", chunk, error)
        except ConnectorException as error:
            log.warning("chunk %d: no job for the rest: %s", chunk, error.__cause__ or error)
        except OperatorError as error:
            self.failure = error
            self._stop.set()
        except Exception:
            log.exception("chunk %d could not be paid; it is tried again", chunk)
        finally:
            del self._at_work[chunk]

    async def let_go(self) -> None:
        """Take back claims that were committed though this process was told otherwise. Raises
        StorageFailure."""
        owner, at_work = self._heart.owner, list(self._at_work)
        found = await self._services.db.write(
            lambda c: claims.let_go(c, owner, at_work=at_work), alone=False
        )
        if found:
            log.warning("%d alert(s) were claimed without this process knowing", found)

    def sum_up(self) -> None:
        """Bring what others may know of all chunks up to date."""
        whole, pulses = self._services.delivery, self._at_work.values()
        stuck = [pulse.stuck_since for pulse in pulses if pulse.stuck_since is not None]
        whole.stuck_since = min(stuck, default=None)
        whole.halted = next((pulse.halted for pulse in pulses if pulse.halted), "")
        whole.lanes = sum(pulse.lanes for pulse in pulses)
        whole.last_paid = self._payments.last_paid

    async def _deliver(self, chunk: int, pulse: DeliveryPulse) -> None:
        owner = self._heart.owner
        LIFE.set(owner)
        deliverer = Deliverer(
            self._payments,
            db=self._services.db,
            wall=self._services.wall,
            ready=lambda: self._heart.beats(owner) and not self._stop.is_set(),
            invalid=self._invalid,
            pulse=pulse,
            share=Share(part=Part(chunk=chunk, owner=owner), messages=MESSAGES, lanes=LANES),
        )
        await deliverer.run_once()
        if deliverer.has_had_its_share:
            await wake(self._app, chunk)
        elif deliverer.halted:
            await wake(self._app, chunk, in_seconds=HALTED_SECONDS)


async def run_sender(
    settings: Settings, world: World, token: str, stop: asyncio.Event, *, pictures: bool = True
) -> None:
    """Pay until `stop`. Raises OperatorError when it cannot go on."""
    app = app_at(str(settings.store))
    async with (
        open_services(settings, world, jobs=True, pictures=pictures) as services,
        beating(settings, Role.SENDER, stop) as heart,
        app.open_async(),
    ):
        invalid = InvalidRequests()
        async with logged_in(token, traces(invalid, heart)) as client:
            sending = sending_of(services, lambda: client, pictures=pictures)
            pace = SharedPace(services.db, "sends to Discord")
            payments = Payments(
                db=services.db,
                sink=sending.sink,
                wall=services.wall,
                pace=pace,
                tell=sending.discord.tell,
            )
            sender = Sender(
                services, app=app, heart=heart, payments=payments, invalid=invalid, stop=stop
            )
            publisher = publisher_of(services, lambda: client, pace=pace, ready=heart.is_beating)
            sender.register()
            Upkeep(app, services.db, services.wall).register()
            log.info("paying what is owed, as %s", heart.owner)
            await _work(sender, publisher, services, heart, app, stop)
        if sender.failure is not None:
            raise sender.failure


async def _work(
    sender: Sender,
    publisher: Publisher,
    services: Services,
    heart: Heart,
    app: App,
    stop: asyncio.Event,
) -> None:
    started, paying = services.wall.now(), PayReporter(services, heart.is_beating)

    async def report() -> Report:
        sender.sum_up()
        return Report(started=started, vitals=(await paying.look(),), role=Role.SENDER)

    def moves() -> bool:
        sender.sum_up()
        return services.delivery.stuck_since is None

    settings = services.settings
    pages = HealthServer(report, port=settings.web_port, host=settings.web_host)
    await pages.start()
    feeds = Pulse(name="publisher")
    async with asyncio.TaskGroup() as group:
        group.create_task(every(PUBLISH_EVERY, publisher.run_once, pulse=feeds, stop=stop))
        claims = Pulse(name="claims")
        group.create_task(every(LET_GO_EVERY, sender.let_go, pulse=claims, stop=stop))
        group.create_task(tell_systemd((moves,), ready=heart.is_beating, stop=stop))
        for queue, at_once in ((DELIVERIES, JOBS), (UPKEEP, 1)):
            pulse = Pulse(name=queue)
            group.create_task(work(app, [queue], at_once=at_once, pulse=pulse, stop=stop))
    await pages.stop()


def traces(invalid: InvalidRequests, heart: Heart) -> aiohttp.TraceConfig:
    """Counts what Discord may ban us for, and lets no request out whose claim may have been
    taken over: this is the last moment before it is on its way."""

    async def refuse(
        session: aiohttp.ClientSession, context: object, start: aiohttp.TraceRequestStartParams
    ) -> None:
        life = LIFE.get("")
        if life and not heart.beats(life):
            raise HeldBack("this process stood still; others may have sent it")

    trace = counting(invalid)
    trace.on_request_start.append(refuse)
    return trace
