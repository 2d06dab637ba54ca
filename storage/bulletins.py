"""Bulletins: what channels and people want to be sent at set times, without anything happening.

A wish knows when its next message is due by the market's clock. Writing the message and moving
that moment share a transaction, so a restart or a second program sends none twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_json, from_time, to_json, to_time

COLUMNS = "id, kind, user_id, guild_id, channel_id, list_id, times, next_at, created_at"


@dataclass(frozen=True, kw_only=True)
class NewBulletin:
    """`kind` is scorecard (a channel's, `user_id` and `list_id` 0) or watchlist (a person's, by
    direct message: `guild_id` 0 and the user's id as `channel_id`). `times` are times of day or
    the word close, where they can be chosen."""

    kind: str
    user_id: int
    guild_id: int
    channel_id: int
    list_id: int = 0
    times: tuple[str, ...] = ()
    next_at: datetime
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class BulletinRecord(NewBulletin):
    id: int


def put(connection: Connection, wish: NewBulletin) -> BulletinRecord:
    """Write a wish; one of the same kind for the same channel and list is replaced."""
    row = connection.execute(
        f"""INSERT INTO bulletins
            (kind, user_id, guild_id, channel_id, list_id, times, next_at, created_at)
        VALUES (:kind, :user, :guild, :channel, :list, :times, :next, :created)
        ON CONFLICT (kind, user_id, channel_id, list_id)
            DO UPDATE SET times = :times, next_at = :next
        RETURNING {COLUMNS}""",  # noqa: S608
        {
            "kind": wish.kind,
            "user": wish.user_id,
            "guild": wish.guild_id,
            "channel": wish.channel_id,
            "list": wish.list_id,
            "times": to_json(list(wish.times)),
            "next": from_time(wish.next_at),
            "created": from_time(wish.created_at),
        },
    ).fetchone()
    return _record(row)


def of_channel(connection: Connection, channel_id: int) -> list[BulletinRecord]:
    """The wishes of a channel, or of a person by their id."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM bulletins WHERE channel_id = :channel ORDER BY id",  # noqa: S608
        {"channel": channel_id},
    )
    return [_record(row) for row in rows]


def due(connection: Connection, *, now: datetime) -> list[BulletinRecord]:
    """The wishes whose moment has come, the oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM bulletins WHERE next_at <= :now ORDER BY next_at, id",  # noqa: S608
        {"now": from_time(now)},
    )
    return [_record(row) for row in rows]


def move(connection: Connection, wish: BulletinRecord, *, next_at: datetime) -> bool:
    """Set the next moment; False when somebody else did, or the wish is gone."""
    moved = connection.execute(
        "UPDATE bulletins SET next_at = :next WHERE id = :id AND next_at = :old",
        {"next": from_time(next_at), "id": wish.id, "old": from_time(wish.next_at)},
    )
    return moved.rowcount == 1


def remove(connection: Connection, bulletin_id: int) -> None:
    connection.execute("DELETE FROM bulletins WHERE id = :id", {"id": bulletin_id})


def forget_channel(connection: Connection, channel_id: int) -> None:
    connection.execute("DELETE FROM bulletins WHERE channel_id = :id", {"id": channel_id})


def forget_guild(connection: Connection, guild_id: int) -> None:
    connection.execute("DELETE FROM bulletins WHERE guild_id = :guild", {"guild": guild_id})


def _record(row: Sequence[Any]) -> BulletinRecord:
    return BulletinRecord(
        id=row[0],
        kind=row[1],
        user_id=row[2],
        guild_id=row[3],
        channel_id=row[4],
        list_id=row[5],
        times=tuple(from_json(row[6])),
        next_at=to_time(row[7]),
        created_at=to_time(row[8]),
    )
