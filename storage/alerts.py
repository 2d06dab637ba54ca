"""The outbox: every message owed is a row with a unique id, and ends sent, expired or dropped.

Claiming is a lease: a row whose lease ran out, because its process died, is claimed again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.values import (
    from_json,
    from_maybe_time,
    from_time,
    maybe_time,
    to_json,
    to_time,
)

COLUMNS = (
    "id, subscription_id, episode_id, stage, act, target, guild_id, channel_id, facts, state, "
    "reason, attempts, first_attempt_at, not_before, expires_at, created_at, market_time, "
    "message_id, sent_at"
)


@dataclass(frozen=True, kw_only=True)
class NewAlert:
    """A message owed. `act` is post, edit or reply; an edit or reply is about the message of
    the alert `target`. `facts` is everything the message says, as JSON values."""

    id: str
    subscription_id: int
    episode_id: str
    stage: str
    act: str
    target: str | None
    guild_id: int
    channel_id: int
    facts: Mapping[str, Any]
    created_at: datetime
    market_time: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AlertRecord(NewAlert):
    """A row of the outbox."""

    state: str
    reason: str | None
    attempts: int
    first_attempt_at: datetime | None
    not_before: datetime
    message_id: int | None
    sent_at: datetime | None


def enqueue(connection: sqlite3.Connection, alerts: Sequence[NewAlert]) -> int:
    """Write alerts; one that is already there, in whatever state, is left as it is.

    Returns how many were new.
    """
    before = connection.total_changes
    connection.executemany(
        """INSERT INTO alerts (id, subscription_id, episode_id, stage, act, target, guild_id,
            channel_id, facts, state, not_before, expires_at, created_at, market_time)
        VALUES (:id, :subscription, :episode, :stage, :act, :target, :guild, :channel, :facts,
            'pending', :created, :expires, :created, :market)
        ON CONFLICT (id) DO NOTHING""",
        [
            {
                "id": alert.id,
                "subscription": alert.subscription_id,
                "episode": alert.episode_id,
                "stage": alert.stage,
                "act": alert.act,
                "target": alert.target,
                "guild": alert.guild_id,
                "channel": alert.channel_id,
                "facts": to_json(alert.facts),
                "expires": from_maybe_time(alert.expires_at),
                "created": from_time(alert.created_at),
                "market": from_time(alert.market_time),
            }
            for alert in alerts
        ],
    )
    return connection.total_changes - before


def claim(
    connection: sqlite3.Connection, *, now: datetime, lease_until: datetime, limit: int
) -> list[AlertRecord]:
    """Take the oldest due alerts; they are ours until `lease_until`.

    An edit or reply waits until the message it is about has been paid.
    """
    params = {"now": from_time(now), "lease": from_time(lease_until), "limit": limit}
    connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL
        WHERE state = 'claimed' AND lease_until < :now""",
        params,
    )
    rows = connection.execute(
        f"""UPDATE alerts SET state = 'claimed', lease_until = :lease, attempts = attempts + 1,
            first_attempt_at = coalesce(first_attempt_at, :now)
        WHERE seq IN (
            SELECT a.seq FROM alerts AS a
            WHERE a.state = 'pending' AND a.not_before <= :now AND NOT EXISTS (
                SELECT 1 FROM alerts AS t
                WHERE t.id = a.target AND t.state IN ('pending', 'claimed'))
            ORDER BY a.seq LIMIT :limit)
        RETURNING seq, {COLUMNS}""",  # noqa: S608
        params,
    ).fetchall()
    return [_record(row[1:]) for row in sorted(rows, key=lambda row: row[0])]


def release_all(connection: sqlite3.Connection) -> int:
    """Take back every claim: for a program that starts and knows that no other one sends."""
    return connection.execute(
        "UPDATE alerts SET state = 'pending', lease_until = NULL WHERE state = 'claimed'"
    ).rowcount


