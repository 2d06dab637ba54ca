"""Where each watched symbol stood at its last close: what ranks and breadth are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from storage.connection import Connection


@dataclass(frozen=True, kw_only=True)
class StandingRow:
    """One symbol. `score` is its strength, None when its history is too short; the flags count
    where it is `listed` for 52 weeks; `above_50` is None with too few closes for the mean."""

    symbol: str
    score: float | None
    listed: bool
    new_high: bool
    new_low: bool
    above_50: bool | None


def put(connection: Connection, rows: Sequence[StandingRow], *, session: date) -> None:
    """Write where these symbols stood at the close of `session`, in place of what was known."""
    connection.executemany(
        """INSERT INTO standings (symbol, session, score, listed, new_high, new_low, above_50)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (symbol) DO UPDATE SET session = excluded.session, score = excluded.score,
            listed = excluded.listed, new_high = excluded.new_high, new_low = excluded.new_low,
            above_50 = excluded.above_50""",
        [
            (
                row.symbol,
                session.isoformat(),
                row.score,
                row.listed,
                row.new_high,
                row.new_low,
                row.above_50,
            )
            for row in rows
        ],
    )


def at(connection: Connection, session: date) -> list[StandingRow]:
    """Where the symbols stood whose close of `session` is the last one known."""
    rows = connection.execute(
        """SELECT symbol, score, listed, new_high, new_low, above_50 FROM standings
        WHERE session = ? ORDER BY symbol""",
        (session.isoformat(),),
    )
    return [
        StandingRow(
            symbol=symbol,
            score=score,
            listed=bool(listed),
            new_high=bool(high),
            new_low=bool(low),
            above_50=None if above is None else bool(above),
        )
        for symbol, score, listed, high, low, above in rows
    ]
