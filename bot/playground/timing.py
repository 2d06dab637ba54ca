"""The server's own wall clock.

Messages, nonces and tokens grow old by this clock, and tests move it forward instead of waiting
an hour. The playground imports nothing else of the program, so it does not share its clock:
market time and Discord's time are different things.
"""

import time
from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


class Timer:
    """Wall time in seconds since 1970, plus what it was advanced by."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time_ns() / NANOSECONDS + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward. Raises ValueError for a step back: ids must keep their order."""
        if seconds < 0:
            raise ValueError("the playground's clock only moves forward")
        self._ahead += seconds


def iso(moment: float) -> str:
    """A moment as Discord writes it: 2024-01-02T03:04:05.678000+00:00."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
