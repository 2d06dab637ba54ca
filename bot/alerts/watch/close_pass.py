"""The pass after a close: scan every session that was not scanned yet, in order."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

import numpy as np

from bot.alerts.context import Context
from bot.alerts.levels import Progress
from bot.alerts.personal.rows import rescale_all
from bot.alerts.policy import Wish
from bot.alerts.usable import Usable
from bot.alerts.watch.chronicle import Chronicle, Scanned
from bot.alerts.watch.closes import Happening, scan_close
from bot.alerts.watch.sweep import Possible, Sweep
from bot.episodes import tracker
from bot.episodes.lifecycle import FOLLOW_UP, QUIET, rescaled
from bot.episodes.tracker import OpenBook
from bot.errors import SourceDown
from bot.market.market import Market
from bot.market.merging import Restated
from bot.market.model import Bars, Symbol, empty_bars
from bot.market.sessions import Sessions
from bot.signals.kinds import KINDS
from bot.signals.rules import KindRule
from storage import episodes
from storage.connection import Connection
from storage.database import Database
from storage.histories import settle_restatement

log = logging.getLogger(__name__)

LOOK_BACK = QUIET + FOLLOW_UP
"""Sessions replayed silently at the first scan of a symbol: enough to know every episode that
could still be running or keep a new one from beginning."""


class ClosePass:
    """Scans closes. `first_seen` collects the symbols scanned for the first time, `restated`
    those whose prices have changed their scale."""

    def __init__(
        self,
        *,
        market: Market,
        sessions: Sessions,
        db: Database,
        usable: Usable,
        chronicle: Chronicle,
        context: Context,
        progress: Progress,
        benchmark: Symbol,
        mine: Callable[[Symbol], bool] = lambda symbol: True,
    ) -> None:
        self._mine = mine
        self._market = market
        self._sessions = sessions
        self._db = db
        self._usable = usable
        self._chronicle = chronicle
        self._context = context
        self._progress = progress
        self._benchmark = benchmark
        self._yardstick = empty_bars(benchmark)
        self.first_seen: dict[Symbol, datetime] = {}
        self.restated: set[Symbol] = set()

    async def run(self, symbols: Sequence[Symbol], wishes: Sequence[Wish], now: datetime) -> int:
        """Returns how many alerts were written. Raises SourceDown when the source as a whole
        lacks the session."""
        await self._rescale()
        closed = self._sessions.last_closed(now)
        through = await self._db.read(lambda c: episodes.scanned_through(c, symbols))
        behind = [symbol for symbol in symbols if through.get(symbol, date.min) < closed]
        due = self._usable.worth_asking(behind, now)
        if not due:
            return 0
        report = await self._market.refresh(due, session=closed)
        await self._rescale()
        if report.source is not None:
            raise SourceDown(report.source.text)
        bars = await self._usable.bars(due, through=closed, now=now)
        await self._context.measure(list(bars.values()), closed)
        yardstick = await self._usable.bars([self._benchmark], through=closed, now=now)
        self._yardstick = yardstick.get(self._benchmark, self._yardstick)
        book = await self._db.read(lambda c: tracker.read_book(c, due))
        await self._learn([b for s, b in bars.items() if s not in through], book, now)
        known = {symbol: b for symbol, b in bars.items() if symbol in through}
        missed = self._missed([through[symbol] for symbol in known], closed)
        sweep = await asyncio.to_thread(self._sweep, list(known.values()))
        written = 0
        for session in missed:
            ready = [b for symbol, b in known.items() if through[symbol] < session]
            possible = await asyncio.to_thread(self._possible, sweep, session, ready)
            late = session < closed
            written += await self._scan(ready, session, possible, book, wishes, now, late=late)
        self._progress.last_session = closed
        return written

    async def _rescale(self) -> None:
        """Put what is remembered of a symbol into the prices after its split, once."""
        for change in await self._market.unsettled():
            if not self._mine(change.symbol):
                continue
            if await self._db.write(lambda c, change=change: _rescaled(c, change)):  # type: ignore[misc]
                log.info("episodes of %s rescaled by %g", change.symbol, change.ratio)
            self._market.settled(change.symbol)
            self.restated.add(change.symbol)

    async def _learn(self, unseen: Sequence[Bars], book: OpenBook, now: datetime) -> None:
        """The first scan of a symbol: its recent episodes are set, and nothing is posted."""
        if not unseen:
            return
        await asyncio.to_thread(self._replay, unseen, book, now)
        scanned = Scanned(symbols=[bars.symbol for bars in unseen], through=unseen[0].last_day)
        await self._chronicle.write(book.take_changes(), (), (), now=now, scanned=scanned)
        self.first_seen |= dict.fromkeys(scanned.symbols, now)

    def _replay(self, unseen: Sequence[Bars], book: OpenBook, now: datetime) -> None:
        sweep = self._sweep(unseen)
        for day in np.unique(np.concatenate([bars.days[-LOOK_BACK:] for bars in unseen])):
            session = day.item()
            views = [bars.through(session) for bars in unseen if bars.index_of(session) is not None]
            possible = self._possible(sweep, session, unseen)
            self._scan_all(views, possible, book, now, late=True)

    def _missed(self, marks: Sequence[date], closed: date) -> list[date]:
        """The sessions after the oldest watermark, in order."""
        if not marks:
            return []
        days = self._sessions.between(min(marks), closed)
        return [day.item() for day in days if day.item() > min(marks)]

    async def _scan(
        self,
        ready: Sequence[Bars],
        session: date,
        possible: Possible,
        book: OpenBook,
        wishes: Sequence[Wish],
        now: datetime,
        *,
        late: bool,
    ) -> int:
        views = [bars.through(session) for bars in ready if bars.index_of(session) is not None]
        happenings = await asyncio.to_thread(self._scan_all, views, possible, book, now, late=late)
        scanned = Scanned(symbols=[bars.symbol for bars in ready], through=session)
        return await self._chronicle.write(
            book.take_changes(), happenings, wishes, now=now, scanned=scanned
        )

    def _scan_all(
        self,
        views: Sequence[Bars],
        possible: Possible,
        book: OpenBook,
        now: datetime,
        *,
        late: bool,
    ) -> list[Happening]:
        found: list[Happening] = []
        for bars in views:
            rules = [KINDS[kind] for kind in KINDS if kind in possible.get(bars.symbol, ())]
            found += self._scan_symbol(bars, rules, book, now, late=late)
        return found

    def _possible(self, sweep: Sweep, session: date, histories: Sequence[Bars]) -> Possible:
        """What the sweep points at; where it trips, every rule looks at every symbol."""
        try:
            return sweep.at(session)
        except Exception:
            # One symbol's surprise must not silence the others.
            log.exception("the sweep of the session of %s failed; scanning one by one", session)
            return {bars.symbol: KINDS.keys() for bars in histories}

    def _sweep(self, histories: Sequence[Bars]) -> Sweep:
        return Sweep(histories, days=self._sessions.days, benchmark=self._yardstick)

    def _scan_symbol(
        self,
        bars: Bars,
        rules: Sequence[KindRule],
        book: OpenBook,
        now: datetime,
        *,
        late: bool,
    ) -> list[Happening]:
        try:
            return scan_close(
                bars,
                book,
                rules,
                benchmark=self._yardstick,
                days=self._sessions.days,
                at=now,
                late=late,
            )
        except Exception:
            # One symbol's surprise must not silence the others.
            log.exception("the scan of %s in the session of %s failed", bars.symbol, bars.last_day)
            return []


def _rescaled(connection: Connection, change: Restated) -> bool:
    """Settle a restatement and rescale in one transaction; False when that was done before."""
    if not settle_restatement(connection, change.number):
        return False
    book = tracker.read_book(connection, [change.symbol])
    for episode in book.of(change.symbol):
        book.put(rescaled(episode, change.ratio))
    tracker.save(connection, book.take_changes())
    rescale_all(connection, change.symbol, change.ratio, before=change.session)
    return True
