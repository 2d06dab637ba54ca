"""Quiet hours and digest times by a channel's own clock; expected moments are worked out by hand
from the zones' published rules (New York: 12 March and 5 November 2023; Berlin: 26 March)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.schedule import (
    QuietHours,
    next_digest,
    next_hour,
    parse_digest,
    parse_quiet,
    parse_zone,
    quiet_until,
    settled_close,
)
from bot.errors import UserError
from bot.market.sessions import Sessions

SESSIONS = Sessions.load()
NEW_YORK, BERLIN, KOLKATA = (
    ZoneInfo(name) for name in ("America/New_York", "Europe/Berlin", "Asia/Kolkata")
)
NIGHT = parse_quiet("22:00-07:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2023-11-24 20:59", None),  # 21:59 in Berlin
        ("2023-11-24 21:00", "2023-11-25 06:00"),
        ("2023-11-25 05:59", "2023-11-25 06:00"),
        ("2023-11-25 06:00", None),
        ("2023-03-25 22:00", "2023-03-26 05:00"),  # the night that loses an hour
        ("2023-10-28 21:00", "2023-10-29 06:00"),  # the night that gains one
    ],
)
def test_quiet_hours_follow_the_channels_clock(now: str, ends: str | None) -> None:
    assert quiet_until(NIGHT, BERLIN, utc(now)) == (None if ends is None else utc(ends))


def test_quiet_hours_within_one_day_end_on_that_day() -> None:
    noon = parse_quiet("12-13:30")
    assert quiet_until(noon, NEW_YORK, utc("2023-07-03 16:30")) == utc("2023-07-03 17:30")
    assert quiet_until(noon, NEW_YORK, utc("2023-07-03 17:30")) is None


def test_an_end_inside_a_skipped_hour_falls_one_hour_later() -> None:
    early = parse_quiet("22:00-02:30")
    # 02:30 does not exist in New York on 12 March 2023; the clock then shows 03:30 EDT.
    assert quiet_until(early, NEW_YORK, utc("2023-03-12 05:00")) == utc("2023-03-12 07:30")


@pytest.mark.parametrize(
    ("times", "now", "digest"),
    [
        ("09:00 17:00", "2023-11-24 12:00", "2023-11-24 14:00"),
        ("09:00 17:00", "2023-11-24 14:00", "2023-11-24 22:00"),
        ("09:00", "2023-11-24 14:00", "2023-11-25 14:00"),
        ("09:00", "2023-11-04 13:00", "2023-11-05 14:00"),  # EDT ends in between
        ("09:00", "2023-03-11 14:00", "2023-03-12 13:00"),  # EDT begins in between
        ("02:30", "2023-03-11 12:00", "2023-03-12 07:30"),  # a time that is skipped
        ("01:30", "2023-11-05 05:00", "2023-11-05 05:30"),  # a time that comes twice:
        ("01:30", "2023-11-05 05:30", "2023-11-06 06:30"),  # the first one counts
        ("close", "2023-11-22 15:00", "2023-11-22 21:20"),
        ("close", "2023-11-24 15:00", "2023-11-24 18:20"),  # an early close, 13:00 in New York
        ("close", "2023-11-24 19:00", "2023-11-27 21:20"),
        ("16:00 close", "2023-11-24 15:00", "2023-11-24 18:20"),
    ],
)
def test_a_digest_comes_at_the_next_of_its_times(times: str, now: str, digest: str) -> None:
    assert next_digest(parse_digest(times), NEW_YORK, utc(now), SESSIONS) == utc(digest)


def test_what_the_scan_of_a_close_finds_belongs_to_the_digest_of_that_close() -> None:
    just_after = utc("2023-11-24 18:21")
    assert next_digest(("close",), NEW_YORK, just_after, SESSIONS) == utc("2023-11-24 18:20")


def test_without_times_the_digest_comes_after_the_close() -> None:
    assert next_digest((), KOLKATA, utc("2023-11-24 15:00"), SESSIONS) == utc("2023-11-24 18:20")


def test_the_next_full_hour_is_the_zones_own() -> None:
    assert next_hour(NEW_YORK, utc("2023-11-24 15:10")) == utc("2023-11-24 16:00")
    assert next_hour(KOLKATA, utc("2023-11-24 15:10")) == utc("2023-11-24 15:30")


def test_a_close_settles_twenty_minutes_after_an_early_one_too() -> None:
    assert settled_close(SESSIONS, utc("2023-11-24 15:00")) == utc("2023-11-24 18:20")
    assert settled_close(SESSIONS, utc("2023-11-24 18:05")) is None


def test_times_are_read_as_people_write_them() -> None:
    assert str(parse_quiet("22–7:30")) == "22:00-07:30"
    assert isinstance(NIGHT, QuietHours)
    assert parse_digest("close, 9 16:30 9:00") == ("09:00", "16:30", "close")
    assert parse_zone("europe/berlin") == BERLIN
    assert parse_zone("america/new york") == NEW_YORK


@pytest.mark.parametrize("text", ["22:00", "25-7", "7-7", "a-b", "07:00-07:00", "22:60-7"])
def test_hours_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_quiet(text)


@pytest.mark.parametrize("text", ["", "soon", "1 2 3 4 5 6 7", "24:00"])
def test_digest_times_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_digest(text)


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "../../etc/passwd", "America"])
def test_zones_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_zone(text)
