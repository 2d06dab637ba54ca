"""Small facts the program remembers by name, and the audit of who changed what."""

from datetime import datetime

from storage.connection import Connection
from storage.values import from_time


def get(connection: Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM facts WHERE name = :name", {"name": name})
    found = row.fetchone()
    return None if found is None else str(found[0])


def put(connection: Connection, name: str, value: str) -> None:
    connection.execute(
        """INSERT INTO facts (name, value) VALUES (:name, :value)
        ON CONFLICT (name) DO UPDATE SET value = :value""",
        {"name": name, "value": value},
    )


MOVING = "moving"
"""The note of an unfinished move into this database (`storage.moving`)."""


def of_unfinished_move(connection: Connection) -> str | None:
    """What the file looked like when its move into this database began; None without one."""
    return get(connection, MOVING)


def audit(
    connection: Connection,
    action: str,
    detail: str,
    *,
    at: datetime,
    actor: int | None = None,
    guild_id: int | None = None,
) -> None:
    """Append one line to the audit."""
    connection.execute(
        """INSERT INTO audit (at, actor, guild_id, action, detail)
        VALUES (:at, :actor, :guild, :action, :detail)""",
        {
            "at": from_time(at),
            "actor": actor,
            "guild": guild_id,
            "action": action,
            "detail": detail[:1000],
        },
    )
