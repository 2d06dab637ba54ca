"""Episodes: the lives of signals; and how far each symbol has been scanned."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from storage.connection import Connection
from storage.values import (
    from_json,
    from_maybe_day,
    from_time,
    maybe_day,
    to_json,
    to_time,
)

COLUMNS = (
    "id, kind, symbol, direction, state, began, opened_at, level, level_session, invalidation, "
    "price, version, evidence, provisional, late, close, last_crossed, ended, scale, "
    "graded"
)


@dataclass(frozen=True, kw_only=True)
class EpisodeRecord:
    """One episode. `began`, `last_crossed` and `ended` are sessions; `close` is the close of
    the session it began in, once known; `scale` is what later splits multiplied prices by."""

    id: str
    kind: str
    symbol: str
    direction: str
    state: str
    began: date
    opened_at: datetime
    level: float
    level_session: date | None
    invalidation: float
    price: float
    version: int
    evidence: Mapping[str, float | int | str | None]
    provisional: bool
    late: bool
    close: float | None
    last_crossed: date
    ended: date | None
    scale: float = 1.0
    graded: int = 0


UNFINISHED = "(ended IS NULL OR (state IN ('held', 'failed') AND graded < 20))"
"""Episodes that still wait for a close, a follow-up or a grade."""


def save(connection: Connection, record: EpisodeRecord) -> None:
    """Insert the episode, or overwrite what may change of one with the same id."""
    values = asdict(record) | {
        "began": record.began.isoformat(),
        "opened_at": from_time(record.opened_at),
        "level_session": from_maybe_day(record.level_session),
        "evidence": to_json(record.evidence),
        "last_crossed": record.last_crossed.isoformat(),
        "ended": from_maybe_day(record.ended),
    }
    connection.execute(
        f"""INSERT INTO episodes ({COLUMNS}) VALUES (
            :id, :kind, :symbol, :direction, :state, :began, :opened_at, :level, :level_session,
            :invalidation, :price, :version, :evidence, :provisional, :late, :close,
            :last_crossed, :ended, :scale, :graded)
        ON CONFLICT (id) DO UPDATE SET state = :state, price = :price, level = :level,
            invalidation = :invalidation, evidence = :evidence, provisional = :provisional,
            close = :close, last_crossed = :last_crossed, ended = :ended, scale = :scale,
            graded = :graded""",  # noqa: S608
        values,
    )


def latest(connection: Connection, symbols: Sequence[str]) -> list[EpisodeRecord]:
    """The newest episode of every kind of these symbols, and all that are unfinished."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM episodes AS e
        WHERE symbol IN (SELECT value FROM json_each(:symbols)) AND ({UNFINISHED} OR began =
            (SELECT max(began) FROM episodes WHERE symbol = e.symbol AND kind = e.kind))
        ORDER BY began, opened_at""",  # noqa: S608
        {"symbols": to_json(list(symbols))},
    )
    return [_record(row) for row in rows]


def unfinished(connection: Connection) -> list[str]:
    """The symbols of episodes that still wait for a close, a follow-up or a grade."""
    rows = connection.execute(
        f"SELECT DISTINCT symbol FROM episodes WHERE {UNFINISHED} ORDER BY symbol"  # noqa: S608
    )
    return [symbol for (symbol,) in rows]


def begun(
    connection: Connection, session: date, symbols: Sequence[str], *, limit: int
) -> list[EpisodeRecord]:
    """What began in a session on these symbols, by kind and symbol."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM episodes
        WHERE began = :session AND symbol IN (SELECT value FROM json_each(:symbols))
        ORDER BY kind, symbol LIMIT :limit""",  # noqa: S608
        {"session": session.isoformat(), "symbols": to_json(list(symbols)), "limit": limit},
    )
    return [_record(row) for row in rows]


def running(connection: Connection, symbols: Sequence[str], *, limit: int) -> list[EpisodeRecord]:
    """What was confirmed on these symbols and is being followed up, the newest first."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM episodes
        WHERE state = 'confirmed' AND symbol IN (SELECT value FROM json_each(:symbols))
        ORDER BY began DESC, symbol LIMIT :limit""",  # noqa: S608
        {"symbols": to_json(list(symbols)), "limit": limit},
    )
    return [_record(row) for row in rows]


def of_symbol(connection: Connection, symbol: str, *, limit: int) -> list[EpisodeRecord]:
    """What was seen of a symbol, the newest first."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM episodes WHERE symbol = :symbol
        ORDER BY began DESC, opened_at DESC LIMIT :limit""",  # noqa: S608
        {"symbol": symbol, "limit": limit},
    )
    return [_record(row) for row in rows]


def get(connection: Connection, episode_id: str) -> EpisodeRecord | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM episodes WHERE id = :id",  # noqa: S608
        {"id": episode_id},
    ).fetchone()
    return None if row is None else _record(row)


def scanned_through(connection: Connection, symbols: Sequence[str]) -> dict[str, date]:
    """For each symbol scanned before, the last session whose close was scanned."""
    rows = connection.execute(
        """SELECT symbol, through FROM scans
        WHERE symbol IN (SELECT value FROM json_each(:symbols))""",
        {"symbols": to_json(list(symbols))},
    )
    return {symbol: date.fromisoformat(through) for symbol, through in rows}


def mark_scanned(
    connection: Connection, symbols: Sequence[str], *, through: date, at: datetime
) -> None:
    connection.executemany(
        """INSERT INTO scans (symbol, through, first_at) VALUES (?, ?, ?)
        ON CONFLICT (symbol) DO UPDATE SET through = excluded.through
            WHERE excluded.through > scans.through""",
        [(symbol, through.isoformat(), from_time(at)) for symbol in symbols],
    )


def _record(row: Sequence[Any]) -> EpisodeRecord:
    return EpisodeRecord(
        id=row[0],
        kind=row[1],
        symbol=row[2],
        direction=row[3],
        state=row[4],
        began=date.fromisoformat(row[5]),
        opened_at=to_time(row[6]),
        level=row[7],
        level_session=maybe_day(row[8]),
        invalidation=row[9],
        price=row[10],
        version=row[11],
        evidence=from_json(row[12]),
        provisional=bool(row[13]),
        late=bool(row[14]),
        close=row[15],
        last_crossed=date.fromisoformat(row[16]),
        ended=maybe_day(row[17]),
        scale=row[18],
        graded=row[19],
    )
