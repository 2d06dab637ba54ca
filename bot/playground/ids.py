"""Discord's ids (snowflakes): a time and a counter in one number, sent as a string.

The things of the starting world get ids from a seed, so that they are the same at every start;
everything that happens later gets strictly increasing ids from the clock.
"""

import hashlib

from bot.playground.timing import Timer

EPOCH_MS = 1_420_070_400_000  # 2015-01-01, Discord's first moment
WORLD_BEGAN_MS = 1_704_067_200_000  # 2024-01-01: the starting world is older than any session
TIME_SHIFT = 22  # the low 22 bits of a snowflake are no time


class Ids:
    """A source of snowflakes."""

    def __init__(self, timer: Timer, *, seed: int) -> None:
        self._timer = timer
        self._seed = seed
        self._last = 0

    def fixed(self, name: str) -> str:
        """The id that `name` has at every start with this seed."""
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        millisecond = WORLD_BEGAN_MS + int.from_bytes(digest[:4]) % 86_400_000
        low_bits = int.from_bytes(digest[4:8]) % (1 << TIME_SHIFT)
        return str((millisecond - EPOCH_MS) << TIME_SHIFT | low_bits)

    def fresh(self) -> str:
        """A new id, greater than every one before."""
        milliseconds = int(self._timer.now() * 1000) - EPOCH_MS
        self._last = max(self._last + 1, milliseconds << TIME_SHIFT)
        return str(self._last)


def created_at(snowflake: str) -> float:
    """Seconds since 1970 at which this id was made."""
    return ((int(snowflake) >> TIME_SHIFT) + EPOCH_MS) / 1000