def mark_sent(
    connection: sqlite3.Connection, alert_id: str, *, message_id: int, at: datetime
) -> None:
    connection.execute(
        """UPDATE alerts SET state = 'sent', message_id = :message, sent_at = :at,
            lease_until = NULL, reason = NULL WHERE id = :id""",
        {"message": message_id, "at": from_time(at), "id": alert_id},
    )


def retry_later(
    connection: sqlite3.Connection, alert_id: str, *, not_before: datetime, reason: str
) -> None:
    connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL, not_before = :not_before,
            reason = :reason WHERE id = :id AND state = 'claimed'""",
        {"not_before": from_time(not_before), "reason": reason, "id": alert_id},
    )


def postpone(
    connection: sqlite3.Connection, alert_id: str, *, not_before: datetime, reason: str
) -> None:
    """Hand a claimed alert back without having tried: it does not count as an attempt."""
    connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL, not_before = :not_before,
            reason = :reason, attempts = attempts - 1,
            first_attempt_at = CASE WHEN attempts = 1 THEN NULL ELSE first_attempt_at END
        WHERE id = :id AND state = 'claimed'""",
        {"not_before": from_time(not_before), "reason": reason, "id": alert_id},
    )


def end(connection: sqlite3.Connection, alert_id: str, *, state: str, reason: str) -> None:
    """Close an alert without a message: `state` is expired or dropped."""
    connection.execute(
        """UPDATE alerts SET state = :state, reason = :reason, lease_until = NULL
        WHERE id = :id AND state IN ('pending', 'claimed')""",
        {"state": state, "reason": reason, "id": alert_id},
    )


def record_delivery(
    connection: sqlite3.Connection,
    alert_id: str,
    *,
    attempt: int,
    at: datetime,
    outcome: str,
    detail: str = "",
) -> None:
    connection.execute(
        """INSERT INTO deliveries (alert_id, attempt, at, outcome, detail)
        VALUES (:alert, :attempt, :at, :outcome, :detail)""",
        {
            "alert": alert_id,
            "attempt": attempt,
            "at": from_time(at),
            "outcome": outcome,
            "detail": detail[:500],
        },
    )


def get(connection: sqlite3.Connection, alert_id: str) -> AlertRecord | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM alerts WHERE id = :id",  # noqa: S608
        {"id": alert_id},
    ).fetchone()
    return None if row is None else _record(row)


def of_episode(connection: sqlite3.Connection, episode_id: str) -> list[AlertRecord]:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM alerts WHERE episode_id = :id ORDER BY seq",  # noqa: S608
        {"id": episode_id},
    )
    return [_record(row) for row in rows]


def openings(connection: sqlite3.Connection, episode_ids: Sequence[str]) -> list[AlertRecord]:
    """The posts that announced these episodes."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM alerts WHERE act = 'post'
        AND episode_id IN (SELECT value FROM json_each(:ids)) ORDER BY seq""",  # noqa: S608
        {"ids": to_json(list(episode_ids))},
    )
    return [_record(row) for row in rows]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many alerts are in each state."""
    return dict(connection.execute("SELECT state, count(*) FROM alerts GROUP BY state").fetchall())


def oldest_pending(connection: sqlite3.Connection, *, now: datetime) -> datetime | None:
    """When the longest-waiting due alert was written."""
    row = connection.execute(
        "SELECT min(created_at) FROM alerts WHERE state = 'pending' AND not_before <= :now",
        {"now": from_time(now)},
    ).fetchone()
    return maybe_time(row[0])


def _record(row: Sequence[Any]) -> AlertRecord:
    return AlertRecord(
        id=row[0],
        subscription_id=row[1],
        episode_id=row[2],
        stage=row[3],
        act=row[4],
        target=row[5],
        guild_id=row[6],
        channel_id=row[7],
        facts=from_json(row[8]),
        state=row[9],
        reason=row[10],
        attempts=row[11],
        first_attempt_at=maybe_time(row[12]),
        not_before=to_time(row[13]),
        expires_at=maybe_time(row[14]),
        created_at=to_time(row[15]),
        market_time=to_time(row[16]),
        message_id=row[17],
        sent_at=maybe_time(row[18]),
    )
