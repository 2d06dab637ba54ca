"""The watcher: one pass looks at what the market did and writes down who is owed a message.

After a session has closed and settled, a pass scans its bars; while one runs, a pass tests
quotes against the levels known at the last close. Episodes, alerts and the scan's watermark
commit together, so a crash anywhere loses nothing and a second scan of the same data, by this
process or another, finds the same identities and adds nothing.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from sqlite3 import Connection

from bot.alerts import policy
from bot.alerts.closes import Happening, scan_close
from bot.alerts.facts import AlertFacts, Provenance, Stage, facts_of
from bot.alerts.levels import Levels, Patience, Progress
from bot.alerts.policy import Wish
from bot.alerts.subscriptions import Subscriptions
from bot.clock import Clock
from bot.episodes import tracker
from bot.episodes.lifecycle import FOLLOW_UP, QUIET, Episode, begin, may_begin, rescaled
from bot.episodes.tracker import OpenBook
from bot.errors import DataError, NoData, RetryableError, SourceDown, UserError
from bot.market.market import Market
from bot.market.merging import Restated
from bot.market.model import Bars, Symbol
from bot.market.sessions import Sessions
from bot.signals.kinds import RULES
from bot.signals.model import Trigger
from bot.signals.triggers import TriggerBook
from storage import alerts, episodes
from storage.database import Database

log = logging.getLogger(__name__)

LOOK_BACK = QUIET + FOLLOW_UP
"""Sessions replayed silently at the first scan of a symbol: enough to know every episode that
could still be running or keep a new one from beginning."""

Notice = Callable[[], None]
NameOf = Callable[[Symbol], str]


class Watcher:
    """Turns market data into alerts. `run_once()` is one pass; `on_alerts` hears of new rows.

    `clock` is the market's time, which a replay moves; `wall` is the outbox's, for what is
    owed is owed in the real world.
    """

    def __init__(
        self,
        *,
        market: Market,
        sessions: Sessions,
        clock: Clock,
        wall: Clock,
        db: Database,
        subscriptions: Subscriptions,
        name_of: NameOf,
        on_alerts: Notice = lambda: None,
    ) -> None:
        self._market = market
        self._sessions = sessions
        self._clock = clock
        self._db = db
        self._subscriptions = subscriptions
        self._name_of = name_of
        self._on_alerts = on_alerts
        self._wall = wall
        self._levels = Levels()
        self._patience = Patience()
        self._fresh: dict[Symbol, date | None] = {}
        self.progress = Progress()

    async def run_once(self) -> int:
        """One pass; returns how many alerts it wrote.

        Raises RetryableError when the market data source is down, StorageFailure when the
        database is.
        """
        now = self._clock.now()
        wishes = await self._subscriptions.wishes()
        symbols = tuple(sorted(set().union(*(wish.symbols for wish in wishes))))
        self.progress.symbols = len(symbols)
        written = 0
        if symbols:
            written += await self._scan_closes(symbols, wishes, now)
            session = self._sessions.open_session(now)
            if session is not None:
                written += await self._scan_quotes(symbols, wishes, session, now)
        self.progress.last_pass = now
        if written:
            self._on_alerts()
        return written

    async def _scan_closes(
        self, symbols: Sequence[Symbol], wishes: Sequence[Wish], now: datetime
    ) -> int:
        closed = self._sessions.last_closed(now)
        through = await self._db.read(lambda c: episodes.scanned_through(c, symbols))
        due = [
            symbol
            for symbol in symbols
            if through.get(symbol, date.min) < closed and self._patience.allows(symbol, now)
        ]
        if not due:
            return 0
        report = await self._market.refresh(due, session=closed)
        if report.source is not None:
            raise SourceDown(report.source.text)
        await self._rescale(report.restated)
        bars = await self._load(due, closed, now)
        book = await self._db.read(lambda c: tracker.read_book(c, due))
        await self._learn([bars[s] for s in due if s in bars and s not in through], book, now)
        known = {symbol: bars[symbol] for symbol in due if symbol in bars and symbol in through}
        written = 0
        for session in self._missed(through, known, closed):
            ready = [b for s, b in known.items() if through[s] < session]
            late = session < closed
            written += await self._scan_session(ready, session, book, wishes, now, late=late)
        self.progress.last_session = closed
        return written

    async def _rescale(self, restated: Sequence[Restated]) -> None:
        """Put what is remembered of a symbol into the prices after its split."""
        if not restated:
            return
        symbols = [change.symbol for change in restated]
        book = await self._db.read(lambda c: tracker.read_book(c, symbols))
        for change in restated:
            for episode in book.of(change.symbol):
                book.put(rescaled(episode, change.ratio))
        changed = book.take_changes()
        await self._db.write(lambda c: tracker.save(c, changed))

    async def _load(
        self, symbols: Sequence[Symbol], closed: date, now: datetime
    ) -> dict[Symbol, Bars]:
        """The bars of the symbols that have the last closed session; the others wait a while."""
        loaded: dict[Symbol, Bars] = {}
        for symbol in symbols:
            try:
                loaded[symbol] = await self._bars(symbol, closed)
                self.progress.unavailable.pop(symbol, None)
            except (DataError, UserError, RetryableError) as error:
                self.progress.unavailable[symbol] = str(error)
                self._patience.lost(symbol, now)
        return loaded

    async def _bars(self, symbol: Symbol, closed: date) -> Bars:
        held = self._market.held().get(symbol)
        if held is not None:
            raise DataError(held.text)
        bars = (await self._market.bars(symbol)).through(closed)
        if not len(bars) or bars.last_day != closed:
            raise NoData(f"There is no bar of {symbol} for the session of {closed} yet.")
        return bars

    async def _learn(self, unseen: Sequence[Bars], book: OpenBook, now: datetime) -> None:
        """The first scan of a symbol: its recent episodes are set, and nothing is posted."""
        for bars in unseen:
            recent = [day.item() for day in bars.days[-LOOK_BACK:]]
            await asyncio.to_thread(self._replay, bars, recent, book, now)
            changed = book.take_changes()
            symbol, last = bars.symbol, bars.last_day

            def work(
                connection: Connection,
                changed: list[Episode] = changed,
                symbol: Symbol = symbol,
                last: date = last,
            ) -> None:
                tracker.save(connection, changed)
                episodes.mark_scanned(connection, [symbol], through=last, at=now)

            await self._db.write(work)
            self._fresh[symbol] = self._sessions.open_session(now)

    def _replay(self, bars: Bars, recent: Sequence[date], book: OpenBook, now: datetime) -> None:
        for session in recent:
            self._scan_symbol(bars.through(session), book, now, late=True)

    def _missed(
        self, through: Mapping[str, date], known: Mapping[Symbol, Bars], closed: date
    ) -> list[date]:
        """The sessions after the oldest watermark, in order."""
        if not known:
            return []
        oldest = min(through[symbol] for symbol in known)
        return [day.item() for day in self._sessions.between(oldest, closed) if day.item() > oldest]

    async def _scan_session(
        self,
        ready: Sequence[Bars],
        session: date,
        book: OpenBook,
        wishes: Sequence[Wish],
        now: datetime,
        *,
        late: bool,
    ) -> int:
        views = [
            view
            for bars in ready
            if len(view := bars.through(session)) and view.last_day == session
        ]
        happenings = await asyncio.to_thread(self._scan_all, views, book, now, late=late)
        changed = book.take_changes()
        facts = self._facts(happenings, now)
        symbols = [bars.symbol for bars in ready]

        def work(connection: Connection) -> int:
            tracker.save(connection, changed)
            episodes.mark_scanned(connection, symbols, through=session, at=now)
            return _enqueue(connection, facts, wishes, self._wall.now())

        return await self._db.write(work)

    def _scan_all(
        self, views: Sequence[Bars], book: OpenBook, now: datetime, *, late: bool
    ) -> list[Happening]:
        found: list[Happening] = []
        for bars in views:
            found += self._scan_symbol(bars, book, now, late=late)
        return found

    def _scan_symbol(
        self, bars: Bars, book: OpenBook, now: datetime, *, late: bool
    ) -> list[Happening]:
        try:
            return scan_close(bars, book, RULES, days=self._sessions.days, at=now, late=late)
        except Exception:
            # One symbol's surprise must not silence the others.
            log.exception("the scan of %s in the session of %s failed", bars.symbol, bars.last_day)
            return []

    async def _scan_quotes(
        self, symbols: Sequence[Symbol], wishes: Sequence[Wish], session: date, now: datetime
    ) -> int:
        book = await self._trigger_book(symbols, session, now)
        quotes = await self._market.quotes(book.symbols)
        signals = book.check_all(list(quotes.values()))
        fresh, self._fresh = self._fresh, {}
        if not signals:
            return 0
        fired = sorted({signal.symbol for signal in signals})
        known = await self._db.read(lambda c: tracker.read_book(c, fired))
        happenings: list[Happening] = []
        silent: list[Happening] = []
        for signal in signals:
            if may_begin(known.latest(signal.symbol, signal.kind), session, self._sessions.days):
                episode = begin(signal, at=now, provisional=True, late=False)
                known.put(episode)
                (silent if fresh.get(signal.symbol) == session else happenings).append(
                    Happening(episode=episode, stage=Stage.OPENED)
                )
        changed = known.take_changes()
        facts = self._facts(happenings, now)

        def work(connection: Connection) -> int:
            tracker.save(connection, changed)
            return _enqueue(connection, facts, wishes, self._wall.now())

        return await self._db.write(work) if changed else 0

    async def _trigger_book(
        self, symbols: Sequence[Symbol], session: date, now: datetime
    ) -> TriggerBook:
        """The levels for `session`, computed once per symbol from the bars before it."""
        unknown = [
            symbol
            for symbol in self._levels.missing(session, symbols)
            if self._patience.allows(symbol, now)
        ]
        if unknown:
            before = self._sessions.offset(session, -1)
            bars = await self._load(unknown, before, now)
            self._levels.add(await asyncio.to_thread(_levels, list(bars.values()), session))
        return self._levels.book(symbols)

    def _facts(self, happenings: Sequence[Happening], now: datetime) -> list[AlertFacts]:
        crowd: dict[tuple[str, Stage], list[Symbol]] = defaultdict(list)
        for happening in happenings:
            crowd[(happening.episode.kind, happening.stage)].append(happening.episode.symbol)
        return [self._one(happening, crowd, now) for happening in happenings]

    def _one(
        self,
        happening: Happening,
        crowd: Mapping[tuple[str, Stage], Sequence[Symbol]],
        now: datetime,
    ) -> AlertFacts:
        episode = happening.episode
        rule = _RULES[episode.kind]
        together = crowd[(episode.kind, happening.stage)]
        source = self._market.source
        return facts_of(
            episode,
            happening.stage,
            name=self._name_of(episode.symbol),
            title=rule.title,
            phrase=rule.phrase,
            seen_at=now,
            provenance=Provenance(
                source=source.label,
                delay_minutes=source.delay_minutes,
                synthetic=source.name == "demo",
            ),
            siblings=tuple(symbol for symbol in together if symbol != episode.symbol)[:10],
            ended_close=happening.ended_close,
            ended_after=happening.ended_after,
        )


_RULES = {rule.kind: rule for rule in RULES}


def _levels(views: Sequence[Bars], session: date) -> dict[Symbol, tuple[Trigger, ...]]:
    return {
        bars.symbol: tuple(
            trigger
            for rule in RULES
            if rule.intraday and (trigger := rule.trigger(bars, session)) is not None
        )
        for bars in views
    }


def _enqueue(
    connection: Connection, facts: Sequence[AlertFacts], wishes: Sequence[Wish], at: datetime
) -> int:
    opened = [fact for fact in facts if fact.stage is Stage.OPENED]
    later = [fact for fact in facts if fact.stage is not Stage.OPENED]
    posts = alerts.openings(connection, [fact.episode_id for fact in later])
    owed = policy.openings(wishes, opened, at=at)
    owed += [
        policy.follow_up(post, fact, at=at)
        for fact in later
        for post in posts
        if post.episode_id == fact.episode_id
    ]
    return alerts.enqueue(connection, owed)
