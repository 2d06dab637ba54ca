"""A watcher over a folder of prices and a real database, moved through time by the test."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from bot.alerts.subscriptions import Place, Subscriptions
from bot.alerts.universes import resolve
from bot.alerts.watch.watcher import Mine, Watcher
from bot.clock import LiveClock, ReplayClock
from bot.market.asof import AsOf
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.market.sources.folder import FolderSource
from bot.replay import moments
from bot.signals.model import Kind
from storage.alerts import COLUMNS, AlertRecord, record_of
from storage.database import Database

SESSIONS = Sessions.load()
HERE = Place(guild_id=1, channel_id=10, user_id=100)
HIGHS = (Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH)
FIELDS = "symbol,date,open,high,low,close,adj_close,volume,dividend,split"


def at(day: str, clock: str = "21:30") -> datetime:
    """A moment in UTC; 21:30 lies after every settled close, 15:00 inside every session."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=UTC)


def write_prices(folder: Path, closes: Mapping[str, Sequence[float]], *, first: str) -> None:
    """CSV files with a bar per session from `first`: high = close + 0.5, low = close − 0.5."""
    folder.mkdir(exist_ok=True)
    for symbol, series in closes.items():
        days = SESSIONS.between(date.fromisoformat(first), date(2030, 1, 1))[: len(series)]
        with (folder / f"{symbol}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(FIELDS.split(","))
            for day, close in zip(days, series, strict=True):
                prices = (close, close + 0.5, close - 0.5, close, close)
                writer.writerow([symbol, day, *(f"{p:.2f}" for p in prices), 1000, 0, 0])


def quiet_year(*ending: float, level: float = 100.0, sessions: int = 300) -> list[float]:
    """A year and more in which the high is `level` + 0.5, once, and then an ending."""
    closes = level - 5 + np.sin(np.arange(sessions) / 9)
    closes[40 if sessions < 290 else sessions - 200] = level
    return [*(round(float(c), 2) for c in closes), *ending]


class Stage:
    """Everything between a folder and the outbox, without Discord."""

    benchmark = Symbol("BENCH")

    def __init__(self, folder: Path, database: Path | str, start: datetime) -> None:
        self.clock = ReplayClock(start)
        self.source = AsOf(FolderSource(folder), self.clock, SESSIONS)
        self.db = Database.open(database)
        self.market = Market(source=self.source, sessions=SESSIONS, clock=self.clock, db=self.db)
        self.subscriptions = Subscriptions(db=self.db, clock=LiveClock(), resolve=resolve)
        self.watcher = self.another_watcher()

    def another_watcher(self, mine: Mine = lambda symbol: True) -> Watcher:
        return Watcher(
            market=self.market,
            sessions=SESSIONS,
            clock=self.clock,
            wall=LiveClock(),
            db=self.db,
            subscriptions=self.subscriptions,
            name_of=lambda symbol: "",
            benchmark=self.benchmark,
            mine=mine,
        )

    async def subscribe(self, *symbols: str, kinds: Sequence[Kind] = HIGHS) -> None:
        wanted = [Symbol(symbol) for symbol in symbols]
        await self.subscriptions.add(HERE, kinds, universe=None, symbols=wanted)

    async def look(self, moment: datetime) -> int:
        """One pass at `moment`."""
        self.clock.move_to(moment)
        return await self.watcher.run_once()

    async def play(self, first: str, last: str) -> None:
        """All the moments of a replay from one session through another."""
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        for moment in moments(SESSIONS, begin, end):
            await self.look(moment.at)

    async def outbox(self) -> list[AlertRecord]:
        query = f"SELECT {COLUMNS} FROM alerts ORDER BY seq"
        return await self.db.read(lambda c: [record_of(row) for row in c.execute(query)])

    async def close(self) -> None:
        await self.db.close()


def evening(day: date) -> datetime:
    return SESSIONS.bounds(day)[1] + timedelta(minutes=30)
