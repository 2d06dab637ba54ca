"""Claims on the outbox: who may send what, and until when.

A claim is a lease: a row whose lease ran out, because its process died, is claimed again. Waits
hold between two moments, when they were set and when they end, so a clock that is set back ends
them instead of stretching them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import subscriptions
from storage.alerts import COLUMNS, DUE, AlertRecord, get, record_of
from storage.connection import Connection, is_sqlite
from storage.jobs import CHUNK, CHUNKS
from storage.subscriptions import SubscriptionRecord
from storage.values import from_time, to_json

CLAIMING = 0x48575F63
"""The space of the locks that a chunk is claimed under."""
NARROW = f"AND {CHUNK} = ((CAST(:guild AS BIGINT) >> 22) & {CHUNKS - 1})"
"""What lets PostgreSQL use its index of what waits, which begins with the chunk."""
FREE = """AND NOT EXISTS (SELECT 1 FROM alerts AS o WHERE o.channel_id = alerts.channel_id
    AND o.state = 'claimed' AND o.claimant != :owner)"""


@dataclass(frozen=True, kw_only=True)
class DueChannel:
    """A channel that is owed something now; `oldest` orders channels by how long."""

    guild_id: int
    channel_id: int
    oldest: int


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An alert that is ours to pay, with what its paying depends on: the `subscription` (None
    once it is gone), the message it follows up and when that was sent, and whether a newer
    edit of that message makes this one pointless."""

    alert: AlertRecord
    subscription: SubscriptionRecord | None
    target_message: int | None
    target_sent_at: datetime | None
    overtaken: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one of several senders may claim: what a `chunk` of the servers is owed, in the name
    of `owner`."""

    chunk: int
    owner: str


def due_channels(
    connection: Connection, *, now: datetime, part: Part | None = None
) -> list[DueChannel]:
    """The channels that are owed something now, the longest-waiting first."""
    within = "" if part is None else f"AND {CHUNK} = {part.chunk}"
    rows = connection.execute(
        f"""SELECT guild_id, channel_id, min(seq) FROM alerts WHERE {DUE} {within}
        GROUP BY guild_id, channel_id ORDER BY min(seq)""",  # noqa: S608
        {"now": from_time(now)},
    )
    return [DueChannel(guild_id=row[0], channel_id=row[1], oldest=row[2]) for row in rows]


def claim(
    connection: Connection,
    channels: Sequence[DueChannel],
    *,
    now: datetime,
    lease_until: datetime,
    each: int,
    part: Part | None = None,
) -> list[list[Claim]]:
    """Take the oldest due alerts of these channels, at most `each` of every one, in order.

    They are ours until `lease_until`; nobody else is given them before. Of a `part`, a channel
    of which another owner has claims gives nothing, nor does one of a chunk that somebody else
    is claiming at this moment.
    """
    if part is not None and not _alone_with(connection, part.chunk):
        return [[] for _ in channels]
    narrow = "" if is_sqlite(connection) else NARROW
    free, skip = ("", "") if part is None else (FREE, "FOR UPDATE OF alerts SKIP LOCKED")
    queues = []
    for channel in channels:
        rows = connection.execute(
            f"""UPDATE alerts SET state = 'claimed', lease_until = :lease, waits_since = :now,
                attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, :now),
                claimant = :owner
            WHERE id IN (
                SELECT id FROM alerts WHERE guild_id = :guild AND channel_id = :channel AND {DUE}
                {narrow} {free} ORDER BY seq LIMIT :each {skip})
            RETURNING seq, {COLUMNS}""",  # noqa: S608
            {
                "owner": "" if part is None else part.owner,
                "now": from_time(now),
                "lease": from_time(lease_until),
                "guild": channel.guild_id,
                "channel": channel.channel_id,
                "each": each,
            },
        ).fetchall()
        ordered = sorted(rows, key=lambda row: row[0])
        queues.append([_claim(connection, row[0], record_of(row[1:])) for row in ordered])
    return queues


def _alone_with(connection: Connection, chunk: int) -> bool:
    """Whether nobody else claims of a chunk until this transaction ends: two that did would not
    see each other's claims, and a channel's messages would overtake each other."""
    row = connection.execute(
        "SELECT pg_try_advisory_xact_lock(:space, :chunk)", {"space": CLAIMING, "chunk": chunk}
    )
    return bool(row.fetchone()[0])


def _claim(connection: Connection, seq: int, alert: AlertRecord) -> Claim:
    target, overtaken = None, False
    if alert.target is not None:
        target = get(connection, alert.target)
        newer = """SELECT EXISTS (SELECT 1 FROM alerts WHERE target = :target AND act = 'edit'
            AND stage != 'opened' AND seq > :seq AND state IN ('pending', 'claimed', 'sent'))"""
        params = {"target": alert.target, "seq": seq}
        follows = alert.act == "edit" and alert.stage != "opened"
        overtaken = follows and bool(connection.execute(newer, params).fetchone()[0])
    return Claim(
        alert=alert,
        subscription=subscriptions.get(connection, alert.subscription_id),
        target_message=None if target is None else target.message_id,
        target_sent_at=None if target is None else target.sent_at,
        overtaken=overtaken,
    )


def retry_later(
    connection: Connection,
    alert: AlertRecord,
    *,
    now: datetime,
    not_before: datetime,
    reason: str,
) -> None:
    """Hand a claimed alert back after a try; whose claim was taken over changes nothing."""
    connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL, not_before = :not_before,
            waits_since = :now, reason = :reason
        WHERE id = :id AND state = 'claimed' AND coalesce(claimant, '') = :owner""",
        {
            "not_before": from_time(not_before),
            "now": from_time(now),
            "reason": reason,
            "id": alert.id,
            "owner": alert.claimant,
        },
    )


