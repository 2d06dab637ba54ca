"""Expected values come from the exchange's published calendars and from plain dates."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.sessions import Sessions

NEW_YORK = ZoneInfo("America/New_York")
SESSIONS = Sessions.load()
SECONDS = (
    datetime(1991, 1, 1, tzinfo=UTC).timestamp(),
    datetime(2044, 1, 1, tzinfo=UTC).timestamp(),
)


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2025-01-09", "the day of mourning for President Carter"),
        ("2025-04-18", "Good Friday"),
        ("2025-06-19", "Juneteenth"),
        ("2026-07-03", "Independence Day observed"),
        ("2001-09-11", "the attacks"),
        ("2012-10-29", "hurricane Sandy"),
        ("2026-11-21", "a Saturday"),
    ],
)
def test_the_exchange_is_closed(day: str, why: str) -> None:
    assert not SESSIONS.is_session(date.fromisoformat(day)), why


@pytest.mark.parametrize(("year", "count"), [(2019, 252), (2020, 253), (2023, 250), (2024, 252)])
def test_years_have_their_published_number_of_sessions(year: int, count: int) -> None:
    assert len(SESSIONS.between(date(year, 1, 1), date(year, 12, 31))) == count


def test_the_calendar_begins_in_1990_and_reaches_decades_ahead() -> None:
    assert SESSIONS.days[0] == np.datetime64("1990-01-02")
    assert SESSIONS.days[-1] > np.datetime64("2045-12-01")


def test_early_closes_end_at_one_in_new_york() -> None:
    for day in ("2026-11-27", "2026-12-24", "2023-07-03"):
        session = date.fromisoformat(day)
        assert SESSIONS.is_early_close(session)
        assert SESSIONS.bounds(session)[1] == at(day, "13:00")
    assert not SESSIONS.is_early_close(date(2026, 11, 25))


def test_bounds_are_utc_and_follow_daylight_saving() -> None:
    winter = SESSIONS.bounds(date(2026, 3, 6))
    summer = SESSIONS.bounds(date(2026, 3, 9))
    assert winter[0] == datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
    assert summer[0] == datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
    assert summer[1].tzinfo is UTC


def test_a_session_runs_from_its_opening_bell_to_just_before_the_closing_bell() -> None:
    day = date(2026, 4, 17)
    assert SESSIONS.open_session(at("2026-04-17", "09:29:59")) is None
    assert SESSIONS.open_session(at("2026-04-17", "09:30:00")) == day
    assert SESSIONS.open_session(at("2026-04-17", "15:59:59")) == day
    assert SESSIONS.open_session(at("2026-04-17", "16:00:00")) is None


def test_a_session_counts_as_closed_twenty_minutes_after_the_bell() -> None:
    assert SESSIONS.last_closed(at("2026-04-17", "16:19:59")) == date(2026, 4, 16)
    assert SESSIONS.last_closed(at("2026-04-17", "16:20")) == date(2026, 4, 17)
    assert SESSIONS.last_closed(at("2026-04-17", "16:00"), settle=timedelta(0)) == date(2026, 4, 17)
    assert SESSIONS.last_closed(at("2026-04-19", "12:00")) == date(2026, 4, 17)


def test_an_early_close_settles_early() -> None:
    assert SESSIONS.last_closed(at("2026-11-27", "13:20")) == date(2026, 11, 27)


def test_the_last_opened_session_is_the_running_one_or_the_one_before() -> None:
    assert SESSIONS.last_opened(at("2026-04-17", "09:29")) == date(2026, 4, 16)
    assert SESSIONS.last_opened(at("2026-04-17", "09:30")) == date(2026, 4, 17)


def test_the_next_open_skips_the_weekend_and_the_running_session() -> None:
    assert SESSIONS.next_open(at("2026-04-17", "09:30")) == at("2026-04-20", "09:30")
    assert SESSIONS.next_open(at("2026-04-17", "09:29")) == at("2026-04-17", "09:30")


def test_offsets_count_sessions_not_days() -> None:
    thursday = date(2025, 11, 26)
    assert SESSIONS.offset(thursday, 1) == date(2025, 11, 28)
    assert SESSIONS.offset(thursday, -3) == date(2025, 11, 21)
    assert SESSIONS.offset(date(2026, 4, 19), 1) == date(2026, 4, 20)
    assert SESSIONS.offset(date(2026, 4, 19), -1) == date(2026, 4, 17)
    with pytest.raises(ValueError, match="not a session"):
        SESSIONS.offset(date(2026, 4, 19), 0)


def test_the_fraction_elapsed_grows_from_zero_to_one() -> None:
    assert SESSIONS.fraction_elapsed(at("2026-04-17", "09:30")) == 0.0
    assert SESSIONS.fraction_elapsed(at("2026-04-17", "12:45")) == pytest.approx(0.5)
    assert SESSIONS.fraction_elapsed(at("2026-04-17", "20:00")) == 1.0
    assert SESSIONS.fraction_elapsed(at("2026-11-27", "11:15")) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("day", "start"),
    [("2026-04-17", "2025-04-17"), ("2024-02-29", "2023-03-01"), ("2025-02-28", "2024-02-28")],
)
def test_the_window_starts_on_the_same_date_one_year_before(day: str, start: str) -> None:
    assert Sessions.window_start(date.fromisoformat(day)) == date.fromisoformat(start)


def test_questions_beyond_the_calendar_are_refused() -> None:
    short = Sessions.load(date(2024, 1, 1), date(2024, 12, 31))
    with pytest.raises(ValueError, match="covers 2024-01-02 to 2024-12-31"):
        short.next_open(datetime(2025, 6, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="covers"):
        short.last_closed(datetime(2023, 6, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="not a session"):
        short.bounds(date(2024, 12, 25))


def test_the_days_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        SESSIONS.days[0] = np.datetime64("2000-01-01")


@given(st.floats(*SECONDS).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_the_answers_agree_with_each_other_at_any_moment(moment: datetime) -> None:
    running = SESSIONS.open_session(moment)
    closed = SESSIONS.last_closed(moment, settle=timedelta(0))
    opened = SESSIONS.last_opened(moment)
    assert SESSIONS.bounds(closed)[1] <= moment < SESSIONS.next_open(moment)
    assert opened == (running or closed)
    assert SESSIONS.bounds(SESSIONS.offset(opened, 1))[0] == SESSIONS.next_open(moment)
    assert (running is None) == (SESSIONS.fraction_elapsed(moment) == 1.0)
