"""Our own pace towards Discord: discord.py waits after a 429, this avoids one."""

import asyncio

from bot.market.limiter import TokenBucket

SENDS_PER_SECOND = 40.0
"""Discord allows 50 requests a second per bot; ten are left for answers to commands."""
BURST = 10


class Pace:
    """At most `rate` sends a second; `await turn()` before each."""

    def __init__(self, rate: float = SENDS_PER_SECOND, burst: int = BURST) -> None:
        self._bucket = TokenBucket(rate, burst)
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        async with self._lock:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._bucket.wait(loop.time()))
            self._bucket.wait(loop.time())
            self._bucket.take()
