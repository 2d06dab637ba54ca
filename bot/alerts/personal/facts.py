"""PersonalFacts: everything the message of a personal alert says, free of any rendering."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from bot.alerts.facts import Provenance
from bot.alerts.personal.model import Fired, Repeat, Rule, What
from bot.alerts.personal.words import written
from bot.market.model import Symbol
from bot.signals.kinds import KINDS
from bot.signals.model import Direction
from storage.personal import PersonalRecord

STAGE = "personal"
"""The stage of the outbox's rows that carry these facts."""


@dataclass(frozen=True, kw_only=True)
class PersonalFacts:
    """One message's facts. Prices are in the quote currency on the price basis.

    `words` is the condition as its user wrote it; `price` went beyond `level`, `last` is the
    last trade (`closed`: the close of `session`). `done`: the alert has told all it will.
    For signals `phrase` follows the symbol in a sentence and `began` is the breakout's session.
    """

    personal_id: int
    user_id: int
    symbol: Symbol
    name: str
    what: What
    words: str
    session: date
    seen_at: datetime
    level: float
    price: float
    last: float
    prior_close: float | None
    change: float | None
    reference: float | None
    direction: Direction | None
    phrase: str
    began: date | None
    closed: bool
    late: bool
    done: bool
    repeat: Repeat
    note: str
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        dumped: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return dumped

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "PersonalFacts":
        """Raises pydantic.ValidationError when the row was not written by this program."""
        return _ADAPTER.validate_python(dict(value), strict=False)


_ADAPTER = TypeAdapter(PersonalFacts)


def personal_alert_id(number: int, occasion: int) -> str:
    """The idempotency key of a message: the alert, and the how manyth thing it tells."""
    digest = hashlib.sha256(f"personal|{number}|{occasion}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:20]


def personal_facts(
    record: PersonalRecord,
    rule: Rule,
    fired: Fired,
    *,
    name: str,
    seen_at: datetime,
    provenance: Provenance,
) -> PersonalFacts:
    """The facts of a message about `fired`."""
    condition = rule.condition
    return PersonalFacts(
        personal_id=record.id,
        user_id=record.user_id,
        symbol=rule.symbol,
        name=name,
        what=condition.what,
        words=written(condition),
        session=fired.session,
        seen_at=seen_at,
        level=fired.level,
        price=fired.price,
        last=fired.last,
        prior_close=fired.prior_close,
        change=condition.change,
        reference=condition.reference,
        direction=fired.direction,
        phrase="" if fired.kind is None else KINDS[fired.kind].phrase,
        began=fired.began,
        closed=fired.closed,
        late=fired.late,
        done=rule.repeat is Repeat.ONCE,
        repeat=rule.repeat,
        note=record.rule.note,
        provenance=provenance,
    )
