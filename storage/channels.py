"""How channels want to be told: quiet hours, digests, mutes, and the way of each subscription."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_json, from_time, to_json, to_time


@dataclass(frozen=True, kw_only=True)
class ChannelRecord:
    """`zone` is a time zone's name, `quiet` looks like 22:00-07:00, `digest` holds times of day
    or the word close, `budget` is messages an hour. None stands for the default. What is posted
    to a `feed` is published to the servers that follow it."""

    channel_id: int
    guild_id: int
    zone: str | None = None
    quiet: str | None = None
    digest: tuple[str, ...] = ()
    budget: int | None = None
    feed: bool = False


@dataclass(frozen=True, kw_only=True)
class WayRecord:
    """`delivery` is instant, close or digest; `role_id` a role to mention; with `brief` its
    openings bring a brief along."""

    subscription_id: int
    guild_id: int
    delivery: str = "instant"
    role_id: int | None = None
    brief: bool = False


@dataclass(frozen=True, kw_only=True)
class NewMute:
    """A channel does not want to hear of `symbol` (None: any) and `kind` (None: any) until a
    moment of market time."""

    guild_id: int
    channel_id: int
    symbol: str | None
    kind: str | None
    until: datetime
    created_by: int


@dataclass(frozen=True, kw_only=True)
class MuteRecord(NewMute):
    id: int


def settings_of(connection: Connection, channel_ids: Sequence[int]) -> dict[int, ChannelRecord]:
    """What these channels have set; a channel that set nothing is absent."""
    rows = connection.execute(
        """SELECT channel_id, guild_id, zone, quiet, digest, budget, feed FROM channels
        WHERE channel_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        {"ids": to_json(list(channel_ids))},
    )
    return {row[0]: _channel(row) for row in rows}


def particular(connection: Connection, *, now: datetime) -> set[int]:
    """The channels that have chosen anything: settings, a way of a subscription, a mute."""
    rows = connection.execute(
        """SELECT channel_id FROM channels
        UNION SELECT s.channel_id FROM ways AS w JOIN subscriptions AS s ON s.id = w.subscription_id
        UNION SELECT channel_id FROM mutes WHERE until > ?""",
        (from_time(now),),
    )
    return {row[0] for row in rows}


def set_channel(connection: Connection, record: ChannelRecord) -> None:
    connection.execute(
        """INSERT INTO channels (channel_id, guild_id, zone, quiet, digest, budget, feed)
        VALUES (:channel, :guild, :zone, :quiet, :digest, :budget, :feed)
        ON CONFLICT (channel_id) DO UPDATE SET zone = :zone, quiet = :quiet, digest = :digest,
            budget = :budget, feed = :feed""",
        {
            "channel": record.channel_id,
            "guild": record.guild_id,
            "zone": record.zone,
            "quiet": record.quiet,
            "digest": to_json(list(record.digest)),
            "budget": record.budget,
            "feed": int(record.feed),
        },
    )


def feeds_in_guild(connection: Connection, guild_id: int) -> set[int]:
    """The channels of a guild that are feeds."""
    rows = connection.execute(
        "SELECT channel_id FROM channels WHERE guild_id = ? AND feed != 0", (guild_id,)
    )
    return {row[0] for row in rows}


def end_feed(connection: Connection, channel_id: int) -> None:
    connection.execute("UPDATE channels SET feed = 0 WHERE channel_id = ?", (channel_id,))


