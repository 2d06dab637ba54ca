"""`highwater backup` and `restore`: one file out, one file in, while the program runs or not.

A backup is a consistent copy made by SQLite itself (VACUUM INTO) without stalling the writer.
A restore checks the file first and keeps what it replaces.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import OperatorError, StorageError
from storage.migrations import NAMES
from storage.sqlite import explain


def back_up(database: Path, target: Path) -> str:
    """Copy the database to `target`; returns what was done, in words.

    Raises OperatorError when there is nothing to copy or the target exists, StorageError when
    the copy fails.
    """
    if not database.exists():
        raise OperatorError(f"There is no database at {database} yet; nothing was copied.")
    if target.exists():
        raise OperatorError(f"{target} exists already. Choose another name; nothing was changed.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(_reader(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        verdict = check(part)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StorageError(explain(error, target)) from error
    size = target.stat().st_size / 1024**2
    return f"Copied {database} to {target}: {size:.1f} MB, {verdict}."


def restore(source: Path, database: Path) -> str:
    """Put a backup in the database's place; the old one is kept beside it.

    Raises OperatorError when the file is no usable backup or the program is running.
    """
    if not source.is_file():
        raise OperatorError(f"There is no file {source}; nothing was changed.")
    try:
        verdict = check(source)
    except sqlite3.Error as error:
        raise OperatorError(
            f"{source} is no usable backup ({error}); nothing was changed."
        ) from error
    database.parent.mkdir(parents=True, exist_ok=True)
    if database.exists():
        refuse_while_running(database)
    kept = _set_aside(database)
    part = database.with_name(database.name + ".part")
    part.write_bytes(source.read_bytes())
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(database)
    aside = f" The database before is kept as {kept}." if kept else ""
    return f"Restored {database} from {source}: {verdict}.{aside}"


def check(path: Path) -> str:
    """Read every page and the schema of a database file. Raises sqlite3.Error."""
    with closing(_reader(path)) as connection:
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {verdict}")
        known = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
        count = connection.execute("SELECT count(*) FROM subscriptions").fetchone()[0]
    if known - NAMES:
        raise sqlite3.DatabaseError("it was written by a newer Highwater")
    return f"sound, {count} subscription(s)"


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)


def refuse_while_running(database: Path) -> None:
    """A restore under a running program would lose what it writes meanwhile."""
    try:
        with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise OperatorError(
            f"{database} is in use. Stop Highwater first; nothing was changed."
        ) from error
    except sqlite3.DatabaseError:
        return  # a damaged file is what restores are for


def _set_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    number = 1
    while (kept := database.with_name(f"{database.name}.before-{number}")).exists():
        number += 1
    database.rename(kept)
    for suffix in ("-wal", "-shm"):
        companion = database.with_name(database.name + suffix)
        if companion.exists():
            companion.rename(kept.with_name(kept.name + suffix))
    return kept
