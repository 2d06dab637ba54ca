"""A SQLite installation moved into an empty PostgreSQL, table by table.

Each table is copied in one transaction that also notes it as done, so a move that was cut off
goes on where it stopped. Until it is complete a note keeps programs off the database.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from storage import facts
from storage.connection import Connection
from storage.errors import StorageFailure
from storage.postgres.connection import PostgresConnection
from storage.postgres.engine import PostgresEngine
from storage.sqlite import SqliteEngine

Show = Callable[[str, int, int], None]
"""Told the table, how many of its rows are copied, and how many there are."""

DONE = "moved "
"""Before a table's name: the note that it is complete."""
STEP = 1000
"""Rows between two words of progress."""
FIRST = ("headlines",)
"""Tables that others refer to."""


def move(path: Path, address: str, show: Show) -> dict[str, int]:
    """Copy every row; returns how many each table has now in both.

    Raises StorageFailure when one of the two cannot be used, when the PostgreSQL is not empty,
    and when a table has another number of rows than its copy.
    """
    source, target = SqliteEngine.open(path), PostgresEngine.open(address)
    try:
        with source.transaction() as connection:  # keeps every other writer out
            return _move(connection, _looks(path), target, show)
    except target.errors as error:
        raise target.failure(error) from error
    except source.errors as error:
        raise source.failure(error) from error
    finally:
        source.close()
        target.close()


def tables(connection: Connection) -> list[str]:
    """The tables of a SQLite file, those that others refer to first."""
    rows = connection.execute(
        """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        AND name NOT LIKE '_sqlite_%' ORDER BY name"""
    )
    return sorted((name for (name,) in rows), key=lambda name: name not in FIRST)


def _move(
    source: sqlite3.Connection, looks: str, target: PostgresEngine, show: Show
) -> dict[str, int]:
    names = tables(source)
    with target.transaction() as connection:
        _begin(connection, names, looks, target.where)
    counts = {}
    for name in names:
        with target.transaction() as connection:
            if facts.get(connection, DONE + name) is None:
                _copy(source, connection, name, show)
                facts.put(connection, DONE + name, "")
        counts[name] = _count(source, name)
    with target.transaction() as connection:
        connection.execute(
            "DELETE FROM facts WHERE name = :moving OR substr(name, 1, 6) = :done",
            {"moving": facts.MOVING, "done": DONE},
        )
        found = {name: _count(connection, name) for name in names}
        if found != counts:
            wrong = ", ".join(name for name in names if found[name] != counts[name])
            raise StorageFailure(
                f"The copy differs from the file in {wrong}; nothing was finished."
            )
    return counts


def _begin(connection: Connection, names: list[str], looks: str, where: str) -> None:
    """Note that a move has begun, or go on with one; start anew when the file has changed."""
    before = facts.of_unfinished_move(connection)
    if before == looks:
        return
    if before is None and (full := [name for name in names if _count(connection, name)]):
        raise StorageFailure(
            f"{where} is not empty (it has {', '.join(full[:3])}). Move into a new database."
        )
    for name in reversed(names):
        connection.execute(f"DELETE FROM {name}")  # noqa: S608
    facts.put(connection, facts.MOVING, looks)


def _copy(source: Connection, target: PostgresConnection, name: str, show: Show) -> None:
    total = _count(source, name)
    found = source.execute(f"SELECT * FROM {name}")  # noqa: S608
    columns = [column[0] for column in found.description]

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(found, start=1):
            yield tuple(_fit(value) for value in row)
            if number % STEP == 0 or number == total:
                show(name, number, total)

    target.copy_in(name, columns, rows())
    numbered = target.execute(
        """SELECT column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = :name AND is_identity = 'YES'""",
        {"name": name},
    ).fetchone()
    if numbered is not None and total:
        target.execute(
            f"""SELECT setval(pg_get_serial_sequence(:name, :column),
                (SELECT max({numbered[0]}) FROM {name}))""",  # noqa: S608
            {"name": name, "column": numbered[0]},
        )


def _fit(value: Any) -> Any:
    """PostgreSQL takes no NUL character in a text."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _count(connection: Connection, name: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608


def _looks(path: Path) -> str:
    """What changes when anything writes to the file."""
    parts = [path, path.with_name(path.name + "-wal")]
    found = [part.stat() for part in parts if part.exists()]
    return " ".join(f"{each.st_size}:{each.st_mtime_ns}" for each in found if each.st_size)
