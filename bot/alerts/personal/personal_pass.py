"""The pass over users' own alerts: closes that were not looked at yet, then quotes and episodes.

What an alert remembers and the messages it owes commit together, and only if nobody changed
the alert meanwhile. A symbol that the guard holds, or that lacks its last close, is not looked
at at all; when its bars come, every close that was missed is looked at in order. Nor is one whose
prices were restated and whose levels were not yet.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.alerts.facts import Provenance
from bot.alerts.personal.episodes import look_at_episodes
from bot.alerts.personal.facts import STAGE, personal_alert_id, personal_facts
from bot.alerts.personal.looks import Standing, lowest_of, quote_look
from bot.alerts.personal.model import EPISODES
from bot.alerts.personal.rows import memory_of, rule_of, with_memory
from bot.alerts.policy import TIME_TO_LIVE
from bot.alerts.usable import Usable
from bot.clock import Clock
from bot.episodes import tracker
from bot.episodes.tracker import OpenBook
from bot.market.market import Market
from bot.market.model import Bars, Quote, Symbol
from bot.market.sessions import Sessions
from storage import alerts, episodes, personal
from storage.alerts import NewAlert
from storage.connection import Connection
from storage.database import Database
from storage.personal import DIRECT, PersonalRecord

log = logging.getLogger(__name__)


class PersonalPass:
    """Looks at all active personal alerts about symbols that are `mine`. `wall` dates the
    outbox."""

    def __init__(
        self,
        *,
        market: Market,
        sessions: Sessions,
        db: Database,
        usable: Usable,
        wall: Clock,
        name_of: Callable[[Symbol], str],
        mine: Callable[[Symbol], bool] = lambda symbol: True,
    ) -> None:
        self._mine = mine
        self._market = market
        self._sessions = sessions
        self._db = db
        self._usable = usable
        self._wall = wall
        self._name_of = name_of
        self._through: date | None = None
        self._lows: dict[Symbol, float] = {}

    async def symbols(self) -> set[Symbol]:
        """The symbols that somebody's alert waits for."""
        return {Symbol(symbol) for symbol in await self._db.read(personal.active_symbols)}

    async def run(self, now: datetime) -> int:
        """Returns how many messages were written. Raises SourceDown, RateLimited."""
        records = await self._db.read(personal.active)
        rescaling = {change.symbol for change in await self._market.unsettled()}
        standings = [
            standing
            for record in records
            if self._mine(Symbol(record.rule.symbol))
            and record.rule.symbol not in rescaling
            and (standing := _standing(record, now)) is not None
        ]
        if not standings:
            return 0
        by_price = [s for s in standings if s.rule.condition.what not in EPISODES]
        by_episode = [s for s in standings if s.rule.condition.what in EPISODES]
        session = self._sessions.open_session(now)
        await self._look_at_closes(by_price, now)
        await self._look_at_episodes(by_episode, now)
        written = await self._keep(standings, now)
        if session is not None:
            live = [s for s in by_price if s.prices_are_watched and s.record.state == "active"]
            await self._look_at_quotes(live, session, now)
            written += await self._keep(live, now)
        return written

    async def _look_at_closes(self, standings: Sequence[Standing], now: datetime) -> None:
        """An alert begins with what the market shows when it is made: with a quote while a
        session runs, and not with an older close while the newest one is not settled."""
        closed = self._sessions.last_closed(now)
        settled = self._sessions.last_opened(now) == closed
        running = self._sessions.open_session(now) is not None
        due = [
            s
            for s in standings
            if s.awaits_close(closed)
            and (s.memory is not None or settled or (running and not s.prices_are_watched))
        ]
        bars = await self._bars({s.rule.symbol for s in due}, closed, now)

        def look() -> None:
            for standing in due:
                found = bars.get(standing.rule.symbol)
                if found is not None:
                    standing.look_at_closes(found, self._sessions)

        await asyncio.to_thread(look)

    async def _look_at_quotes(
        self, standings: Sequence[Standing], session: date, now: datetime
    ) -> None:
        before = self._sessions.offset(session, -1)
        if before != self._through:
            self._through, self._lows = before, {}
        await self._bars({s.rule.symbol for s in standings} - self._lows.keys(), before, now)
        held = self._market.held()
        wanted = sorted({s.rule.symbol for s in standings} & self._lows.keys() - held.keys())
        if not wanted:
            return
        opened, _ = self._sessions.bounds(session)
        quotes = await self._market.quotes(wanted)
        fresh = {symbol: quote for symbol, quote in quotes.items() if quote.time >= opened}
        await asyncio.to_thread(self._look_live, standings, fresh, session, now)

    def _look_live(
        self,
        standings: Sequence[Standing],
        quotes: Mapping[Symbol, Quote],
        session: date,
        now: datetime,
    ) -> None:
        for standing in standings:
            symbol = standing.rule.symbol
            quote = quotes.get(symbol)
            if quote is not None:
                low = self._lows[symbol]
                look = quote_look(quote, session=session, at=now, record_low=low)
                standing.look(look, self._sessions)

    async def _look_at_episodes(self, standings: Sequence[Standing], now: datetime) -> None:
        """Only symbols that were scanned have episodes that mean something."""
        symbols = sorted({s.rule.symbol for s in standings} - self._market.held().keys())

        def read(connection: Connection) -> tuple[OpenBook, Mapping[str, date]]:
            scanned = episodes.scanned_through(connection, symbols)
            return tracker.read_book(connection, symbols), scanned

        book, scanned = await self._db.read(read)
        for standing in standings:
            rule, through = standing.rule, scanned.get(standing.rule.symbol)
            if through is None or (rule.expires is not None and now >= rule.expires):
                continue
            known = book.of(rule.symbol)
            standing.take(look_at_episodes(rule, standing.memory, known, session=through, at=now))

    async def _bars(
        self, symbols: set[Symbol], through: date, now: datetime
    ) -> Mapping[Symbol, Bars]:
        asked = self._usable.worth_asking(sorted(symbols), now)
        bars = await self._usable.bars(asked, through=through, now=now)
        if through == self._through:
            self._lows.update({symbol: lowest_of(found) for symbol, found in bars.items()})
        return bars

    async def _keep(self, standings: Sequence[Standing], now: datetime) -> int:
        """Write what changed and what is owed, and forget that it has to be written."""
        changed = [s for s in standings if s.changed or _expired(s, now)]
        if not changed:
            return 0
        decided = [(s, self._after(s, now), self._owed(s, now)) for s in changed]

        def work(connection: Connection) -> tuple[int, set[int]]:
            kept = [(r, owed) for _, r, owed in decided if personal.keep(connection, r)]
            written = sum(alerts.enqueue(connection, owed) for _, owed in kept)
            return written, {record.id for record, _ in kept}

        written, kept = await self._db.write(work)
        for standing, record, _ in decided:
            state = record.state if record.id in kept else "changed meanwhile"
            standing.record = replace(record, version=record.version + 1, state=state)
            standing.changed, standing.fired = False, []
        return written

    def _after(self, standing: Standing, now: datetime) -> PersonalRecord:
        record, fired = with_memory(standing.record, standing.memory), standing.fired
        left = "expired" if _expired(standing, now) else "active"
        return replace(
            record,
            state="fired" if standing.done else left,
            fires=record.fires + len(fired),
            fired_at=fired[-1].at if fired else record.fired_at,
            snoozed_until=None,
        )

    def _owed(self, standing: Standing, now: datetime) -> list[NewAlert]:
        record, at = standing.record, self._wall.now()
        source = self._market.source
        provenance = Provenance(
            source=source.label,
            delay_minutes=source.delay_minutes,
            synthetic=source.name == "demo",
        )
        direct = record.rule.guild_id == DIRECT
        return [
            NewAlert(
                id=personal_alert_id(record.id, record.fires + i),
                subscription_id=0,
                episode_id=personal.about(record.id),
                stage=STAGE,
                act="post",
                target=None,
                guild_id=record.rule.guild_id,
                channel_id=record.user_id if direct else record.rule.channel_id,
                facts=personal_facts(
                    record,
                    standing.rule,
                    fired,
                    name=self._name_of(standing.rule.symbol),
                    seen_at=now,
                    provenance=provenance,
                ).to_json(),
                created_at=at,
                market_time=now,
                expires_at=at + TIME_TO_LIVE,
            )
            for i, fired in enumerate(standing.fired, start=1)
        ]


def _standing(record: PersonalRecord, now: datetime) -> Standing | None:
    """The alert ready to look; None while it is snoozed. One that wakes looks afresh."""
    try:
        rule, memory = rule_of(record.rule), memory_of(record)
    except ValueError:
        log.exception("personal alert %d cannot be read", record.id)
        return None
    if record.snoozed_until is None:
        return Standing(record=record, rule=rule, memory=memory)
    if now < record.snoozed_until and not (rule.expires and now >= rule.expires):
        return None
    return Standing(record=record, rule=rule, memory=None, changed=True)


def _expired(standing: Standing, now: datetime) -> bool:
    expires = standing.rule.expires
    return expires is not None and now >= expires and standing.record.state == "active"
