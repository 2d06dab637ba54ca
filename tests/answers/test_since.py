"""Starts of periods as people write them; expected days read off a calendar."""

from datetime import date

import pytest

from bot.answers.since import Since
from bot.errors import UserError


def resolved(text: str, last: str) -> date:
    return Since(text).resolve(date.fromisoformat(last), bottom=lambda: date(2023, 10, 27))


@pytest.mark.parametrize(
    ("text", "last", "day"),
    [
        ("2023-10-27", "2023-11-27", date(2023, 10, 27)),
        ("1w", "2024-03-05", date(2024, 2, 27)),
        ("1m", "2024-03-31", date(2024, 2, 29)),
        ("1m", "2023-03-30", date(2023, 2, 28)),
        ("3m", "2024-01-15", date(2023, 10, 15)),
        ("6m", "2024-08-31", date(2024, 2, 29)),
        ("1y", "2024-02-29", date(2023, 2, 28)),
        ("5y", "2024-06-03", date(2019, 6, 3)),
        ("YTD", "2024-06-03", date(2023, 12, 31)),
        (" Bottom ", "2023-11-27", date(2023, 10, 27)),
    ],
)
def test_a_start_is_found(text: str, last: str, day: date) -> None:
    assert resolved(text, last) == day


def test_max_lies_before_every_price() -> None:
    assert resolved("max", "2024-06-03").year == 1900


@pytest.mark.parametrize("text", ["", "0m", "100y", "3", "m", "tomorrow", "2023-13-01", "1d", "٣m"])
def test_what_is_no_start_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UserError, match="Write a date such as 2023-10-27"):
        Since(text)


@pytest.mark.parametrize("text", ["2024-06-03", "2024-06-04"])
def test_a_start_that_is_not_before_the_last_session_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="earlier start"):
        resolved(text, "2024-06-03")
