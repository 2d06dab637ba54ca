"""Users' own alerts: the rules, what each of them remembers, and how it stands.

Every write of a row moves its `version`. A pass that decided from an older version changes
nothing and owes nothing, so an edit is never overwritten and no other process tells twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_json, from_maybe_time, from_time, maybe_time, to_json, to_time

DIRECT = 0
"""The guild of a direct message. In the outbox its channel is then the person's user id."""
RULE = (
    "symbol, what, level, change, reference, kind, repeat, prices, rearm, cooldown_seconds, "
    "expires_at, guild_id, channel_id, note"
)
COLUMNS = (
    f"id, user_id, {RULE}, state, reason, told, snoozed_until, memory, fires, fired_at, version, "
    "created_at, made_at"
)


@dataclass(frozen=True, kw_only=True)
class PersonalRule:
    """What a person asked for. `guild_id` is DIRECT and `channel_id` 0 for direct messages."""

    symbol: str
    what: str
    level: float | None
    change: float | None
    reference: float | None
    kind: str | None
    repeat: str
    prices: str
    rearm: float
    cooldown_seconds: int
    expires_at: datetime | None
    guild_id: int
    channel_id: int
    note: str


@dataclass(frozen=True, kw_only=True)
class PersonalRecord:
    """One alert of one user.

    `state` is active, paused (by its user), fired (it came true once and is done), expired, or
    blocked (a message was refused, for `reason`; `told` says whether its user knows).
    `snoozed_until`, `fired_at`, `made_at` (when the rule was written) and the expiry are market
    time. `fires` counts all that it told.
    """

    id: int
    user_id: int
    rule: PersonalRule
    state: str
    reason: str | None
    told: bool
    snoozed_until: datetime | None
    memory: Mapping[str, Any] | None
    fires: int
    fired_at: datetime | None
    version: int
    created_at: datetime
    made_at: datetime


def add(
    connection: Connection,
    rule: PersonalRule,
    *,
    user_id: int,
    at: datetime,
    made_at: datetime,
) -> PersonalRecord:
    names = [name.strip() for name in RULE.split(",")]
    row = connection.execute(
        f"""INSERT INTO personal_alerts (user_id, created_at, made_at, {RULE})
        VALUES (:user, :at, :made, {", ".join(f":{name}" for name in names)})
        RETURNING {COLUMNS}""",  # noqa: S608
        {"user": user_id, "at": from_time(at), "made": from_time(made_at), **_values(rule)},
    ).fetchone()
    return _record(row)


def of_user(connection: Connection, user_id: int) -> list[PersonalRecord]:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM personal_alerts WHERE user_id = :user ORDER BY id",  # noqa: S608
        {"user": user_id},
    )
    return [_record(row) for row in rows]


def get(connection: Connection, number: int) -> PersonalRecord | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM personal_alerts WHERE id = :id",  # noqa: S608
        {"id": number},
    ).fetchone()
    return None if row is None else _record(row)


def active(connection: Connection) -> list[PersonalRecord]:
    """Those that are looked at, snoozed ones included."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM personal_alerts WHERE state = 'active' ORDER BY id"  # noqa: S608
    )
    return [_record(row) for row in rows]


def active_symbols(connection: Connection) -> list[str]:
    """The symbols that somebody's alert waits for."""
    rows = connection.execute(
        "SELECT DISTINCT symbol FROM personal_alerts WHERE state = 'active' ORDER BY symbol"
    )
    return [symbol for (symbol,) in rows]


def change_rule(
    connection: Connection, number: int, rule: PersonalRule, *, made_at: datetime
) -> None:
    """Replace what an alert asks for; it is active again and looks afresh."""
    sets = ", ".join(f"{name.strip()} = :{name.strip()}" for name in RULE.split(","))
    connection.execute(
        f"""UPDATE personal_alerts SET {sets}, state = 'active', reason = NULL, told = 0,
            memory = NULL, snoozed_until = NULL, made_at = :made, version = version + 1
        WHERE id = :id""",  # noqa: S608
        {"id": number, "made": from_time(made_at), **_values(rule)},
    )


