"""Everything that is stored about one person, in every table: to hand it out and to delete it.

What belongs to the person is deleted. What belongs to a server (its subscriptions, mutes and
audit) stays and no longer says who did it. A test compares the lists here with the schema, so
that a new table with people in it is not forgotten.
"""

from collections.abc import Mapping
from typing import Any

from storage import bulletins, personal, preferences, universes
from storage.connection import Connection

OWNED: Mapping[str, str] = {
    "watchlists": "user_id",
    "holdings": "user_id",
    "changes": "user_id",
    "personal_alerts": "user_id",
    "user_preferences": "user_id",
    "bulletins": "user_id",
}
"""Tables whose rows belong to the person in this column."""
NAMED: Mapping[str, str] = {
    "subscriptions": "created_by",
    "mutes": "created_by",
    "audit": "actor",
}
"""Tables of servers that name the person in this column."""
NOBODY = 0
MESSAGES = """SELECT alerts.id FROM alerts JOIN sheets ON sheets.id = alerts.sheet
    WHERE (guild_id = :direct AND channel_id = :user)
        OR (stage = 'personal' AND CAST(json_extract(body, '$.user_id') AS BIGINT) = :user)"""
"""The messages of the person's own alerts."""


def stored_about(connection: Connection, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """All rows that belong to the person or name them, by table and in the order in
    which they were written; tables without are left out."""
    params = {"user": user_id, "direct": personal.DIRECT}
    found = {
        table: _rows(
            connection,
            f"SELECT * FROM {table} WHERE {column} = :user ORDER BY 1, 2",  # noqa: S608
            params,
        )
        for table, column in {**OWNED, **NAMED}.items()
    }
    found["messages"] = _rows(
        connection,
        f"""SELECT alerts.*, body FROM alerts JOIN sheets ON sheets.id = alerts.sheet
        WHERE alerts.id IN ({MESSAGES}) ORDER BY seq""",  # noqa: S608
        params,
    )
    found["removed_subscriptions"] = _rows(
        connection,
        """SELECT * FROM removed_subscriptions
        WHERE CAST(json_extract(row, '$.created_by') AS BIGINT) = :user ORDER BY id""",
        params,
    )
    return {table: rows for table, rows in found.items() if rows}


def forget_user(connection: Connection, user_id: int) -> int:
    """Delete what belongs to the person, take their name off the rest; returns how many rows."""
    count = sum(len(rows) for rows in stored_about(connection, user_id).values())
    params = {"user": user_id, "direct": personal.DIRECT, "nobody": NOBODY}
    for table in ("deliveries", "quieted"):
        connection.execute(f"DELETE FROM {table} WHERE alert_id IN ({MESSAGES})", params)  # noqa: S608
    connection.execute(f"DELETE FROM alerts WHERE id IN ({MESSAGES})", params)  # noqa: S608
    personal.forget_user(connection, user_id)
    for table, column in OWNED.items():
        connection.execute(f"DELETE FROM {table} WHERE {column} = :user", params)  # noqa: S608
    for table in ("subscriptions", "mutes"):
        connection.execute(
            f"UPDATE {table} SET created_by = :nobody WHERE created_by = :user",  # noqa: S608
            params,
        )
    connection.execute(
        """UPDATE removed_subscriptions SET row = json_set(row, '$.created_by', :nobody)
        WHERE CAST(json_extract(row, '$.created_by') AS BIGINT) = :user""",
        params,
    )
    connection.execute(  # the audit refuses changes of its lines
        """INSERT INTO audit (at, actor, guild_id, action, detail)
        SELECT at, NULL, guild_id, action, detail FROM audit WHERE actor = :user ORDER BY id""",
        params,
    )
    connection.execute("DELETE FROM audit WHERE actor = :user", params)
    drop_loose_sheets(connection)
    return count


def leave_guild(connection: Connection, guild_id: int) -> None:
    """Take a server that is gone off the alerts of users: they are told directly from now on.

    After `subscriptions.forget_guild` no row of any table names the server.
    """
    connection.execute(
        "UPDATE personal_alerts SET guild_id = :direct, channel_id = 0 WHERE guild_id = :guild",
        {"direct": personal.DIRECT, "guild": guild_id},
    )
    preferences.forget_guild(connection, guild_id)
    universes.forget_guild(connection, guild_id)
    bulletins.forget_guild(connection, guild_id)
    drop_loose_sheets(connection)


def drop_loose_sheets(connection: Connection) -> None:
    """Delete the texts that no message says any more."""
    connection.execute(
        "DELETE FROM sheets WHERE id NOT IN (SELECT sheet FROM alerts WHERE sheet IS NOT NULL)"
    )


def _rows(connection: Connection, query: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = connection.execute(query, params)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
