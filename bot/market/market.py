"""The market as services see it: bars, quotes, and how far they can be trusted.

Bars come from the history store, are topped up from the source when a session has settled, and
pass the guard on every change. When the source is down, what is stored is served, and
`freshness` says how old it is.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.clock import Clock
from bot.errors import (
    DatabaseAway,
    DataError,
    HighwaterError,
    NoData,
    SourceDown,
    StorageError,
    UnknownSymbol,
)
from bot.market.completeness import check_source
from bot.market.findings import Finding, Rule
from bot.market.history import History
from bot.market.intake import GIVE_UP_BEHIND, Intake
from bot.market.merging import Restated
from bot.market.model import Bars, FundProfile, Headline, Quote, Symbol
from bot.market.panel import Panel
from bot.market.quote_guard import check_quote, on_new_scale
from bot.market.sessions import Sessions
from bot.market.shelf import Entry, Shelf
from bot.market.sources.fallback import FallbackSource
from bot.market.sources.protocol import Limited, Source
from bot.market.state import Freshness, MarketStatus, RefreshReport
from storage.database import Database

PARALLEL = 2
"""Fetches at a time during a refresh: enough for two requests a second, which is what sources
allow, and few enough that what follows a fetch does not pile up in the event loop."""


class Market:
    """One source behind a store and the guard.

    Without `db` histories live in memory only. Whatever fails is an error of bot.errors; a
    failing database is a StorageError, or a DatabaseAway that may pass.
    """

    def __init__(
        self, *, source: Source, sessions: Sessions, clock: Clock, db: Database | None = None
    ) -> None:
        self.source = source
        self.sessions = sessions
        self.clock = clock
        self._history = History(db, source.name) if db is not None else None
        self._shelf = Shelf(sessions, self._history)
        self._intake = Intake(source=source, sessions=sessions, clock=clock, shelf=self._shelf)
        self._quotes: dict[Symbol, Finding] = {}
        self._refreshed_at: datetime | None = None
        self._suspended: Finding | None = None

    async def bars(self, symbol: Symbol, *, running: bool = False, final: bool = True) -> Bars:
        """The guarded history through the last closed session; all bars final.

        With `running`, the provisional bar of the running session comes last, `final=False`,
        at most a minute old. Without `final`, the last session's volume may be the one of the
        evening, up to a quarter short, all day long: what looks at prices asks so and saves a
        fetch. Raises UnknownSymbol, NoData, or SourceDown when nothing is stored.
        """
        entry = await self._intake.current(symbol, running=running, final=final)
        return self._served(entry, running=running)

    async def panel(self, symbols: Sequence[Symbol], *, sessions: int) -> Panel:
        """The last `sessions` closed sessions of those symbols that have usable bars."""
        histories: list[Bars] = []
        for symbol in symbols:
            try:
                histories.append(await self.bars(symbol, final=False))
            except (UnknownSymbol, DataError, SourceDown):
                continue
        closed = self.sessions.last_closed(self.clock.now())
        first = self.sessions.offset(closed, 1 - sessions) if sessions > 1 else closed
        days = self.sessions.between(first, closed)
        return await asyncio.to_thread(Panel.of, histories, days)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes of those symbols that have one the guard accepts.

        A symbol whose history was restated is left out until a refresh has reported it or it
        is `settled`: levels that were computed before lie on another scale.
        The reasons against the others stand in `findings`. Raises SourceDown, RateLimited,
        NotOffered.
        """
        quotes = await self.source.quotes(symbols)
        now = self.clock.now()
        return {symbol: quote for symbol, quote in quotes.items() if self._accepts(quote, now)}

    async def profile(self, symbol: Symbol) -> FundProfile:
        """The source's profile of a fund. Raises what the source raises."""
        return await self.source.profile(symbol)

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        """The source's newest headlines first. Raises what the source raises."""
        return await self.source.headlines(symbol, limit=limit)

    async def refresh(self, symbols: Iterable[Symbol], *, session: date) -> RefreshReport:
        """Bring all symbols up to `session`; the report says what came of it.

        Raises DatabaseAway and StorageError: that is no symbol's trouble.
        """
        wanted = tuple(dict.fromkeys(symbols))
        failed: dict[Symbol, str] = {}
        broken: list[HighwaterError] = []
        waiting = iter(wanted)

        async def work() -> None:
            for symbol in waiting:
                if broken:
                    return
                try:
                    entry = await self._intake.current(symbol, running=False, final=False)
                except (UnknownSymbol, DataError, SourceDown) as error:
                    failed[symbol] = str(error)
                except (DatabaseAway, StorageError) as error:
                    broken.append(error)
                else:
                    if entry.trouble:
                        failed[symbol] = entry.trouble

        async with asyncio.TaskGroup() as group:
            for _ in range(PARALLEL):
                group.create_task(work())
        if broken:
            raise broken[0]
        return self._report(wanted, session, failed)

    async def unsettled(self) -> tuple[Restated, ...]:
        """Restatements that are stored and not yet marked with `settle_restatement`.

        Whoever remembers prices asks before every pass: they come from a refresh, from a
        question in between, or from before a crash. Empty without a database.
        """
        return () if self._history is None else await self._history.unsettled()

    def doubted(self) -> frozenset[Symbol]:
        """Symbols whose quotes contradict their bars: a split, probably. Whoever needs their
        quotes asks for their bars once more."""
        return self._intake.distrusted

    def troubles(self) -> Mapping[Symbol, str]:
        """Why the last fetch of a symbol failed, whose older bars are served; the others are
        left out."""
        known = self._shelf.summaries.items()
        return {symbol: one.trouble for symbol, one in known if one.trouble}

    def settled(self, symbol: Symbol) -> None:
        """What was remembered of `symbol` is on the new scale: its quotes count again."""
        self._intake.settled(symbol)

    def findings(self, symbol: Symbol) -> tuple[Finding, ...]:
        """What the guard found in the bars and the quote served last, else nothing."""
        known = self._shelf.summaries.get(symbol)
        of_quote = self._quotes.get(symbol)
        return (*(known.findings if known else ()), *((of_quote,) if of_quote else ()))

    def hold(self, symbol: Symbol) -> Finding | None:
        """Why the bars of a symbol must not alert; None when they may, or were not asked for."""
        known = self._shelf.summaries.get(symbol)
        return None if known is None else known.hold

    def held(self) -> Mapping[Symbol, Finding]:
        """The symbols whose bars must not alert, each with the reason."""
        holds = ((symbol, known.hold) for symbol, known in self._shelf.summaries.items())
        return {symbol: hold for symbol, hold in holds if hold is not None}

    def freshness(self, symbol: Symbol) -> Freshness | None:
        """How fresh the bars served last are; None for symbols not yet asked for."""
        known = self._shelf.summaries.get(symbol)
        if known is None:
            return None
        final_through = self._shelf.final_in(known.fetched_at)
        return Freshness(
            source=self.source.label,
            session=known.session,
            final=known.session is not None and known.session <= final_through,
            fetched_at=known.fetched_at,
            delay_minutes=self.source.delay_minutes,
            stale=known.trouble or self._behind(known.session),
        )

    def status(self) -> MarketStatus:
        """The market layer at a glance."""
        first = self.source.first if isinstance(self.source, FallbackSource) else self.source
        return MarketStatus(
            source=self.source.label,
            delay_minutes=self.source.delay_minutes,
            symbols=len(self._shelf.summaries),
            held=len(self.held()),
            refreshed_at=self._refreshed_at,
            suspended=self._suspended,
            trouble=self._intake.trouble,
            paused=first.paused if isinstance(first, Limited) else None,
            requests_left=first.requests_left if isinstance(first, Limited) else None,
        )

    def _served(self, entry: Entry, *, running: bool) -> Bars:
        bars = entry.checked.bars
        closed = self._shelf.closed_in(entry.stored)
        if not running:
            bars = replace(bars.through(closed), final=True)
        elif len(bars) and bars.last_day <= closed:
            bars = replace(bars, final=True)
        if not len(bars):
            hold = entry.checked.hold
            reason = f" {hold.text}" if hold else ""
            raise NoData(f"There are no usable bars of {bars.symbol}.{reason}")
        return bars

    def _accepts(self, quote: Quote, now: datetime) -> bool:
        entry = self._shelf.peek(quote.symbol)
        bars = entry.checked.bars if entry else None
        finding = check_quote(quote, sessions=self.sessions, now=now, bars=bars)
        if finding is None and self._intake.is_restated(quote.symbol):
            finding = on_new_scale(quote)
        if finding is None:
            self._quotes.pop(quote.symbol, None)
            return True
        self._quotes[quote.symbol] = finding
        if finding.rule is Rule.PRIOR_CLOSE:
            self._intake.distrust(quote.symbol)
        return False

    def _behind(self, session: date | None) -> str:
        closed = self.sessions.last_closed(self.clock.now())
        if session is not None and session >= closed:
            return ""
        return f"The source has no bar for {closed} yet."

    def _report(
        self, symbols: tuple[Symbol, ...], session: date, failed: Mapping[Symbol, str]
    ) -> RefreshReport:
        known = self._shelf.summaries
        last = {symbol: known[symbol].session if symbol in known else None for symbol in symbols}
        since = self.sessions.offset(session, -GIVE_UP_BEHIND)
        self._suspended = check_source(last, session, since=since)
        self._refreshed_at = self.clock.now()
        held = self.held()
        return RefreshReport(
            session=session,
            current=tuple(s for s, day in last.items() if day is not None and day >= session),
            restated=self._intake.take_restated(),
            held={symbol: held[symbol] for symbol in symbols if symbol in held},
            missing=tuple(s for s, day in last.items() if day is None or day < session),
            failed=failed,
            source=self._suspended,
        )