def set_state(
    connection: Connection,
    number: int,
    *,
    state: str,
    snoozed_until: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Change how an alert stands; what it remembers is forgotten, so that it looks afresh."""
    connection.execute(
        """UPDATE personal_alerts SET state = :state, reason = :reason, told = 0, memory = NULL,
            snoozed_until = :snoozed, version = version + 1 WHERE id = :id""",
        {
            "id": number,
            "state": state,
            "reason": reason,
            "snoozed": from_maybe_time(snoozed_until),
        },
    )


def keep(connection: Connection, record: PersonalRecord) -> bool:
    """Write what a pass decided from this version; False when the row has moved on since."""
    done = connection.execute(
        """UPDATE personal_alerts SET state = :state, memory = :memory, fires = :fires,
            fired_at = :fired_at, snoozed_until = :snoozed, version = version + 1
        WHERE id = :id AND version = :version AND state = 'active'""",
        {
            "id": record.id,
            "version": record.version,
            "state": record.state,
            "memory": None if record.memory is None else to_json(record.memory),
            "fires": record.fires,
            "fired_at": from_maybe_time(record.fired_at),
            "snoozed": from_maybe_time(record.snoozed_until),
        },
    )
    return done.rowcount == 1


def rescale(
    connection: Connection,
    number: int,
    rule: PersonalRule,
    memory: Mapping[str, Any] | None,
) -> None:
    """Put an alert's prices on another scale; nothing else of it changes."""
    connection.execute(
        """UPDATE personal_alerts SET level = :level, reference = :reference, memory = :memory,
            version = version + 1 WHERE id = :id""",
        {
            "id": number,
            "level": rule.level,
            "reference": rule.reference,
            "memory": None if memory is None else to_json(memory),
        },
    )


def on_symbol(connection: Connection, symbol: str) -> list[PersonalRecord]:
    """All alerts on a symbol, however they stand."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM personal_alerts WHERE symbol = :symbol",  # noqa: S608
        {"symbol": symbol},
    )
    return [_record(row) for row in rows]


def refuse(connection: Connection, number: int, *, reason: str) -> None:
    """A message of this alert was refused for good: it waits for its user, who is to be told."""
    connection.execute(
        """UPDATE personal_alerts SET state = 'blocked', reason = :reason, told = 0, memory = NULL,
            version = version + 1 WHERE id = :id""",
        {"id": number, "reason": reason[:300]},
    )


def leave_guild(connection: Connection, guild_id: int, *, reason: str) -> None:
    """Block the alerts that are told in a guild which removed the bot."""
    connection.execute(
        """UPDATE personal_alerts SET state = 'blocked', reason = :reason, told = 0, memory = NULL,
            version = version + 1 WHERE guild_id = :guild AND guild_id != 0""",
        {"guild": guild_id, "reason": reason},
    )


def untold(connection: Connection, user_id: int) -> list[PersonalRecord]:
    """A user's blocked alerts that the user does not know of yet."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM personal_alerts
        WHERE user_id = :user AND state = 'blocked' AND told = 0 ORDER BY id""",  # noqa: S608
        {"user": user_id},
    )
    return [_record(row) for row in rows]


def mark_told(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(
        """UPDATE personal_alerts SET told = 1
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        {"ids": to_json(list(numbers))},
    )


def remove(connection: Connection, number: int) -> None:
    """Delete an alert; what it was still owed is dropped with the reason."""
    connection.execute("DELETE FROM personal_alerts WHERE id = :id", {"id": number})
    connection.execute(
        """UPDATE alerts SET state = 'dropped', reason = 'its user removed the alert'
        WHERE episode_id = :about AND state = 'pending'""",
        {"about": about(number)},
    )


def forget_user(connection: Connection, user_id: int) -> int:
    """Delete every row that belongs to a user; returns how many alerts there were."""
    numbers = [record.id for record in of_user(connection, user_id)]
    subjects = {"about": to_json([about(number) for number in numbers])}
    mine = "SELECT id FROM alerts WHERE episode_id IN (SELECT value FROM json_each(:about))"
    connection.execute(f"DELETE FROM deliveries WHERE alert_id IN ({mine})", subjects)  # noqa: S608
    sheets = "SELECT sheet FROM alerts WHERE episode_id IN (SELECT value FROM json_each(:about))"
    connection.execute(f"DELETE FROM sheets WHERE id IN ({sheets})", subjects)  # noqa: S608
    connection.execute(f"DELETE FROM alerts WHERE id IN ({mine})", subjects)  # noqa: S608
    connection.execute("DELETE FROM personal_alerts WHERE user_id = :user", {"user": user_id})
    return len(numbers)


def about(number: int) -> str:
    """What stands in the outbox where other alerts name their episode."""
    return f"personal {number}"


def number_of(about: str) -> int:
    """The number of the alert that an outbox row is about."""
    return int(about.removeprefix("personal "))


def _values(rule: PersonalRule) -> dict[str, Any]:
    return asdict(rule) | {"expires_at": from_maybe_time(rule.expires_at)}


def _record(row: Sequence[Any]) -> PersonalRecord:
    return PersonalRecord(
        id=row[0],
        user_id=row[1],
        rule=PersonalRule(
            symbol=row[2],
            what=row[3],
            level=row[4],
            change=row[5],
            reference=row[6],
            kind=row[7],
            repeat=row[8],
            prices=row[9],
            rearm=row[10],
            cooldown_seconds=row[11],
            expires_at=maybe_time(row[12]),
            guild_id=row[13],
            channel_id=row[14],
            note=row[15],
        ),
        state=row[16],
        reason=row[17],
        told=bool(row[18]),
        snoozed_until=maybe_time(row[19]),
        memory=None if row[20] is None else from_json(row[20]),
        fires=row[21],
        fired_at=maybe_time(row[22]),
        version=row[23],
        created_at=to_time(row[24]),
        made_at=to_time(row[25]),
    )
