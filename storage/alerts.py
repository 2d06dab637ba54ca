"""The outbox: every message owed is a row with a unique id, and ends sent, expired or dropped.

What a message says is stored once for all channels that are owed it. `storage.claims` is who may
send it when.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection, is_sqlite
from storage.jobs import wake, wake_for
from storage.values import (
    from_json,
    from_time,
    maybe_time,
    to_json,
    to_time,
)

COLUMNS = (
    "id, subscription_id, episode_id, stage, act, target, guild_id, channel_id, "
    "coalesce((SELECT body FROM sheets WHERE sheets.id = alerts.sheet), facts), state, "
    "reason, attempts, first_attempt_at, not_before, expires_at, created_at, market_time, "
    "message_id, sent_at, (SELECT json_group_array(alert_id) FROM (SELECT m.alert_id FROM quieted "
    "AS m WHERE m.sent_as = (SELECT sent_as FROM quieted AS q WHERE q.alert_id = alerts.id) "
    "ORDER BY m.alert_id != m.sent_as) AS led), claimant"
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
    """A row of the outbox. `predecessors` led its message before it, the first one first, and
    itself: the message may have been sent in the name of any of them. Mostly there are none.
    `claimant` is the owner of the claim, where several processes send."""

    state: str
    reason: str | None
    attempts: int
    first_attempt_at: datetime | None
    not_before: datetime
    message_id: int | None
    sent_at: datetime | None
    predecessors: tuple[str, ...] = ()
    claimant: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Whose marks its message may bear; a nonce is made of the first."""
        return self.predecessors or (self.id,)


def enqueue(connection: Connection, alerts: Sequence[NewAlert]) -> int:
    """Write alerts; one that is already there, in whatever state, is left as it is.

    Returns how many were new. Alerts that share one `facts` object cost its JSON once.
    """
    sheets: dict[int, tuple[str, str]] = {}
    moments: dict[datetime, str] = {}
    for alert in alerts:
        if id(alert.facts) not in sheets:
            sheets[id(alert.facts)] = _sheet(alert.facts)
        for moment in (alert.created_at, alert.market_time, alert.expires_at):
            if moment is not None and moment not in moments:
                moments[moment] = from_time(moment)
    connection.executemany(
        "INSERT INTO sheets (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", sheets.values()
    )
    rows = [
        (
            alert.id,
            alert.subscription_id,
            alert.episode_id,
            alert.stage,
            alert.act,
            alert.target,
            alert.guild_id,
            alert.channel_id,
            sheets[id(alert.facts)][0],
            None if alert.expires_at is None else moments[alert.expires_at],
            moments[alert.created_at],
            moments[alert.market_time],
        )
        for alert in alerts
    ]
    if not rows:
        return 0
    wake(connection, {alert.guild_id for alert in alerts})
    return _insert(connection, rows)


_INTO = """INSERT INTO alerts (id, subscription_id, episode_id, stage, act, target, guild_id,
    channel_id, sheet, expires_at, created_at, market_time, facts, state, not_before,
    waits_since)"""
_ARRAYS = (
    "CAST(? AS TEXT[]), CAST(? AS BIGINT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), "
    "CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), "
    "CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[])"
)


