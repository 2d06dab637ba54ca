"""The pass while a session runs: quotes against the levels known at the last close."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.alerts.facts import Stage
from bot.alerts.levels import Levels
from bot.alerts.policy import Wish
from bot.alerts.usable import Usable
from bot.alerts.watch.chronicle import Chronicle
from bot.alerts.watch.closes import Happening
from bot.episodes import tracker
from bot.episodes.lifecycle import begin, may_begin
from bot.episodes.tracker import OpenBook
from bot.market.market import Market
from bot.market.model import Bars, Quote, Symbol
from bot.market.sessions import Sessions
from bot.signals.highs import participation
from bot.signals.kinds import RULES
from bot.signals.model import Direction, Kind, Signal, Trigger, Value
from bot.signals.triggers import TriggerBook
from storage.database import Database

LEAST_ELAPSED = 0.05
"""Share of a session (20 minutes) before which its volume says nothing: the opening auction."""


class QuotePass:
    """Tests quotes. Levels are computed once a session and symbol; `polled` are the quotes of the
    last pass."""

    def __init__(
        self,
        *,
        market: Market,
        sessions: Sessions,
        db: Database,
        usable: Usable,
        chronicle: Chronicle,
    ) -> None:
        self._market = market
        self._sessions = sessions
        self._db = db
        self._usable = usable
        self._chronicle = chronicle
        self._levels = Levels()
        self._book = TriggerBook(())
        self._reached: set[tuple[Symbol, Kind, Direction]] = set()
        self.polled: Mapping[Symbol, Quote] = {}

    def crossing(self, quotes: Sequence[Quote]) -> set[Symbol]:
        """The symbols of `quotes` that would reach a level the last pass did not find reached."""
        signals = self._book.check_all(quotes)
        return {s.symbol for s in signals if (s.symbol, s.kind, s.direction) not in self._reached}

    def forget(self, symbols: Iterable[Symbol]) -> None:
        """The prices of `symbols` have changed their scale: their levels are computed anew."""
        self._levels.forget(symbols)

    async def run(
        self,
        symbols: Sequence[Symbol],
        wishes: Sequence[Wish],
        *,
        session: date,
        now: datetime,
        silent: frozenset[Symbol],
    ) -> int:
        """Returns how many alerts were written. What `silent` symbols already did before
        anybody watched them is remembered and not posted. Raises SourceDown, RateLimited."""
        levels = await self._trigger_book(symbols, session, now)
        quotes = await self._market.quotes(levels.symbols)
        self.polled = quotes
        signals = levels.check_all(list(quotes.values()))
        self._reached = {(signal.symbol, signal.kind, signal.direction) for signal in signals}
        if not signals:
            return 0
        fired = sorted({signal.symbol for signal in signals})
        book = await self._db.read(lambda c: tracker.read_book(c, fired))
        begun = [happening for s in signals if (happening := self._begin(s, book, now))]
        if not begun:
            return 0
        heard = [happening for happening in begun if happening.episode.symbol not in silent]
        return await self._chronicle.write(book.take_changes(), heard, wishes, now=now)

    def _begin(self, signal: Signal, book: OpenBook, now: datetime) -> Happening | None:
        latest = book.latest(signal.symbol, signal.kind)
        if not may_begin(latest, signal.session, self._sessions.days):
            return None
        signal = replace(signal, evidence={**signal.evidence, **self._participation(signal, now)})
        episode = begin(signal, at=now, provisional=True, late=False)
        book.put(episode)
        return Happening(episode=episode, stage=Stage.OPENED)

    def _participation(self, signal: Signal, now: datetime) -> dict[str, Value]:
        """The volume so far against the usual volume of as much of a session."""
        volume, usual = signal.evidence.get("volume"), signal.evidence.get("usual_volume")
        elapsed = self._sessions.fraction_elapsed(now)
        if not isinstance(volume, int | float) or not isinstance(usual, int | float):
            return {}
        if usual <= 0 or elapsed < LEAST_ELAPSED:
            return {}
        ratio = volume / (usual * elapsed)
        return {"volume_ratio": ratio, "participation": participation(ratio).value}

    async def _trigger_book(
        self, symbols: Sequence[Symbol], session: date, now: datetime
    ) -> TriggerBook:
        missing = {*self._levels.missing(session, symbols), *self._market.doubted() & {*symbols}}
        unknown = self._usable.worth_asking(sorted(missing), now)
        if unknown:
            before = self._sessions.offset(session, -1)
            bars = await self._usable.bars(unknown, through=before, now=now)
            self._levels.add(await asyncio.to_thread(_levels, list(bars.values()), session))
        self._book = self._levels.book(symbols)
        return self._book


def _levels(views: Sequence[Bars], session: date) -> dict[Symbol, tuple[Trigger, ...]]:
    return {
        bars.symbol: tuple(
            trigger
            for rule in RULES
            if rule.intraday and (trigger := rule.trigger(bars, session)) is not None
        )
        for bars in views
    }
