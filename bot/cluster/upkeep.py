"""What keeps a cluster going when parts of it die: every second, by whichever part is there.

Claims of senders that are gone become due again, jobs of workers that are gone are given to
others, and a chunk that is owed something while no job is for it gets one.
"""

import logging

from procrastinate import App
from procrastinate.exceptions import ConnectorException

from bot.clock import Clock
from bot.cluster.jobs import UPKEEP, revive, wake
from bot.cluster.roles import Role
from storage import alerts, claims, jobs, turns
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageAway

log = logging.getLogger(__name__)


class Upkeep:
    """`run_once()` looks once; `wall` is the real time."""

    def __init__(self, app: App, db: Database, wall: Clock) -> None:
        self._app = app
        self._db = db
        self._wall = wall

    def register(self) -> None:
        """Make it a job of every second, which whoever is free takes."""

        # Without a lock of its own: were its worker killed, nobody would be left to notice.
        @self._app.periodic(cron="* * * * * *")
        @self._app.task(name=UPKEEP, queue=UPKEEP, queueing_lock=UPKEEP)
        async def upkeep(timestamp: int) -> None:
            try:
                await self.run_once()
            except (StorageAway, ConnectorException) as error:
                log.warning("upkeep: %s", error.__cause__ or error)
            except Exception:
                log.exception("upkeep failed; it is done again in a second")

    async def run_once(self) -> None:
        """Raises StorageFailure, and ConnectorException of procrastinate."""
        await self._take_over()
        if revived := await revive(self._app):
            log.warning("%d job(s) of workers that are gone were given to others", revived)
        now = self._wall.now()
        for chunk in await self._db.read(lambda c: jobs.forgotten(c, alerts.DUE, now=now)):
            await wake(self._app, chunk)

    async def _take_over(self) -> None:
        def gone(connection: Connection) -> bool:
            return claims.any_beside(connection, _alive(connection))

        if await self._db.read(gone):
            taken = await self._db.write(
                lambda c: claims.take_over_from(c, alive=_alive(c)), alone=False
            )
            log.warning("%d alert(s) of senders that are gone were taken over", taken)


def _alive(connection: Connection) -> list[str]:
    return [turn.owner for turn in turns.alive(connection, f"{turns.OF_PARTS}{Role.SENDER} ")]
