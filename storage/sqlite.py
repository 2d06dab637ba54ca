"""The embedded engine: one file in WAL mode, one connection that writes, read-only readers.

A transaction is BEGIN IMMEDIATE and its commit is on disk (synchronous=FULL).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils import Database as Tables

from storage.errors import StorageFailure
from storage.migrations import MIGRATIONS, NAMES

T = TypeVar("T")

CACHE_KIB = 32_768
"""Pages that the writer keeps: a broadcast to very many channels touches each index all over."""
BUSY_SECONDS = 10.0
"""How long to wait for another process's write lock."""


class SqliteEngine:
    """Open it with `SqliteEngine.open`. One thread writes; any may read."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path, writer: sqlite3.Connection) -> None:
        self.where = str(path)
        self._path = path
        self._writer = writer
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the file, check it, and bring its schema up to date.

        Raises StorageFailure when the file is corrupt, no database, locked, read-only, on a
        full disk, or written by a newer version of the program.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
            _check(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            migrate(connection, path)
        except (sqlite3.Error, OSError) as error:
            raise StorageFailure(explain(error, path)) from error
        return cls(path, connection)

    @classmethod
    def look(cls, path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
        """`work` on the file as it is. Raises StorageFailure; changes nothing."""
        try:
            with closing(_read_only(path)) as connection:
                return work(connection)
        except sqlite3.Error as error:
            raise StorageFailure(explain(error, path)) from error

    @contextmanager
    def transaction(self, *, alone: bool | None = True) -> Iterator[sqlite3.Connection]:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            yield self._writer
            self._writer.commit()
        except BaseException:
            self._writer.rollback()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        connection = self._reader()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()

    def failure(self, error: Exception) -> StorageFailure:
        return StorageFailure(explain(error, self._path))

    def close(self) -> None:
        for connection in self._readers:
            connection.close()
        self._writer.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _read_only(self._path)
            self._local.connection = connection
            self._readers.append(connection)
        return connection


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the pending migrations, each in a transaction of its own.

    Raises StorageFailure when the file knows migrations that this program does not.
    """
    tables = Tables(connection, execute_plugins=False)
    newer = [m.name for m in MIGRATIONS.applied(tables) if m.name not in NAMES]
    if newer:
        raise StorageFailure(
            f"The database {path} was written by a newer Highwater (it has {newer[0]}). "
            "Upgrade the program, or point HIGHWATER_DATA_DIR at another folder."
        )
    MIGRATIONS.apply(tables)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    # A damaged page still answers count(*), so the pages themselves are checked.
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise StorageFailure(f"The database {path} is damaged ({verdict}). {_RESTORE}")


_RESTORE = (
    "Nothing was changed. Restore a backup, or move the file away to start with an empty one."
)


def explain(error: Exception, path: Path) -> str:
    """What a database or file error means for the operator, and what to do."""
    text = str(error).lower()
    if "not a database" in text or "malformed" in text:
        return f"The database {path} is damaged ({error}). {_RESTORE}"
    if "locked" in text or "busy" in text:
        return f"The database {path} is locked by another program. Is Highwater already running?"
    if "disk is full" in text or "no space" in text:
        return f"The disk that holds {path} is full. Free some space and start again."
    if "readonly" in text or "permission" in text or "read-only" in text:
        return f"The database {path} cannot be written ({error}). Check the folder's permissions."
    if "unable to open" in text or isinstance(error, OSError):
        return f"The database {path} cannot be opened ({error}). Check HIGHWATER_DATA_DIR."
    return f"The database {path} failed: {error}."
