"""Since: where a comparison starts, as people write it: a date, a span back, or `bottom`."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from bot.errors import UserError

BEGINNING = date(1900, 1, 1)
"""Before every price that any source has."""
SPAN = re.compile(r"([1-9]\d?)([wmy])")
WORDS = {
    "1w": "1 week",
    "1m": "1 month",
    "3m": "3 months",
    "6m": "6 months",
    "ytd": "This year",
    "1y": "1 year",
    "5y": "5 years",
    "max": "All there is",
    "bottom": "Since the benchmark’s bottom",
}
"""What is offered to pick; any date and any number of weeks, months or years work as well."""


class Since(str):
    """The start of a period, checked but not yet resolved. Raises UserError."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        plain = text.strip().lower()
        if plain not in ("ytd", "max", "bottom") and not SPAN.fullmatch(plain):
            _day(plain)
        return super().__new__(cls, plain)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Commands typed as text are validated through here."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    def resolve(self, last: date, *, bottom: Callable[[], date]) -> date:
        """The first day of the period that ends with the session `last`.

        `bottom` finds the benchmark's bottom and is only called when it is asked for. Raises
        UserError for a day that is not before `last`.
        """
        span = SPAN.fullmatch(self)
        if span:
            return back(last, int(span[1]), span[2])
        if self == "ytd":
            return date(last.year - 1, 12, 31)
        if self == "max":
            return BEGINNING
        day = bottom() if self == "bottom" else _day(self)
        if day >= last:
            raise UserError(
                f"{day} does not lie before the last session, {last}. Take an earlier start."
            )
        return day


def back(last: date, count: int, unit: str) -> date:
    """`count` weeks, months or years before `last`; the last day of a month that is too short."""
    if unit == "w":
        return last - timedelta(weeks=count)
    months = count if unit == "m" else 12 * count
    year, month = divmod(12 * last.year + last.month - 1 - months, 12)
    for day in range(last.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(last.day, 27))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        shown = "".join(c for c in text[:20] if c.isalnum() or c in " -./")
        raise UserError(
            f"“{shown}” is no start I know. Write a date such as 2023-10-27, or 1w, 1m, 3m, 6m, "
            "1y, 5y, ytd, max or bottom."
        ) from None
