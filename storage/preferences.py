"""What servers and people chose as their defaults, and which servers were welcomed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_time, to_json


@dataclass(frozen=True, kw_only=True)
class PreferenceRecord:
    """A time zone's name, a symbol, a basis (price or total) and how numbers are written
    (point, comma or space). None: not chosen."""

    zone: str | None = None
    benchmark: str | None = None
    basis: str | None = None
    numbers: str | None = None


NOTHING = PreferenceRecord()


def of_user(connection: Connection, user_id: int) -> PreferenceRecord:
    row = connection.execute(
        "SELECT zone, benchmark, basis, numbers FROM user_preferences WHERE user_id = ?", (user_id,)
    ).fetchone()
    return _record(row)


def of_guild(connection: Connection, guild_id: int) -> PreferenceRecord:
    row = connection.execute(
        "SELECT zone, benchmark, basis, numbers FROM guild_preferences WHERE guild_id = ?",
        (guild_id,),
    ).fetchone()
    return _record(row)


def zones_of_guilds(connection: Connection, guild_ids: Sequence[int]) -> dict[int, str]:
    """The time zones of these servers; one that chose none is absent."""
    rows = connection.execute(
        """SELECT guild_id, zone FROM guild_preferences
        WHERE zone IS NOT NULL
            AND guild_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))""",
        {"ids": to_json(list(guild_ids))},
    )
    return dict(rows.fetchall())


def set_user(connection: Connection, user_id: int, record: PreferenceRecord) -> None:
    """A person who chose nothing has no row."""
    if record == NOTHING:
        connection.execute("DELETE FROM user_preferences WHERE user_id = ?", (user_id,))
        return
    connection.execute(
        """INSERT INTO user_preferences (user_id, zone, benchmark, basis, numbers)
        VALUES (:id, :zone, :benchmark, :basis, :numbers)
        ON CONFLICT (user_id) DO UPDATE SET zone = :zone, benchmark = :benchmark,
            basis = :basis, numbers = :numbers""",
        _params(user_id, record),
    )


def set_guild(connection: Connection, guild_id: int, record: PreferenceRecord) -> None:
    """A server that chose nothing has no row."""
    if record == NOTHING:
        connection.execute("DELETE FROM guild_preferences WHERE guild_id = ?", (guild_id,))
        return
    connection.execute(
        """INSERT INTO guild_preferences (guild_id, zone, benchmark, basis, numbers)
        VALUES (:id, :zone, :benchmark, :basis, :numbers)
        ON CONFLICT (guild_id) DO UPDATE SET zone = :zone, benchmark = :benchmark,
            basis = :basis, numbers = :numbers""",
        _params(guild_id, record),
    )


def meet(connection: Connection, guild_id: int, *, at: datetime) -> bool:
    """Note that a server is being welcomed; False when it was before."""
    done = connection.execute(
        "INSERT INTO welcomes (guild_id, at) VALUES (?, ?) ON CONFLICT (guild_id) DO NOTHING",
        (guild_id, from_time(at)),
    )
    return done.rowcount == 1


def forget_guild(connection: Connection, guild_id: int) -> None:
    for table in ("guild_preferences", "welcomes"):
        connection.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))  # noqa: S608


def _record(row: Sequence[Any] | None) -> PreferenceRecord:
    if row is None:
        return NOTHING
    return PreferenceRecord(zone=row[0], benchmark=row[1], basis=row[2], numbers=row[3])


def _params(owner_id: int, record: PreferenceRecord) -> dict[str, int | str | None]:
    return {
        "id": owner_id,
        "zone": record.zone,
        "benchmark": record.benchmark,
        "basis": record.basis,
        "numbers": record.numbers,
    }
