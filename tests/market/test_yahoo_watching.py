"""The watcher on the imitation of Yahoo, day after day: what it asks, and what it never says."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.alerts.subscriptions import Place, Subscriptions
from bot.alerts.universes import resolve
from bot.alerts.watch.watcher import Watcher
from bot.clock import LiveClock
from bot.errors import RetryableError
from bot.market.market import PARALLEL, Market
from bot.market.model import Symbol
from bot.signals.model import Kind
from storage.database import Database
from tests.market.imitation_yahoo.bench import UNLIMITED, Bench, bench
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.prices import NEW_YORK, Flaw, Listing, generated_rows
from tests.market.known import SESSIONS

LAST = date(2026, 10, 1)
FIRST = date(2026, 9, 22)
DAYS = [day.item() for day in SESSIONS.between(FIRST, LAST)]
START = datetime(2026, 9, 21, 21, 0, tzinfo=UTC)
ALL = 300
"""Sessions of each listing."""


def declining(symbol: str) -> Listing:
    """A fund that ends a third lower and makes no new high, so that every alert is a lie."""
    rows = generated_rows(symbol, ALL, LAST)
    slope = [1 - 0.5 * max(0, i - 100) / ALL for i in range(ALL)]
    calm = [
        replace(row, **prices(row.stamp, share)) for row, share in zip(rows, slope, strict=True)
    ]
    return Listing(symbol=symbol, rows=calm)


def prices(at: int, share: float) -> dict[str, float]:
    """A price that breathes by a percent, around 100 times `share`."""
    close = 100 * share * (1 + 0.004 * math.sin(at / 86_400))
    return {
        "open": round(close * 1.001, 2),
        "high": round(close * 1.003, 2),
        "low": round(close * 0.997, 2),
        "close": round(close, 2),
    }


@dataclass(kw_only=True)
class Watch:
    """A watcher, the imitation it asks, and the hands of both clocks."""

    bench: Bench
    watcher: Watcher
    market: Market
    db: Database
    whole: dict[str, Listing]

    def at(self, day: date, clock: str) -> None:
        """Move to a time in New York; Yahoo knows the sessions that have opened by then."""
        moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=NEW_YORK)
        for symbol, listing in self.whole.items():
            known = [row for row in listing.rows if row.stamp <= moment.timestamp()]
            self.bench.server.world.listings[symbol].rows = known
        self.bench.at(moment.astimezone(UTC))

    async def alerts(self) -> list[str]:
        query = "SELECT json_extract(facts, '$.symbol') FROM alerts"
        return [row[0] for row in await self.db.read(lambda c: c.execute(query).fetchall())]

    def flaw(self, flaw: Callable[[int], Flaw | None]) -> None:
        for i, listing in enumerate(self.bench.server.world.listings.values()):
            listing.flaw = flaw(i)


@asynccontextmanager
async def watching(folder: Path, count: int) -> AsyncIterator[Watch]:
    """SPY and others, subscribed, on the evening before the first day."""
    listings = [declining(name) for name in ("SPY", *(f"F{i:03}" for i in range(1, count)))]
    copies = [replace(listing) for listing in listings]
    async with bench(folder, *copies, now=START, limits=UNLIMITED) as made:
        db = Database.open(folder / "highwater.db")
        market = Market(source=made.yahoo, sessions=SESSIONS, clock=made.clock, db=db)
        subscriptions = Subscriptions(db=db, clock=LiveClock(), resolve=resolve)
        watcher = Watcher(
            market=market,
            sessions=SESSIONS,
            clock=made.clock,
            wall=LiveClock(),
            db=db,
            subscriptions=subscriptions,
            name_of=lambda symbol: "",
            benchmark=Symbol("SPY"),
        )
        await subscriptions.add(
            Place(guild_id=1, channel_id=10, user_id=100),
            (Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH),
            universe=None,
            symbols=[Symbol(listing.symbol) for listing in listings],
        )
        whole = {listing.symbol: listing for listing in listings}
        watch = Watch(bench=made, watcher=watcher, market=market, db=db, whole=whole)
        try:
            watch.at(date(2026, 9, 21), "17:00")
            await watcher.run_once()
            yield watch
        finally:
            await db.close()


async def test_days_cost_one_history_a_day_and_a_request_for_99_quotes(tmp_path: Path) -> None:
    async with watching(tmp_path, 101) as watch:
        days, server = DAYS[:2], watch.bench.server
        assert server.count("/v8/finance/chart") == 101
        charts, quotes, polls = 101, server.count("/v7/finance/quote"), 0
        for day in days:
            for clock in ("08:00", "09:31", "13:00", "16:21"):
                watch.at(day, clock)
                await watch.watcher.run_once()
                polls += SESSIONS.open_session(watch.bench.clock.now()) is not None
        asked = server.count("/v8/finance/chart") - charts
        assert asked / 101 / len(days) <= 1.2
        by_day = Counter(seen.path for seen in server.data_requests() if "chart" in seen.path)
        assert max(by_day.values()) <= 1 + 1.2 * len(days)
        assert server.count("/v7/finance/quote") - quotes == 2 * polls
        assert polls == 2 * len(days)
        assert watch.watcher.progress.unavailable == {}
        assert await watch.alerts() == []


LIES = [flaw for flaw in Flaw if flaw is not Flaw.GAINS_TWICE]


async def test_no_lie_of_yahoo_becomes_an_alert(tmp_path: Path) -> None:
    """Each day another flaw in each symbol; nothing here makes a high, so any alert is a lie."""
    async with watching(tmp_path, len(LIES)) as watch:
        for n, day in enumerate(DAYS):
            watch.flaw(lambda i, n=n: LIES[(i + n) % len(LIES)])
            for clock in ("09:31", "12:00", "15:59", "16:21", "17:00"):
                watch.at(day, clock)
                with suppress(RetryableError):
                    await watch.watcher.run_once()
        assert await watch.alerts() == []


@pytest.mark.parametrize("failure", [f for f in Failure if f is not Failure.SILENCE])
async def test_no_failure_of_yahoo_is_more_than_a_retry_or_less_than_the_truth(
    tmp_path: Path, failure: Failure
) -> None:
    async with watching(tmp_path, 3) as watch:
        watch.bench.server.faults.add(failure)
        for clock in ("09:31", "12:00", "16:21", "17:00"):
            watch.at(DAYS[0], clock)
            with suppress(RetryableError):
                await watch.watcher.run_once()
        bars = await watch.market.bars(Symbol("F001"))
        assert bars.last_day == date(2026, 9, 21)
        freshness = watch.market.freshness(Symbol("F001"))
        assert freshness is not None
        assert "Yahoo" in freshness.stale
        assert await watch.alerts() == []
        watch.bench.server.faults.clear()
        watch.bench.timing.pass_by(3601)
        watch.at(DAYS[0], "18:00")
        await watch.watcher.run_once()
        assert (await watch.market.bars(Symbol("F001"))).last_day == DAYS[0]


async def test_in_a_storm_of_429_one_request_leaves_for_each_opening_of_the_breaker(
    tmp_path: Path,
) -> None:
    async with watching(tmp_path, 20) as watch:
        server, gate = watch.bench.server, watch.bench.yahoo.gate
        server.faults.add(Failure.TOO_MANY)
        before, opened = len(server.seen), gate.openings
        for minute in range(30, 60):
            watch.at(DAYS[0], f"16:{minute}")
            watch.bench.timing.pass_by(60)
            with suppress(RetryableError):
                await watch.watcher.run_once()
            paused = watch.market.status().paused
            assert paused is not None
        openings = gate.openings - opened
        assert watch.market.troubles().keys() == {Symbol(symbol) for symbol in watch.whole}
        assert 3 <= openings <= 6  # pauses of 1, 2, 4, 8 and 16 minutes in half an hour
        # One for each, and at the first those that had left already.
        assert len(server.seen) - before <= openings + PARALLEL - 1
        freshness = watch.market.freshness(Symbol("F001"))
        assert freshness is not None
        assert "slow down" in freshness.stale
        assert await watch.alerts() == []
