"""AlertFacts: everything a message about an episode says, free of any rendering.

It is written into the outbox as JSON in the transaction that creates the alert, so a message
can be drawn, retried and explained later from exactly what was known when it was owed.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from bot.alerts.context import BaseRate
from bot.alerts.standing import Breadth
from bot.episodes.grades import Grade
from bot.episodes.lifecycle import Episode, State
from bot.market.model import Symbol
from bot.signals.model import Direction, Kind, Value

LENGTH = 20
"""Characters of an alert's id: a hundred bits."""
SHORT = 6
"""Characters of an alert's id that people see (`#k3f9ab`): a million alerts rarely share one."""


class Stage(StrEnum):
    """Which part of an episode's life a message is about."""

    OPENED = "opened"
    CLOSED = "closed"
    ENDED = "ended"
    GRADED_5 = "graded 5"
    GRADED_20 = "graded 20"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where the numbers come from: the source, when its bars were fetched, and what the guard
    noticed about them."""

    source: str
    delay_minutes: int
    synthetic: bool
    fetched_at: datetime | None = None
    guard: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlertFacts:
    """One message's facts. Prices are in the quote currency on the price basis.

    `last` is the last trade (the close, once the session has one) when the message was
    written; `close` the close of the episode's session once known; `ended_close` the close
    that made it fail, or the lowest (for lows: highest) close while it held. `grades`
    are all grades so far. `siblings` are other symbols that did the same in the same pass.
    """

    episode_id: str
    stage: Stage
    state: State
    kind: Kind
    symbol: Symbol
    name: str
    title: str
    phrase: str
    direction: Direction
    session: date
    seen_at: datetime
    level: float
    level_session: date | None
    invalidation: float
    price: float
    last: float
    prior_close: float | None
    base_sessions: int | None
    volume_ratio: float | None
    participation: str
    distance_all_time: float | None
    also_all_time_high: bool
    provisional: bool
    late: bool
    close: float | None
    ended_session: date | None
    ended_close: float | None
    ended_after: int | None
    siblings: tuple[Symbol, ...]
    version: int
    evidence: Mapping[str, Value]
    provenance: Provenance
    grades: tuple[Grade, ...] = ()
    base_rate: BaseRate | None = None
    rs_rank: int | None = None
    breadth: Breadth | None = None

    def following(self, opening: "AlertFacts") -> "AlertFacts":
        """These facts with what only the opening knew: its company, strength, base rate."""
        return replace(
            self,
            siblings=opening.siblings,
            base_rate=opening.base_rate,
            rs_rank=opening.rs_rank,
            breadth=opening.breadth,
        )

    def to_json(self) -> dict[str, Any]:
        dumped: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return dumped

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "AlertFacts":
        """Raises pydantic.ValidationError when the row was not written by this program."""
        return _ADAPTER.validate_python(dict(value), strict=False)


_ADAPTER = TypeAdapter(AlertFacts)


BASE32 = np.array(list("abcdefghijklmnopqrstuvwxyz234567"))
FIVE_BITS_EACH = np.arange(SHORT)[::-1] * 5


def alert_id(subscription_id: int, episode_id: str, stage: Stage) -> str:
    """The idempotency key of a message: 20 characters of base32 for what it is about."""
    return alert_ids([subscription_id], episode_id, stage)[0]


def alert_ids(subscription_ids: Sequence[int], episode_id: str, stage: Stage) -> list[str]:
    """`alert_id` for all subscriptions to one message.

    The characters that people see count on from a hash by the number of the subscription, the
    rest is a hash: the ids of a signal lie side by side in an index, which for 100,000 of them
    spares PostgreSQL a third of a second.
    """
    digest = hashlib.sha256(f"{episode_id}|{stage}".encode()).digest()
    marks = np.array(subscription_ids, dtype=np.int64) + int.from_bytes(digest[:4], "big")
    letters = np.empty((len(marks), LENGTH), dtype="U1")
    letters[:, :SHORT] = BASE32[marks[:, None] >> FIVE_BITS_EACH & 31]
    letters[:, SHORT:] = list(base64.b32encode(digest[4:]).decode().lower()[: LENGTH - SHORT])
    found: list[str] = letters.view(f"U{LENGTH}").ravel().tolist()
    return found


def short_id(identity: str) -> str:
    """What people see of an alert's id."""
    return identity[:SHORT]


def facts_of(
    episode: Episode,
    stage: Stage,
    *,
    name: str,
    title: str,
    phrase: str,
    seen_at: datetime,
    provenance: Provenance,
    siblings: tuple[Symbol, ...] = (),
    ended_close: float | None = None,
    ended_after: int | None = None,
    grades: tuple[Grade, ...] = (),
) -> AlertFacts:
    """The facts of a message about `episode` as it stands."""
    evidence = episode.evidence
    top = _number(evidence, "all_time_high")
    return AlertFacts(
        episode_id=episode.id,
        stage=stage,
        state=episode.state,
        kind=episode.kind,
        symbol=episode.symbol,
        name=name,
        title=title,
        phrase=phrase,
        direction=episode.direction,
        session=episode.began,
        seen_at=seen_at,
        level=episode.level,
        level_session=episode.level_session,
        invalidation=episode.invalidation,
        price=episode.price,
        last=episode.close or _number(evidence, "last") or episode.price,
        prior_close=_number(evidence, "prior_close"),
        base_sessions=_whole(evidence, "base_sessions"),
        volume_ratio=_number(evidence, "volume_ratio"),
        participation=str(evidence.get("participation") or "unknown"),
        distance_all_time=_number(evidence, "distance_all_time"),
        also_all_time_high=top is not None and episode.price > top,
        provisional=episode.provisional and episode.state is State.OPEN,
        late=episode.late,
        close=episode.close,
        ended_session=episode.ended,
        ended_close=ended_close,
        ended_after=ended_after,
        siblings=siblings,
        version=episode.version,
        evidence=dict(evidence),
        provenance=provenance,
        grades=grades,
    )


def _number(evidence: Mapping[str, Value], name: str) -> float | None:
    value = evidence.get(name)
    return float(value) if isinstance(value, int | float) else None


def _whole(evidence: Mapping[str, Value], name: str) -> int | None:
    value = evidence.get(name)
    return value if isinstance(value, int) else None
