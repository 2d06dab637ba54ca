"""News as it was fetched: each headline once, the symbols it is about, and its scores.

A headline is known by its source and its id there. One that comes again under another symbol
is only linked; one that comes again with other words loses its scores, which were made for the
old ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.connection import Connection
from storage.values import from_time, to_time

KEPT = timedelta(days=400)
"""How long headlines are kept after they appeared."""


@dataclass(frozen=True, kw_only=True)
class HeadlineRow:
    """A stored headline; `score` is −1…1 by the scorer asked for, None where it has not read it."""

    id: str
    time: datetime
    title: str
    url: str
    publisher: str
    summary: str
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class FetchRow:
    """When a source was last asked about a symbol, and what it failed with (else "")."""

    fetched_at: datetime
    trouble: str


def save_headlines(
    connection: Connection, source: str, symbol: str, rows: Sequence[HeadlineRow]
) -> None:
    """Store headlines about `symbol`; those that are known are linked, or brought up to date."""
    for row in rows:
        number = _saved(connection, source, row)
        connection.execute(
            """INSERT INTO headline_symbols (number, symbol)
            VALUES (:number, :symbol) ON CONFLICT DO NOTHING""",
            {"number": number, "symbol": symbol},
        )


def save_scores(
    connection: Connection,
    source: str,
    symbol: str,
    scores: Mapping[str, float],
    *,
    scorer: str,
) -> None:
    """Store scores −1…1 by headline id; ids that are not stored are passed over."""
    connection.executemany(
        """INSERT INTO headline_scores (number, symbol, scorer, score)
        SELECT number, :symbol, :scorer, :score FROM headlines
        WHERE source = :source AND id = :id
        ON CONFLICT (number, symbol, scorer) DO UPDATE SET score = excluded.score""",
        [
            {"source": source, "symbol": symbol, "scorer": scorer, "id": key, "score": value}
            for key, value in scores.items()
        ],
    )


def load_headlines(
    connection: Connection,
    source: str,
    symbol: str,
    *,
    first: datetime,
    last: datetime,
    scorer: str,
    limit: int,
) -> tuple[HeadlineRow, ...]:
    """The headlines about `symbol` from `first` through `last`, newest first."""
    found = connection.execute(
        """SELECT id, time, title, url, publisher, summary, score
        FROM headline_symbols AS link JOIN headlines USING (number)
        LEFT JOIN headline_scores AS scored ON scored.number = link.number
            AND scored.symbol = link.symbol AND scored.scorer = :scorer
        WHERE link.symbol = :symbol AND source = :source AND time BETWEEN :first AND :last
        ORDER BY time DESC, id LIMIT :limit""",
        {
            "symbol": symbol,
            "source": source,
            "first": from_time(first),
            "last": from_time(last),
            "scorer": scorer,
            "limit": limit,
        },
    )
    return tuple(_row(row) for row in found)


def note_fetch(
    connection: Connection, source: str, symbol: str, *, at: datetime, trouble: str = ""
) -> None:
    """Remember that `source` was asked about `symbol`; forget headlines that are too old."""
    connection.execute(
        """INSERT INTO news_fetches (source, symbol, fetched_at, trouble)
        VALUES (:source, :symbol, :at, :trouble)
        ON CONFLICT (source, symbol) DO UPDATE SET fetched_at = :at, trouble = :trouble""",
        {"source": source, "symbol": symbol, "at": from_time(at), "trouble": trouble},
    )
    connection.execute("DELETE FROM headlines WHERE time < :limit", {"limit": from_time(at - KEPT)})


def last_fetch(connection: Connection, source: str, symbol: str) -> FetchRow | None:
    """When `source` was last asked about `symbol`; None for never."""
    found = connection.execute(
        """SELECT fetched_at, trouble FROM news_fetches
        WHERE source = :source AND symbol = :symbol""",
        {"source": source, "symbol": symbol},
    ).fetchone()
    return None if found is None else FetchRow(fetched_at=to_time(found[0]), trouble=found[1])


def _saved(connection: Connection, source: str, row: HeadlineRow) -> int:
    values = {
        "source": source,
        "id": row.id,
        "time": from_time(row.time),
        "title": row.title,
        "url": row.url,
        "publisher": row.publisher,
        "summary": row.summary,
    }
    known = connection.execute(
        "SELECT number, title, summary FROM headlines WHERE source = :source AND id = :id", values
    ).fetchone()
    if known is None:
        added = connection.execute(
            """INSERT INTO headlines (source, id, time, title, url, publisher, summary)
            VALUES (:source, :id, :time, :title, :url, :publisher, :summary) RETURNING number""",
            values,
        ).fetchone()
        return int(added[0])
    number, title, summary = known
    if (title, summary) != (row.title, row.summary):
        connection.execute(
            "UPDATE headlines SET title = :title, summary = :summary WHERE number = :number",
            {"title": row.title, "summary": row.summary, "number": number},
        )
        connection.execute("DELETE FROM headline_scores WHERE number = :number", {"number": number})
    return int(number)


def _row(found: tuple[str, str, str, str, str, str, float | None]) -> HeadlineRow:
    key, time, title, url, publisher, summary, score = found
    return HeadlineRow(
        id=key,
        time=to_time(time),
        title=title,
        url=url,
        publisher=publisher,
        summary=summary,
        score=score,
    )
