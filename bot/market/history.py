"""The history store: what was fetched once is not fetched again.

A top-up changes the last few sessions only, so it writes a symbol's tail, about a kilobyte.
When a tail has grown long it is folded into the body; symbols take turns, so that no evening
rewrites them all. What cannot be read back counts as not stored and is fetched again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zlib import crc32

from bot.errors import DatabaseAway, HighwaterError, InvalidSymbol, StorageError
from bot.market.blobs import decode, encode
from bot.market.merging import Restated
from bot.market.model import Bars, Symbol, as_date, empty_bars
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageAway, StorageFailure
from storage.histories import (
    HistoryRow,
    add_restatement,
    fetched_at,
    load_histories,
    load_history,
    pending_restatements,
    save_history,
    save_tail,
)

T = TypeVar("T")

log = logging.getLogger(__name__)

SHORT_TAIL = 20
"""Sessions left in the tail by folding; more than a top-up fetches again."""
LONG_TAIL = 40
"""Sessions at which folding begins; up to TURNS more, different for each symbol."""
TURNS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Stored:
    """Raw bars of closed sessions as fetched at a moment, aware.

    `confirmed` are sessions whose odd prices a second source has confirmed.
    """

    bars: Bars
    fetched_at: datetime
    confirmed: tuple[date, ...] = ()


class History:
    """The histories of one source in the database. All methods raise StorageError,
    and DatabaseAway while its server cannot be reached."""

    def __init__(self, db: Database, source: str) -> None:
        self._db = db
        self._source = source
        self._bodies: dict[Symbol, date] = {}

    async def load(self, symbol: Symbol) -> Stored | None:
        """The stored history of one symbol, or None."""

        def read(connection: Connection) -> tuple[HistoryRow, Stored] | None:
            row = load_history(connection, self._source, symbol)
            stored = None if row is None else _decoded(row)
            return None if row is None or stored is None else (row, stored)

        found = await self._read(read)
        if found is None:
            return None
        row, stored = found
        self._learn(symbol, row.body_through)
        return stored

    async def load_all(self) -> Mapping[Symbol, Stored]:
        """All stored histories, read and decoded outside the event loop."""

        def read(connection: Connection) -> list[tuple[date | None, Stored]]:
            # Only what is decoded is kept: the bytes would take half as much memory again.
            rows = ((r.body_through, _decoded(r)) for r in load_histories(connection, self._source))
            return [(body_through, stored) for body_through, stored in rows if stored is not None]

        found = await self._read(read)
        for body_through, stored in found:
            self._learn(stored.bars.symbol, body_through)
        return {stored.bars.symbol: stored for _, stored in found}

    async def save(
        self,
        stored: Stored,
        *,
        final_through: date | None,
        changed_from: date | None = None,
        restated: Restated | None = None,
        measured_on: datetime | None = None,
    ) -> int:
        """Write a history; `changed_from` is the first session that may differ from before.

        A restatement is written in the same transaction; returns its number, else 0. It was
        `measured_on` the history fetched at that moment: when a newer one is stored by now,
        somebody else, or a save whose caller was cancelled, has recorded it already.
        """
        symbol = stored.bars.symbol
        body_through = self._bodies.get(symbol)
        folded = (
            changed_from is None
            or body_through is None
            or changed_from <= body_through
            or len(_after(stored.bars, body_through)) > LONG_TAIL + crc32(symbol.encode()) % TURNS
        )
        row = self._row(stored, final_through, None if folded else body_through)

        def work(connection: Connection) -> int:
            known = fetched_at(connection, self._source, symbol)
            if folded:
                save_history(connection, row)
            else:
                save_tail(connection, row)
            recorded = known is not None and measured_on is not None and known > measured_on
            if restated is None or recorded:
                return 0
            return add_restatement(
                connection,
                restated.symbol,
                ratio=restated.ratio,
                session=restated.session,
                found_at=row.fetched_at,
            )

        try:
            number = await self._db.write(work)
        except StorageFailure as error:
            raise _translated(error) from error
        self._learn(symbol, row.body_through)
        return number

    async def unsettled(self) -> tuple[Restated, ...]:
        """Restatements that nobody has marked as applied, oldest first."""
        rows = await self._read(pending_restatements)
        return tuple(
            Restated(symbol=Symbol(row.symbol), ratio=row.ratio, session=row.session, number=row.id)
            for row in rows
        )

    def _row(
        self, stored: Stored, final_through: date | None, body_through: date | None
    ) -> HistoryRow:
        """The row to write; without `body_through` the history is folded anew."""
        bars, body = stored.bars, b""
        if body_through is None:
            cut = max(0, len(bars) - SHORT_TAIL)
            body_through = as_date(bars.days[cut - 1]) if cut else None
            body = encode(bars.through(body_through) if body_through else empty_bars(bars.symbol))
        tail = bars if body_through is None else _after(bars, body_through)
        return HistoryRow(
            source=self._source,
            symbol=bars.symbol,
            fetched_at=stored.fetched_at,
            final_through=final_through,
            body_through=body_through,
            body=body,
            tail=encode(tail),
            confirmed=stored.confirmed,
        )

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._db.read(work)
        except StorageFailure as error:
            raise _translated(error) from error

    def _learn(self, symbol: Symbol, body_through: date | None) -> None:
        if body_through is None:
            self._bodies.pop(symbol, None)
        else:
            self._bodies[symbol] = body_through


def _translated(error: StorageFailure) -> HighwaterError:
    away = isinstance(error, StorageAway)
    return DatabaseAway(str(error)) if away else StorageError(str(error))


def _after(bars: Bars, day: date) -> Bars:
    return bars.since(day + timedelta(days=1))


def _decoded(row: HistoryRow) -> Stored | None:
    try:
        bars = decode(Symbol(row.symbol), row.body, row.tail)
    except (ValueError, InvalidSymbol) as error:
        log.warning("a stored history is unusable and will be fetched again: %s", error)
        return None
    return Stored(bars=bars, fetched_at=row.fetched_at, confirmed=row.confirmed)
