"""What users hold: shares of each symbol, and what one of them cost where that is known."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from storage.connection import Connection


@dataclass(frozen=True, kw_only=True)
class HoldingRecord:
    """`shares` above 0 as of `since`; `cost` per share in the quote's currency, None where
    unknown."""

    symbol: str
    shares: float
    cost: float | None
    since: date


def of_user(connection: Connection, user_id: int) -> list[HoldingRecord]:
    """A user's holdings by symbol."""
    rows = connection.execute(
        "SELECT symbol, shares, cost, since FROM holdings WHERE user_id = :user ORDER BY symbol",
        {"user": user_id},
    )
    return [
        HoldingRecord(symbol=row[0], shares=row[1], cost=row[2], since=date.fromisoformat(row[3]))
        for row in rows
    ]


def rows_of(connection: Connection, user_id: int) -> list[dict[str, Any]]:
    """A user's holdings as JSON values, for `replace_all`."""
    return [asdict(one) | {"since": one.since.isoformat()} for one in of_user(connection, user_id)]


def replace_all(connection: Connection, user_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Make these a user's only holdings. Raises the engine's IntegrityError for a symbol twice."""
    forget_user(connection, user_id)
    connection.executemany(
        """INSERT INTO holdings (user_id, symbol, shares, cost, since)
        VALUES (:user, :symbol, :shares, :cost, :since)""",
        [row | {"user": user_id} for row in rows],
    )


def forget_user(connection: Connection, user_id: int) -> None:
    connection.execute("DELETE FROM holdings WHERE user_id = :user", {"user": user_id})
