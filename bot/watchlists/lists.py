"""Users' watchlists as their users manage them. Every change is on disk before it is
acknowledged, and the last one can be undone.

A list belongs to one user: nobody else finds it by its name. Its code, once it has one, lets
anybody look at it and copy it; copies are independent.
"""

import base64
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import UserError
from bot.market.model import Symbol
from storage import changes, watchlists
from storage.changes import Subject
from storage.connection import Connection
from storage.database import Database
from storage.watchlists import WatchlistRecord

MOST_LISTS = 20
MOST_SYMBOLS = 200
LONGEST_NAME = 32
FIRST = "main"
"""The name of the list that is made when something is added and there is none."""
SUBJECT: Subject = "watchlists"
CODE = re.compile(r"[a-z2-7]{16}")


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A list after a change; None when it is gone. `symbols` are those that came or went.

    `change` is the number that an undo takes.
    """

    record: WatchlistRecord | None
    what: str
    change: int
    symbols: tuple[str, ...] = ()


Outcome = tuple[str, str | None, tuple[str, ...]]
"""What was done in words, the list's name now, and the symbols concerned."""
Work = Callable[[Connection, list[WatchlistRecord]], Outcome]


class Watchlists:
    """The lists of all users. `wall` dates rows."""

    def __init__(self, *, db: Database, wall: Clock) -> None:
        self._db = db
        self._wall = wall

    async def of_user(self, user_id: int) -> list[WatchlistRecord]:
        """A user's lists; the first is the one that is meant when none is named."""
        return await self._db.read(lambda c: watchlists.of_user(c, user_id))

    async def find(self, user_id: int, name: str = "") -> WatchlistRecord:
        """The user's list of this name, or the first one. Raises UserError."""
        return named(await self.of_user(user_id), name)

    async def shared(self, code: str) -> WatchlistRecord:
        """The list with this code. Raises UserError when there is none (any more)."""
        plain = code.strip().lower()
        found = None
        if CODE.fullmatch(plain):
            found = await self._db.read(lambda c: watchlists.by_code(c, plain))
        if found is None:
            raise UserError("No list is shared under that code, or it is not shared any more.")
        return found

    async def create(self, user_id: int, name: str, symbols: Sequence[Symbol] = ()) -> Changed:
        """Raises UserError for a name that is taken or cannot be one, and beyond 20 lists."""
        chosen = clean_name(name)
        at = self._wall.now()

        def work(connection: Connection, existing: list[WatchlistRecord]) -> Outcome:
            _refuse_taken(existing, chosen)
            _refuse_full(existing)
            _refuse_long(chosen, len(symbols))
            watchlists.add(connection, user_id=user_id, name=chosen, symbols=symbols, at=at)
            return f"created {chosen}", chosen, tuple(symbols)

        return await self._change(user_id, work)

    async def add(self, user_id: int, symbols: Sequence[Symbol], name: str = "") -> Changed:
        """Add symbols at the end; the first list is made when there is none yet.

        Raises UserError for an unknown list, beyond 200 symbols, and when nothing is new.
        """
        at = self._wall.now()

        def work(connection: Connection, existing: list[WatchlistRecord]) -> Outcome:
            if not existing and name.strip().casefold() in ("", FIRST):
                watchlists.add(connection, user_id=user_id, name=FIRST, symbols=(), at=at)
                existing = watchlists.of_user(connection, user_id)
            record = named(existing, name)
            new = [symbol for symbol in symbols if symbol not in record.symbols]
            if not new:
                raise UserError(f"All of these are on {record.name} already; nothing was changed.")
            _refuse_long(record.name, len(record.symbols) + len(new))
            watchlists.set_symbols(connection, record.id, (*record.symbols, *new))
            return f"added {len(new)} to {record.name}", record.name, tuple(new)

        return await self._change(user_id, work)

    async def remove(self, user_id: int, symbols: Sequence[Symbol], name: str = "") -> Changed:
        """Raises UserError for an unknown list and when none of the symbols is on it."""

        def work(connection: Connection, existing: list[WatchlistRecord]) -> Outcome:
            record = named(existing, name)
            gone = [symbol for symbol in record.symbols if symbol in symbols]
            if not gone:
                raise UserError(f"None of these is on {record.name}; nothing was changed.")
            kept = [symbol for symbol in record.symbols if symbol not in gone]
            watchlists.set_symbols(connection, record.id, kept)
            return f"removed {len(gone)} from {record.name}", record.name, tuple(gone)

        return await self._change(user_id, work)

    async def rename(self, user_id: int, name: str, to: str) -> Changed:
        """Raises UserError for an unknown list and for a name that is taken or cannot be one."""
        chosen = clean_name(to)

        def work(connection: Connection, existing: list[WatchlistRecord]) -> Outcome:
            record = named(existing, name)
            _refuse_taken([one for one in existing if one.id != record.id], chosen)
            watchlists.rename(connection, record.id, chosen)
            return f"renamed {record.name} to {chosen}", chosen, ()

        return await self._change(user_id, work)

    async def delete(self, user_id: int, name: str) -> Changed:
        """Raises UserError for an unknown list."""

        def work(connection: Connection, existing: list[WatchlistRecord]) -> Outcome:
            record = named(existing, name)
            watchlists.remove(connection, record.id)
            return f"deleted {record.name}", None, record.symbols

        return await self._change(user_id, work)

    async def share(self, user_id: int, name: str = "") -> WatchlistRecord:
        """The list with its code, the old one where it has one. Raises UserError."""
        return await self._set_code(user_id, name, shared=True)

    async def unshare(self, user_id: int, name: str = "") -> WatchlistRecord:
        """The list without a code; copies that others made stay theirs. Raises UserError."""
        return await self._set_code(user_id, name, shared=False)

    async def undo(self, user_id: int, number: int | None = None) -> str:
        """Put the lists back as they stood before the last change; returns what that was.

        Undoing is itself a change. Raises UserError without one, and when `number` is not the
        last change any more.
        """
        at = self._wall.now()

        def work(connection: Connection) -> str:
            last = changes.last(connection, user_id, SUBJECT)
            if last is None:
                raise UserError("There is nothing to undo.")
            if number is not None and last.number != number:
                raise UserError("Your lists were changed since; `/watchlist undo` undoes the last.")
            now = watchlists.rows_of(connection, user_id)
            codes = {row["id"]: row["code"] for row in now}  # what was unshared stays so
            back = [row | {"code": codes.get(row["id"], row["code"])} for row in last.before]
            watchlists.replace_all(connection, user_id, back)
            changes.remember(
                connection, user_id, SUBJECT, what=f"undid: {last.what}", before=now, at=at
            )
            return last.what

        return await self._db.write(work)

    async def _change(self, user_id: int, work: Work) -> Changed:
        at = self._wall.now()

        def whole(connection: Connection) -> Changed:
            before = watchlists.rows_of(connection, user_id)
            what, name, symbols = work(connection, watchlists.of_user(connection, user_id))
            number = changes.remember(connection, user_id, SUBJECT, what=what, before=before, at=at)
            record = None if name is None else named(watchlists.of_user(connection, user_id), name)
            return Changed(record=record, what=what, change=number, symbols=symbols)

        return await self._db.write(whole)

    async def _set_code(self, user_id: int, name: str, *, shared: bool) -> WatchlistRecord:
        fresh = base64.b32encode(secrets.token_bytes(10)).decode().lower()

        def work(connection: Connection) -> WatchlistRecord:
            record = named(watchlists.of_user(connection, user_id), name)
            if shared != (record.code is not None):
                watchlists.set_code(connection, record.id, fresh if shared else None)
            return named(watchlists.of_user(connection, user_id), record.name)

        return await self._db.write(work)