def postpone(
    connection: Connection,
    claimed: Sequence[AlertRecord],
    *,
    now: datetime,
    not_before: datetime,
    reason: str,
) -> None:
    """Hand claimed alerts back without having tried: it does not count as an attempt."""
    connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL, not_before = :not_before,
            waits_since = :now, reason = :reason, attempts = attempts - 1,
            first_attempt_at = CASE WHEN attempts = 1 THEN NULL ELSE first_attempt_at END
        WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'claimed'
            AND coalesce(claimant, '') = :owner""",
        {
            "not_before": from_time(not_before),
            "now": from_time(now),
            "reason": reason,
            "ids": to_json([alert.id for alert in claimed]),
            "owner": claimed[0].claimant if claimed else "",
        },
    )


def hold_channel(
    connection: Connection,
    *,
    guild_id: int,
    channel_id: int,
    now: datetime,
    not_before: datetime,
    reason: str,
) -> None:
    """Let everything a channel is owed wait."""
    narrow = "" if is_sqlite(connection) else NARROW
    connection.execute(
        f"""UPDATE alerts SET not_before = :not_before, waits_since = :now, reason = :reason
        WHERE guild_id = :guild AND channel_id = :channel AND state = 'pending'
            AND not_before < :not_before {narrow}""",  # noqa: S608
        {
            "not_before": from_time(not_before),
            "now": from_time(now),
            "reason": reason,
            "guild": guild_id,
            "channel": channel_id,
        },
    )


def take_over(connection: Connection, *, now: datetime) -> int:
    """Make rows due whose lease ran out (or was given by a clock that has been set back since):
    the process that claimed them is gone. Returns how many."""
    return connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL
        WHERE state = 'claimed' AND (lease_until < :now OR waits_since > :now)""",
        {"now": from_time(now)},
    ).rowcount


def any_beside(connection: Connection, alive: Sequence[str]) -> bool:
    """Whether there are claims of owners that are none of those that are alive."""
    found = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM alerts WHERE state = 'claimed'
            AND coalesce(claimant, '') NOT IN (SELECT value FROM json_each(:alive)))""",
        {"alive": to_json(list(alive))},
    )
    return bool(found.fetchone()[0])


def take_over_from(connection: Connection, *, alive: Sequence[str]) -> int:
    """Make rows due whose owner is none of those that are alive. Returns how many."""
    return connection.execute(
        """UPDATE alerts SET state = 'pending', lease_until = NULL WHERE id IN (
            SELECT id FROM alerts WHERE state = 'claimed'
                AND coalesce(claimant, '') NOT IN (SELECT value FROM json_each(:alive))
            FOR UPDATE OF alerts SKIP LOCKED)""",
        {"alive": to_json(list(alive))},
    ).rowcount


def let_go(connection: Connection, owner: str, *, at_work: Sequence[int]) -> int:
    """Take back what a living owner has claimed and knows nothing of, because it did not hear
    that its claim was committed: all but the chunks it is at work on. Returns how many."""
    return connection.execute(
        f"""UPDATE alerts SET state = 'pending', lease_until = NULL
        WHERE state = 'claimed' AND claimant = :owner
            AND {CHUNK} NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(:at_work))""",  # noqa: S608
        {"owner": owner, "at_work": to_json(list(at_work))},
    ).rowcount


def release_all(connection: Connection) -> int:
    """Take back every claim: for a program that starts and knows that no other one sends."""
    return connection.execute(
        "UPDATE alerts SET state = 'pending', lease_until = NULL WHERE state = 'claimed'"
    ).rowcount
