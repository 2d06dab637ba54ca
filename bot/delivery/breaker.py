"""When not to send at all: too many servers refuse us at once, or Discord might ban us.

A single channel that refuses is that channel's matter; a fifth of all servers refusing within
minutes is Discord's or ours, and must cost nobody a subscription. Pure; times are in seconds of
one monotonic clock.
"""

from collections import deque

INVALID = (401, 403, 429)
WINDOW = 300.0
"""Seconds over which refusals are compared with successes."""
SHARE = 0.2
FEWEST = 3
"""Servers that must refuse before their share means anything."""
PAUSE = 300.0
"""Seconds without a send once the breaker is open."""
BUDGET, BUDGET_WINDOW = 2_000, 600.0
"""Requests answered 401, 403 or 429 that we allow ourselves in these seconds. Discord bans an
address for an hour at 10,000 in 10 minutes."""


class Breaker:
    """Opens when more than a fifth of the servers tried lately refuse us.

    Servers that were among the refusing ones when it opened are suspects until one of their
    messages arrives: they do not open it again, and none of them is given up at a word.
    """

    def __init__(self) -> None:
        self._tried: dict[int, float] = {}
        self._failed: dict[int, float] = {}
        self._suspects: set[int] = set()
        self._open_until = float("-inf")

    def accepted(self, guild_id: int, now: float) -> None:
        """A message reached a server."""
        self._tried[guild_id] = now
        self._failed.pop(guild_id, None)
        self._suspects.discard(guild_id)

    def refused(self, guild_id: int, now: float) -> bool:
        """A server refused one; returns whether that opened the breaker."""
        self._tried[guild_id] = now
        if guild_id in self._suspects:
            return False
        self._failed[guild_id] = now
        for known in (self._tried, self._failed):
            for key in [key for key, at in known.items() if at <= now - WINDOW]:
                del known[key]
        if len(self._failed) < FEWEST or len(self._failed) <= SHARE * len(self._tried):
            return False
        self._suspects |= set(self._failed)
        self._failed.clear()
        self._open_until = now + PAUSE
        return True

    def suspects(self, guild_id: int) -> bool:
        return guild_id in self._suspects

    def open_for(self, now: float) -> float:
        """Seconds for which nothing may be sent; 0 when something may."""
        return max(0.0, self._open_until - now)


class InvalidRequests:
    """Counts answers 401, 403 and 429; `left` is how many more we allow ourselves."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._at: deque[float] = deque()

    def note(self, status: int, now: float) -> None:
        """A request was answered with this status."""
        if status in INVALID:
            self._at.append(now)

    def left(self, now: float) -> int:
        while self._at and self._at[0] <= now - BUDGET_WINDOW:
            self._at.popleft()
        return self._budget - len(self._at)
