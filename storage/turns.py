"""Which of several programs on one PostgreSQL does what; the others stand by.

A turn is a lease by the server's clock, renewed while its program lives. One that was killed,
stands still or is cut off loses it after `LEASE_SECONDS`, whatever became of its machine. Every
turn has a name, and one owner at a time; `OF_PARTS` begins the names of a cluster's parts.
"""

from dataclasses import dataclass

from storage.connection import Connection

LEASE_SECONDS = 8.0
OF_THE_WHOLE = "turn"
OF_PARTS = "turn of "
_NOW = "extract(epoch FROM clock_timestamp())"
_OWNER = "split_part(facts.value, ' ', 1)"
_UNTIL = "CAST(split_part(facts.value, ' ', 2) AS DOUBLE PRECISION)"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One that somebody has."""

    name: str
    owner: str


def take(connection: Connection, name: str, owner: str, *, seconds: float = LEASE_SECONDS) -> bool:
    """Begin or renew a turn; False while somebody else has it. `owner` is without spaces."""
    done = connection.execute(
        f"""INSERT INTO facts (name, value)
        VALUES (:name, concat(CAST(:owner AS TEXT), ' ', {_NOW} + :seconds))
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        WHERE {_OWNER} = :owner OR {_UNTIL} < {_NOW}""",  # noqa: S608
        {"name": name, "owner": owner, "seconds": seconds},
    )
    return done.rowcount == 1


def leave(connection: Connection, name: str, owner: str) -> None:
    """End a turn before its lease does."""
    connection.execute(
        f"DELETE FROM facts WHERE name = :name AND {_OWNER} = :owner",  # noqa: S608
        {"name": name, "owner": owner},
    )


def holder(connection: Connection, name: str) -> str:
    """Who has a turn; empty when nobody does."""
    found = connection.execute(
        f"SELECT {_OWNER} FROM facts WHERE name = :name AND {_UNTIL} >= {_NOW}",  # noqa: S608
        {"name": name},
    ).fetchone()
    return "" if found is None else str(found[0])


def alive(connection: Connection, prefix: str) -> list[Turn]:
    """The turns that somebody has and whose names begin with `prefix`, by name."""
    rows = connection.execute(
        f"""SELECT name, {_OWNER} FROM facts
        WHERE starts_with(name, :prefix) AND {_UNTIL} >= {_NOW} ORDER BY name""",  # noqa: S608
        {"prefix": prefix},
    )
    return [Turn(name=str(name), owner=str(owner)) for name, owner in rows]


def forget(connection: Connection, prefix: str) -> None:
    """Delete the turns whose names begin with `prefix` and that nobody has any more."""
    connection.execute(
        f"DELETE FROM facts WHERE starts_with(name, :prefix) AND {_UNTIL} < {_NOW}",  # noqa: S608
        {"prefix": prefix},
    )
