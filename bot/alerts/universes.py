"""Universes of servers: sets of symbols that a server names, beside those of the program.

A subscription stores the name of its universe, not the symbols, so it follows every change. That
is why a universe cannot be deleted while it is subscribed to, nor emptied. Names that mean
something already, a universe of the program or a ticker, are refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import UserError
from bot.market.model import Symbol
from bot.market.universes import Selection, find_universe, parse_selection, universe
from storage import facts, subscriptions, universes
from storage.connection import Connection
from storage.database import Database
from storage.universes import UniverseRecord

MOST_UNIVERSES = 20
MOST_SYMBOLS = 200
NAME = re.compile(r"[a-z0-9-]{2,24}")


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A universe after a change, or as it was before it was deleted, and the symbols that came
    or went."""

    record: UniverseRecord
    symbols: tuple[Symbol, ...]


def resolve(connection: Connection, guild_id: int, name: str) -> tuple[Symbol, ...]:
    """The symbols of a universe of the guild, else of the program. Raises UserError."""
    record = universes.get(connection, guild_id, name)
    return universe(name).symbols if record is None else symbols_in(record)


def symbols_in(record: UniverseRecord) -> tuple[Symbol, ...]:
    return tuple(Symbol(symbol) for symbol in record.symbols)


class Universes:
    """The universes of all servers. Every change is on disk before it is acknowledged.

    `is_ticker` says whether a text is a symbol that the directory knows.
    """

    def __init__(self, *, db: Database, wall: Clock, is_ticker: Callable[[str], bool]) -> None:
        self._db = db
        self._wall = wall
        self._is_ticker = is_ticker

    async def in_guild(self, guild_id: int | None) -> list[UniverseRecord]:
        """A server's universes by name; none outside of servers."""
        if guild_id is None:
            return []
        return await self._db.read(lambda c: universes.in_guild(c, guild_id))

    async def select(self, text: str, *, guild_id: int | None) -> Selection:
        """`parse_selection` with the server's own universes. Raises what it raises."""
        own = {one.name: symbols_in(one) for one in await self.in_guild(guild_id)}
        return parse_selection(text, own=own)

    async def subscribed(self, guild_id: int, name: str) -> list[int]:
        """The numbers of the subscriptions to a universe, paused ones included."""
        return await self._db.read(lambda c: _subscribed(c, guild_id, name))

    async def create(
        self, guild_id: int, name: str, symbols: Sequence[Symbol], *, user_id: int
    ) -> Changed:
        """Raises UserError for a name that is taken or cannot be one, beyond 20 universes or
        200 symbols, and without a symbol."""
        chosen = self._free_name(name)
        if not symbols:
            raise UserError("A universe has at least one symbol; nothing was changed.")

        def work(connection: Connection) -> Changed:
            existing = universes.in_guild(connection, guild_id)
            _refuse_taken(existing, chosen)
            _refuse_long(chosen, len(symbols))
            record = universes.add(
                connection, guild_id=guild_id, name=chosen, symbols=symbols, at=self._wall.now()
            )
            self._audit(connection, record, "universe created", symbols, user_id)
            return Changed(record=record, symbols=tuple(symbols))

        return await self._db.write(work)

    async def add(
        self, guild_id: int, name: str, symbols: Sequence[Symbol], *, user_id: int
    ) -> Changed:
        """Raises UserError for an unknown universe, beyond 200 symbols and when nothing is new."""

        def work(connection: Connection) -> Changed:
            record = _own(connection, guild_id, name)
            new = tuple(symbol for symbol in symbols if symbol not in record.symbols)
            if not new:
                raise UserError(f"All of these are in {record.name} already; nothing was changed.")
            _refuse_long(record.name, len(record.symbols) + len(new))
            universes.set_symbols(connection, guild_id, record.name, (*record.symbols, *new))
            self._audit(connection, record, "universe added", new, user_id)
            return Changed(record=_own(connection, guild_id, record.name), symbols=new)

        return await self._db.write(work)

    async def remove(
        self, guild_id: int, name: str, symbols: Sequence[Symbol], *, user_id: int
    ) -> Changed:
        """Raises UserError for an unknown universe, when none of the symbols is in it and when
        none would stay."""

        def work(connection: Connection) -> Changed:
            record = _own(connection, guild_id, name)
            gone = tuple(symbol for symbol in symbols_in(record) if symbol in symbols)
            if not gone:
                raise UserError(f"None of these is in {record.name}; nothing was changed.")
            kept = [symbol for symbol in record.symbols if symbol not in gone]
            if not kept:
                raise UserError(
                    f"{record.name} would be empty; nothing was changed. "
                    f"`/universe delete {record.name}` ends it."
                )
            universes.set_symbols(connection, guild_id, record.name, kept)
            self._audit(connection, record, "universe removed", gone, user_id)
            return Changed(record=_own(connection, guild_id, record.name), symbols=gone)

        return await self._db.write(work)

    async def delete(self, guild_id: int, name: str, *, user_id: int) -> Changed:
        """Raises UserError for an unknown universe and for one that is subscribed to."""

        def work(connection: Connection) -> Changed:
            record = _own(connection, guild_id, name)
            if numbers := _subscribed(connection, guild_id, record.name):
                shown = ", ".join(f"#{number}" for number in numbers)
                raise UserError(
                    f"{record.name} is subscribed to: {shown}. Nothing was changed; end these "
                    "with `/subscriptions remove` first."
                )
            universes.remove(connection, guild_id, record.name)
            self._audit(connection, record, "universe deleted", record.symbols, user_id)
            return Changed(record=record, symbols=symbols_in(record))

        return await self._db.write(work)

    def _free_name(self, text: str) -> str:
        name = _plain(text)
        if not NAME.fullmatch(name):
            raise UserError(
                "A universe’s name has 2 to 24 letters from a to z, digits or dashes, such as "
                "tech-leaders."
            )
        if find_universe(name) is not None:
            raise UserError(f"{name} is a universe that comes with me. Take another name.")
        if self._is_ticker(name):
            raise UserError(f"{name.upper()} is a ticker symbol. Take another name.")
        return name

    def _audit(
        self,
        connection: Connection,
        record: UniverseRecord,
        action: str,
        symbols: Sequence[str],
        user_id: int,
    ) -> None:
        facts.audit(
            connection,
            action,
            f"{record.name}: {' '.join(symbols)}",
            at=self._wall.now(),
            actor=user_id,
            guild_id=record.guild_id,
        )


