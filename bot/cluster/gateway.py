"""A gateway: some shards of the connection to Discord. It answers commands.

Shards belong to one process at a time. A gateway that wants some of those that another holds, or
counts them differently, stands by and takes over when the other is gone.
"""

import asyncio
import logging

from bot.app import client_maker, open_services, sending_of
from bot.client import Portion
from bot.clock import LiveClock
from bot.cluster.roles import Role, Shards
from bot.cluster.starts import Slots, Starts, starts_of
from bot.connection import Connection
from bot.delivery.audit import LOOK_EVERY, ChannelAudit
from bot.delivery.breaker import InvalidRequests
from bot.delivery.limiter import Pace
from bot.delivery.refusals import Refusals
from bot.live import DRAIN_SECONDS, keep_listing, pages_of
from bot.loops import Pulse, every
from bot.market.sessions import Sessions
from bot.reporter import ConnectionReporter
from bot.services import Services
from bot.settings import Settings
from bot.turn import Claim, part, turn
from bot.watchdog import tell_systemd
from bot.web.health import Report
from bot.web.server import HealthServer, Look
from bot.world import live_world
from storage import turns
from storage.connection import Connection as StorageConnection

log = logging.getLogger(__name__)


async def run_gateway(
    settings: Settings, sessions: Sessions, token: str, shards: Shards | None, stop: asyncio.Event
) -> None:
    """Hold `shards` (None: as many as Discord asks) until `stop`.

    Raises OperatorError when it cannot go on.
    """
    held = shards or Shards.all_of((await starts_of(settings, token)).shards)
    waiting = HealthServer(standing_by(held), port=settings.web_port, host=settings.web_host)
    await waiting.start()
    async with turn(settings, stop, claim=claim_of(held)) as ours:
        await waiting.stop()
        if not ours:
            return
        starts = await starts_of(settings, token)
        starts.refuse(len(held.numbers))
        log.info("holding the shards %s", held)
        if starts.shards > held.total:
            log.warning("Discord recommends %d shards, not %d", starts.shards, held.total)
        await _live(settings, sessions, token, held, starts, stop)


def standing_by(held: Shards) -> Look:
    """What a gateway that waits for its shards reports."""
    started = LiveClock().now()

    async def report() -> Report:
        return Report(
            started=started,
            vitals=(),
            role=Role.GATEWAY,
            shards=str(held),
            stands_by="another part holds its shards",
        )

    return report


def claim_of(shards: Shards) -> Claim:
    """The turn of a gateway: nobody else may hold any of its shards."""
    prefix = f"{turns.OF_PARTS}{Role.GATEWAY} "

    def others(connection: StorageConnection, owner: str) -> str:
        for one in turns.alive(connection, prefix):
            theirs = Shards.parse(one.name.removeprefix(prefix))
            if one.owner != owner and shards.overlaps(theirs):
                return f"{one.owner} holds the shards {theirs}, and this one is for {shards}"
        return ""

    return part(f"{Role.GATEWAY} {shards}", others)


def audit_of(services: Services, connection: Connection, held: Shards) -> ChannelAudit:
    """That of the channels of these shards' servers."""
    discord = sending_of(services, lambda: connection.client).discord
    return ChannelAudit(
        db=services.db,
        wall=services.wall,
        look=discord.look,
        refusals=Refusals(db=services.db, wall=services.wall, pace=Pace(), tell=discord.tell),
        ready=connection.is_ready,
        ours=held.holds,
    )


async def _live(
    settings: Settings,
    sessions: Sessions,
    token: str,
    held: Shards,
    starts: Starts,
    stop: asyncio.Event,
) -> None:
    async with open_services(settings, live_world(settings, sessions), jobs=True) as services:
        slots = Slots(services.db, buckets=starts.buckets)
        portion = Portion(numbers=held.numbers, total=held.total, slot=slots.wait)
        connection = Connection(client_maker(services, InvalidRequests(), portion=portion))
        audit = audit_of(services, connection, held)
        look = ConnectionReporter(services, connection).look
        started = services.wall.now()

        async def report() -> Report:
            return Report(started=started, vitals=(look(),), role=Role.GATEWAY, shards=str(held))

        pages = pages_of(services, report, port=settings.web_port)
        await pages.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(tell_systemd((), ready=connection.is_ready, stop=stop))
            keeping = group.create_task(connection.keep(token, stop))
            group.create_task(keep_listing(services, stop))
            looks = Pulse(name="audit of channels")
            group.create_task(every(LOOK_EVERY, audit.run_once, pulse=looks, stop=stop))
            await stop.wait()
            log.info("stopping: letting running commands finish")
            await connection.close(DRAIN_SECONDS)
            keeping.cancel()  # discord.py goes on launching shards after it was closed
        await pages.stop()
