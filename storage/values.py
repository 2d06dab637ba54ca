"""How values look in the database: fixed, sortable text for times and days, JSON for lists."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any


def from_time(moment: datetime) -> str:
    """An aware datetime as fixed-width UTC text, so that text order is time order.

    Raises ValueError on a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a naive time reached the database: {moment}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def to_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def maybe_time(text: str | None) -> datetime | None:
    return None if text is None else to_time(text)


def from_maybe_time(moment: datetime | None) -> str | None:
    return None if moment is None else from_time(moment)


def maybe_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def from_maybe_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def to_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Compact JSON with sorted keys; NaN and infinities are refused with ValueError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> Any:
    return json.loads(text)
