"""Cards that wait in the outbox: everything of a card but its picture, as JSON values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from bot.cards.model import Card

_ADAPTER = TypeAdapter(Card)


def to_json(card: Card) -> dict[str, Any]:
    dumped: dict[str, Any] = _ADAPTER.dump_python(replace(card, picture=None), mode="json")
    return dumped


def from_json(value: Mapping[str, Any]) -> Card:
    """Raises pydantic.ValidationError when the row was not written by this program."""
    return _ADAPTER.validate_python(dict(value), strict=False)
