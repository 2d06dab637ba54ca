"""A source with known headlines, and a news desk over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import ReplayClock
from bot.errors import HighwaterError
from bot.market.market import Market
from bot.market.model import Headline, Symbol
from bot.news.desk import NewsDesk
from bot.news.scorers import Rules, Scorer
from storage.database import Database
from tests.market.known import SESSIONS, KnownSource

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)
ACME = Symbol("ACME")


class Wire(KnownSource):
    """Headlines for every symbol; `fetches` counts the questions."""

    def __init__(self, *news: Headline) -> None:
        super().__init__()
        self.news = news
        self.fetches = 0
        self.down: HighwaterError | None = None

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        self.fetches += 1
        if self.down is not None:
            raise self.down
        return self.news[:limit]


def headline(
    title: str,
    *,
    hours: float = 1.0,
    id: str = "",  # noqa: A002
    url: str = "https://example.org/news",
    publisher: str = "Wire",
) -> Headline:
    return Headline(
        id=id or f"{title[:40]}-{hours}-{publisher}",
        time=NOW - timedelta(hours=hours),
        title=title,
        url=url,
        publisher=publisher,
        symbols=(ACME,),
    )


@dataclass
class Desk:
    """A desk with its clock, its source and its database."""

    desk: NewsDesk
    clock: ReplayClock
    wire: Wire
    db: Database


@asynccontextmanager
async def desk_over(wire: Wire, folder: Path, scorer: Scorer | None = None) -> AsyncIterator[Desk]:
    clock = ReplayClock(NOW)
    db = Database.open(folder / "news.db")
    market = Market(source=wire, sessions=SESSIONS, clock=clock)
    desk = NewsDesk(market=market, clock=clock, db=db, scorer=scorer or Rules())
    try:
        yield Desk(desk=desk, clock=clock, wire=wire, db=db)
    finally:
        await db.close()
