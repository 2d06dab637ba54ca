"""Messages of feeds that are owed to the servers that follow them.

A row is written in the transaction that marks its alert as sent, so a killed process publishes
later. Whoever takes rows has them for a while; a message published twice is harmless, since
Discord answers that it has been published already. Each try counts against the channel's hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from storage.connection import Connection
from storage.values import from_time, to_time

HOUR = timedelta(hours=1)
AT_ONCE = 400
"""Messages that one take gives at the most."""
WAITS = "state = 'pending' AND not_before > :now AND waits_since <= :now"
"""A message waits between two moments, so that a clock that is set back ends the wait."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A message to publish; `attempts` counts this one. After `until` it is left unpublished."""

    alert_id: str
    guild_id: int
    channel_id: int
    message_id: int
    until: datetime
    attempts: int


def owe(
    connection: Connection, alert_id: str, *, message_id: int, at: datetime, until: datetime
) -> None:
    """Owe followers an alert that was just sent, where its channel is a feed.

    A reply is none of theirs: Discord publishes ordinary messages only. A digest is one.
    """
    connection.execute(
        """INSERT INTO publications
            (alert_id, guild_id, channel_id, message_id, state, until, not_before, waits_since)
        SELECT a.id, a.guild_id, a.channel_id, CAST(:message AS BIGINT), 'pending', :until, :at, :at
        FROM alerts AS a JOIN channels AS c ON c.channel_id = a.channel_id
        WHERE a.id = :alert AND c.feed != 0 AND (a.act = 'post' OR a.act = 'reply' AND EXISTS (
            SELECT 1 FROM quieted AS q WHERE q.alert_id = a.id AND q.form = 'digest'))
        ON CONFLICT (alert_id) DO NOTHING""",
        {
            "alert": alert_id,
            "message": message_id,
            "at": from_time(at),
            "until": from_time(until),
        },
    )


def take(
    connection: Connection, *, now: datetime, lease_until: datetime, an_hour: int
) -> list[list[Publication]]:
    """Take what may be published now: of each channel the oldest, as many as are left of its
    hour. They are ours until `lease_until`, and nobody is given others of their channel."""
    params = {
        "now": from_time(now),
        "since": from_time(now - HOUR),
        "hour": an_hour,
        "most": AT_ONCE,
    }
    rows = connection.execute(
        f"""SELECT number, channel_id FROM (
            SELECT p.number, p.channel_id, row_number() OVER (
                PARTITION BY p.channel_id ORDER BY p.number) + (
                SELECT count(*) FROM publications AS t WHERE t.channel_id = p.channel_id
                    AND t.state != 'pending' AND t.tried_at > :since AND t.tried_at <= :now
                ) AS place
            FROM publications AS p WHERE p.state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM publications AS w WHERE w.channel_id = p.channel_id AND {WAITS})
            ) AS due
        WHERE place <= :hour ORDER BY number LIMIT :most""",  # noqa: S608
        params,
    ).fetchall()
    taken: dict[int, list[Publication]] = {}
    for number, channel_id in rows:
        row = connection.execute(
            """UPDATE publications SET not_before = :lease, waits_since = :now, tried_at = :now,
                attempts = attempts + 1 WHERE number = :number
            RETURNING alert_id, guild_id, channel_id, message_id, until, attempts""",
            {"lease": from_time(lease_until), "now": from_time(now), "number": number},
        ).fetchone()
        taken.setdefault(channel_id, []).append(_record(row))
    return list(taken.values())


def waiting(connection: Connection) -> bool:
    """Whether anything is owed to followers, now or later."""
    pending = "SELECT EXISTS (SELECT 1 FROM publications WHERE state = 'pending')"
    return bool(connection.execute(pending).fetchone()[0])


def published(connection: Connection, alert_id: str) -> None:
    connection.execute(
        "UPDATE publications SET state = 'published', reason = '' WHERE alert_id = ?", (alert_id,)
    )


def miss(connection: Connection, alert_id: str, *, reason: str) -> None:
    """Leave a message unpublished for good."""
    connection.execute(
        """UPDATE publications SET state = 'missed', reason = :reason
        WHERE alert_id = :alert AND state = 'pending'""",
        {"alert": alert_id, "reason": reason[:500]},
    )


def wait(
    connection: Connection, channel_id: int, *, now: datetime, not_before: datetime, reason: str
) -> None:
    """Let all that a channel's followers are owed wait."""
    connection.execute(
        """UPDATE publications SET not_before = :later, waits_since = :now, reason = :reason
        WHERE channel_id = :channel AND state = 'pending'""",
        {
            "channel": channel_id,
            "later": from_time(not_before),
            "now": from_time(now),
            "reason": reason[:500],
        },
    )


def give_up(connection: Connection, *, now: datetime) -> dict[int, int]:
    """Leave unpublished for good what waited too long, or whose channel is no feed any more;
    returns how many messages of which channel."""
    rows = connection.execute(
        """UPDATE publications SET state = 'missed', reason = CASE WHEN until <= :now
            THEN 'too late: ' || coalesce(nullif(reason, ''), 'others of its channel went first')
            ELSE 'the channel is no feed any more' END
        WHERE state = 'pending' AND (until <= :now OR NOT EXISTS (SELECT 1 FROM channels AS c
            WHERE c.channel_id = publications.channel_id AND c.feed != 0))
        RETURNING channel_id""",
        {"now": from_time(now)},
    ).fetchall()
    found: dict[int, int] = {}
    for (channel_id,) in rows:
        found[channel_id] = found.get(channel_id, 0) + 1
    return found


def counts(connection: Connection) -> dict[str, int]:
    """How many messages are in each state."""
    rows = connection.execute("SELECT state, count(*) FROM publications GROUP BY state")
    return dict(rows.fetchall())


def counts_of(connection: Connection, channel_id: int) -> dict[str, int]:
    """The same of one channel."""
    rows = connection.execute(
        "SELECT state, count(*) FROM publications WHERE channel_id = ? GROUP BY state",
        (channel_id,),
    )
    return dict(rows.fetchall())


def _record(row: Sequence[Any]) -> Publication:
    return Publication(
        alert_id=row[0],
        guild_id=row[1],
        channel_id=row[2],
        message_id=row[3],
        until=to_time(row[4]),
        attempts=row[5],
    )
