"""Wake-ups for the senders of a cluster: whoever writes what is owed defers a job in the same
transaction. A job names a chunk of the servers and holds nothing else: the outbox is the truth.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from storage.connection import Connection
from storage.values import from_time

CHUNKS = 64
"""Parts of the servers that senders work on one at a time each. A power of two."""
CHUNK = f"((guild_id >> 22) & {CHUNKS - 1})"
"""The chunk of a row: the time in a server's id, as Discord's own shards are told."""
MANY = 20 * CHUNKS
"""Subscriptions of which each chunk may well have some."""
DELIVER, DELIVERIES = "deliver", "deliveries"
"""The task, and the queue of its jobs."""


@runtime_checkable
class Waking(Connection, Protocol):
    """A connection that can defer jobs."""

    def wake(self, chunks: Iterable[int]) -> None: ...


def chunk_of(guild_id: int) -> int:
    return (guild_id >> 22) & (CHUNKS - 1)


def lock_of(chunk: int) -> str:
    """Jobs of one lock run one after another."""
    return f"chunk {chunk}"


def wake(connection: Connection, guild_ids: Iterable[int]) -> None:
    """Wake a sender for what these servers are owed; nothing outside of a cluster."""
    if isinstance(connection, Waking):
        connection.wake({chunk_of(guild_id) for guild_id in guild_ids})


def wake_for(connection: Connection, subscription_ids: Collection[int]) -> None:
    """Wake senders for the servers of these subscriptions; nothing outside of a cluster. From
    MANY on all of them, without a look: who finds nothing goes back to sleep."""
    if not isinstance(connection, Waking):
        return
    if len(subscription_ids) >= MANY:
        connection.wake(range(CHUNKS))
    else:
        rows = connection.execute(
            f"""SELECT DISTINCT {CHUNK} FROM subscriptions
            WHERE id = ANY(CAST(:ids AS BIGINT[]))""",  # noqa: S608
            {"ids": list(subscription_ids)},
        )
        connection.wake({row[0] for row in rows})


def forgotten(connection: Connection, due: str, *, now: datetime) -> list[int]:
    """The chunks that are owed something (the condition `due`) and that no job is for."""
    rows = connection.execute(
        f"""SELECT n FROM generate_series(0, {CHUNKS - 1}) AS n
        WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs
                WHERE lock = concat('chunk ', n) AND status IN ('todo', 'doing'))
            AND EXISTS (SELECT 1 FROM alerts WHERE {CHUNK} = n AND {due})""",  # noqa: S608
        {"now": from_time(now)},
    )
    return [row[0] for row in rows]
