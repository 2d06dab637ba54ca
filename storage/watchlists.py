"""Users' own lists of symbols. A list belongs to one user; its code lets others copy it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.values import from_json, from_time, to_json, to_time

COLUMNS = "id, user_id, name, symbols, code, created_at"


@dataclass(frozen=True, kw_only=True)
class WatchlistRecord:
    """One list; `symbols` in the order in which its user put them, `code` None while private."""

    id: int
    user_id: int
    name: str
    symbols: tuple[str, ...]
    code: str | None
    created_at: datetime


def add(
    connection: Connection,
    *,
    user_id: int,
    name: str,
    symbols: Sequence[str],
    at: datetime,
) -> WatchlistRecord:
    """Raises the engine's IntegrityError when the user has a list of this name."""
    row = connection.execute(
        f"""INSERT INTO watchlists (user_id, name, symbols, created_at)
        VALUES (:user, :name, :symbols, :at) RETURNING {COLUMNS}""",  # noqa: S608
        {"user": user_id, "name": name, "symbols": to_json(list(symbols)), "at": from_time(at)},
    ).fetchone()
    return _record(row)


def of_user(connection: Connection, user_id: int) -> list[WatchlistRecord]:
    """A user's lists, the oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM watchlists WHERE user_id = :user ORDER BY id",  # noqa: S608
        {"user": user_id},
    )
    return [_record(row) for row in rows]


def by_code(connection: Connection, code: str) -> WatchlistRecord | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM watchlists WHERE code = :code",  # noqa: S608
        {"code": code},
    ).fetchone()
    return None if row is None else _record(row)


def set_symbols(connection: Connection, list_id: int, symbols: Sequence[str]) -> None:
    connection.execute(
        "UPDATE watchlists SET symbols = :symbols WHERE id = :id",
        {"id": list_id, "symbols": to_json(list(symbols))},
    )


def rename(connection: Connection, list_id: int, name: str) -> None:
    """Raises the engine's IntegrityError when the user has another list of this name."""
    connection.execute(
        "UPDATE watchlists SET name = :name WHERE id = :id", {"id": list_id, "name": name}
    )


def set_code(connection: Connection, list_id: int, code: str | None) -> None:
    connection.execute(
        "UPDATE watchlists SET code = :code WHERE id = :id", {"id": list_id, "code": code}
    )


def remove(connection: Connection, list_id: int) -> None:
    connection.execute("DELETE FROM watchlists WHERE id = :id", {"id": list_id})


def rows_of(connection: Connection, user_id: int) -> list[dict[str, Any]]:
    """All of a user's lists as JSON values, for `replace_all`."""
    return [
        {
            "id": record.id,
            "name": record.name,
            "symbols": list(record.symbols),
            "code": record.code,
            "created_at": from_time(record.created_at),
        }
        for record in of_user(connection, user_id)
    ]


def replace_all(connection: Connection, user_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Put a user's lists back as `rows_of` gave them."""
    forget_user(connection, user_id)
    connection.executemany(
        """INSERT INTO watchlists (id, user_id, name, symbols, code, created_at)
        VALUES (:id, :user, :name, :symbols, :code, :created_at)""",
        [row | {"user": user_id, "symbols": to_json(row["symbols"])} for row in rows],
    )


def forget_user(connection: Connection, user_id: int) -> None:
    connection.execute("DELETE FROM watchlists WHERE user_id = :user", {"user": user_id})


def _record(row: Sequence[Any]) -> WatchlistRecord:
    return WatchlistRecord(
        id=row[0],
        user_id=row[1],
        name=row[2],
        symbols=tuple(from_json(row[3])),
        code=row[4],
        created_at=to_time(row[5]),
    )
