"""A gateway: some shards of the connection to Discord. It answers commands."""

import asyncio
import logging

from bot.app import client_maker, open_services, sending_of
from bot.cluster.roles import Shards
from bot.connection import Connection
from bot.delivery.audit import LOOK_EVERY, ChannelAudit
from bot.delivery.breaker import InvalidRequests
from bot.delivery.limiter import Pace
from bot.delivery.refusals import Refusals
from bot.live import DRAIN_SECONDS
from bot.loops import Pulse, every
from bot.settings import Settings
from bot.world import World

log = logging.getLogger(__name__)


async def run_gateway(
    settings: Settings, world: World, token: str, shards: Shards | None, stop: asyncio.Event
) -> None:
    """Hold `shards` (None: as many as Discord asks) until `stop`.

    Raises OperatorError when it cannot go on.
    """
    async with open_services(settings, world, jobs=True) as services:
        held, of = (None, None) if shards is None else (shards.numbers, shards.total)
        make = client_maker(services, InvalidRequests(), shards=held, of=of)
        connection = Connection(make)
        sending = sending_of(services, lambda: connection.client)
        audit = ChannelAudit(
            db=services.db,
            wall=services.wall,
            look=sending.discord.look,
            refusals=Refusals(
                db=services.db, wall=services.wall, pace=Pace(), tell=sending.discord.tell
            ),
            ready=connection.is_ready,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(connection.keep(token, stop))
            looks = Pulse(name="audit of channels")
            group.create_task(every(LOOK_EVERY, audit.run_once, pulse=looks, stop=stop))
            await stop.wait()
            log.info("stopping: letting running commands finish")
            await connection.close(DRAIN_SECONDS)
