"""What quiet did to alerts: held, shown with another, a line of another, or not sent at all.

An alert without a row here is a message of its own that is sent at once. The alert itself stays
one row of the outbox and ends in one of its states whatever happens here.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from storage import alerts
from storage.alerts import AlertRecord
from storage.connection import Connection, is_sqlite
from storage.values import from_maybe_time, from_time, maybe_time, to_json

COLUMNS = (
    "alert_id, channel_id, rule, held_until, bundle, paid_with, under, form, note, role_id, sent_as"
)
_OVERWRITTEN = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])


@dataclass(frozen=True, kw_only=True)
class QuietedRecord:
    """`rule` decided about the alert; with `held_until`, in market time, it waits. `bundle` is
    the alert whose message shows it, `paid_with` the alert whose call pays it, `under` the one
    it is a line of. `form` is how the bundle looks (embeds, list), `note` a line below it,
    `role_id` a role that its post mentions. `sent_as` is the alert in whose name the message may
    have been sent before; all that led the message since share it."""

    alert_id: str
    channel_id: int
    rule: str | None = None
    held_until: datetime | None = None
    bundle: str | None = None
    paid_with: str | None = None
    under: str | None = None
    form: str | None = None
    note: str | None = None
    role_id: int | None = None
    sent_as: str | None = None


@dataclass(frozen=True, kw_only=True)
class Quieted:
    """An alert with what quiet did to it; `quieted` is None for one that it left alone."""

    alert: AlertRecord
    quieted: QuietedRecord | None


def put(connection: Connection, records: Sequence[QuietedRecord]) -> None:
    connection.executemany(
        f"""INSERT INTO quieted ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (alert_id) DO UPDATE SET {_OVERWRITTEN}""",  # noqa: S608
        [
            (
                r.alert_id,
                r.channel_id,
                r.rule,
                from_maybe_time(r.held_until),
                r.bundle,
                r.paid_with,
                r.under,
                r.form,
                r.note,
                r.role_id,
                r.sent_as,
            )
            for r in records
        ],
    )


def of(connection: Connection, alert_ids: Sequence[str]) -> dict[str, QuietedRecord]:
    """The rows of those of these alerts that have one."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM quieted WHERE alert_id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (to_json(list(alert_ids)),),
    )
    return {row[0]: _record(row) for row in rows}


def read(connection: Connection, alert_ids: Sequence[str]) -> list[Quieted]:
    """These alerts, in the order of their ids here, with what quiet did to them."""
    rows_of = of(connection, alert_ids)
    found = alerts.get_all(connection, alert_ids)
    return [Quieted(alert=alert, quieted=rows_of.get(alert.id)) for alert in found]


def stored(connection: Connection, alert_ids: Sequence[str]) -> set[str]:
    """Which of these alerts the outbox already has, in whatever state."""
    rows = connection.execute(
        "SELECT id FROM alerts WHERE id IN (SELECT value FROM json_each(?))",
        (to_json(list(alert_ids)),),
    )
    return {row[0] for row in rows}


_DUE = """FROM quieted AS q JOIN alerts AS a ON a.id = q.alert_id
    WHERE q.held_until <= :now AND a.state = 'pending'"""


def is_due(connection: Connection, *, now: datetime) -> bool:
    """Whether the hold of any pending alert has ended by `now` (market time)."""
    found = connection.execute(f"SELECT EXISTS (SELECT 1 {_DUE})", {"now": from_time(now)})
    return bool(found.fetchone()[0])


def due(connection: Connection, *, now: datetime, channels: int) -> list[Quieted]:
    """The pending alerts whose hold ends by `now` (market time) of so many channels, those that
    wait longest first; in the order of the outbox."""
    rows = connection.execute(
        f"""SELECT a.id {_DUE} AND a.channel_id IN (
            SELECT a.channel_id {_DUE} GROUP BY a.channel_id ORDER BY min(a.seq) LIMIT :most)
        ORDER BY a.seq""",
        {"now": from_time(now), "most": channels},
    )
    return read(connection, [row[0] for row in rows])


