"""Where the market keeps what it fetched: the latest in memory, all of it in the store.

Without a database everything stays in memory. With one, memory holds what was used last, and
a short summary of every symbol seen: enough to say who is held and why.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.market.findings import Checked, Finding, first_hold
from bot.market.guard import check
from bot.market.history import History, Stored
from bot.market.merging import OVERLAP, Restated
from bot.market.model import Bars, Symbol, as_date
from bot.market.sessions import Sessions

FINAL_AFTER = timedelta(hours=12)
"""After the close; volume is up to 27 % short in the evening and right the next morning."""
IN_MEMORY = 400
"""Histories kept in memory beside a database; ten years take a fifth of a megabyte."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """What was fetched of a symbol, and the guard's view of it.

    `trouble` says why a later fetch failed, "" when none did.
    """

    stored: Stored
    checked: Checked
    trouble: str = ""

    @property
    def symbol(self) -> Symbol:
        return self.stored.bars.symbol

    @property
    def fetched_at(self) -> datetime:
        return self.stored.fetched_at


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is remembered of a symbol's entry: `session` is its last closed one."""

    findings: tuple[Finding, ...]
    session: date | None
    fetched_at: datetime
    trouble: str

    @property
    def hold(self) -> Finding | None:
        return first_hold(self.findings)


class Shelf:
    """Entries by symbol; `history` None keeps them in memory only."""

    def __init__(self, sessions: Sessions, history: History | None = None) -> None:
        self._sessions = sessions
        self._history = history
        self._entries: OrderedDict[Symbol, Entry] = OrderedDict()
        self._summaries: dict[Symbol, Summary] = {}

    @property
    def summaries(self) -> Mapping[Symbol, Summary]:
        return self._summaries

    def peek(self, symbol: Symbol) -> Entry | None:
        """The entry of `symbol` if it is in memory."""
        return self._entries.get(symbol)

    async def stored(self, symbol: Symbol) -> Stored | None:
        """What the store knows of `symbol`, not yet seen by the guard."""
        return None if self._history is None else await self._history.load(symbol)

    def inspected(self, stored: Stored, now: datetime, trouble: str = "") -> Entry:
        """What was fetched or loaded, after the guard has seen it."""
        checked = check(stored.bars, sessions=self._sessions, now=now, confirmed=stored.confirmed)
        return Entry(stored=stored, checked=checked, trouble=trouble)

    def forget(self, symbol: Symbol) -> None:
        """Drop `symbol` from memory; the store keeps it."""
        self._entries.pop(symbol, None)

    def keep(self, entry: Entry) -> Entry:
        """Remember an entry in memory, and return it."""
        symbol = entry.symbol
        self._entries[symbol] = entry
        self._entries.move_to_end(symbol)
        closed = entry.checked.bars.through(self.closed_in(entry.stored))
        self._summaries[symbol] = Summary(
            findings=entry.checked.findings,
            session=closed.last_day if len(closed) else None,
            fetched_at=entry.fetched_at,
            trouble=entry.trouble,
        )
        if self._history is not None and len(self._entries) > IN_MEMORY:
            self._entries.popitem(last=False)
        return entry

    async def save(
        self, new: Stored, old: Stored | None = None, restated: Restated | None = None
    ) -> int:
        """Store what was fetched, as far as `old` has not stored it already.

        Returns the number of the restatement, 0 without one.
        """
        if self._history is None:
            return 0
        bars = self.closed_bars(new)
        topped_up = old is not None and restated is None and len(bars) > 2 * OVERLAP
        if topped_up and old is not None and self._stored_alike(old, new):
            return 0
        return await self._history.save(
            replace(new, bars=bars),
            final_through=self.final_in(new.fetched_at),
            changed_from=as_date(bars.days[-2 * OVERLAP]) if topped_up else None,
            restated=restated,
            measured_on=old.fetched_at if old is not None else None,
        )

    def closed_in(self, stored: Stored) -> date:
        """The last session whose bar was complete when it was fetched."""
        return self._sessions.last_closed(stored.fetched_at)

    def closed_bars(self, stored: Stored) -> Bars:
        """The raw bars of the sessions that had closed when they were fetched."""
        return replace(stored.bars.through(self.closed_in(stored)), final=True)

    def final_in(self, fetched_at: datetime) -> date:
        """The last session that nobody will correct any more, as far as we know."""
        return self._sessions.last_closed(fetched_at, FINAL_AFTER)

    def stage(self, moment: datetime) -> tuple[date, date]:
        """Bars fetched in the same stage are the same: last closed and last final session."""
        return self._sessions.last_closed(moment), self.final_in(moment)

    def _stored_alike(self, old: Stored, new: Stored) -> bool:
        """Whether only the running session's bar can differ."""
        if self.stage(old.fetched_at) != self.stage(new.fetched_at):
            return False
        same_length = len(self.closed_bars(old)) == len(self.closed_bars(new))
        return same_length and old.confirmed == new.confirmed