def named(lists: Sequence[WatchlistRecord], name: str) -> WatchlistRecord:
    """The list of this name in any case, or the first one without a name. Raises UserError."""
    if not lists:
        raise UserError("You have no watchlist yet. `/watchlist add symbols:IVOO SPY` makes one.")
    wanted = " ".join(name.split()).casefold()
    if not wanted:
        return lists[0]
    found = next((one for one in lists if one.name.casefold() == wanted), None)
    if found is None:
        known = ", ".join(one.name for one in lists)
        raise UserError(f"You have no watchlist of that name. Yours are: {known}.")
    return found


def clean_name(text: str) -> str:
    """A name for a list: up to 32 printable characters, none that commands or Discord read.

    Raises UserError.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not name or len(name) > LONGEST_NAME or any(c in name for c in "`@<>:*_~|[]()#\\/"):
        raise UserError(
            f"A list’s name has 1 to {LONGEST_NAME} letters, digits, blanks or dashes, such as "
            "“tech leaders”."
        )
    return name


def _refuse_taken(existing: Sequence[WatchlistRecord], name: str) -> None:
    if any(one.name.casefold() == name.casefold() for one in existing):
        raise UserError(f"You already have a list called {name}. Take another name.")


def _refuse_full(existing: Sequence[WatchlistRecord]) -> None:
    if len(existing) >= MOST_LISTS:
        raise UserError(
            f"You have {MOST_LISTS} lists, the most there can be. Delete one with "
            "`/watchlist delete` first."
        )


def _refuse_long(name: str, count: int) -> None:
    if count > MOST_SYMBOLS:
        raise UserError(
            f"{name} would have {count} symbols; {MOST_SYMBOLS} is the most. Nothing was changed."
        )