def ways_of(connection: Connection, subscription_ids: Sequence[int]) -> dict[int, WayRecord]:
    """How these subscriptions are delivered; one that was never edited is absent."""
    rows = connection.execute(
        """SELECT subscription_id, guild_id, delivery, role_id, brief FROM ways
        WHERE subscription_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        {"ids": to_json(list(subscription_ids))},
    )
    return {
        row[0]: WayRecord(
            subscription_id=row[0],
            guild_id=row[1],
            delivery=row[2],
            role_id=row[3],
            brief=bool(row[4]),
        )
        for row in rows
    }


def set_way(connection: Connection, record: WayRecord) -> None:
    connection.execute(
        """INSERT INTO ways (subscription_id, guild_id, delivery, role_id, brief)
        VALUES (:subscription, :guild, :delivery, :role, :brief)
        ON CONFLICT (subscription_id) DO UPDATE SET delivery = :delivery, role_id = :role,
            brief = :brief""",
        {
            "subscription": record.subscription_id,
            "guild": record.guild_id,
            "delivery": record.delivery,
            "role": record.role_id,
            "brief": int(record.brief),
        },
    )


def briefed(connection: Connection, alert_ids: Sequence[str]) -> set[str]:
    """Those of these alerts whose subscription wants a brief with them."""
    rows = connection.execute(
        """SELECT a.id FROM alerts AS a JOIN ways AS w ON w.subscription_id = a.subscription_id
        WHERE w.brief != 0 AND a.id IN (SELECT value FROM json_each(:ids))""",
        {"ids": to_json(list(alert_ids))},
    )
    return {row[0] for row in rows}


def forget_way(connection: Connection, subscription_id: int) -> None:
    """A new subscription may have the number of a removed one, not its way."""
    connection.execute("DELETE FROM ways WHERE subscription_id = ?", (subscription_id,))


def add_mute(connection: Connection, mute: NewMute, *, at: datetime) -> MuteRecord:
    """One of the same symbol and kind is replaced."""
    params = {
        "guild": mute.guild_id,
        "channel": mute.channel_id,
        "symbol": mute.symbol,
        "kind": mute.kind,
        "until": from_time(mute.until),
        "by": mute.created_by,
        "at": from_time(at),
    }
    connection.execute(
        """DELETE FROM mutes
        WHERE channel_id = :channel AND coalesce(symbol, '') = coalesce(:symbol, '')
            AND coalesce(kind, '') = coalesce(:kind, '')""",
        params,
    )
    row = connection.execute(
        """INSERT INTO mutes (guild_id, channel_id, symbol, kind, until, created_by, created_at)
        VALUES (:guild, :channel, :symbol, :kind, :until, :by, :at)
        RETURNING id, guild_id, channel_id, symbol, kind, until, created_by""",
        params,
    ).fetchone()
    return _mute(row)


def remove_mute(connection: Connection, mute_id: int) -> None:
    connection.execute("DELETE FROM mutes WHERE id = :id", {"id": mute_id})


def mutes_in_guild(connection: Connection, guild_id: int, *, now: datetime) -> list[MuteRecord]:
    """The mutes of a guild that have not ended."""
    rows = connection.execute(
        """SELECT id, guild_id, channel_id, symbol, kind, until, created_by FROM mutes
        WHERE guild_id = :guild AND until > :now ORDER BY channel_id, until, id""",
        {"guild": guild_id, "now": from_time(now)},
    )
    return [_mute(row) for row in rows]


def mutes_of(
    connection: Connection, channel_ids: Sequence[int], *, now: datetime
) -> Mapping[int, list[MuteRecord]]:
    """The mutes of these channels that have not ended, by channel."""
    rows = connection.execute(
        """SELECT id, guild_id, channel_id, symbol, kind, until, created_by FROM mutes
        WHERE channel_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))
            AND until > :now ORDER BY id""",
        {"ids": to_json(list(channel_ids)), "now": from_time(now)},
    )
    found: dict[int, list[MuteRecord]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(_mute(row))
    return found


def forget_guild(connection: Connection, guild_id: int) -> None:
    """Delete every row here that belongs to a guild."""
    for table in ("channels", "ways", "mutes", "publications"):
        connection.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))  # noqa: S608


def _channel(row: Sequence[Any]) -> ChannelRecord:
    return ChannelRecord(
        channel_id=row[0],
        guild_id=row[1],
        zone=row[2],
        quiet=row[3],
        digest=tuple(from_json(row[4])) if row[4] else (),
        budget=row[5],
        feed=bool(row[6]),
    )


def _mute(row: Sequence[Any]) -> MuteRecord:
    return MuteRecord(
        id=row[0],
        guild_id=row[1],
        channel_id=row[2],
        symbol=row[3],
        kind=row[4],
        until=to_time(row[5]),
        created_by=row[6],
    )
