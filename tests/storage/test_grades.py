"""The bot's own record counts what was really sent, misses included."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storage import alerts, episodes, grades
from storage.alerts import NewAlert
from storage.database import Database
from storage.episodes import EpisodeRecord
from storage.grades import GradeRecord

NOW = datetime(2026, 4, 17, 20, 30, tzinfo=UTC)


def episode(identity: str, state: str, *, symbol: str = "IVOO") -> EpisodeRecord:
    return EpisodeRecord(
        id=identity,
        kind="high_52w",
        symbol=symbol,
        direction="up",
        state=state,
        began=date(2026, 4, 1),
        opened_at=NOW,
        level=100.0,
        level_session=None,
        invalidation=100.0,
        price=101.0,
        version=1,
        evidence={},
        provisional=False,
        late=False,
        close=101.0,
        last_crossed=date(2026, 4, 1),
        ended=None,
    )


def graded(identity: str, change: float) -> GradeRecord:
    return GradeRecord(
        episode_id=identity,
        sessions=20,
        entry_session=date(2026, 4, 2),
        entry=100.0,
        exit_session=date(2026, 4, 30),
        exit=100 * (1 + change),
        change=change,
        benchmark="SPY",
        benchmark_change=0.01,
        best=0.1,
        worst=-0.1,
    )


async def test_the_tally_counts_sent_alerts_by_outcome(where: Path | str) -> None:
    db = Database.open(where)
    states = {"e1": "held", "e2": "failed", "e3": "rejected", "e4": "confirmed", "e5": "held"}
    for identity, state in states.items():
        await db.write(lambda c, i=identity, s=state: episodes.save(c, episode(i, s)))  # type: ignore[misc]
    for identity in ("e1", "e2", "e3", "e4"):
        alert = NewAlert(
            id=f"a-{identity}",
            subscription_id=1,
            episode_id=identity,
            stage="opened",
            act="post",
            target=None,
            guild_id=1,
            channel_id=2,
            facts={},
            created_at=NOW,
            market_time=NOW,
        )
        await db.write(lambda c, a=alert: alerts.enqueue(c, [a]))  # type: ignore[misc]
        await db.write(lambda c, a=alert: alerts.mark_sent(c, a.id, message_id=7, at=NOW))  # type: ignore[misc]
    await db.write(lambda c: grades.save(c, [graded("e1", 0.05), graded("e2", -0.03)]))
    await db.write(lambda c: grades.save(c, [graded("e1", 0.99), graded("e5", 0.50)]))
    found = await db.read(
        lambda c: grades.tally(c, "high_52w", symbol=None, since=date(2026, 1, 1))
    )
    assert (found.announced, found.held, found.failed) == (4, 1, 1)
    assert (found.rejected, found.running) == (1, 1)
    assert (found.graded, found.higher) == (2, 1)
    assert found.mean_change == pytest.approx(0.01)
    assert found.mean_benchmark_change == pytest.approx(0.01)
    other = await db.read(
        lambda c: grades.tally(c, "high_52w", symbol="SPY", since=date(2026, 1, 1))
    )
    assert other.announced == 0
    await db.close()
