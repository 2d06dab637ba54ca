"""The embedded database: one file, one writer thread, read-only readers.

Every write runs on one thread that owns the one write connection, inside BEGIN IMMEDIATE, and
resolves only after COMMIT with synchronous=FULL: what was acknowledged is on disk. Writes that
wait together share one commit, each in its own savepoint, so durability costs little under
load. No coroutine ever awaits inside a transaction.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlite_utils import Database as Tables

from storage.connection import Connection
from storage.errors import StorageFailure
from storage.migrations import MIGRATIONS, NAMES

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_SECONDS = 10.0
"""How long to wait for another process's write lock."""
GROUP = 256
"""Writes that share a commit at the most, so that none waits long for its neighbours."""
READERS = 2


class Database:
    """A SQLite file in WAL mode. Open it with `Database.open`, close it with `await close()`."""

    def __init__(self, path: Path, writer: sqlite3.Connection) -> None:
        self.path = path
        self._connection = writer
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()
        self._local = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="storage-reader")

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
            migrate(connection, path)
        except (sqlite3.Error, OSError) as error:
            raise StorageFailure(explain(error, path)) from error
        return cls(path, connection)

    async def write(self, work: Work[T]) -> T:
        """Run `work(connection)` in a transaction; returns its result after the commit.

        Whatever `work` raises is raised here and nothing of it is kept. When the caller is
        cancelled, the write happens as a whole or not at all.
        Raises StorageFailure when the database itself fails.
        """
        if self._closed:
            raise StorageFailure(f"The database {self.path} is already closed.")
        future: Future[T] = Future()
        self._queue.put((work, future))
        return await asyncio.wrap_future(future)

    async def read(self, work: Work[T]) -> T:
        """Run `work(connection)` on a read-only connection, in one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        """Finish the waiting writes and close all connections."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown(wait=True)
        for connection in self._open_readers:
            connection.close()
        self._connection.close()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = [first], False
            while len(group) < GROUP and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    last = True
                    break
                group.append(item)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[tuple[Work[Any], Future[Any]]]) -> None:
        # From here on a caller that is cancelled cannot take its write back any more.
        group = [item for item in group if item[1].set_running_or_notify_cancel()]
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for work, future in group:
                outcomes.append((future, *self._one(work)))
            self._connection.commit()
        except sqlite3.Error as error:
            self._connection.rollback()
            failure = StorageFailure(explain(error, self.path))
            failure.__cause__ = error
            for _, future in group:
                future.set_exception(failure)
            return
        for future, result, problem in outcomes:
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

    def _one(self, work: Work[Any]) -> tuple[Any, BaseException | None]:
        self._connection.execute("SAVEPOINT work")
        try:
            result = work(self._connection)
        except Exception as error:  # noqa: BLE001  handed to the one who asked, nothing is swallowed
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            return None, error
        self._connection.execute("RELEASE work")
        return result, None

    def _read(self, work: Work[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = sqlite3.connect(
                    f"{self.path.absolute().as_uri()}?mode=ro",
                    uri=True,
                    timeout=BUSY_SECONDS,
                    check_same_thread=False,
                )
                self._local.connection = connection
                self._open_readers.append(connection)
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.rollback()
        except sqlite3.Error as error:
            raise StorageFailure(explain(error, self.path)) from error


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
