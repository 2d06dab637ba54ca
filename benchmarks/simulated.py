"""A clock that skips waits, and a Discord that keeps its limits: hours of delivery in seconds.

The event loop's time jumps to the next timer when nothing else is left to do. What the database
does takes the time that it takes, so its share of the work is in the figures.
"""

import asyncio
import selectors
import time
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bot.clock import Clock
from bot.delivery.sink import Failure, Posted, Undelivered
from storage.alerts import AlertRecord
from storage.database import Database, T, Work

LATENCY = 0.12
"""Seconds that Discord takes for a request."""
GLOBAL, IN_CHANNEL, PUBLISHED = (50, 1.0), (5, 5.0), (10, 3600.0)
"""Requests and seconds: of the bot, of posts in a channel, of publications of a channel."""


class Jumps(selectors.DefaultSelector):
    """Waits for threads and sockets, and jumps over time that nothing happens in."""

    passed = 0.0
    busy = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.busy or timeout is None:
            began = time.perf_counter()
            events = super().select(None)
            self.passed += time.perf_counter() - began
            return events
        self.passed += timeout
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop whose seconds are not the wall's."""

    def __init__(self) -> None:
        self.jumps = Jumps()
        super().__init__(self.jumps)

    def time(self) -> float:
        return self.jumps.passed


def loop() -> SimulatedLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, SimulatedLoop)
    return running


class SimulatedClock(Clock):
    """Wall and market at once: `start` and what has passed in the loop."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=loop().time())


class SimulatedDatabase(Database):
    """A real one; while it works the loop waits for it."""

    @classmethod
    def at(cls, path: Path) -> Self:
        return cls.open(path)

    async def write(self, work: Work[T], *, alone: bool = True) -> T:
        loop().jumps.busy += 1
        try:
            return await super().write(work, alone=alone)
        finally:
            loop().jumps.busy -= 1

    async def read(self, work: Work[T]) -> T:
        loop().jumps.busy += 1
        try:
            return await super().read(work)
        finally:
            loop().jumps.busy -= 1


class Window:
    """So many in so many seconds, in a window that opens at its first."""

    def __init__(self, rate: tuple[int, float]) -> None:
        self._most, self._seconds = rate
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds to wait; 0 when one was let in."""
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return self._taken[0] + self._seconds - now
        self._taken.append(now)
        return 0.0


class SimulatedDiscord:
    """Where alerts are paid: `at` is when each message came, `late` how long after its alert,
    `published` how long after its alert its followers had it, `following` how long after its
    post; in seconds. `refused` counts 429s. Limits of a channel hold for times shortened by
    `scale`."""

    def __init__(self, clock: Clock, *, scale: int = 1) -> None:
        self._clock = clock
        self._everything = Window(GLOBAL)
        posts = IN_CHANNEL[0], IN_CHANNEL[1] / scale
        self._posts: dict[int, Window] = defaultdict(lambda: Window(posts))
        self._publications: dict[int, Window] = defaultdict(lambda: Window(PUBLISHED))
        self._born: list[datetime] = []
        self.at: list[float] = []
        self.late: list[float] = []
        self.published: list[float] = []
        self.following: list[float] = []
        self.refused = 0

    async def post(self, alert: AlertRecord) -> Posted:
        await self._ask(self._posts[alert.channel_id])
        self.late.append((self._clock.now() - alert.created_at).total_seconds())
        self.at.append(loop().time())
        self._born.append(alert.created_at)
        return Posted(message_id=len(self._born) - 1)

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        await self._ask(self._posts[alert.channel_id])
        return Posted(message_id=message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self.post(alert)

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        return None

    async def publish(self, guild_id: int, channel_id: int, message_id: int) -> None:
        await self._ask(self._publications[channel_id])
        late = self._clock.now() - self._born[message_id]
        self.published.append(late.total_seconds())
        self.following.append(loop().time() - self.at[message_id])

    async def _ask(self, window: Window) -> None:
        await asyncio.sleep(LATENCY)
        now = loop().time()
        for each in (self._everything, window):
            if wait := each.wait(now):
                self.refused += 1
                after = timedelta(seconds=wait)
                raise Undelivered(Failure.BUSY, "rate limit", after=after)
