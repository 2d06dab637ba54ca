"""The market as services see it: bars, quotes, and how far they can be trusted.

Bars come from the history store, are topped up from the source once after a session has
settled and once more the next morning, and pass the guard on every change. What is asked for
by many at once is fetched once. When the source is down, what is stored is served, and
`freshness` says how old it is.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.errors import DataError, HighwaterError, NoData, RetryableError, UnknownSymbol
from bot.market.findings import Checked, Finding, first_hold
from bot.market.guard import check, check_source
from bot.market.merging import OVERLAP, Restated, is_restated, joined, restatement
from bot.market.model import Bars, FundProfile, Headline, Quote, Symbol, as_date
from bot.market.sessions import Sessions
from bot.market.sources.protocol import Source
from bot.market.state import Freshness, MarketStatus, RefreshReport

FINAL_AFTER = timedelta(hours=12)
"""After the close; volume is up to 27 % short in the evening and right the next morning."""
RUNNING_TTL = timedelta(seconds=60)
"""How old the running session's bar may be."""
RETRY_AFTER = timedelta(minutes=10)
"""How soon a bar that the source did not have yet is asked for again."""
GIVE_UP_BEHIND = 5
"""A symbol this many sessions behind is asked for once per session only."""
REFUSED_FOR = timedelta(seconds=30)
"""How long a failed first fetch is answered with the same error."""
PARALLEL = 4
"""Fetches at a time during a refresh; sources have limits of their own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One symbol's raw bars as fetched, the guard's view of them, and why they may be old."""

    bars: Bars
    fetched_at: datetime
    checked: Checked
    trouble: str = ""


