"""The process that is killed: the real watcher, outbox, deliverer and discord.py client."""

import asyncio
import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import discord

from bot.alerts.facts import AlertFacts
from bot.alerts.subscriptions import Place, Subscriptions
from bot.alerts.universes import resolve
from bot.alerts.watch.watcher import Watcher
from bot.app import together
from bot.client import point_at
from bot.clock import LiveClock, ReplayClock
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.errors import NoData, RetryableError
from bot.market.asof import AsOf
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.panel import Panel
from bot.market.sessions import Sessions
from bot.market.sources.folder import FolderSource
from bot.signals.model import Kind
from storage import alerts, claims
from storage.database import Database
from tests.reliability.failpoints import Failpoint, FragileDatabase, FragileSink
from tests.reliability.prices import TOGETHER

KINDS = (Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a process is to do. `moments` are the market times to play, `mark` the file that
    says how many of them are done; `places` are subscribed in order, twice each; `skipped` moves
    the wall clock; `twice` runs two scanners and two deliverers at once;
    `until_empty` ends the process when nothing is owed, `watch_only` sends nothing. A life plays
    `at_most` moments, and writes a byte to the pipe `awake` after the first of them."""

    folder: Path
    database: Path
    mark: Path
    moments: Sequence[datetime]
    symbols: Sequence[str]
    places: Sequence[Place]
    api_base: str
    gateway_url: str
    token: str
    skipped: timedelta = timedelta(0)
    twice: bool = False
    failpoint: Failpoint
    until_empty: bool = False
    at_most: int = 2
    awake: int | None = None
    watch_only: bool = False


class SkewedClock(LiveClock):
    def __init__(self, skipped: timedelta) -> None:
        self.skipped = skipped

    def now(self) -> datetime:
        return super().now() + self.skipped


def live(plan: Plan, sessions: Sessions) -> None:
    """Run `plan` in this process and leave it; 0 when it came to its end by itself."""
    status = 3
    try:
        logging.disable(logging.CRITICAL)
        point_at(api_base=plan.api_base, gateway=plan.gateway_url)
        FragileDatabase.failpoint = plan.failpoint
        asyncio.run(_Life(plan, sessions).run())
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


class HastyMarket(Market):
    """Leaves out the study of base rates: it takes longer than these processes live, and what
    an alert says about the past changes nothing about its way."""

    async def panel(self, symbols: Sequence[Symbol], *, sessions: int) -> Panel:
        raise NoData("no study of the past here")


class _Life:
    def __init__(self, plan: Plan, sessions: Sessions) -> None:
        self.plan = plan
        self.sessions = sessions
        self.done = False

    async def run(self) -> None:
        plan = self.plan
        self.db = FragileDatabase.open(plan.database)
        await self.db.write(claims.release_all)
        await subscribe(self.db, plan)
        self.wall = SkewedClock(plan.skipped)
        if plan.watch_only:
            await self.watch()
            await self.db.close()
            return
        self.client = discord.Client(intents=discord.Intents.none())
        await self.client.login(plan.token)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.watch())
            for _ in range(2 if plan.twice else 1):
                group.create_task(self.deliver())
        await self.client.close()
        await self.db.close()

    async def watch(self) -> None:
        plan = self.plan
        done = int(plan.mark.read_text()) if plan.mark.exists() else 0
        clock = ReplayClock(plan.moments[max(0, done - 1)])
        watchers = [self.watcher(clock) for _ in range(2 if plan.twice else 1)]
        ahead = plan.moments[done:][: plan.at_most]
        if not ahead:
            self.woke()
        for number, moment in enumerate(ahead, start=done + 1):
            clock.move_to(moment)
            await asyncio.gather(*(watcher.run_once() for watcher in watchers))
            fresh = plan.mark.with_suffix(".new")
            fresh.write_text(str(number))
            fresh.replace(plan.mark)
            self.woke()
        self.done = True
        # The market stands still from here on, the program does not: its passes give what lost
        # its payer another one.
        while not plan.watch_only and await self.db.read(_waiting):
            await asyncio.gather(*(watcher.run_once() for watcher in watchers))
            await asyncio.sleep(0.05)

    def woke(self) -> None:
        if self.plan.awake is not None:
            os.write(self.plan.awake, b".")

    def watcher(self, clock: ReplayClock) -> Watcher:
        source = AsOf(FolderSource(self.plan.folder), clock, self.sessions)
        market = HastyMarket(source=source, sessions=self.sessions, clock=clock, db=self.db)
        return Watcher(
            market=market,
            sessions=self.sessions,
            clock=clock,
            wall=self.wall,
            db=self.db,
            subscriptions=wishes(self.db),
            name_of=lambda symbol: "",
            benchmark=Symbol("BENCH"),
        )

    async def deliver(self) -> None:
        deliverer = Deliverer.of(
            db=self.db,
            sink=FragileSink(
                DiscordSink(lambda: self.client, draw=_no_picture, together=together(self.db)),
                self.plan.failpoint,
            ),
            wall=self.wall,
            pace=Pace(100_000.0, 1_000),
        )
        while True:
            with contextlib.suppress(RetryableError):
                await deliverer.run_once()
            waiting = await self.db.read(_waiting)
            if self.done and self.plan.until_empty and not waiting:
                return
            self.wall.skipped += timedelta(seconds=5)
            await asyncio.sleep(0.005)


def wishes(db: Database) -> Subscriptions:
    return Subscriptions(db=db, clock=LiveClock(), resolve=resolve)


async def subscribe(db: Database, plan: Plan) -> None:
    """Two subscriptions a place, in their order; whoever is there already is left alone. The
    first wants one symbol of those that break out together, and so leads their messages."""
    known = await db.read(
        lambda c: c.execute("SELECT count(*) FROM audit WHERE action = 'subscribe'").fetchone()[0]
    )
    both = fickle(plan.symbols), [one for one in plan.symbols if one not in fickle(plan.symbols)]
    wanted = [(place, symbols) for place in plan.places for symbols in both]
    for place, symbols in wanted[known:]:
        listed = [Symbol(symbol) for symbol in symbols]
        await wishes(db).add(place, KINDS, universe=None, symbols=listed)


def fickle(symbols: Sequence[str]) -> list[str]:
    """What the subscriptions want that are ended again and again."""
    return list(symbols[::TOGETHER])


def _waiting(connection: Connection) -> int:
    counts = alerts.counts(connection)
    return counts.get("pending", 0) + counts.get("claimed", 0)


async def _no_picture(facts: AlertFacts) -> None:
    return None


def moments(sessions: Sessions, first: date, last: date) -> list[datetime]:
    """Two a session: while it runs, and after its close has settled."""
    found = []
    for day in sessions.between(first, last):
        opened, closed = sessions.bounds(day.item())
        found += [opened + (closed - opened) / 2, closed + timedelta(minutes=30)]
    return found
