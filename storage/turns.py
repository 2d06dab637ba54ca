"""Which of several programs on one PostgreSQL works; the others stand by.

The turn is a lease by the server's clock, renewed while its program lives. One that was killed,
stands still or is cut off loses it after `LEASE_SECONDS`, whatever became of its machine.
"""

from storage.connection import Connection

LEASE_SECONDS = 8.0
NAME = "turn"
_NOW = "extract(epoch FROM clock_timestamp())"


def take(connection: Connection, owner: str, *, seconds: float = LEASE_SECONDS) -> bool:
    """Begin or renew a turn; False while somebody else has it. `owner` is without spaces."""
    done = connection.execute(
        f"""INSERT INTO facts (name, value)
        VALUES (:name, concat(CAST(:owner AS TEXT), ' ', {_NOW} + :seconds))
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        WHERE split_part(facts.value, ' ', 1) = :owner
            OR CAST(split_part(facts.value, ' ', 2) AS DOUBLE PRECISION) < {_NOW}""",  # noqa: S608
        {"name": NAME, "owner": owner, "seconds": seconds},
    )
    return done.rowcount == 1


def leave(connection: Connection, owner: str) -> None:
    """End a turn before its lease does."""
    connection.execute(
        "DELETE FROM facts WHERE name = :name AND split_part(value, ' ', 1) = :owner",
        {"name": NAME, "owner": owner},
    )


def holder(connection: Connection) -> str:
    """Whose turn it is or was last; empty when nobody's."""
    found = connection.execute(
        "SELECT split_part(value, ' ', 1) FROM facts WHERE name = :name", {"name": NAME}
    ).fetchone()
    return "" if found is None else str(found[0])
