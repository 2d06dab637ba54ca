"""Looking up what was said and done, to explain it afterwards."""

from dataclasses import dataclass
from datetime import datetime

from storage.connection import Connection
from storage.values import maybe_time, to_time


@dataclass(frozen=True, kw_only=True)
class Step:
    """A message owed for an episode in one channel, and what became of it; `rule` is the rule
    of quiet that decided about it."""

    alert_id: str
    stage: str
    act: str
    state: str
    reason: str | None
    attempts: int
    market_time: datetime
    sent_at: datetime | None
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Another episode of the same symbol that began in the same session."""

    kind: str
    state: str
    told: bool


def find(connection: Connection, prefix: str, *, guild_id: int | None) -> list[str]:
    """The ids of opening alerts that start so, in one guild (None: anywhere), newest first.

    A later message of the same episode leads to its opening. Users' own alerts are theirs
    alone, and bulletins explain themselves.
    """
    rows = connection.execute(
        """SELECT coalesce(target, id) AS opening FROM alerts
        WHERE substr(id, 1, length(:prefix)) = :prefix
            AND (CAST(:guild AS BIGINT) IS NULL OR guild_id = :guild)
            AND stage NOT IN ('personal', 'bulletin')
        GROUP BY coalesce(target, id) ORDER BY max(seq) DESC LIMIT 5""",
        {"prefix": prefix, "guild": guild_id},
    )
    return [opening for (opening,) in rows]


def steps(connection: Connection, opening_id: str) -> list[Step]:
    """The opening and everything that followed it up, in order."""
    rows = connection.execute(
        """SELECT id, stage, act, state, reason, attempts, market_time, sent_at, rule
        FROM alerts LEFT JOIN quieted ON alert_id = id
        WHERE id = :id OR target = :id ORDER BY seq""",
        {"id": opening_id},
    )
    return [
        Step(
            alert_id=row[0],
            stage=row[1],
            act=row[2],
            state=row[3],
            reason=row[4],
            attempts=row[5],
            market_time=to_time(row[6]),
            sent_at=maybe_time(row[7]),
            rule=row[8],
        )
        for row in rows
    ]


def relatives(connection: Connection, episode_id: str, *, subscription_id: int) -> list[Relative]:
    """What else the symbol did in that session, and whether this subscription was told."""
    rows = connection.execute(
        """SELECT o.kind, o.state, EXISTS (
            SELECT 1 FROM alerts AS a
            WHERE a.episode_id = o.id AND a.subscription_id = :subscription)
        FROM episodes AS e JOIN episodes AS o
            ON o.symbol = e.symbol AND o.began = e.began AND o.id != e.id
        WHERE e.id = :id ORDER BY o.kind""",
        {"id": episode_id, "subscription": subscription_id},
    )
    return [Relative(kind=kind, state=state, told=bool(told)) for kind, state, told in rows]
