"""Our own pace towards Discord: discord.py waits after a 429, these avoid one."""

import asyncio
from collections import deque
from typing import Protocol

from bot.market.limiter import TokenBucket

SENDS_PER_SECOND = 40.0
"""Discord allows 50 requests a second per bot; ten are left for the burst after a rest and for
discord.py's own retries, which pass no limiter."""
BURST = 5
OLD_EDITS, OLD_EDIT_SECONDS = 2, 20.0
"""Edits of messages older than an hour in one channel; one more than bot authors report (3 in
20 s) is answered with error 30046."""


class Pacing(Protocol):
    """What keeps requests apart."""

    async def turn(self) -> None:
        """Wait until the next request may be made."""
        ...


class Pace:
    """At most `rate` requests a second; `await turn()` before each."""

    def __init__(self, rate: float = SENDS_PER_SECOND, burst: int = BURST) -> None:
        self._bucket = TokenBucket(rate, burst)
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        async with self._lock:
            loop = asyncio.get_running_loop()
            if wait := self._bucket.wait(loop.time()):
                await asyncio.sleep(wait)
                self._bucket.wait(loop.time())
            self._bucket.take()


class OldEdits:
    """When the next edit of an old message may be sent to a channel. Times in seconds of one
    monotonic clock."""

    def __init__(self) -> None:
        self._made: dict[int, deque[float]] = {}
        self._refused: dict[int, float] = {}

    def wait(self, channel_id: int, now: float) -> float:
        """Seconds until one may be sent; when that is 0 it counts as sent."""
        until = self._refused.get(channel_id, 0.0)
        if until > now:
            return until - now
        self._refused.pop(channel_id, None)
        made = self._made.setdefault(channel_id, deque())
        while made and made[0] <= now - OLD_EDIT_SECONDS:
            made.popleft()
        if len(made) >= OLD_EDITS:
            return made[0] + OLD_EDIT_SECONDS - now
        made.append(now)
        return 0.0

    def refused(self, channel_id: int, until: float) -> None:
        """Discord has had enough of them for this channel."""
        self._refused[channel_id] = until
