"""When a channel wants to be told: quiet hours and digest times in its own time zone. Pure.

A time of day is turned into a moment on each calendar day anew, so an hour that the clocks skip
or repeat changes nothing but the distance: a time inside a skipped hour falls one hour later,
and one inside a repeated hour happens once, the first time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.market.sessions import SETTLE, Sessions

CLOSE = "close"
"""A digest time: after the exchange's close has settled, early closes included."""
GRACE = timedelta(minutes=15)
"""What a pass writes so soon after the close still belongs to the digest of that close."""
MOST_TIMES = 6
"""Digest times a day; more is no digest any more."""
DAYS_AHEAD = 10
"""No two closes lie farther apart."""
CLOCK = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?")


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """From `start` to `end` by the channel's clock; an end before the start is the next day's."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_quiet(text: str) -> QuietHours:
    """“22:00-07:00” or “22-7”. Raises UserError."""
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash:
        raise UserError(f"Quiet hours look like 22:00-07:00, not “{text[:32]}”.")
    hours = QuietHours(start=parse_clock(start), end=parse_clock(end))
    if hours.start == hours.end:
        raise UserError("Quiet hours need a start and an end that differ, such as 22:00-07:00.")
    return hours


def parse_clock(text: str) -> time:
    """“9”, “09:30”. Raises UserError."""
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        raise UserError(f"“{text.strip()[:32]}” is no time of day; write one such as 09:30.")
    return time(int(match[1]), int(match[2] or 0))


def parse_digest(text: str) -> tuple[str, ...]:
    """“09:00 close” → times in order, each once. Raises UserError."""
    words = [word.lower() for word in re.split(r"[\s,;]+", text.strip()) if word]
    times = sorted({w if w == CLOSE else f"{parse_clock(w):%H:%M}" for w in words})
    if not 0 < len(times) <= MOST_TIMES:
        raise UserError(f"Name 1 to {MOST_TIMES} digest times, such as 09:00 close.")
    return tuple(times)


def parse_zone(text: str) -> ZoneInfo:
    """A time zone by its name, in any case. Raises UserError."""
    name = text.strip().replace(" ", "_")
    for spelling in (name, name.title(), name.upper()):
        try:
            return ZoneInfo(spelling)
        except (KeyError, ValueError, OSError):
            continue
    raise UserError(f"“{text[:32]}” is no time zone; use a name such as Europe/Berlin.")


def quiet_until(hours: QuietHours | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours around `now` end, or None outside of them."""
    if hours is None:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        after = day + timedelta(days=1) if hours.end < hours.start else day
        start, end = _moment(day, hours.start, zone), _moment(after, hours.end, zone)
        if start <= now < end:
            return end
    return None


def next_digest(
    times: Sequence[str], zone: ZoneInfo, now: datetime, sessions: Sessions
) -> datetime:
    """The digest that what happens at `now` belongs to; at the close without any times.

    It may lie up to `GRACE` before `now`: then that digest is being sent just now.
    """
    return min(_digests(times or (CLOSE,), zone, now, sessions))


def _digests(
    times: Sequence[str], zone: ZoneInfo, now: datetime, sessions: Sessions
) -> Iterator[datetime]:
    today = now.astimezone(zone).date()
    clocks = [parse_clock(text) for text in times if text != CLOSE]
    for day in (today + timedelta(days=n) for n in (0, 1, 2)):
        yield from (moment for c in clocks if (moment := _moment(day, c, zone)) > now)
    if CLOSE in times:
        around = sessions.between(today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))
        ends = (sessions.bounds(day.item())[1] + SETTLE for day in around)
        yield next(end for end in ends if end > now - GRACE)


def next_hour(zone: ZoneInfo, now: datetime) -> datetime:
    """The next full hour of a clock in `zone`."""
    local = now.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now + timedelta(hours=1) - into


def settled_close(sessions: Sessions, now: datetime) -> datetime | None:
    """When the close of the session that runs at `now` is settled; None when none runs."""
    running = sessions.open_session(now)
    return None if running is None else sessions.bounds(running)[1] + SETTLE


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
