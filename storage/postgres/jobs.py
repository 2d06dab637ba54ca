"""procrastinate on our own connections: its tables, and jobs deferred in our transactions."""

from collections.abc import Iterable
from typing import Any

import psycopg
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager, migrations_path
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

from storage.jobs import DELIVER, DELIVERIES, lock_of
from storage.postgres.connection import PostgresConnection

PREFIX = "procrastinate/"
"""Before the names of its migrations among ours."""
_NEVER_OPENED: BaseConnector = SyncPsycopgConnector()  # every call names a connection of ours


class WakingConnection(PostgresConnection):
    """A connection whose alerts wake the senders of a cluster, if its transaction commits."""

    def wake(self, chunks: Iterable[int]) -> None:
        jobs = [
            Job(
                id=None,
                queue=DELIVERIES,
                lock=lock_of(chunk),
                queueing_lock=None,
                task_name=DELIVER,
                task_kwargs={"chunk": chunk},
            )
            for chunk in sorted(chunks)
        ]
        if jobs:
            JobManager(_NEVER_OPENED).batch_defer_jobs(jobs, connection=self._connection)


def steps() -> dict[str, str]:
    """procrastinate's tables as they began, and its migrations since, in order, by name."""
    files = sorted(migrations_path.glob("*.sql"))
    return {PREFIX + file.name.removesuffix(".sql"): file.read_text("utf-8") for file in files}


def install(connection: psycopg.Connection[Any], known: set[str]) -> None:
    """Make its tables, or bring them up to date, inside the transaction of `connection`."""
    wanted = steps()
    if not any(name.startswith(PREFIX) for name in known):
        connection.execute(SchemaManager.get_schema().encode())
    else:
        for name, text in wanted.items():
            if name not in known:
                connection.execute(text.encode())
    for name in wanted.keys() - known:
        connection.execute("INSERT INTO migrations (name) VALUES (%s)", (name,))
