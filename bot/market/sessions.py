"""The trading sessions of the New York Stock Exchange, ready to be asked often.

exchange_calendars knows every holiday, early close and unscheduled closure, but each question
to it costs up to a millisecond. Its schedule is therefore copied into sorted lists once and
answered by bisection in about a microsecond. Its own default range ends one year from today;
here the range reaches decades ahead, so a program that runs for years never falls off the end.
"""

import warnings
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Self

import numpy as np

from bot.market.model import Days

EXCHANGE = "XNYS"
FIRST = date(1990, 1, 1)
"""The funds and stocks of today's directories rarely need more; older bars go unchecked."""
LAST = date(2045, 12, 31)
"""Far enough for any process; holidays so far ahead follow the exchange's present rules."""
SETTLE = timedelta(minutes=20)
"""A daily bar is taken as closed this long after the bell: vendors print late trades."""
EPOCH = date(1970, 1, 1).toordinal()
REGULAR_SESSION = timedelta(hours=6, minutes=30)
"""09:30 to 16:00 in New York since 1985; a shorter session closed early or opened late."""


@dataclass(frozen=True, kw_only=True)
class _Schedule:
    """Sessions as days since 1970, their opens and closes as seconds since 1970 UTC."""

    days: tuple[int, ...]
    opens: tuple[int, ...]
    closes: tuple[int, ...]


@cache
def _schedule(first: date, last: date) -> _Schedule:
    # pandas and the calendar take a third of a second to import: only who asks pays.
    from exchange_calendars import get_calendar  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the calendar uses a call that pandas 3.1 deprecates
        calendar = get_calendar(EXCHANGE, start=first.isoformat(), end=last.isoformat())
    days = calendar.sessions.to_numpy().astype("datetime64[D]").astype(int)
    seconds = 1_000_000_000
    return _Schedule(
        days=tuple(days.tolist()),
        opens=tuple((calendar.opens_nanos // seconds).tolist()),
        closes=tuple((calendar.closes_nanos // seconds).tolist()),
    )


class Sessions:
    """The sessions from `first` to `last`; get one with `Sessions.load()`.

    Every moment is an aware datetime. Questions that reach beyond the covered range raise
    ValueError rather than answer wrongly.
    """

    def __init__(self, schedule: _Schedule) -> None:
        self._days = schedule.days
        self._opens = schedule.opens
        self._closes = schedule.closes
        self._array = np.array(schedule.days, dtype=np.int64).astype("datetime64[D]")
        self._array.flags.writeable = False

    @classmethod
    def load(cls, first: date = FIRST, last: date = LAST) -> Self:
        """The exchange's sessions from `first` through `last`, both included if sessions."""
        return cls(_schedule(first, last))

    @property
    def days(self) -> Days:
        """All sessions, datetime64[D], increasing, read-only."""
        return self._array

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on `day`."""
        number = _number(day)
        i = bisect_left(self._days, number)
        return i < len(self._days) and self._days[i] == number

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """The open and the close of session `day`, UTC. Raises ValueError on other days."""
        i = self._index(day)
        return _moment(self._opens[i]), _moment(self._closes[i])

    def is_early_close(self, day: date) -> bool:
        """Whether session `day` is shorter than a regular one. Raises ValueError."""
        i = self._index(day)
        return self._closes[i] - self._opens[i] < REGULAR_SESSION.total_seconds()

    def open_session(self, moment: datetime) -> date | None:
        """The session that is running at `moment`: open ≤ moment < close."""
        i = bisect_right(self._opens, moment.timestamp()) - 1
        if i < 0 or moment.timestamp() >= self._closes[i]:
            return None
        return _day(self._days[i])

    def last_opened(self, moment: datetime) -> date:
        """The latest session whose opening bell has rung by `moment`."""
        return _day(self._days[self._at(bisect_right(self._opens, moment.timestamp()) - 1)])

    def last_closed(self, moment: datetime, settle: timedelta = SETTLE) -> date:
        """The latest session that closed at least `settle` before `moment`."""
        limit = (moment - settle).timestamp()
        return _day(self._days[self._at(bisect_right(self._closes, limit) - 1)])

    def next_open(self, moment: datetime) -> datetime:
        """The first opening bell strictly after `moment`, UTC."""
        return _moment(self._opens[self._at(bisect_right(self._opens, moment.timestamp()))])

    def offset(self, day: date, n: int) -> date:
        """The session `n` sessions after (before, when negative) `day`.

        `day` need not be a session: from a Sunday, 1 is Monday and -1 is Friday. Zero asks
        for `day` itself and raises ValueError when it is no session.
        """
        if n == 0:
            return _day(self._days[self._index(day)])
        number = _number(day)
        if n > 0:
            i = bisect_right(self._days, number) + n - 1
        else:
            i = bisect_left(self._days, number) + n
        return _day(self._days[self._at(i)])

    def between(self, first: date, last: date) -> Days:
        """The sessions from `first` through `last`, both included (a view)."""
        start = bisect_left(self._days, _number(first))
        stop = bisect_right(self._days, _number(last))
        return self._array[start : max(start, stop)]

    def fraction_elapsed(self, moment: datetime) -> float:
        """How much of the latest opened session has passed, 0…1; 1 from its close on."""
        i = self._at(bisect_right(self._opens, moment.timestamp()) - 1)
        opened, closed = self._opens[i], self._closes[i]
        return min(1.0, (moment.timestamp() - opened) / (closed - opened))

    @staticmethod
    def window_start(day: date) -> date:
        """The start of the 52-week window of `day`: the same date one year before.

        29 February starts at 1 March. The window holds sessions from there up to the one
        before `day`.
        """
        try:
            return day.replace(year=day.year - 1)
        except ValueError:
            return date(day.year - 1, 3, 1)

    def _index(self, day: date) -> int:
        number = _number(day)
        i = bisect_left(self._days, number)
        if i == len(self._days) or self._days[i] != number:
            raise ValueError(f"{day} is not a session of {EXCHANGE}")
        return i

    def _at(self, i: int) -> int:
        if not 0 <= i < len(self._days):
            covered = (
                f"{_day(self._days[0])} to {_day(self._days[-1])}" if self._days else "nothing"
            )
            raise ValueError(f"the calendar covers {covered}; the question reaches beyond it")
        return i


def _number(day: date) -> int:
    return day.toordinal() - EPOCH


def _day(number: int) -> date:
    return date.fromordinal(number + EPOCH)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
