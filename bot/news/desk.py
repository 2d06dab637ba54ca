"""The news desk: fetches headlines when somebody asks, not more often than is polite.

A source is asked about a symbol once in a quarter of an hour, by one question at a time. What
it says is washed, stored and scored; the answer always comes from the store, so that a source
which is down still leaves the news of this morning, and says how old they are.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.errors import DataError, RetryableError, UserError
from bot.market.market import Market
from bot.market.model import Headline, Symbol
from bot.news.scorers import Scorer
from bot.news.wash import plain, washed
from storage import headlines as shelf
from storage.connection import Connection
from storage.database import Database
from storage.headlines import FetchRow, HeadlineRow

FRESH_FOR = timedelta(minutes=15)
"""How long fetched news count as new."""
PAUSE_AFTER_TROUBLE = timedelta(minutes=2)
FETCHED = 50
"""Headlines asked for at a time."""
REACH = timedelta(days=120)
"""How far back the answer goes; the scores of these days make the history."""
MOST = 600
LONGEST_TROUBLE = 300


@dataclass(frozen=True, kw_only=True)
class ScoredHeadline:
    """A headline and its score −1…1."""

    headline: Headline
    score: float


@dataclass(frozen=True, kw_only=True)
class News:
    """All that is known about `symbol` at `now`, newest first.

    `trouble` says why nothing newer could be had, else "". `scorer` is the label of who read.
    """

    symbol: Symbol
    now: datetime
    items: tuple[ScoredHeadline, ...]
    scorer: str
    source: str
    trouble: str = ""

    @property
    def scores(self) -> dict[str, float]:
        """Scores by headline id."""
        return {item.headline.id: item.score for item in self.items}

    @property
    def headlines(self) -> tuple[Headline, ...]:
        return tuple(item.headline for item in self.items)


class NewsDesk:
    """News of symbols from the market's source, with the scores of `scorer`."""

    def __init__(self, *, market: Market, clock: Clock, db: Database, scorer: Scorer) -> None:
        self._market = market
        self._clock = clock
        self._db = db
        self.scorer = scorer
        self._asking: WeakValueDictionary[Symbol, asyncio.Lock] = WeakValueDictionary()

    async def news(self, symbol: Symbol, *, entity: str | None = None) -> News:
        """The news of `symbol`, fetched if due; `entity` is the company the headlines name.

        Raises nothing when the source fails: `trouble` says it.
        """
        lock = self._asking.setdefault(symbol, asyncio.Lock())
        async with lock:
            now = self._clock.now()
            trouble = await self._bring_up_to_date(symbol, now)
            rows = await self._stored(symbol, now)
            rows = await self._all_scored(symbol, rows, entity)
        return News(
            symbol=symbol,
            now=now,
            items=tuple(
                ScoredHeadline(headline=_headline(symbol, row), score=row.score or 0.0)
                for row in rows
            ),
            scorer=self.scorer.label,
            source=self._market.source.label,
            trouble=trouble,
        )

    async def _bring_up_to_date(self, symbol: Symbol, now: datetime) -> str:
        source = self._market.source.name
        last = await self._db.read(lambda c: shelf.last_fetch(c, source, symbol))
        if last is not None and not _due(last, now):
            return last.trouble
        trouble = ""
        found: tuple[Headline, ...] = ()
        try:
            found = await self._market.headlines(symbol, limit=FETCHED)
        except (RetryableError, DataError, UserError) as error:
            trouble = plain(str(error), longest=LONGEST_TROUBLE)
        rows = _rows(found)

        def save(connection: Connection) -> None:
            shelf.save_headlines(connection, source, symbol, rows)
            shelf.note_fetch(connection, source, symbol, at=now, trouble=trouble)

        await self._db.write(save)
        return trouble

    async def _stored(self, symbol: Symbol, now: datetime) -> tuple[HeadlineRow, ...]:
        source = self._market.source.name
        return await self._db.read(
            lambda c: shelf.load_headlines(
                c,
                source,
                symbol,
                first=now - REACH,
                last=now,
                scorer=self.scorer.name,
                limit=MOST,
            )
        )

    async def _all_scored(
        self, symbol: Symbol, rows: tuple[HeadlineRow, ...], entity: str | None
    ) -> tuple[HeadlineRow, ...]:
        unread = [_headline(symbol, row) for row in rows if row.score is None]
        if not unread:
            return rows
        source, scorer = self._market.source.name, self.scorer.name
        made = await self.scorer.scores(unread, entity=entity)
        await self._db.write(lambda c: shelf.save_scores(c, source, symbol, made, scorer=scorer))
        return tuple(
            row if row.id not in made else replace(row, score=made[row.id]) for row in rows
        )


def _due(last: FetchRow, now: datetime) -> bool:
    """Also due when the last fetch lies ahead: a replay may have begun anew."""
    wait = PAUSE_AFTER_TROUBLE if last.trouble else FRESH_FOR
    return not timedelta(0) <= now - last.fetched_at < wait


def _rows(found: Sequence[Headline]) -> list[HeadlineRow]:
    clean = (washed(headline) for headline in found)
    return [
        HeadlineRow(
            id=item.id,
            time=item.time,
            title=item.title,
            url=item.url,
            publisher=item.publisher,
            summary=item.summary,
        )
        for item in clean
        if item is not None
    ]


def _headline(symbol: Symbol, row: HeadlineRow) -> Headline:
    return Headline(
        id=row.id,
        time=row.time,
        title=row.title,
        url=row.url,
        publisher=row.publisher,
        symbols=(symbol,),
        summary=row.summary,
    )