class Market:
    """One source behind a cache, a store and the guard. All methods raise bot.errors only."""

    def __init__(self, *, source: Source, sessions: Sessions, clock: Clock) -> None:
        self.source = source
        self.sessions = sessions
        self.clock = clock
        self._entries: dict[Symbol, Entry] = {}
        self._locks: WeakValueDictionary[Symbol, asyncio.Lock] = WeakValueDictionary()
        self._refused: dict[Symbol, tuple[datetime, HighwaterError]] = {}
        self._restated: list[Restated] = []
        self._refreshed_at: datetime | None = None
        self._suspended: Finding | None = None
        self._trouble = ""

    async def bars(self, symbol: Symbol, *, running: bool = False) -> Bars:
        """The guarded history through the last closed session; all bars final.

        With `running`, the provisional bar of the running session comes last, `final=False`,
        at most a minute old. Raises UnknownSymbol, NoData, or SourceDown when nothing is stored.
        """
        entry = await self._current(symbol, running=running)
        bars = entry.checked.bars
        if not running:
            bars = replace(bars.through(self._closed_in(entry)), final=True)
        if not len(bars):
            hold = entry.checked.hold
            raise NoData(f"There are no usable bars of {symbol}. {hold.text if hold else ''}")
        return bars

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes of those symbols that have one. Raises SourceDown, RateLimited, NotOffered."""
        return await self.source.quotes(symbols)

    async def profile(self, symbol: Symbol) -> FundProfile:
        return await self.source.profile(symbol)

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        return await self.source.headlines(symbol, limit=limit)

    async def refresh(self, symbols: Iterable[Symbol], *, session: date) -> RefreshReport:
        """Bring all symbols up to `session`; the report says what came of it."""
        wanted = tuple(dict.fromkeys(symbols))
        failed: dict[Symbol, str] = {}
        gate = asyncio.Semaphore(PARALLEL)

        async def one(symbol: Symbol) -> None:
            async with gate:
                try:
                    entry = await self._current(symbol, running=False)
                except (UnknownSymbol, DataError, RetryableError) as error:
                    failed[symbol] = str(error)
                else:
                    if entry.trouble:
                        failed[symbol] = entry.trouble

        async with asyncio.TaskGroup() as group:
            for symbol in wanted:
                group.create_task(one(symbol))
        return self._report(wanted, session, failed)

    def findings(self, symbol: Symbol) -> tuple[Finding, ...]:
        """What the guard found in the bars served last; empty for symbols not yet asked for."""
        entry = self._entries.get(symbol)
        return entry.checked.findings if entry else ()

    def held(self) -> Mapping[Symbol, Finding]:
        """The symbols that must not alert, each with the reason."""
        holds = ((s, first_hold(e.checked.findings)) for s, e in self._entries.items())
        return {symbol: hold for symbol, hold in holds if hold is not None}

    def freshness(self, symbol: Symbol) -> Freshness | None:
        """How fresh the bars served last are; None for symbols not yet asked for."""
        entry = self._entries.get(symbol)
        if entry is None:
            return None
        bars = entry.checked.bars.through(self._closed_in(entry))
        session = bars.last_day if len(bars) else None
        final = session is not None and session <= self._final_in(entry)
        return Freshness(
            source=self.source.label,
            session=session,
            final=final,
            fetched_at=entry.fetched_at,
            delay_minutes=self.source.delay_minutes,
            stale=entry.trouble or self._behind(session),
        )

    def status(self) -> MarketStatus:
        return MarketStatus(
            source=self.source.label,
            delay_minutes=self.source.delay_minutes,
            symbols=len(self._entries),
            held=len(self.held()),
            refreshed_at=self._refreshed_at,
            suspended=self._suspended,
            trouble=self._trouble,
        )

    async def _current(self, symbol: Symbol, *, running: bool) -> Entry:
        lock = self._locks.setdefault(symbol, asyncio.Lock())
        async with lock:
            now = self.clock.now()
            entry = self._entries.get(symbol)
            if entry is not None and entry.fetched_at > now:
                entry = None  # the clock of a new replay stands earlier: nothing may be known
            if entry is not None and self._is_fresh(entry, now, running=running):
                return entry
            entry = await self._fetched(symbol, entry, now)
            self._entries[symbol] = entry
            return entry

    def _is_fresh(self, entry: Entry, now: datetime, *, running: bool) -> bool:
        age = now - entry.fetched_at
        closed = self.sessions.last_closed(now)
        if running and self.sessions.last_opened(now) > closed:
            return age < RUNNING_TTL
        if self._stage(entry.fetched_at) != self._stage(now):
            return False
        last = as_date(entry.bars.days[-1]) if len(entry.bars) else None
        if last is None or last >= closed:
            return True
        behind = len(self.sessions.between(last, closed)) - 1
        return behind > GIVE_UP_BEHIND or age < RETRY_AFTER

    def _stage(self, moment: datetime) -> tuple[date, date]:
        """Bars fetched in the same stage are the same: last closed and last final session."""
        last_closed = self.sessions.last_closed
        return last_closed(moment), last_closed(moment, FINAL_AFTER)

    async def _fetched(self, symbol: Symbol, old: Entry | None, now: datetime) -> Entry:
        refusal = self._refused.get(symbol)
        if refusal is not None and timedelta(0) <= now - refusal[0] < REFUSED_FOR:
            if old is None:
                raise refusal[1]
            return old
        try:
            bars = await self._topped_up(symbol, old)
        except (UnknownSymbol, DataError, RetryableError) as error:
            self._refused[symbol] = (now, error)
            self._trouble = str(error)
            if old is None:
                raise
            checked = check(old.bars, sessions=self.sessions, now=now)
            return replace(old, checked=checked, trouble=str(error))
        self._refused.pop(symbol, None)
        self._trouble = ""
        return self._entry(bars, now)

    def _entry(self, bars: Bars, now: datetime) -> Entry:
        return Entry(
            bars=bars, fetched_at=now, checked=check(bars, sessions=self.sessions, now=now)
        )

    async def _topped_up(self, symbol: Symbol, old: Entry | None) -> Bars:
        if old is None or len(old.bars) <= OVERLAP:
            return await self.source.bars(symbol)
        stored = replace(old.bars, final=old.bars.last_day <= self._closed_in(old))
        fresh = await self.source.bars(symbol, since=as_date(stored.days[-OVERLAP]))
        if not is_restated(stored, fresh):
            return joined(stored, fresh)
        whole = await self.source.bars(symbol)
        change = restatement(stored, whole)
        if change is not None:
            self._restated.append(change)
        return whole

    def _closed_in(self, entry: Entry) -> date:
        """The last session whose bar was complete when it was fetched."""
        return self.sessions.last_closed(entry.fetched_at)

    def _final_in(self, entry: Entry) -> date:
        return self.sessions.last_closed(entry.fetched_at, FINAL_AFTER)

    def _behind(self, session: date | None) -> str:
        closed = self.sessions.last_closed(self.clock.now())
        if session is not None and session >= closed:
            return ""
        return f"The source has no bar for {closed} yet."

    def _report(
        self, symbols: tuple[Symbol, ...], session: date, failed: Mapping[Symbol, str]
    ) -> RefreshReport:
        last = {symbol: self._last(symbol) for symbol in symbols}
        self._suspended = check_source(last, session)
        self._refreshed_at = self.clock.now()
        restated, self._restated = tuple(self._restated), []
        held = self.held()
        return RefreshReport(
            session=session,
            current=tuple(s for s, day in last.items() if day is not None and day >= session),
            restated=restated,
            held={symbol: held[symbol] for symbol in symbols if symbol in held},
            missing=tuple(s for s, day in last.items() if day is None or day < session),
            failed=failed,
            source=self._suspended,
        )

    def _last(self, symbol: Symbol) -> date | None:
        entry = self._entries.get(symbol)
        if entry is None or not len(entry.checked.bars):
            return None
        return entry.checked.bars.last_day
