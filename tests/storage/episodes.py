"""Episodes as rows, for tests that need some to be there."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from storage.episodes import EpisodeRecord

PLAIN = EpisodeRecord(
    id="",
    kind="high_52w",
    symbol="SPY",
    direction="up",
    state="open",
    began=date(2024, 6, 28),
    opened_at=datetime(2024, 6, 28, 15, tzinfo=UTC),
    level=490.5,
    level_session=date(2024, 3, 1),
    invalidation=490.5,
    price=491.0,
    version=1,
    evidence={},
    provisional=False,
    late=False,
    close=None,
    last_crossed=date(2024, 6, 28),
    ended=None,
)


def episode(identity: str, **changed: Any) -> EpisodeRecord:
    return replace(PLAIN, id=identity, **changed)
