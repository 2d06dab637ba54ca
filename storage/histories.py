"""Price histories: what a source said about a symbol, as bytes that the market layer encodes.

A history is kept in two pieces. The body holds all but the newest sessions and is rarely
touched; the tail holds the newest ones and is rewritten at every top-up, a kilobyte a symbol.
A reader joins them. The pieces live in two tables, so that writing a tail never copies a body.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from storage.connection import Connection, is_sqlite, stream
from storage.values import from_json, from_maybe_day, from_time, maybe_day, to_json, to_time

MAPPED = 1 << 31
"""Bytes of the file that a reader of everything maps into memory: four times as fast."""

NOTHING = "[]"
"""No session is confirmed: true of nearly every history, so that it is not worth parsing."""


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """A stored history; `body` covers sessions through `body_through`, `tail` later ones.

    `confirmed` are sessions whose odd prices a second source has confirmed.
    """

    source: str
    symbol: str
    fetched_at: datetime
    final_through: date | None
    body_through: date | None
    body: bytes
    tail: bytes
    confirmed: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RestatementRow:
    """A history whose scale changed: stored price levels must be multiplied by `ratio`."""

    id: int
    symbol: str
    ratio: float
    session: date


def save_history(connection: Connection, row: HistoryRow) -> None:
    """Write both pieces of a history, replacing what was there."""
    (number,) = connection.execute(
        """INSERT INTO histories
            (source, symbol, fetched_at, final_through, body_through, tail, confirmed)
        VALUES
            (:source, :symbol, :fetched_at, :final_through, :body_through, :tail, :confirmed)
        ON CONFLICT (source, symbol) DO UPDATE SET
            fetched_at = excluded.fetched_at,
            final_through = excluded.final_through,
            body_through = excluded.body_through,
            tail = excluded.tail,
            confirmed = excluded.confirmed
        RETURNING id""",
        _values(row),
    ).fetchone()
    connection.execute(
        """INSERT INTO history_bodies (id, body) VALUES (:id, :body)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body""",
        {"id": number, "body": row.body},
    )


def save_tail(connection: Connection, row: HistoryRow) -> None:
    """Write everything of a stored history but its body. Raises KeyError when there is none."""
    done = connection.execute(
        """UPDATE histories
        SET fetched_at = :fetched_at, final_through = :final_through, tail = :tail,
            confirmed = :confirmed
        WHERE source = :source AND symbol = :symbol""",
        _values(row),
    )
    if done.rowcount != 1:
        raise KeyError(f"no history of {row.symbol} from {row.source}")


def load_history(connection: Connection, source: str, symbol: str) -> HistoryRow | None:
    """The history of one symbol, or None."""
    found = connection.execute(
        f"{_SELECT} WHERE source = :source AND symbol = :symbol",
        {"source": source, "symbol": symbol},
    ).fetchone()
    return None if found is None else _row(found)


def fetched_at(connection: Connection, source: str, symbol: str) -> datetime | None:
    """When the stored history of one symbol was fetched, or None."""
    found = connection.execute(
        "SELECT fetched_at FROM histories WHERE source = :source AND symbol = :symbol",
        {"source": source, "symbol": symbol},
    ).fetchone()
    return None if found is None else to_time(found[0])


def load_histories(connection: Connection, source: str) -> Iterator[HistoryRow]:
    """All histories of a source, one at a time."""
    if is_sqlite(connection):
        connection.execute(f"PRAGMA mmap_size = {MAPPED}")
    for found in stream(connection, f"{_SELECT} WHERE source = :source", {"source": source}):
        yield _row(found)


def forget_history(connection: Connection, source: str, symbol: str) -> None:
    """Delete a history; one that is not there is no error."""
    connection.execute(
        """DELETE FROM history_bodies WHERE id IN
            (SELECT id FROM histories WHERE source = :source AND symbol = :symbol)""",
        {"source": source, "symbol": symbol},
    )
    connection.execute(
        "DELETE FROM histories WHERE source = :source AND symbol = :symbol",
        {"source": source, "symbol": symbol},
    )


def add_restatement(
    connection: Connection, symbol: str, *, ratio: float, session: date, found_at: datetime
) -> int:
    """Remember that a history changed its scale, until `settle_restatement`; its number."""
    (number,) = connection.execute(
        """INSERT INTO restatements (symbol, ratio, session, found_at)
        VALUES (:symbol, :ratio, :session, :found_at) RETURNING id""",
        {
            "symbol": symbol,
            "ratio": ratio,
            "session": session.isoformat(),
            "found_at": from_time(found_at),
        },
    ).fetchone()
    return int(number)


def pending_restatements(connection: Connection) -> tuple[RestatementRow, ...]:
    """Restatements nobody has settled yet, oldest first."""
    rows = connection.execute(
        "SELECT id, symbol, ratio, session FROM restatements WHERE settled = 0 ORDER BY id"
    )
    return tuple(
        RestatementRow(id=number, symbol=symbol, ratio=ratio, session=date.fromisoformat(session))
        for number, symbol, ratio, session in rows
    )


def settle_restatement(connection: Connection, number: int) -> bool:
    """Mark a restatement as applied; False when it already was.

    Call it in the transaction that re-scales what depends on it: then it happens once.
    """
    done = connection.execute(
        "UPDATE restatements SET settled = 1 WHERE id = :id AND settled = 0", {"id": number}
    )
    return done.rowcount == 1


_SELECT = """SELECT source, symbol, fetched_at, final_through, body_through, body, tail, confirmed
    FROM histories JOIN history_bodies USING (id)"""


def _values(row: HistoryRow) -> dict[str, str | bytes | None]:
    return {
        "source": row.source,
        "symbol": row.symbol,
        "fetched_at": from_time(row.fetched_at),
        "final_through": from_maybe_day(row.final_through),
        "body_through": from_maybe_day(row.body_through),
        "tail": row.tail,
        "confirmed": to_json([day.isoformat() for day in row.confirmed]),
    }


def _row(found: tuple[str, str, str, str | None, str | None, bytes, bytes, str]) -> HistoryRow:
    source, symbol, fetched_at, final_through, body_through, body, tail, confirmed = found
    return HistoryRow(
        source=source,
        symbol=symbol,
        fetched_at=to_time(fetched_at),
        final_through=maybe_day(final_through),
        body_through=maybe_day(body_through),
        body=body,
        tail=tail,
        confirmed=() if confirmed == NOTHING else _days(confirmed),
    )


def _days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in from_json(text))
