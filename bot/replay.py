"""Replay: market time moved from moment to moment, the same program at each of them.

A session is played as a few moments while it runs and one after its close has settled. At
each one the market clock is set, the watcher makes a pass and the outbox is paid; then the
replay waits as long as its speed asks. Speed is in sessions a minute; 0 means no waiting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.clock import ReplayClock
from bot.errors import RetryableError
from bot.market.sessions import SETTLE, Sessions

log = logging.getLogger(__name__)

SHARES = (0.01, 0.15, 0.31, 0.5, 0.71, 0.9)
"""The shares of a session at which its moments lie; both extremes of a reconstructed day are
reached shortly before one of them."""
FASTEST = 3600.0
"""Sessions a minute; more is the same as no waiting at all."""

Pass = Callable[[], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A point of market time; `session` is the one it belongs to."""

    at: datetime
    session: date
    closes: bool


def moments(sessions: Sessions, first: date, last: date) -> Iterator[Moment]:
    """The moments of all sessions from `first` through `last`, in order."""
    for day in sessions.between(first, last):
        session = day.item()
        opened, closed = sessions.bounds(session)
        for share in SHARES:
            yield Moment(at=opened + share * (closed - opened), session=session, closes=False)
        yield Moment(at=closed + SETTLE + timedelta(minutes=1), session=session, closes=True)


class Replay:
    """Plays sessions; can be paused, stepped one session at a time, and sped up."""

    def __init__(
        self,
        *,
        clock: ReplayClock,
        sessions: Sessions,
        first: date,
        last: date,
        run_pass: Pass,
        speed: float,
        source: str,
        head_start: int = 0,
    ) -> None:
        self._clock = clock
        self._sessions = sessions
        self._first = first
        self._last = last
        self._run_pass = run_pass
        self._speed = speed
        self._source = source
        self._head_start = head_start
        self._playing = True
        self._steps = 0
        self._changed = asyncio.Event()
        self.on_change: Pass = _nothing
        self.finished = False
        self.board = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Play to the end or until `stop`; a stop lets the running pass finish."""
        played = 0
        for moment in moments(self._sessions, self._first, self._last):
            if not await self._may_go_on(stop):
                return
            self._clock.move_to(moment.at)
            await self._pass()
            played += moment.closes
            if moment.closes and self._steps:
                self._steps -= 1
            await self.on_change()
            if played >= self._head_start:
                await self._pause_between(stop)
        self.finished, self._playing = True, False
        log.info("the replay has reached its end, %s", self._last)
        await self.on_change()

    async def status(self) -> dict[str, Any]:
        """The market clock, for the playground's page."""
        now = self._clock.now()
        session = self._sessions.last_opened(now)
        return {
            "now": now.isoformat(),
            "session": session.isoformat(),
            "open": self._sessions.open_session(now) is not None,
            "speed": self._speed,
            "playing": self._playing,
            "source": self._source,
            "from": self._first.isoformat(),
            "to": self._last.isoformat(),
            "finished": self.finished,
            "board": self.board and f"{self.board}/board",
        }

    async def command(self, action: str, value: Any) -> dict[str, Any]:
        """play, pause, step (one session) or speed (sessions a minute). Raises ValueError."""
        if action == "play":
            self._playing = not self.finished
        elif action == "pause":
            self._playing, self._steps = False, 0
        elif action == "step":
            self._playing, self._steps = False, self._steps + (not self.finished)
        elif action == "speed":
            self._speed = _speed(value)
        else:
            raise ValueError(f"the market can play, pause, step and change speed, not {action!r}")
        self._changed.set()
        await self.on_change()
        return await self.status()

    async def _pass(self) -> None:
        try:
            await self._run_pass()
        except RetryableError as error:
            log.warning("a pass at %s was not possible: %s", self._clock.now(), error)

    async def _may_go_on(self, stop: asyncio.Event) -> bool:
        while not stop.is_set() and not (self._playing or self._steps):
            await self._wait(None, stop)
        return not stop.is_set()

    async def _pause_between(self, stop: asyncio.Event) -> None:
        if self._steps or not 0 < self._speed < FASTEST:
            return
        loop = asyncio.get_running_loop()
        started = loop.time()
        while not stop.is_set() and not self._steps and 0 < self._speed < FASTEST:
            left = started + 60.0 / self._speed / (len(SHARES) + 1) - loop.time()
            if left <= 0:
                return
            await self._wait(left, stop)

    async def _wait(self, seconds: float | None, stop: asyncio.Event) -> None:
        self._changed.clear()
        async with asyncio.TaskGroup() as group:
            waiters = [group.create_task(event.wait()) for event in (self._changed, stop)]
            await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for waiter in waiters:
                waiter.cancel()


def _speed(value: Any) -> float:
    try:
        speed = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError("speed is a number of sessions a minute") from error
    if not 0 <= speed <= 10 * FASTEST:
        raise ValueError(f"speed lies between 0 (no waiting) and {FASTEST:.0f} sessions a minute")
    return speed


async def _nothing() -> None:
    return None
