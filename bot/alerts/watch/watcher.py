"""The watcher: one pass looks at what the market did and writes down who is owed a message.

After a session has closed and settled, a pass scans its bars; while one runs, a pass tests
quotes against the levels known at the last close. Episodes, alerts and the scan's watermark
commit together, so a crash anywhere loses nothing and a second scan of the same data, by this
process or another, finds the same identities and adds nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts.context import Context
from bot.alerts.levels import Progress
from bot.alerts.personal.personal_pass import PersonalPass
from bot.alerts.policy import Wish
from bot.alerts.quiet.quieting import Quieting
from bot.alerts.subscriptions import Subscriptions
from bot.alerts.usable import Usable
from bot.alerts.watch.chronicle import Chronicle, NameOf
from bot.alerts.watch.close_pass import ClosePass
from bot.alerts.watch.quote_pass import QuotePass
from bot.clock import Clock
from bot.market.market import Market
from bot.market.model import Quote, Symbol
from bot.market.sessions import Sessions
from storage import episodes, quieted
from storage.database import Database

Notice = Callable[[], None]
Mine = Callable[[Symbol], bool]
Listener = Callable[[Mapping[Symbol, Quote]], Awaitable[None]]
NEW_YORK = ZoneInfo("America/New_York")
RELEASES = 1000
"""Transactions of one pass at the most that release what was held: a million channels."""


class Watcher:
    """Turns market data into alerts. `run_once()` is one pass; `on_alerts` hears of new rows,
    `on_quotes` of every poll. It looks at the symbols that are `mine`, where others look at the
    others, and `releases` what was held, where nobody else does.

    `clock` is the market's time, which a replay moves; `wall` is everyone's. `zone` is the time
    zone of channels that chose none.
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
        benchmark: Symbol,
        zone: ZoneInfo = NEW_YORK,
        progress: Progress | None = None,
        on_alerts: Notice = lambda: None,
        mine: Mine = lambda symbol: True,
        releases: bool = True,
    ) -> None:
        self._mine = mine
        self._releases = releases
        self._sessions = sessions
        self._clock = clock
        self._db = db
        self._subscriptions = subscriptions
        self._on_alerts = on_alerts
        self.progress = progress or Progress()
        self.on_quotes: Listener | None = None
        self._wall = wall
        self._context = Context(market=market, db=db, benchmark=benchmark)
        self._quieting = Quieting(sessions=sessions, benchmark=benchmark, zone=zone)
        chronicle = Chronicle(
            market=market,
            db=db,
            wall=wall,
            name_of=name_of,
            context=self._context,
            quieting=self._quieting,
        )
        usable = Usable(market=market, progress=self.progress)
        self._closes = ClosePass(
            market=market,
            sessions=sessions,
            db=db,
            usable=usable,
            chronicle=chronicle,
            context=self._context,
            progress=self.progress,
            benchmark=benchmark,
            mine=mine,
        )
        self._quotes = QuotePass(
            market=market, sessions=sessions, db=db, usable=usable, chronicle=chronicle
        )
        self._personal = PersonalPass(
            market=market,
            sessions=sessions,
            db=db,
            usable=usable,
            wall=wall,
            name_of=name_of,
            mine=mine,
        )

    def crossing(self, quotes: Sequence[Quote]) -> set[Symbol]:
        """The symbols whose quotes would reach a level that the last pass knew."""
        return self._quotes.crossing(quotes)

    async def run_once(self) -> int:
        """One pass; returns how many alerts it wrote or released.

        What was held is released even when the market data source is down; then it raises
        RetryableError, and StorageFailure when the database is down.
        """
        now, due = self._clock.now(), 0
        try:
            due = await self._look(now)
        finally:
            if self._releases:
                due += await self._release(now)
            if due:
                self._on_alerts()
        return due

    async def _release(self, now: datetime) -> int:
        wall, released = self._wall.now(), 0
        for _ in range(RELEASES):
            released += await self._db.write(
                lambda c: self._quieting.release(c, now=now, wall=wall)
            )
            if not await self._db.read(lambda c: quieted.is_due(c, now=now)):
                break
        return released

    async def wanted(self, wishes: Sequence[Wish]) -> list[Symbol]:
        """The symbols that anybody's subscription, alert or unfinished episode needs."""
        wanted = set().union(await self._personal.symbols(), *(wish.symbols for wish in wishes))
        unfinished = await self._db.read(episodes.unfinished)
        return sorted(wanted | {Symbol(symbol) for symbol in unfinished})

    async def _look(self, now: datetime) -> int:
        wishes = await self._subscriptions.wishes()
        everything = await self.wanted(wishes)
        self._context.watch(everything)
        symbols = [symbol for symbol in everything if self._mine(symbol)]
        self.progress.symbols = len(symbols)
        written = await self._closes.run(symbols, wishes, now)
        restated, self._closes.restated = self._closes.restated, set()
        self._quotes.forget(restated)
        session = self._sessions.open_session(now)
        if session is not None and symbols:
            opened, _ = self._sessions.bounds(session)
            seen, self._closes.first_seen = self._closes.first_seen, {}
            silent = frozenset(symbol for symbol, at in seen.items() if at >= opened)
            written += await self._quotes.run(
                symbols, wishes, session=session, now=now, silent=silent
            )
            if self.on_quotes is not None:
                await self.on_quotes(self._quotes.polled)
        written += await self._personal.run(now)
        self.progress.last_pass = now
        return written
