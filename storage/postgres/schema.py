"""Numbered migrations of PostgreSQL: SQL files beside this one, applied in the order of names.

A schema change is a new file, never an edit of one that was released. Each is applied in a
transaction of its own, by one process at a time.
"""

from importlib.resources import files
from typing import Any

import psycopg

from storage.errors import StorageFailure
from storage.postgres import jobs

WRITING = 0x486967687761746
"""The number of the lock that a write transaction holds."""
MIGRATIONS = {
    file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
    for file in sorted(files("storage.postgres").iterdir(), key=lambda file: file.name)
    if file.name.endswith(".sql")
}
"""The migrations this program knows; a database with others was written by a newer one."""


def migrate(connection: psycopg.Connection[Any], where: str) -> None:
    """Apply the pending migrations. Raises StorageFailure for a newer program's database.

    Where nothing is pending, nothing is locked: who starts holds up nobody who works.
    """
    with connection.transaction():
        if applied(connection, where) >= MIGRATIONS.keys() | jobs.steps().keys():
            return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        connection.execute(
            """CREATE TABLE IF NOT EXISTS migrations (
                name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())"""
        )
    for name, text in MIGRATIONS.items():
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
            if name not in applied(connection, where):
                connection.execute(text.encode())
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (name,))
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        jobs.install(connection, applied(connection, where))


def applied(connection: psycopg.Connection[Any], where: str) -> set[str]:
    """The migrations that a database has; none when it is new.

    Raises StorageFailure when one of them is unknown.
    """
    if connection.execute("SELECT to_regclass('migrations')").fetchone() == (None,):
        return set()
    found = {row[0] for row in connection.execute("SELECT name FROM migrations")}
    if newer := sorted(found - MIGRATIONS.keys() - jobs.steps().keys()):
        raise StorageFailure(
            f"The database {where} was written by a newer Highwater (it has {newer[0]}). "
            "Upgrade the program, or point DATABASE_URL at another database."
        )
    return found