def own_names(records: Sequence[UniverseRecord]) -> Mapping[str, str]:
    """What to say of each universe where people pick one, by name."""
    return {one.name: f"this server’s own, {len(one.symbols)} symbols" for one in records}


def _plain(text: str) -> str:
    return text.strip().lower()


def _own(connection: Connection, guild_id: int, text: str) -> UniverseRecord:
    name = _plain(text)
    record = universes.get(connection, guild_id, name)
    if record is not None:
        return record
    if find_universe(name) is not None:
        raise UserError(
            f"{name} comes with me and cannot be changed. `/universe create` makes one."
        )
    known = ", ".join(one.name for one in universes.in_guild(connection, guild_id))
    there = f"There are: {known}." if known else "`/universe create` makes the first."
    raise UserError(f"This server has no universe of that name. {there}")


def _subscribed(connection: Connection, guild_id: int, name: str) -> list[int]:
    return [one.id for one in subscriptions.in_guild(connection, guild_id) if one.universe == name]


def _refuse_taken(existing: Sequence[UniverseRecord], name: str) -> None:
    if any(one.name == name for one in existing):
        raise UserError(
            f"This server already has a universe {name}. `/universe add {name}` adds to it."
        )
    if len(existing) >= MOST_UNIVERSES:
        raise UserError(
            f"This server has {MOST_UNIVERSES} universes, the most there can be. Delete one with "
            "`/universe delete` first."
        )


def _refuse_long(name: str, count: int) -> None:
    if count > MOST_SYMBOLS:
        raise UserError(
            f"{name} would have {count} symbols; {MOST_SYMBOLS} is the most. Nothing was changed."
        )
