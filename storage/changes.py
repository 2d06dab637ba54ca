"""How a user's lists or holdings stood before the last change, so that it can be undone.

One change is kept for each subject. A number is never given twice: what would undo an older
change finds nothing instead of undoing a newer one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.connection import Connection
from storage.values import from_json, from_time, to_json, to_time

Subject = Literal["watchlists", "holdings"]


@dataclass(frozen=True, kw_only=True)
class ChangeRecord:
    """`before` are the rows as JSON values, `what` says in words what was changed."""

    number: int
    what: str
    before: list[dict[str, Any]]
    at: datetime


def remember(
    connection: Connection,
    user_id: int,
    subject: Subject,
    *,
    what: str,
    before: list[dict[str, Any]],
    at: datetime,
) -> int:
    """Keep how things stood in place of what was kept before; returns the change's number."""
    forget(connection, user_id, subject)
    row = connection.execute(
        """INSERT INTO changes (user_id, subject, what, before, at)
        VALUES (:user, :subject, :what, :before, :at) RETURNING number""",
        {
            "user": user_id,
            "subject": subject,
            "what": what,
            "before": to_json(before),
            "at": from_time(at),
        },
    ).fetchone()
    return int(row[0])


def last(connection: Connection, user_id: int, subject: Subject) -> ChangeRecord | None:
    row = connection.execute(
        """SELECT number, what, before, at FROM changes
        WHERE user_id = :user AND subject = :subject""",
        {"user": user_id, "subject": subject},
    ).fetchone()
    if row is None:
        return None
    return ChangeRecord(number=row[0], what=row[1], before=from_json(row[2]), at=to_time(row[3]))


def forget(connection: Connection, user_id: int, subject: Subject) -> None:
    connection.execute(
        "DELETE FROM changes WHERE user_id = :user AND subject = :subject",
        {"user": user_id, "subject": subject},
    )
