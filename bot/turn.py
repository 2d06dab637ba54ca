"""One program works on a PostgreSQL database; others that are started beside it stand by.

When the one that works ends, is killed or stands still, another takes over within seconds. The
one that lost its turn ends, so that its supervisor starts it anew, to stand by. What it was just
sending carries the same nonces, so it shows once.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.app import open_database
from bot.errors import OperatorError, StorageError
from bot.settings import Settings
from storage import facts, turns
from storage.database import Database
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)

RENEW_SECONDS = 2.0
"""Between two renewals of a lease that lasts four times as long."""


class TurnLost(OperatorError):
    """Another program works on the database now (EX_TEMPFAIL: start again, to stand by)."""

    exit_code = 75


@asynccontextmanager
async def turn(
    settings: Settings, stop: asyncio.Event, *, owner: str = "", renew: float = RENEW_SECONDS
) -> AsyncIterator[bool]:
    """Wait for the turn on a database, keep it for the body; False when `stop` came first.

    Raises like `open_database`, and TurnLost out of the body.
    """
    owner = owner or f"{socket.gethostname()}:{os.getpid()}"
    db = await open_database(settings)
    try:
        if await db.read(facts.of_unfinished_move):
            raise StorageError(
                "A move of a SQLite file into this database is unfinished. Run again: highwater "
                "migrate-store"
            )
        if not await _waited(db, owner, stop, renew):
            yield False
            return
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(_keep(db, owner, renew))
                yield True
                keeping.cancel()
        finally:
            with suppress(StorageFailure):  # then the lease ends by itself
                await db.write(lambda c: turns.leave(c, owner))
    finally:
        await db.close()


async def _waited(db: Database, owner: str, stop: asyncio.Event, renew: float) -> bool:
    told = False
    while not stop.is_set():
        if await _take(db, owner):
            return True
        if not told:
            other = await db.read(turns.holder)
            log.info("%s works on this database; standing by to take over", other)
            told = True
        await _pause(stop, renew)
    return False


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _keep(db: Database, owner: str, renew: float) -> None:
    """Renew until cancelled. A server that is away is waited for: nobody can take over either."""
    while True:
        await asyncio.sleep(renew)
        try:
            ours = await _take(db, owner)
        except StorageAway as error:
            log.warning("the turn cannot be renewed: %s", error)
            continue
        if not ours:
            raise TurnLost("Another Highwater has taken over. Start again to stand by for it.")


async def _take(db: Database, owner: str) -> bool:
    return await db.write(lambda c: turns.take(c, owner))
