"""The database as the program sees it: writes one after another, reads in snapshots.

Every write runs on one thread, inside a transaction of the engine, and resolves only after its
commit: what was acknowledged is on disk. Writes that wait together share one commit, each in
its own savepoint, so durability costs little under load. No coroutine ever awaits inside a
transaction.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from storage.connection import Connection
from storage.engine import Engine
from storage.errors import StorageFailure
from storage.sqlite import SqliteEngine

if TYPE_CHECKING:
    from storage.postgres.engine import PostgresEngine

T = TypeVar("T")
Work = Callable[[Connection], T]

GROUP = 256
"""Writes that share a commit at the most, so that none waits long for its neighbours."""
READERS = 2


FENCE: ContextVar[Work[None] | None] = ContextVar("fence", default=None)
"""What runs before every write of a task, in its transaction, and raises where the task must not
write any more: it was taken for dead, and its work was given to others."""


class Write(NamedTuple):
    """One that waits for its commit."""

    work: Work[Any]
    future: Future[Any]
    alone: bool | None


class Database:
    """Open it with `Database.open`, close it with `await close()`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="storage-reader")

    @classmethod
    def open(cls, where: Path | str, *, jobs: bool = False) -> Self:
        """Open a SQLite file, or the PostgreSQL database at an address, and bring its schema up
        to date. With `jobs`, alerts that are written there wake the senders of a cluster.

        Raises StorageFailure, with what to do, when it cannot be used.
        """
        if isinstance(where, Path):
            return cls(SqliteEngine.open(where))
        return cls(_postgres().open(where, jobs=jobs))

    async def write(self, work: Work[T], *, alone: bool | None = True) -> T:
        """Run `work(connection)` in a transaction; returns its result after the commit.

        Transactions happen one after another, unless `work` touches only rows that nobody else
        does: then, not `alone`, several processes may run theirs side by side. With None it waits
        for nobody who is: for a row that is this process's own, whatever others do.
        Whatever `work` raises is raised here and nothing of it is kept. When the caller is
        cancelled, the write happens as a whole or not at all.
        Raises StorageFailure when the database itself fails.
        """
        if self._closed:
            raise StorageFailure(f"The database {self._engine.where} is already closed.")
        future: Future[T] = Future()
        fence = FENCE.get()
        self._queue.put(Write(work if fence is None else _behind(fence, work), future, alone))
        return await asyncio.wrap_future(future)

    async def read(self, work: Work[T]) -> T:
        """Run `work(connection)` on a read-only connection, in one snapshot.

        Raises StorageFailure when the database fails.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        """Finish the waiting writes and close all connections."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown(wait=True)
        self._engine.close()

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

    def _commit(self, group: list[Write]) -> None:
        # From here on a caller that is cancelled cannot take its write back any more.
        group = [item for item in group if item.future.set_running_or_notify_cancel()]
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            # The strictest wish of the group: alone (True), beside others, waiting for nobody.
            wishes = {item.alone for item in group}
            alone = True if True in wishes else False if False in wishes else None
            with self._engine.transaction(alone=alone) as connection:
                for work, future, _ in group:
                    outcomes.append((future, *_one(connection, work)))
        except self._engine.errors as error:
            failure = self._engine.failure(error)
            failure.__cause__ = error
            for item in group:
                item.future.set_exception(failure)
            return
        except Exception as error:  # noqa: BLE001  handed on: nobody may wait for a thread that died
            for item in group:
                item.future.set_exception(error)
            return
        for future, result, problem in outcomes:
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

    def _read(self, work: Work[T]) -> T:
        try:
            with self._engine.snapshot() as connection:
                return work(connection)
        except self._engine.errors as error:
            raise self._engine.failure(error) from error


def _behind(fence: Work[None], work: Work[T]) -> Work[T]:
    def fenced(connection: Connection) -> T:
        fence(connection)
        return work(connection)

    return fenced


def _one(connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
    connection.execute("SAVEPOINT work")
    try:
        result = work(connection)
    except Exception as error:  # noqa: BLE001  handed to the one who asked, nothing is swallowed
        connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")
        return None, error
    connection.execute("RELEASE work")
    return result, None


def describe(address: str) -> str:
    """What kind of PostgreSQL is at an address and how far its schema is, in words.

    Raises StorageFailure when it cannot be used; changes nothing.
    """
    return _postgres().describe(address)


def look(where: Path | str, work: Work[T]) -> T:
    """`work` on a database as it is: it may be new, in use, or of another version.

    Raises StorageFailure when that cannot be done; changes nothing.
    """
    return (
        SqliteEngine.look(where, work) if isinstance(where, Path) else _postgres().look(where, work)
    )


def _postgres() -> "type[PostgresEngine]":
    try:
        from storage.postgres.engine import PostgresEngine  # noqa: PLC0415  an extra
    except ImportError as error:
        raise StorageFailure(
            "DATABASE_URL names a PostgreSQL database, and what speaks to it is not installed "
            f"({error}). Install it with: pip install 'highwater[cluster]'"
        ) from error
    return PostgresEngine
