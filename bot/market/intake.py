"""How bars come in: fetched once for all who ask, topped up when a session has settled.

A symbol is fetched whole once. Later a few sessions suffice, once for each session after it has
settled, which sets the volumes of the sessions before right as well. Who needs the last volume
right asks for it `final`, and causes a second fetch the next morning. Bars of the running
session are asked for at most once a minute. A failed fetch is not repeated at once, whoever asks.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.errors import DataError, HighwaterError, SourceDown, UnknownSymbol
from bot.market.findings import Rule, Severity
from bot.market.history import Stored
from bot.market.merging import OVERLAP, Restated, is_restated, joined, restatement
from bot.market.model import Bars, Symbol, as_date
from bot.market.sessions import Sessions
from bot.market.shelf import Entry, Shelf
from bot.market.sources.fallback import REFEREED, FallbackSource
from bot.market.sources.protocol import Source

RUNNING_TTL = timedelta(seconds=60)
"""How old the running session's bar may be."""
RETRY_AFTER = timedelta(minutes=10)
"""How soon a bar that the source did not have yet is asked for again."""
GIVE_UP_BEHIND = 5
"""A symbol this many sessions behind is asked for once per session only."""
REFUSED_FOR = timedelta(seconds=30)
"""How long a failed fetch is answered with the same error."""
REMEMBERED = 5_000
"""Failed symbols to remember at the most: people can type anything."""
REFEREED_RULES = (Rule.SPIKE, Rule.SPLIT_NOT_APPLIED, Rule.JUMP)
"""Odd prices that may yet be true: worth a second source's opinion."""


class Intake:
    """Brings entries up to date, each symbol by one fetch at a time."""

    def __init__(self, *, source: Source, sessions: Sessions, clock: Clock, shelf: Shelf) -> None:
        self._source = source
        self._sessions = sessions
        self._clock = clock
        self._shelf = shelf
        self._locks: WeakValueDictionary[Symbol, asyncio.Lock] = WeakValueDictionary()
        self._refused: dict[Symbol, tuple[datetime, HighwaterError]] = {}
        self._restated: list[Restated] = []
        self._distrusted: set[Symbol] = set()
        self.trouble = ""
        """What the source last failed with, "" when it answered last time."""

    def is_restated(self, symbol: Symbol) -> bool:
        """Whether a restatement of `symbol` waits to be taken."""
        return any(change.symbol == symbol for change in self._restated)

    def take_restated(self) -> tuple[Restated, ...]:
        """The restatements found since the last call."""
        taken, self._restated = tuple(self._restated), []
        return taken

    def settled(self, symbol: Symbol) -> None:
        """The restatements of `symbol` are known to all who remember prices."""
        self._restated = [change for change in self._restated if change.symbol != symbol]

    def distrust(self, symbol: Symbol) -> None:
        """Something contradicts the bars of `symbol`: fetch them again when next asked for."""
        self._distrusted.add(symbol)

    @property
    def distrusted(self) -> frozenset[Symbol]:
        """The symbols whose bars something contradicts."""
        return frozenset(self._distrusted)

    async def current(self, symbol: Symbol, *, running: bool, final: bool = True) -> Entry:
        """An entry that is as fresh as the source allows; `final` as for `Market.bars`.

        Raises UnknownSymbol, DataError, SourceDown when there is nothing to serve at all.
        """
        lock = self._locks.setdefault(symbol, asyncio.Lock())
        async with lock:
            now = self._clock.now()
            entry = self._shelf.peek(symbol)
            stored = entry.stored if entry is not None else await self._shelf.stored(symbol)
            if stored is not None and stored.fetched_at > now:
                entry = stored = None  # a replay must not know what was fetched later
            if stored is None or not self._is_fresh(stored, now, running=running, final=final):
                return await self._fetched(symbol, stored, now)
            return entry or self._shelf.keep(self._shelf.inspected(stored, now))

    def _is_fresh(self, stored: Stored, now: datetime, *, running: bool, final: bool) -> bool:
        bars, age = stored.bars, now - stored.fetched_at
        if bars.symbol in self._distrusted and age >= RETRY_AFTER:
            return False
        closed = self._sessions.last_closed(now)
        if running and self._sessions.last_opened(now) > closed:
            return age < RUNNING_TTL
        if self._shelf.closed_in(stored) != closed:
            return False
        if final and self._shelf.final_in(stored.fetched_at) != self._shelf.final_in(now):
            return False
        if not len(bars) or bars.last_day >= closed:
            return True
        behind = len(self._sessions.between(bars.last_day, closed)) - 1
        return behind > GIVE_UP_BEHIND or age < RETRY_AFTER

    async def _fetched(self, symbol: Symbol, old: Stored | None, now: datetime) -> Entry:
        try:
            self._refuse_again(symbol, now)
            bars, restated = await self._topped_up(symbol, old)
        except (UnknownSymbol, DataError, SourceDown) as error:
            if len(self._refused) >= REMEMBERED:
                self._refused.clear()
            self._refused.setdefault(symbol, (now, error))
            self.trouble = str(error)
            if old is None:
                raise
            return self._shelf.keep(self._shelf.inspected(old, now, trouble=str(error)))
        self._refused.pop(symbol, None)
        self._distrusted.discard(symbol)
        self.trouble = ""
        known = () if old is None or restated is not None else old.confirmed
        new = Stored(bars=bars, fetched_at=now, confirmed=known)
        entry = await self._refereed(self._shelf.inspected(new, now))
        self._shelf.forget(symbol)  # until it is stored: a cancelled save must not part them
        number = await self._shelf.save(entry.stored, old, restated)
        if restated is not None:
            self._restated.append(replace(restated, number=number))
        return self._shelf.keep(entry)

    def _refuse_again(self, symbol: Symbol, now: datetime) -> None:
        """Raise what the last fetch raised while that is recent; forget it afterwards."""
        refusal = self._refused.get(symbol)
        if refusal is None:
            return
        if timedelta(0) <= now - refusal[0] < REFUSED_FOR:
            raise refusal[1]
        del self._refused[symbol]

    async def _topped_up(self, symbol: Symbol, old: Stored | None) -> tuple[Bars, Restated | None]:
        if old is None or len(old.bars) <= OVERLAP:
            return await self._source.bars(symbol), None
        known = replace(old.bars, final=old.bars.last_day <= self._shelf.closed_in(old))
        fresh = await self._source.bars(symbol, since=as_date(known.days[-OVERLAP]))
        if not is_restated(known, fresh):
            return joined(known, fresh), None
        whole = await self._source.bars(symbol)
        return whole, restatement(known, whole)

    async def _refereed(self, entry: Entry) -> Entry:
        """The same entry after a second source, where there is one, was asked about odd prices."""
        hold, bars = entry.checked.hold, entry.stored.bars
        if hold is None or hold.rule not in REFEREED_RULES or hold.session is None:
            return entry
        first = as_date(bars.days[-min(REFEREED, len(bars))])
        if not isinstance(self._source, FallbackSource) or hold.session < first:
            return entry
        verdict = await self._source.verdict(bars)
        odd = {f.session for f in entry.checked.findings if f.severity is Severity.HOLD}
        vouched = {day for day in verdict.confirmed if day in odd}
        confirmed = tuple(sorted({*entry.stored.confirmed, *vouched}))
        again = self._shelf.inspected(replace(entry.stored, confirmed=confirmed), entry.fetched_at)
        if verdict.finding is None:
            return again
        findings = (*again.checked.findings, verdict.finding)
        return replace(again, checked=replace(again.checked, findings=findings))
