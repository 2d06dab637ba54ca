"""The pace towards Discord that all senders keep to together."""

import asyncio

from bot.delivery.limiter import BURST, SENDS_PER_SECOND
from storage import paces
from storage.database import Database

AT_ONCE = 8
"""Requests reserved at a time, at the most: a fifth of a second of everybody's."""
KEPT = 0.25
"""Seconds for which a reserved moment that has come is kept; older ones are given up, or what
several senders kept would go out in one burst."""


class SharedPace:
    """At most `rate` requests a second, counted in the database over all processes."""

    def __init__(
        self, db: Database, name: str, rate: float = SENDS_PER_SECOND, burst: int = BURST
    ) -> None:
        self._db = db
        self._name = f"pace of {name}"
        self._rate = rate
        self._burst = burst
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._reserved = 0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next request may be made. Raises StorageFailure."""
        self._waiting += 1
        try:
            async with self._lock:
                loop = asyncio.get_running_loop()
                if not self._reserved or self._next < loop.time() - KEPT:
                    await self._reserve()
                await asyncio.sleep(max(0.0, self._next - loop.time()))
                self._reserved -= 1
                self._next += 1 / self._rate
        finally:
            self._waiting -= 1

    async def _reserve(self) -> None:
        slots, asked = min(self._waiting, AT_ONCE), asyncio.get_running_loop().time()
        wait = await self._db.write(
            lambda c: paces.reserve(c, self._name, slots=slots, rate=self._rate, burst=self._burst),
            alone=False,
        )
        self._reserved, self._next = slots, asked + wait
