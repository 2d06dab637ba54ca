"""procrastinate in this process: its app on our database, and workers that outlive the server.

A job is a wake-up; what there is to do stands in our own tables. So a job that is lost is made
anew (`upkeep`), one that runs twice does nothing the second time, and none is kept when it ends.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.worker import Worker

from bot.loops import Pulse, every
from storage.errors import StorageAway
from storage.jobs import DELIVER, DELIVERIES, lock_of

log = logging.getLogger(__name__)

BEAT_SECONDS, STALLED_SECONDS = 1.0, 5.0
"""How often a worker shows that it lives, and how long without: its jobs are given to others."""
POLL_SECONDS = 1.0
"""How often is looked for jobs that became due; new ones are heard of at once."""
AGAIN = timedelta(seconds=1)
"""Between a worker that ended because the server was away, and the next."""
SLOWEST = timedelta(seconds=5)
CONNECT_SECONDS = 5
IDLE_SECONDS = 2
CONNECTIONS = 4
UPKEEP = "upkeep"


def app_at(address: str) -> App:
    """An app without tasks on the database at `address`. Open it with `app.open_async()`."""
    return App(
        connector=PsycopgConnector(
            conninfo=address,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECT_SECONDS,
            reconnect_timeout=CONNECT_SECONDS,
            configure=_configure,
            kwargs={"application_name": "highwater jobs", "connect_timeout": CONNECT_SECONDS},
        ),
        periodic_defaults={"max_delay": 1.0},  # what was missed while nobody was there stays missed
    )


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """One that stands still in a transaction would keep all others from their jobs."""
    await connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    await connection.commit()


async def work(
    app: App, queues: Sequence[str], *, at_once: int, pulse: Pulse, stop: asyncio.Event
) -> None:
    """Work on the jobs of these queues, at most so many at once, until `stop`."""

    present: list[Worker] = []

    async def one_worker() -> None:
        worker = Worker(
            app=app,
            queues=queues,
            name=None,
            concurrency=at_once,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=10 * STALLED_SECONDS,
        )
        present[:] = [worker]
        try:
            await worker.run()  # type: ignore[no-untyped-call]
        except (ConnectorException, psycopg.Error) as error:
            why = error.__cause__ or error
            raise StorageAway(f"the jobs cannot be reached: {why}") from error

    async def end() -> None:
        await stop.wait()
        for worker in present:
            worker.stop()  # type: ignore[no-untyped-call]

    async with asyncio.TaskGroup() as group:
        group.create_task(end())
        group.create_task(every(AGAIN, one_worker, pulse=pulse, stop=stop, slowest=SLOWEST))


async def wake(app: App, chunk: int, *, in_seconds: int = 0) -> None:
    """Defer a job for a chunk, unless one waits already."""
    deferrer = app.configure_task(
        DELIVER,
        queue=DELIVERIES,
        lock=lock_of(chunk),
        queueing_lock=lock_of(chunk),
        schedule_in={"seconds": in_seconds} if in_seconds else None,
    )
    try:
        await deferrer.defer_async(chunk=chunk)
    except AlreadyEnqueued:
        return


async def revive(app: App) -> int:
    """Give the jobs of workers that are gone to others; returns how many."""
    jobs = app.job_manager
    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        try:
            await jobs.retry_job(job)
        except UniqueViolation:
            # Another one waits already for the same, and for this one's lock.
            await jobs.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException as error:
            # It ended meanwhile, or somebody else was quicker.
            log.debug("job %s was not revived: %s", job.id, error)
    return len(stalled)
