"""Users' holdings as their users manage them. Every change is on disk before it is
acknowledged, and the last one can be undone. Nobody sees the holdings of another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.clock import Clock
from bot.errors import UserError
from bot.market.model import Symbol
from bot.portfolio.model import Holding
from storage import changes, portfolios
from storage.changes import Subject
from storage.connection import Connection
from storage.database import Database

MOST = 100
SUBJECT: Subject = "holdings"
Rows = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
"""The rows after a change, from those before it."""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """How many holdings there are after a change, and the number that an undo takes."""

    count: int
    what: str
    change: int


class Book:
    """The holdings of all users. `wall` dates changes."""

    def __init__(self, *, db: Database, wall: Clock) -> None:
        self._db = db
        self._wall = wall

    async def of_user(self, user_id: int) -> tuple[Holding, ...]:
        records = await self._db.read(lambda c: portfolios.of_user(c, user_id))
        return tuple(
            Holding(symbol=Symbol(r.symbol), shares=r.shares, cost=r.cost, since=r.since)
            for r in records
        )

    async def put(
        self, user_id: int, holdings: Sequence[Holding], gone: Sequence[Symbol], *, since: date
    ) -> Booked:
        """Set these holdings and take away those that are `gone`; the others stay.

        Raises UserError beyond 100 holdings.
        """

        def rows(existing: list[dict[str, Any]]) -> list[dict[str, Any]]:
            touched = {holding.symbol for holding in holdings} | set(gone)
            kept = [row for row in existing if row["symbol"] not in touched]
            return kept + _rows(holdings, since)

        return await self._change(user_id, f"set {len(holdings) + len(gone)} holdings", rows)

    async def replace(self, user_id: int, holdings: Sequence[Holding], *, since: date) -> Booked:
        """Make these the only holdings. Raises UserError beyond 100."""
        what = f"imported {len(holdings)} holdings" if holdings else "cleared the portfolio"
        return await self._change(user_id, what, lambda _: _rows(holdings, since))

    async def undo(self, user_id: int, number: int | None = None) -> str:
        """Put the holdings back as they were before the last change; returns what that was.

        Undoing is itself a change. Raises UserError without one, and when `number` is not the
        last change any more.
        """
        at = self._wall.now()

        def work(connection: Connection) -> str:
            last = changes.last(connection, user_id, SUBJECT)
            if last is None:
                raise UserError("There is nothing to undo.")
            if number is not None and last.number != number:
                raise UserError("Your portfolio was changed since; `/portfolio undo` undoes that.")
            now = portfolios.rows_of(connection, user_id)
            portfolios.replace_all(connection, user_id, last.before)
            what = f"undid: {last.what}"
            changes.remember(connection, user_id, SUBJECT, what=what, before=now, at=at)
            return last.what

        return await self._db.write(work)

    async def _change(self, user_id: int, what: str, rows: Rows) -> Booked:
        at = self._wall.now()

        def work(connection: Connection) -> Booked:
            before = portfolios.rows_of(connection, user_id)
            after = rows(before)
            if len(after) > MOST:
                raise UserError(
                    f"That would be {len(after)} holdings; {MOST} is the most. Nothing was changed."
                )
            portfolios.replace_all(connection, user_id, after)
            number = changes.remember(connection, user_id, SUBJECT, what=what, before=before, at=at)
            return Booked(count=len(after), what=what, change=number)

        return await self._db.write(work)


def _rows(holdings: Sequence[Holding], since: date) -> list[dict[str, Any]]:
    return [
        {
            "symbol": str(holding.symbol),
            "shares": holding.shares,
            "cost": holding.cost,
            "since": since.isoformat(),
        }
        for holding in holdings
    ]
