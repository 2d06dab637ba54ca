"""Who works on a PostgreSQL database: one whole program, or the parts of one; others stand by.

When the one that has a turn ends, is killed or stands still, another takes over within seconds.
The one that lost its turn ends, so that its supervisor starts it anew, to stand by. What it was
just sending carries the same nonces, so it shows once.
"""

import asyncio
import logging
import math
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bot.app import open_database
from bot.errors import OperatorError, StorageError
from bot.settings import Settings
from storage import facts, turns
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)

RENEW_SECONDS = 2.0
"""Between two renewals of a lease that lasts four times as long."""


PATIENCE_SECONDS = 60.0
"""A part of a cluster that cannot renew its turn for so long ends: a restart of the server is
shorter, and a part that alone is cut off must not work beside the one that took over."""

Hindrance = Callable[[Connection, str], str]


class TurnLost(OperatorError):
    """Another program works on the database now (EX_TEMPFAIL: start again, to stand by)."""

    exit_code = 75


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The turn called `name`, which waits while `hindrance` says, in words, who is in its way.

    `hindrance(connection, owner)` is asked in the transaction that takes or renews the turn.
    `patience`: seconds without the database after which a turn is taken for lost."""

    name: str
    hindrance: Hindrance
    patience: float = math.inf

    def take(self, connection: Connection, owner: str) -> str:
        """Begin or renew it; returns who is in the way, empty when it is ours."""
        if found := self.hindrance(connection, owner):
            return found
        if turns.take(connection, self.name, owner):
            turns.forget(connection, turns.OF_PARTS)
            return ""
        return f"{turns.holder(connection, self.name)} works on this database"


def _parts(connection: Connection, owner: str) -> str:
    found = turns.alive(connection, turns.OF_PARTS)
    named = ", ".join(f"{one.name.removeprefix(turns.OF_PARTS)} {one.owner}" for one in found)
    return f"parts of a cluster work on this database ({named})" if found else ""


def _whole(connection: Connection) -> str:
    found = turns.holder(connection, turns.OF_THE_WHOLE)
    return f"a whole program, {found}, works on this database" if found else ""


WHOLE = Claim(name=turns.OF_THE_WHOLE, hindrance=_parts)
"""That of a program that does everything: no part of a cluster may live."""


def part(name: str, hindrance: Hindrance = lambda connection, owner: "") -> Claim:
    """That of a cluster's part: no whole program may work, nor what `hindrance` finds. It ends
    without the database, because others may reach it."""
    return Claim(
        name=f"{turns.OF_PARTS}{name}",
        hindrance=lambda connection, owner: _whole(connection) or hindrance(connection, owner),
        patience=PATIENCE_SECONDS,
    )


@asynccontextmanager
async def turn(
    settings: Settings,
    stop: asyncio.Event,
    *,
    claim: Claim = WHOLE,
    owner: str = "",
    renew: float = RENEW_SECONDS,
) -> AsyncIterator[bool]:
    """Wait for a turn on a database, keep it for the body; False when `stop` came first.

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
        if not await _waited(db, claim, owner, stop, renew):
            yield False
            return
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(_keep(db, claim, owner, renew))
                yield True
                keeping.cancel()
        finally:
            with suppress(StorageFailure):  # then the lease ends by itself
                await db.write(lambda c: turns.leave(c, claim.name, owner))
    finally:
        await db.close()


async def _waited(
    db: Database, claim: Claim, owner: str, stop: asyncio.Event, renew: float
) -> bool:
    told = ""
    while not stop.is_set():
        other = await _take(db, claim, owner)
        if not other:
            return True
        if other != told:
            log.info("%s; standing by to take over", other)
            told = other
        await _pause(stop, renew)
    return False


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _keep(db: Database, claim: Claim, owner: str, renew: float) -> None:
    """Renew until cancelled, with patience for a server that is away."""
    now = asyncio.get_running_loop().time
    renewed = now()
    while True:
        await asyncio.sleep(renew)
        try:
            other = await _take(db, claim, owner)
        except StorageAway as error:
            log.warning("the turn cannot be renewed: %s", error)
            if now() - renewed > claim.patience:
                raise TurnLost("The turn could not be renewed; start again to wait.") from error
            continue
        if other:
            raise TurnLost(f"The turn was lost: {other}. Start again to stand by for it.")
        renewed = now()


async def _take(db: Database, claim: Claim, owner: str) -> str:
    return await db.write(lambda c: claim.take(c, owner))
