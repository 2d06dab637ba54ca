"""Transactions and snapshots on a PostgreSQL server, and its errors in words.

A write transaction first takes one lock of the whole database, so the writes of all processes
happen one after another, as they do in a SQLite file: what a write decides from what it read
stays true until it commits. A process that stands still inside a transaction loses it after
`IDLE_SECONDS`, and with it the lock.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from storage.errors import StorageAway, StorageFailure
from storage.postgres.connection import PostgresConnection, TruthAsNumber
from storage.postgres.jobs import WakingConnection
from storage.postgres.schema import MIGRATIONS, WRITING, applied, migrate

T = TypeVar("T")

OLDEST = 13
"""The oldest major version of the server that the statements are for."""
CONNECT_SECONDS = 10
NAME = "highwater"
"""What the server's own views call our connections."""
WAIT_SECONDS = 15.0
"""How long a read or write waits for a connection while the server is away."""
IDLE_SECONDS = 3
CONNECTIONS = 3
"""One writes, two read."""
ALONE = "SELECT pg_advisory_xact_lock(%s)"
BESIDE_OTHERS = """SELECT set_config('idle_in_transaction_session_timeout', '2s', true),
    pg_advisory_xact_lock_shared(%s)"""
"""These are short, and who waits to be alone waits for all of them: one whose process stands still
ends soon."""
SCHEMES = ("postgresql://", "postgres://")


class PostgresEngine:
    """Open it with `PostgresEngine.open`."""

    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, address: str, where: str, *, jobs: bool) -> None:
        self.where = where
        self._kind = WakingConnection if jobs else PostgresConnection
        self._pool = ConnectionPool(
            address,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            kwargs={"connect_timeout": CONNECT_SECONDS, "application_name": NAME},
            configure=_configure,
            check=ConnectionPool.check_connection,
            open=True,
        )

    @classmethod
    def open(cls, address: str, *, jobs: bool = False) -> Self:
        """Connect, check the server, and bring the schema up to date.

        Raises StorageFailure for an address that is none, a server that cannot be reached,
        refuses us or is too old, and a schema written by a newer version of the program.
        """
        where = without_password(address)
        with _connected(address, where) as connection:
            _configure(connection)
            migrate(connection, where)
        return cls(address, where, jobs=jobs)

    @classmethod
    def describe(cls, address: str) -> str:
        """The server's version and the state of the schema in words; changes nothing.

        Raises StorageFailure like `open`.
        """
        where = without_password(address)
        with _connected(address, where) as connection:
            steps = len(applied(connection, where) & MIGRATIONS.keys())
            server = spoken(connection.info.server_version)
        return f"{where}, PostgreSQL {server}, {steps} of {len(MIGRATIONS)} schema steps"

    @classmethod
    def look(cls, address: str, work: Callable[[PostgresConnection], T]) -> T:
        """`work` on the database as it is; changes nothing. Raises StorageFailure like `open`."""
        with _connected(address, without_password(address)) as connection:
            connection.read_only = True
            return work(PostgresConnection(connection))

    @contextmanager
    def transaction(self, *, alone: bool | None = True) -> Iterator[PostgresConnection]:
        with self._pool.connection() as connection:
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            connection.read_only = False
            if alone is not None:
                connection.execute(ALONE if alone else BESIDE_OTHERS, (WRITING,))
            yield self._kind(connection)
            connection.commit()  # the pool would pass over a connection that was lost

    @contextmanager
    def snapshot(self) -> Iterator[PostgresConnection]:
        with self._pool.connection() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield PostgresConnection(connection)

    def failure(self, error: Exception) -> StorageFailure:
        return failure(error, self.where)

    def close(self) -> None:
        self._pool.close()


@contextmanager
def _connected(address: str, where: str) -> Iterator[psycopg.Connection[Any]]:
    """One connection to a server that is new enough, for what comes before the work."""
    try:
        with psycopg.connect(
            address, connect_timeout=CONNECT_SECONDS, application_name=NAME
        ) as connection:
            refuse_old(connection.info.server_version, where)
            yield connection
    except psycopg.Error as error:
        raise failure(error, where) from error


def refuse_old(version: int, where: str) -> None:
    """Raises StorageFailure for a server (150014 is 15.14) that lacks what statements use."""
    if version < OLDEST * 10_000:
        raise StorageFailure(
            f"The server of {where} is PostgreSQL {spoken(version)}; Highwater needs {OLDEST} or "
            "newer. Upgrade the server."
        )


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.adapters.register_dumper(bool, TruthAsNumber)
    connection.execute(
        """SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'"""  # what is acknowledged is on disk
    )
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    connection.commit()


def without_password(address: str) -> str:
    """The address as it may be shown. Raises StorageFailure when it is none."""
    try:
        parts = conninfo_to_dict(address) if address.startswith(SCHEMES) else {}
    except psycopg.ProgrammingError:
        parts = {}
    if not parts:
        raise StorageFailure(
            "DATABASE_URL is no address of a PostgreSQL database. It looks like "
            "postgresql://name:password@host:5432/highwater; leave it empty to use the file in "
            "HIGHWATER_DATA_DIR."
        )
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    port = f":{parts['port']}" if "port" in parts else ""
    return f"postgresql://{host}{port}/{parts.get('dbname', '')}"


def spoken(version: int) -> str:
    """150014 is 15.14, 90603 is 9.6.3."""
    major, rest = divmod(version, 10_000)
    return f"{major}.{rest}" if major >= 10 else f"{major}.{rest // 100}.{rest % 100}"


def failure(error: Exception, where: str) -> StorageFailure:
    """What an error means for the operator, and whether to wait may help."""
    if _away(error):
        return StorageAway(explain(error, where))
    return StorageFailure(explain(error, where))


def explain(error: Exception, where: str) -> str:
    """An error in words, with what to do."""
    text = " ".join(str(error).split())
    lower = text.lower()
    if isinstance(error, errors.DiskFull):
        return f"The disk of {where} is full. Free some space and start again."
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return f"{where} cannot be written: it is read-only. Point DATABASE_URL at the primary."
    if isinstance(error, errors.InsufficientPrivilege):
        return f"The permissions of DATABASE_URL's user do not suffice on {where} ({text})."
    if "authentication failed" in lower or "no password supplied" in lower:
        return f"{where} refuses the name or the password in DATABASE_URL."
    if "does not exist" in lower and "database" in lower:
        return f"{where} does not exist on that server. Make it with: createdb"
    if "does not exist" in lower and "role" in lower:
        return f"The server of {where} does not know the user in DATABASE_URL."
    if _away(error):
        return f"{where} cannot be reached ({text}). Does the server run, is DATABASE_URL right?"
    return f"The database {where} failed: {text}."


def _away(error: Exception) -> bool:
    """Whether the connection was the trouble: none to be had, lost, or taken away."""
    if isinstance(error, errors.IdleInTransactionSessionTimeout):
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    if error.sqlstate is None:  # so are refusals of a connection
        return not re.search("authentication failed|no password|does not exist", str(error))
    return error.sqlstate.startswith(("08", "57P"))