def waiting_follow_ups(connection: Connection, alert_ids: Sequence[str]) -> list[str]:
    """The pending edits of and replies to these alerts, in the order of the outbox."""
    rows = connection.execute(
        """SELECT id FROM alerts WHERE target IN (SELECT value FROM json_each(?))
        AND state = 'pending' ORDER BY seq""",
        (to_json(list(alert_ids)),),
    )
    return [row[0] for row in rows]


def refresh(connection: Connection, alert_ids: Sequence[str], *, expires: datetime) -> None:
    """Let released posts count as news from now on."""
    connection.execute(
        """UPDATE alerts SET expires_at = :expires
        WHERE act = 'post' AND id IN (SELECT value FROM json_each(:ids))""",
        {"expires": from_time(expires), "ids": to_json(list(alert_ids))},
    )


def messages_since(connection: Connection, *, since: datetime) -> Mapping[int, int]:
    """How many messages each channel was owed at once after `since`, in market time."""
    rows = connection.execute(
        """SELECT a.channel_id, count(*) FROM alerts AS a LEFT JOIN quieted AS q
            ON q.alert_id = a.id
        WHERE a.market_time > :since AND a.act != 'edit'
            AND a.state IN ('pending', 'claimed', 'sent')
            AND q.held_until IS NULL AND q.paid_with IS NULL
        GROUP BY a.channel_id""",
        {"since": from_time(since)},
    )
    return dict(rows.fetchall())


def held(connection: Connection) -> int:
    """How many pending alerts quiet holds back, with those that follow them up."""
    row = connection.execute(
        """SELECT count(*) FROM alerts AS a WHERE state = 'pending' AND EXISTS (
            SELECT 1 FROM quieted AS q
            WHERE q.alert_id IN (a.id, a.target) AND q.held_until IS NOT NULL)"""
    ).fetchone()
    return int(row[0])


def busy(connection: Connection, *, since: datetime, messages: int) -> set[int]:
    """The channels that were owed so many messages or more after `since`, in market time."""
    rows = connection.execute(
        """SELECT channel_id FROM alerts WHERE market_time > :since AND act != 'edit'
        GROUP BY channel_id HAVING count(*) >= :messages""",
        {"since": from_time(since), "messages": messages},
    )
    return {row[0] for row in rows}


def told_of(
    connection: Connection, symbols: Collection[str], *, since: datetime
) -> Mapping[int, Sequence[str]]:
    """The alerts that announced one of these symbols after `since`, in market time, in the order
    of the outbox, by channel."""
    rows = connection.execute(
        """WITH told AS MATERIALIZED (SELECT channel_id, id, sheet, seq FROM alerts
            WHERE market_time > :since AND stage = 'opened'
                AND state IN ('pending', 'claimed', 'sent')),
        about AS MATERIALIZED (SELECT id FROM sheets WHERE id IN (SELECT sheet FROM told)
            AND json_extract(body, '$.symbol') IN (SELECT value FROM json_each(:symbols)))
        SELECT channel_id, id FROM told WHERE sheet IN (SELECT id FROM about) ORDER BY seq""",
        {"since": from_time(since), "symbols": to_json(sorted(symbols))},
    )
    found: dict[int, list[str]] = defaultdict(list)
    for channel_id, alert_id in rows:
        found[channel_id].append(alert_id)
    return found


def paid_together(connection: Connection, alert: AlertRecord) -> list[Quieted]:
    """An alert and what its call pays besides, in the order of the outbox."""
    rows = connection.execute(
        """SELECT a.id FROM quieted AS q JOIN alerts AS a ON a.id = q.alert_id
        WHERE q.paid_with = :id AND a.state != 'dropped' ORDER BY a.seq""",
        {"id": alert.id},
    )
    return read(connection, [alert.id, *(row[0] for row in rows)])


def shown_by(connection: Connection, root: str) -> list[Quieted]:
    """All alerts that the message of `root` shows, each with its newest facts."""
    rows = connection.execute(
        """SELECT id FROM alerts
        WHERE id IN (SELECT :root UNION SELECT alert_id FROM quieted WHERE bundle = :root)
            AND state NOT IN ('dropped', 'expired') ORDER BY seq""",
        {"root": root},
    )
    found = read(connection, [row[0] for row in rows])
    return [replace(one, alert=_newest(connection, one.alert, root)) for one in found]


