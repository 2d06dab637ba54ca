"""Subscriptions: the standing wishes of channels."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.values import from_json, from_maybe_time, from_time, maybe_time, to_json, to_time


@dataclass(frozen=True, kw_only=True)
class SubscriptionRecord:
    """`universe` names a set of symbols; without it `symbols` lists them.

    `state` is active, paused (by a person) or blocked (Discord refuses the channel; tried
    again at `retry_at`).
    """

    id: int
    guild_id: int
    channel_id: int
    kinds: tuple[str, ...]
    universe: str | None
    symbols: tuple[str, ...]
    state: str
    reason: str | None
    failures: int
    retry_at: datetime | None
    created_by: int
    created_at: datetime


def add(
    connection: sqlite3.Connection,
    *,
    guild_id: int,
    channel_id: int,
    kinds: Sequence[str],
    universe: str | None,
    symbols: Sequence[str],
    created_by: int,
    at: datetime,
) -> SubscriptionRecord:
    row = connection.execute(
        """INSERT INTO subscriptions
            (guild_id, channel_id, kinds, universe, symbols, state, created_by, created_at)
        VALUES (:guild, :channel, :kinds, :universe, :symbols, 'active', :by, :at)
        RETURNING *""",
        {
            "guild": guild_id,
            "channel": channel_id,
            "kinds": to_json(list(kinds)),
            "universe": universe,
            "symbols": to_json(list(symbols)),
            "by": created_by,
            "at": from_time(at),
        },
    ).fetchone()
    return _record(row)


def in_channel(connection: sqlite3.Connection, channel_id: int) -> list[SubscriptionRecord]:
    rows = connection.execute(
        "SELECT * FROM subscriptions WHERE channel_id = :channel ORDER BY id",
        {"channel": channel_id},
    )
    return [_record(row) for row in rows]


def in_guild(connection: sqlite3.Connection, guild_id: int) -> list[SubscriptionRecord]:
    rows = connection.execute(
        "SELECT * FROM subscriptions WHERE guild_id = :guild ORDER BY id", {"guild": guild_id}
    )
    return [_record(row) for row in rows]


def get(connection: sqlite3.Connection, subscription_id: int) -> SubscriptionRecord | None:
    row = connection.execute(
        "SELECT * FROM subscriptions WHERE id = :id", {"id": subscription_id}
    ).fetchone()
    return None if row is None else _record(row)


def active(connection: sqlite3.Connection) -> list[SubscriptionRecord]:
    """Those that alerts are written for; a blocked one still collects what it is owed."""
    rows = connection.execute("SELECT * FROM subscriptions WHERE state != 'paused' ORDER BY id")
    return [_record(row) for row in rows]


def set_state(
    connection: sqlite3.Connection,
    subscription_id: int,
    *,
    state: str,
    reason: str | None = None,
    failures: int = 0,
    retry_at: datetime | None = None,
) -> None:
    connection.execute(
        """UPDATE subscriptions SET state = :state, reason = :reason, failures = :failures,
            retry_at = :retry_at WHERE id = :id""",
        {
            "state": state,
            "reason": reason,
            "failures": failures,
            "retry_at": from_maybe_time(retry_at),
            "id": subscription_id,
        },
    )


def remove(connection: sqlite3.Connection, subscription_id: int) -> None:
    """Delete a subscription; what it was still owed is dropped with the reason."""
    connection.execute("DELETE FROM subscriptions WHERE id = :id", {"id": subscription_id})
    connection.execute(
        """UPDATE alerts SET state = 'dropped', reason = 'unsubscribed'
        WHERE subscription_id = :id AND state = 'pending'""",
        {"id": subscription_id},
    )


def remove_channel(connection: sqlite3.Connection, channel_id: int) -> int:
    """Delete all subscriptions of a channel that is gone; returns how many there were."""
    ids = [s.id for s in in_channel(connection, channel_id)]
    for subscription_id in ids:
        remove(connection, subscription_id)
    return len(ids)


def forget_guild(connection: sqlite3.Connection, guild_id: int) -> None:
    """Delete every row that belongs to a guild."""
    params = {"guild": guild_id}
    connection.execute(
        """DELETE FROM deliveries WHERE alert_id IN
            (SELECT id FROM alerts WHERE guild_id = :guild)""",
        params,
    )
    connection.execute("DELETE FROM alerts WHERE guild_id = :guild", params)
    connection.execute("DELETE FROM subscriptions WHERE guild_id = :guild", params)
    connection.execute("DELETE FROM audit WHERE guild_id = :guild", params)


def _record(row: Sequence[Any]) -> SubscriptionRecord:
    return SubscriptionRecord(
        id=row[0],
        guild_id=row[1],
        channel_id=row[2],
        kinds=tuple(from_json(row[3])),
        universe=row[4],
        symbols=tuple(from_json(row[5])),
        state=row[6],
        reason=row[7],
        failures=row[8],
        retry_at=maybe_time(row[9]),
        created_by=row[10],
        created_at=to_time(row[11]),
    )
