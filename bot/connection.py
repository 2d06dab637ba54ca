"""The connection to Discord, supervised: a client that dies is replaced, not mourned.

discord.py ends a client on one unparsable dispatch and on some closed connections; the watcher
and the outbox go on meanwhile, and what they owe is paid when a new client is ready.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.client import Highwater, connect
from bot.errors import RetryableError, Unreachable
from bot.loops import Pulse, every

BETWEEN = timedelta(seconds=2)
"""Before a new client follows one that ended; failures in a row double it."""


class Connection:
    """Holds the present client; `make` is handed the event that its first readiness sets.

    `keep` runs it, `close` ends it after a drain."""

    def __init__(self, make: Callable[[asyncio.Event], Highwater]) -> None:
        self._make = make
        self._ready = asyncio.Event()
        self._client: Highwater | None = None
        self._closing = False
        self.pulse = Pulse(name="connection to Discord")

    @property
    def client(self) -> Highwater:
        """The present client. Raises Unreachable before the first one was made."""
        if self._client is None:
            raise Unreachable("There is no connection to Discord yet.")
        return self._client

    def is_ready(self) -> bool:
        return self._client is not None and self._client.is_ready() and not self._closing

    @property
    def away(self) -> list[int]:
        """The present client's shards that have no connection."""
        return [] if self._client is None else self._client.away

    async def wait_ready(self, stop: asyncio.Event) -> bool:
        """Wait until the client is ready; False when `stop` came first."""
        async with asyncio.TaskGroup() as group:
            waiters = [group.create_task(event.wait()) for event in (self._ready, stop)]
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
            for waiter in waiters:
                waiter.cancel()
        return not stop.is_set()

    async def keep(self, token: str, stop: asyncio.Event) -> None:
        """Connect, and connect again with a new client whenever one ends, until `stop`.

        Raises DiscordRefused for a wrong token at any time, and Unreachable when the very
        first connection is not possible.
        """
        await every(BETWEEN, lambda: self._live(token), pulse=self.pulse, stop=stop)

    async def close(self, seconds: float) -> None:
        """Refuse new commands, wait for running ones, disconnect."""
        self._closing = True
        if self._client is not None:
            await self._client.drain(seconds)
            await self._client.close()

    async def _live(self, token: str) -> None:
        """One client, from log-in to its end."""
        self._client = self._make(self._ready)
        try:
            async with self._client as client:
                await connect(client, token)
        except Unreachable as error:
            if self._ready.is_set():
                raise RetryableError(str(error)) from error
            raise