def adopt_orphans(connection: Connection) -> int:
    """Give pending alerts whose payer ended without paying them a payer among themselves.

    It happens when the subscription of a bundle's first alert is removed. Where that one may
    have been sent, its name and its tries pass to the new payer, which is looked for in the
    channel before it is sent. Returns how many.
    The few pending alerts lead the join; every alert that was ever quieted would be too many.
    """
    led = "alerts AS a INDEXED BY alerts_waiting CROSS JOIN quieted AS q"  # SQLite takes orders,
    left = "alerts AS a JOIN quieted AS q"  # PostgreSQL counts for itself
    rows = connection.execute(
        f"""SELECT q.alert_id, q.paid_with FROM {led if is_sqlite(connection) else left}
        ON q.alert_id = a.id JOIN alerts AS p ON p.id = q.paid_with
        WHERE a.state = 'pending' AND p.state IN ('sent', 'expired', 'dropped')
        ORDER BY a.seq"""  # noqa: S608
    ).fetchall()
    first: dict[str, str] = {}
    for alert_id, payer in rows:
        if payer not in first:
            first[payer] = alert_id
            _inherit(connection, payer, alert_id)
        lead = first[payer]
        connection.execute(
            """UPDATE quieted SET paid_with = :payer, under = NULLIF(under, :gone),
                bundle = CASE WHEN bundle = :gone THEN :lead ELSE bundle END,
                form = coalesce(form, (SELECT form FROM quieted WHERE alert_id = :gone))
            WHERE alert_id = :id""",
            {
                "payer": None if alert_id == lead else lead,
                "lead": lead,
                "gone": payer,
                "id": alert_id,
            },
        )
    return len(rows)


def _inherit(connection: Connection, payer: str, heir: str) -> None:
    """Pass on that a message may be there already; a payer that was never tried passes nothing."""
    params = {"payer": payer, "heir": heir}
    passed = connection.execute(
        """UPDATE alerts SET attempts = alerts.attempts + p.attempts,
            first_attempt_at = coalesce(alerts.first_attempt_at, p.first_attempt_at)
        FROM alerts AS p WHERE alerts.id = :heir AND p.id = :payer AND p.attempts > 0""",
        params,
    )
    if not passed.rowcount:
        return
    connection.execute(
        """INSERT INTO quieted (alert_id, channel_id) SELECT id, channel_id FROM alerts
        WHERE id = :payer ON CONFLICT (alert_id) DO NOTHING""",
        params,
    )
    connection.execute(
        """UPDATE quieted SET sent_as =
            coalesce((SELECT sent_as FROM quieted WHERE alert_id = :payer), :payer)
        WHERE alert_id IN (:payer, :heir)""",
        params,
    )


def _newest(connection: Connection, alert: AlertRecord, root: str) -> AlertRecord:
    """The alert with the facts of its newest edit; a follow-up paid by `root` counts too."""
    row = connection.execute(
        """SELECT f.id FROM alerts AS f LEFT JOIN quieted AS q ON q.alert_id = f.id
        WHERE f.target = :id AND f.episode_id = :episode
            AND (f.act = 'edit' OR q.paid_with = :root) ORDER BY f.seq DESC LIMIT 1""",
        {"id": alert.id, "episode": alert.episode_id, "root": root},
    ).fetchone()
    newest = None if row is None else alerts.get(connection, row[0])
    return alert if newest is None else replace(alert, facts=newest.facts)


def _record(row: Sequence[Any]) -> QuietedRecord:
    return QuietedRecord(
        alert_id=row[0],
        channel_id=row[1],
        rule=row[2],
        held_until=maybe_time(row[3]),
        bundle=row[4],
        paid_with=row[5],
        under=row[6],
        form=row[7],
        note=row[8],
        role_id=row[9],
        sent_as=row[10],
    )
