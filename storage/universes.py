"""Universes that servers made: named sets of symbols, by server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_json, from_time, to_json, to_time


@dataclass(frozen=True, kw_only=True)
class UniverseRecord:
    """One set; `symbols` in the order in which they were added, each once."""

    guild_id: int
    name: str
    symbols: tuple[str, ...]
    created_at: datetime


def add(
    connection: Connection,
    *,
    guild_id: int,
    name: str,
    symbols: Sequence[str],
    at: datetime,
) -> UniverseRecord:
    """Raises the engine's IntegrityError when the guild has a universe of this name."""
    row = connection.execute(
        """INSERT INTO universes (guild_id, name, symbols, created_at)
        VALUES (:guild, :name, :symbols, :at) RETURNING *""",
        {"guild": guild_id, "name": name, "symbols": to_json(list(symbols)), "at": from_time(at)},
    ).fetchone()
    return _record(row)


def get(connection: Connection, guild_id: int, name: str) -> UniverseRecord | None:
    row = connection.execute(
        "SELECT * FROM universes WHERE guild_id = :guild AND name = :name",
        {"guild": guild_id, "name": name},
    ).fetchone()
    return None if row is None else _record(row)


def in_guild(connection: Connection, guild_id: int) -> list[UniverseRecord]:
    """A guild's universes by name."""
    rows = connection.execute(
        "SELECT * FROM universes WHERE guild_id = :guild ORDER BY name", {"guild": guild_id}
    )
    return [_record(row) for row in rows]


def set_symbols(connection: Connection, guild_id: int, name: str, symbols: Sequence[str]) -> None:
    connection.execute(
        "UPDATE universes SET symbols = :symbols WHERE guild_id = :guild AND name = :name",
        {"guild": guild_id, "name": name, "symbols": to_json(list(symbols))},
    )


def remove(connection: Connection, guild_id: int, name: str) -> None:
    connection.execute(
        "DELETE FROM universes WHERE guild_id = :guild AND name = :name",
        {"guild": guild_id, "name": name},
    )


def forget_guild(connection: Connection, guild_id: int) -> None:
    connection.execute("DELETE FROM universes WHERE guild_id = :guild", {"guild": guild_id})


def _record(row: Sequence[Any]) -> UniverseRecord:
    return UniverseRecord(
        guild_id=row[0],
        name=row[1],
        symbols=tuple(from_json(row[2])),
        created_at=to_time(row[3]),
    )