def _insert(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
    """SQLite is quickest row by row, PostgreSQL with all rows in one statement."""
    if is_sqlite(connection):
        return connection.executemany(
            f"""{_INTO} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '', 'pending',
                ?11, ?11) ON CONFLICT (id) DO NOTHING""",
            rows,
        ).rowcount
    return connection.execute(
        f"""{_INTO} SELECT n.*, '', 'pending', n.created, n.created FROM unnest({_ARRAYS})
            AS n (id, subscription, episode, stage, act, target, guild, channel, sheet, expires,
            created, market) ON CONFLICT (id) DO NOTHING""",  # noqa: S608
        [list(column) for column in zip(*rows, strict=True)],
    ).rowcount


@dataclass(frozen=True, kw_only=True)
class Broadcast:
    """One post that many subscriptions are owed: `ids` names the alert of each. Written as a set:
    a signal that a hundred thousand channels want is one statement."""

    episode_id: str
    stage: str
    facts: Mapping[str, Any]
    created_at: datetime
    market_time: datetime
    expires_at: datetime
    ids: Mapping[int, str]


def broadcast(connection: Connection, post: Broadcast) -> int:
    """Write a post's alerts for those of its subscriptions that still are there; what was owed
    before is left as it is. Returns how many were new."""
    sheet, body = _sheet(post.facts)
    connection.execute(
        "INSERT INTO sheets (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (sheet, body)
    )
    params: dict[str, Any] = {
        "episode": post.episode_id,
        "stage": str(post.stage),
        "sheet": sheet,
        "expires": from_time(post.expires_at),
        "created": from_time(post.created_at),
        "market": from_time(post.market_time),
    }
    if is_sqlite(connection):
        connection.create_function("identify", 1, post.ids.get, deterministic=True)
        wanted = "json_each(:numbers) AS n CROSS JOIN subscriptions AS s ON s.id = n.value"
        named, params["numbers"] = "identify(s.id)", to_json(list(post.ids))
    else:
        wanted = """unnest(string_to_array(:names, ','),
            CAST(string_to_array(:numbers, ',') AS BIGINT[])) AS n (name, number)
            JOIN subscriptions AS s ON s.id = n.number"""
        named, params["numbers"] = "n.name", ",".join(map(str, post.ids))
        params["names"] = ",".join(post.ids.values())
        wake_for(connection, post.ids)
    return connection.execute(
        f"""{_INTO} SELECT {named}, s.id, :episode, :stage, 'post', NULL, s.guild_id,
            s.channel_id, :sheet, :expires, :created, :market, '', 'pending', :created, :created
        FROM {wanted} WHERE true {_meeting(connection, params)}""",  # noqa: S608
        params,
    ).rowcount


def _meeting(connection: Connection, params: Mapping[str, Any]) -> str:
    """What a broadcast does about rows that are there already. Where nobody was told of this
    stage there are none, and PostgreSQL is spared a fifth of the work: it would note each row
    first as an attempt and then as made."""
    told = "SELECT EXISTS (SELECT 1 FROM alerts WHERE episode_id = :episode AND stage = :stage)"
    if is_sqlite(connection) or connection.execute(told, params).fetchone()[0]:
        return "ON CONFLICT (id) DO NOTHING"
    return ""


def _sheet(facts: Mapping[str, Any]) -> tuple[str, str]:
    """Facts as they are stored: a name that is a hash of the text, and the text."""
    body = to_json(facts)
    digest = hashlib.sha256(body.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:26], body


DUE = """state = 'pending' AND (not_before <= :now OR waits_since > :now) AND NOT EXISTS (
    SELECT 1 FROM alerts AS t WHERE t.id = alerts.target AND t.state IN ('pending', 'claimed'))
    AND NOT EXISTS (SELECT 1 FROM quieted AS q WHERE q.alert_id = alerts.id
        AND (q.held_until IS NOT NULL OR q.paid_with IS NOT NULL))"""
"""An edit or reply waits until the message it is about has been paid; a held alert waits for its
release, and one that is paid with another is never taken by itself."""


def mark_sent(connection: Connection, alert_id: str, *, message_id: int, at: datetime) -> None:
    """An alert was sent, and with it what was waiting to be paid by the same call.

    Two statements: of one for both, PostgreSQL may pass over a waiting row that somebody else has
    just changed, because it cannot check it again against the union of both.
    """
    sent = """UPDATE alerts SET state = 'sent', message_id = :message, sent_at = :at,
        lease_until = NULL, reason = NULL"""
    params = {"message": message_id, "at": from_time(at), "id": alert_id}
    connection.execute(f"{sent} WHERE id = :id", params)
    connection.execute(
        f"""{sent} WHERE state = 'pending'
            AND id IN (SELECT alert_id FROM quieted WHERE paid_with = :id)""",  # noqa: S608
        params,
    )


def withdraw(connection: Connection, alert_id: str, *, reason: str) -> None:
    """Drop an alert alone: what its call would have paid besides finds another payer."""
    connection.execute(
        """UPDATE alerts SET state = 'dropped', reason = :reason, lease_until = NULL
        WHERE id = :id AND state IN ('pending', 'claimed')""",
        {"reason": reason, "id": alert_id},
    )


def is_withdrawn(connection: Connection, alert_id: str) -> bool:
    """Whether an alert was dropped, maybe after it had been claimed."""
    row = connection.execute("SELECT state FROM alerts WHERE id = ?", (alert_id,)).fetchone()
    return row is not None and row[0] == "dropped"


def end(
    connection: Connection, alert_id: str, *, state: str, reason: str, owner: str | None = None
) -> None:
    """Close an alert, and what its call would have paid besides, without a message: `state` is
    expired or dropped. With an `owner`, only while that one has claimed it: whoever was taken
    over from must not close what another is about to send."""
    params = {"state": state, "reason": reason, "id": alert_id, "owner": owner}
    closed = connection.execute(
        """UPDATE alerts SET state = :state, reason = :reason, lease_until = NULL
        WHERE id = :id AND state IN ('pending', 'claimed') AND (CAST(:owner AS TEXT) IS NULL
            OR state = 'claimed' AND coalesce(claimant, '') = :owner)""",
        params,
    )
    if closed.rowcount:
        connection.execute(
            """UPDATE alerts SET state = :state, reason = :reason WHERE state = 'pending'
                AND id IN (SELECT alert_id FROM quieted WHERE paid_with = :id)""",
            params,
        )


def record_delivery(
    connection: Connection,
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


def get(connection: Connection, alert_id: str) -> AlertRecord | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM alerts WHERE id = :id",  # noqa: S608
        {"id": alert_id},
    ).fetchone()
    return None if row is None else record_of(row)


def get_all(connection: Connection, alert_ids: Sequence[str]) -> list[AlertRecord]:
    """Those of these alerts that are there, in the order of their ids here. What several of them
    say alike is one object."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM alerts WHERE id IN (SELECT value FROM json_each(:ids))",  # noqa: S608
        {"ids": to_json(list(alert_ids))},
    )
    said: dict[str, Any] = {}
    found = {row[0]: record_of(row, said) for row in rows}
    return [found[alert_id] for alert_id in alert_ids if alert_id in found]


def of_episode(connection: Connection, episode_id: str) -> list[AlertRecord]:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM alerts WHERE episode_id = :id ORDER BY seq",  # noqa: S608
        {"id": episode_id},
    )
    return [record_of(row) for row in rows]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An alert that announced an episode, without what it said."""

    id: str
    subscription_id: int
    episode_id: str
    guild_id: int
    channel_id: int


def openings(connection: Connection, episode_ids: Sequence[str]) -> list[Opening]:
    """The alerts that announced these episodes, in the order of the outbox."""
    rows = connection.execute(
        """SELECT id, subscription_id, episode_id, guild_id, channel_id FROM alerts
        WHERE stage = 'opened' AND episode_id IN (SELECT value FROM json_each(:ids))
        ORDER BY seq""",
        {"ids": to_json(list(episode_ids))},
    )
    return [
        Opening(
            id=row[0], subscription_id=row[1], episode_id=row[2], guild_id=row[3], channel_id=row[4]
        )
        for row in rows
    ]


def counts(connection: Connection) -> dict[str, int]:
    """How many alerts are in each state."""
    return dict(connection.execute("SELECT state, count(*) FROM alerts GROUP BY state").fetchall())


def oldest_pending(connection: Connection, *, now: datetime) -> datetime | None:
    """When the longest-waiting due alert was written."""
    row = connection.execute(
        f"SELECT min(created_at) FROM alerts WHERE {DUE}",  # noqa: S608
        {"now": from_time(now)},
    ).fetchone()
    return maybe_time(row[0])


def last_sent(connection: Connection) -> datetime | None:
    """When an alert last arrived, of those that are still kept."""
    row = connection.execute("SELECT max(sent_at) FROM alerts").fetchone()
    return maybe_time(row[0])


def record_of(row: Sequence[Any], said: dict[str, Any] | None = None) -> AlertRecord:
    """The record of a row of COLUMNS. `said` keeps what has been read, by its text."""
    said = {} if said is None else said
    if row[8] not in said:
        said[row[8]] = from_json(row[8])
    return AlertRecord(
        id=row[0],
        subscription_id=row[1],
        episode_id=row[2],
        stage=row[3],
        act=row[4],
        target=row[5],
        guild_id=row[6],
        channel_id=row[7],
        facts=said[row[8]],
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
        predecessors=tuple(from_json(row[19])),
        claimant=row[20] or "",
    )
