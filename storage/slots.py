"""Slots in time that several programs on one PostgreSQL share, by the server's clock.

Whoever reserves one is told how long to wait for it; the next one begins so much later. Kept in
`facts`, one row for each queue.
"""

from storage.connection import Connection

LONGEST_QUEUE_SECONDS = 600.0
"""A last slot further ahead than this was reserved before the server's clock was set back."""
_NOW = "extract(epoch FROM clock_timestamp())"
_LAST = "CAST(facts.value AS DOUBLE PRECISION)"


def reserve(connection: Connection, name: str, *, apart: float) -> float:
    """The next slot of the queue `name`, `apart` seconds after the one before; returns in how many
    seconds it is."""
    row = connection.execute(
        f"""INSERT INTO facts (name, value) VALUES (:name, CAST({_NOW} AS TEXT))
        ON CONFLICT (name) DO UPDATE SET value = CAST(
            CASE WHEN {_LAST} + :apart BETWEEN {_NOW} AND {_NOW} + :longest
            THEN {_LAST} + :apart ELSE {_NOW} END AS TEXT)
        RETURNING CAST(value AS DOUBLE PRECISION) - {_NOW}""",  # noqa: S608
        {"name": name, "apart": apart, "longest": LONGEST_QUEUE_SECONDS},
    ).fetchone()
    return max(0.0, float(row[0]))
