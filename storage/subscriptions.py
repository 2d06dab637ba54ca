"""Subscriptions: the standing wishes of channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from storage import channels
from storage.connection import Connection
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
    connection: Connection,
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
    channels.forget_way(connection, row[0])
    return _record(row)


def in_channel(connection: Connection, channel_id: int) -> list[SubscriptionRecord]:
    rows = connection.execute(
        "SELECT * FROM subscriptions WHERE channel_id = :channel ORDER BY id",
        {"channel": channel_id},
    )
    return [_record(row) for row in rows]


def in_guild(connection: Connection, guild_id: int) -> list[SubscriptionRecord]:
    rows = connection.execute(
        "SELECT * FROM subscriptions WHERE guild_id = :guild ORDER BY id", {"guild": guild_id}
    )
    return [_record(row) for row in rows]


def get(connection: Connection, subscription_id: int) -> SubscriptionRecord | None:
    row = connection.execute(
        "SELECT * FROM subscriptions WHERE id = :id", {"id": subscription_id}
    ).fetchone()
    return None if row is None else _record(row)


def listing_symbols(connection: Connection, subscription_ids: Sequence[int]) -> set[int]:
    """Those of these subscriptions that list their symbols one by one."""
    rows = connection.execute(
        """SELECT id FROM subscriptions WHERE universe IS NULL
            AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))""",
        (to_json(list(subscription_ids)),),
    )
    return {row[0] for row in rows}


def active(connection: Connection) -> list[SubscriptionRecord]:
    """Those that alerts are written for; a blocked one still collects what it is owed."""
    rows = connection.execute("SELECT * FROM subscriptions WHERE state != 'paused' ORDER BY id")
    return [_record(row) for row in rows]


def set_state(
    connection: Connection,
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


def remove(connection: Connection, subscription_id: int, *, reason: str = "unsubscribed") -> None:
    """Delete a subscription; what it was still owed is dropped with the reason."""
    connection.execute("DELETE FROM subscriptions WHERE id = :id", {"id": subscription_id})
    connection.execute(
        """UPDATE alerts SET state = 'dropped', reason = :reason, lease_until = NULL
        WHERE subscription_id = :id AND state IN ('pending', 'claimed')""",
        {"id": subscription_id, "reason": reason},
    )


CHANNEL_LOST = "its channel was lost"
KEPT_FOR = timedelta(days=1)


def remove_channel(connection: Connection, channel_id: int, *, at: datetime) -> int:
    """Delete all subscriptions of a channel that is lost; returns how many there were.

    A copy is kept for a day, for `restore_channels`.
    """
    connection.execute(
        "DELETE FROM removed_subscriptions WHERE removed_at < :old",
        {"old": from_time(at - KEPT_FOR)},
    )
    found = connection.execute(
        "SELECT * FROM subscriptions WHERE channel_id = :channel ORDER BY id",
        {"channel": channel_id},
    )
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found]
    for row in rows:
        connection.execute(
            """INSERT INTO removed_subscriptions (id, guild_id, removed_at, row)
            VALUES (:id, :guild_id, :at, :row)
            ON CONFLICT (id) DO UPDATE SET guild_id = :guild_id, removed_at = :at, row = :row""",
            {
                "id": row["id"],
                "guild_id": row["guild_id"],
                "at": from_time(at),
                "row": to_json(row),
            },
        )
        remove(connection, row["id"], reason=CHANNEL_LOST)
    return len(rows)


def restore_channels(connection: Connection, *, since: datetime, at: datetime) -> int:
    """Undo every `remove_channel` since a moment, alerts included: it was not the channels
    that failed. Returns how many subscriptions came back."""
    moments = {"since": from_time(since), "at": from_time(at)}
    stored = connection.execute(
        "SELECT id, row FROM removed_subscriptions WHERE removed_at >= :since", moments
    ).fetchall()
    for number, text in stored:
        row = from_json(text)
        columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(
            f"""INSERT INTO subscriptions ({columns}) VALUES ({values})
            ON CONFLICT (id) DO NOTHING""",  # noqa: S608
            row,
        )
        connection.execute(
            """UPDATE alerts SET state = 'pending', reason = NULL, not_before = :at,
                waits_since = :at
            WHERE state = 'dropped' AND reason = :reason AND subscription_id = :id""",
            moments | {"id": number, "reason": CHANNEL_LOST},
        )
    connection.execute("DELETE FROM removed_subscriptions WHERE removed_at >= :since", moments)
    return len(stored)


def unblock(connection: Connection, subscription_ids: Sequence[int], *, at: datetime) -> None:
    """Undo one refusal each: they are active again and what they are owed is due."""
    params = {"ids": to_json(list(subscription_ids)), "at": from_time(at)}
    connection.execute(
        """UPDATE subscriptions SET state = 'active', reason = NULL, retry_at = NULL,
            failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END
        WHERE state = 'blocked' AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        params,
    )
    connection.execute(
        """UPDATE alerts SET not_before = :at, waits_since = :at
        WHERE state = 'pending' AND not_before > :at
            AND subscription_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        params,
    )


def forget_guild(connection: Connection, guild_id: int) -> None:
    """Delete every row that belongs to a guild."""
    params = {"guild": guild_id}
    connection.execute(
        """DELETE FROM quieted WHERE alert_id IN
            (SELECT id FROM alerts WHERE guild_id = :guild)""",
        params,
    )
    connection.execute(
        """DELETE FROM deliveries WHERE alert_id IN
            (SELECT id FROM alerts WHERE guild_id = :guild)""",
        params,
    )
    connection.execute("DELETE FROM alerts WHERE guild_id = :guild", params)
    connection.execute("DELETE FROM subscriptions WHERE guild_id = :guild", params)
    connection.execute("DELETE FROM removed_subscriptions WHERE guild_id = :guild", params)
    connection.execute("DELETE FROM audit WHERE guild_id = :guild", params)
    channels.forget_guild(connection, guild_id)


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
