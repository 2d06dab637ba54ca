"""Streaming quotes: they say when to look, never what happened.

A tick that would reach a level wakes the watcher, which polls the quote and decides on that. So a
breakout is told within seconds instead of a minute, and no alert ever rests on a tick alone. A
tick that is old or far from the prior close wakes nobody: the next poll will tell.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.market.model import Quote, Symbol
from bot.market.sessions import Sessions

OLDEST = timedelta(seconds=120)
"""What the stream brings later than this is a replay of the past."""
FAR = 0.2
"""A tick so far (as a share) from the prior close waits for the poll."""
AGAIN = timedelta(seconds=60)
"""A symbol whose tick the poll did not confirm wakes nobody for so long."""
LOOK_SECONDS = 1.0
"""How often to see whether the session has ended or the program stops."""

Crossing = Callable[[Sequence[Quote]], Collection[Symbol]]
Wake = Callable[[Collection[Symbol]], Awaitable[None]]


class Stream(Protocol):
    """A vendor's stream of quotes, as `YahooStream` is one."""

    async def watch(self, quotes: Mapping[Symbol, Quote]) -> None: ...

    async def changes(self) -> Mapping[Symbol, Quote]: ...

    async def run(self) -> None: ...


class Ticks:
    """Follows a stream while a session runs.

    `crossing` tells whose quotes would reach a level; `wake` asks for a poll of these now.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        clock: Clock,
        sessions: Sessions,
        crossing: Crossing,
        wake: Wake,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._sessions = sessions
        self._crossing = crossing
        self._wake = wake
        self._woken: dict[Symbol, datetime] = {}

    async def watch(self, polled: Mapping[Symbol, Quote]) -> None:
        """From now on, ticks of these symbols count, on top of these quotes."""
        await self._stream.watch(polled)

    async def follow(self, stop: asyncio.Event) -> None:
        """Take what the stream brings until the session ends or `stop` is set."""
        if not self._runs(stop):
            return
        async with asyncio.TaskGroup() as group:
            receiving = group.create_task(self._stream.run())
            while self._runs(stop):
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        changed = await self._stream.changes()
                except TimeoutError:
                    continue
                await self.take(changed)
            receiving.cancel()

    async def take(self, changed: Mapping[Symbol, Quote]) -> None:
        """Wake the watcher when one of these quotes would reach a level."""
        now = self._clock.now()
        told = [
            quote
            for quote in changed.values()
            if now - quote.time <= OLDEST and abs(quote.last / quote.prior_close - 1) <= FAR
        ]
        reached = {
            s for s in self._crossing(told) if now - self._woken.get(s, now - AGAIN) >= AGAIN
        }
        if reached:
            self._woken |= dict.fromkeys(reached, now)
            await self._wake(reached)

    def _runs(self, stop: asyncio.Event) -> bool:
        return not stop.is_set() and self._sessions.open_session(self._clock.now()) is not None
