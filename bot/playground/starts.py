"""How sessions may begin: how many shards are asked for, how soon one may follow another.

As in Discord's documentation, "Gateway": one IDENTIFY in 5 s for each bucket, which is the shard's
number modulo `max_concurrency`. One that comes sooner is answered with opcode 9 (invalid session).
"""

import math
import time

SESSION_STARTS = 1_000
"""IDENTIFYs a day."""
DAY_MS = 86_400_000


class Starts:
    """The rules that hold now; tests and the control API change them. `apart` is 0 at the start:
    then nobody waits, however often a test begins anew."""

    def __init__(self) -> None:
        self.shards = 1
        self.max_concurrency = 1
        self.apart = 0.0
        self.identifies = 0
        self.refused = 0
        self._latest: dict[int, float] = {}

    def allow(self, shard_id: int) -> bool:
        """Count an IDENTIFY; whether its bucket was free."""
        bucket, now = shard_id % self.max_concurrency, time.monotonic()
        self.identifies += 1
        if now < self._latest.get(bucket, -math.inf) + self.apart:
            self.refused += 1
            return False
        self._latest[bucket] = now
        return True

    def limit(self) -> dict[str, int]:
        """What is left, as `GET /gateway/bot` says it."""
        return {
            "total": SESSION_STARTS,
            "remaining": max(0, SESSION_STARTS - self.identifies),
            "reset_after": DAY_MS,
            "max_concurrency": self.max_concurrency,
        }
