"""Commands behind a message's controls that are too long for Discord's custom ids.

Rows are found by a key made of their text, so the same command is stored once.
"""

import hashlib
from datetime import datetime, timedelta

from storage.connection import Connection
from storage.values import from_time

KEPT = timedelta(days=400)
"""How long a message's controls work after it was last shown."""
KEY_LENGTH = 24
"""Hexadecimal digits: 96 bits, so that two commands never share a key."""


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def put(connection: Connection, texts: list[str], *, at: datetime) -> None:
    """Store the texts, or note that they are in use again; forget what is long out of use."""
    connection.executemany(
        """INSERT INTO calls (key, text, used_at) VALUES (:key, :text, :at)
        ON CONFLICT (key) DO UPDATE SET used_at = :at""",
        [{"key": key_of(text), "text": text, "at": from_time(at)} for text in texts],
    )
    connection.execute("DELETE FROM calls WHERE used_at < :limit", {"limit": from_time(at - KEPT)})


def get(connection: Connection, key: str) -> str | None:
    """The text of a key; None for a key that is unknown or forgotten."""
    row = connection.execute("SELECT text FROM calls WHERE key = :key", {"key": key}).fetchone()
    return None if row is None else str(row[0])
