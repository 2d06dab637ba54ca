"""A process shows that it lives, and knows when it must have been taken for dead.

What it claims, it claims in the name of its present life: a lease by the database's clock,
renewed every second. One that was not renewed in time, because the process stood still or was
cut off, is over for good: others take over what was claimed in its name, and the process, should
it go on, begins another life and lets go of the old one's claims.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from bot.app import open_database
from bot.loops import Pulse, every
from bot.settings import Settings
from storage import turns
from storage.connection import Connection
from storage.database import Database, Work
from storage.errors import StorageAway, StorageFailure

log = logging.getLogger(__name__)

LEASE_SECONDS = 5.0
BEAT = timedelta(seconds=1)
STAND_BY_SECONDS = 5.0
MARGIN_SECONDS = 1.0
"""A life ends for itself this much earlier than for others."""


class Heart:
    """`run_once()` is a beat; `role` is what the process lives as. `db` is for the heart alone, so
    that it does not beat behind what its process writes."""

    def __init__(self, db: Database, role: str, *, lease: float = LEASE_SECONDS) -> None:
        self._db = db
        self._role = role
        self._seconds = lease
        self._until = float("-inf")
        self.owner = _name()

    def beats(self, owner: str) -> bool:
        """Whether the life of that name goes on: nobody can have taken over from it."""
        return owner == self.owner and asyncio.get_running_loop().time() < self._until

    def is_beating(self) -> bool:
        """Whether its present life goes on."""
        return self.beats(self.owner)

    async def run_once(self) -> None:
        """Renew the lease, or begin another life. Raises StorageFailure."""
        began = asyncio.get_running_loop().time()
        goes_on = began < self._until
        if not goes_on:
            if self._until > 0:
                log.warning("this process stood still, or was cut off: its claims are let go")
            self.owner = _name()
        owner = self.owner

        def beat(connection: Connection) -> None:
            if whole := turns.holder(connection, turns.OF_THE_WHOLE):
                raise StorageAway(f"a whole program, {whole}, works on this database")
            turns.take(connection, self._lease_of(owner), owner, seconds=self._seconds)
            turns.forget(connection, f"{turns.OF_PARTS}{self._role} ")

        # A life that goes on waits for nobody: who writes for long would end all others'.
        await self._db.write(beat, alone=None if goes_on else False)
        self._until = began + self._seconds - MARGIN_SECONDS

    async def stop(self) -> None:
        """End the lease before its time. Raises StorageFailure."""
        owner, self._until = self.owner, float("-inf")
        await self._db.write(lambda c: turns.leave(c, self._lease_of(owner), owner), alone=None)

    def _lease_of(self, owner: str) -> str:
        return f"{turns.OF_PARTS}{self._role} {owner}"

    def fence(self, owner: str) -> Work[None]:
        """What runs in each transaction of a task that began in the life of that name."""

        def alive(connection: Connection) -> None:
            if turns.holder(connection, self._lease_of(owner)) != owner:
                raise StorageAway("this process stood still: its work was given to others")

        return alive


@asynccontextmanager
async def beating(settings: Settings, role: str, stop: asyncio.Event) -> AsyncIterator[Heart]:
    """A heart that beats for the body, and is taken for dead at once when it ends in order.

    Waits, until `stop`, while a whole program works on the database. Raises StorageError when
    that cannot be used.
    """
    db = await open_database(settings)
    try:
        async with _beating(Heart(db, role), stop) as heart:
            yield heart
    finally:
        await db.close()


@asynccontextmanager
async def _beating(heart: Heart, stop: asyncio.Event) -> AsyncIterator[Heart]:
    while not stop.is_set():
        try:
            await heart.run_once()
            break
        except StorageAway as error:
            log.info("%s; standing by", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), STAND_BY_SECONDS)
    pulse, ended = Pulse(name="heart"), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(every(BEAT, heart.run_once, pulse=pulse, stop=ended, slowest=BEAT))
        try:
            yield heart
        finally:
            ended.set()
    with suppress(StorageFailure):  # then the lease ends by itself
        await heart.stop()


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
