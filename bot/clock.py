"""The only place that reads the time.

Live, replay and demo differ in the clock and the source alone, so everything that depends
on market time is handed a `Clock`. Times are aware and in UTC.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Market time."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


class LiveClock:
    """The wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ReplayClock:
    """A clock that stands still until it is moved; it never goes back.

    >>> clock = ReplayClock(datetime(2023, 10, 2, tzinfo=UTC))
    >>> clock.move_to(datetime(2023, 10, 3, tzinfo=UTC))
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Set the clock forward.

        Raises ValueError when `moment` lies before the present one.
        """
        moment = moment.astimezone(UTC)
        if moment < self._now:
            raise ValueError(f"the replay clock cannot go back from {self._now} to {moment}")
        self._now = moment
