"""Delivery: one signal for 100,000 channels into the outbox, and the outbox through a storm.

    python benchmarks/bench_delivery.py [--sends 3000] [--channels 100000]

The storm pays `--sends` alerts through the real discord.py client to the playground, in a process
of its own, that answers with 429, 5xx and cut connections to some of the requests; then what the
channels show is counted. `--sends 100000` is the full figure.
"""

import argparse
import asyncio
import json
import logging
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import discord

from bot.alerts import policy
from bot.alerts.facts import AlertFacts, Provenance, Stage, alert_id, short_id
from bot.alerts.policy import Wish
from bot.alerts.quiet.quieting import Quieting
from bot.client import point_at
from bot.clock import LiveClock
from bot.delivery.breaker import InvalidRequests
from bot.delivery.deliverer import A_TURN, LANES, Deliverer
from bot.delivery.discord_sink import DiscordSink, counting
from bot.delivery.limiter import SENDS_PER_SECOND, Pace
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.signals.model import Direction, Kind
from storage import alerts, claims, subscriptions
from storage.alerts import NewAlert
from storage.connection import Connection
from storage.database import Database
from storage.subscriptions import SubscriptionRecord

NOW = datetime(2026, 4, 17, 13, 41, tzinfo=UTC)
FACTS = AlertFacts(
    episode_id="e1",
    stage=Stage.OPENED,
    state=State.OPEN,
    kind=Kind.HIGH_52_WEEKS,
    symbol=Symbol("IVOO"),
    name="Vanguard S&P Mid-Cap 400 ETF",
    title="New 52-week high",
    phrase="made a new 52-week high",
    direction=Direction.UP,
    session=date(2026, 4, 17),
    seen_at=NOW,
    level=122.74,
    level_session=date(2026, 2, 20),
    invalidation=122.74,
    price=122.77,
    last=122.57,
    prior_close=120.97,
    base_sessions=39,
    volume_ratio=0.74,
    participation="routine",
    distance_all_time=None,
    also_all_time_high=False,
    provisional=True,
    late=False,
    close=None,
    ended_session=None,
    ended_close=None,
    ended_after=None,
    siblings=(),
    version=1,
    evidence={},
    provenance=Provenance(source="Folder", delay_minutes=0, synthetic=False),
)
CHANNELS = 200
"""Channels of the storm, in servers of two."""
STORM: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.010, {"act": "cut_before"}),
    (0.010, {"act": "cut_after"}),
    (0.010, {"act": "status", "status": 503}),
    (0.002, {"act": "status", "status": 500}),
    (0.0008, {"act": "status", "status": 429, "seconds": 0.2}),
)
"""Which share of the posts meets which fault."""


def wish(number: int) -> Wish:
    return Wish(
        subscription=SubscriptionRecord(
            id=number,
            guild_id=number // 5,
            channel_id=number,
            kinds=("high_52w",),
            universe=None,
            symbols=("IVOO",),
            state="active",
            reason=None,
            failures=0,
            retry_at=None,
            created_by=1,
            created_at=NOW,
        ),
        kinds=frozenset({Kind.HIGH_52_WEEKS}),
        symbols=frozenset({FACTS.symbol}),
    )


def settle(connection: Connection, wishes: Sequence[Wish]) -> None:
    """The rows of the subscriptions."""
    for one in wishes:
        subscriptions.add(
            connection,
            guild_id=one.subscription.guild_id,
            channel_id=one.subscription.channel_id,
            kinds=one.subscription.kinds,
            universe=None,
            symbols=one.subscription.symbols,
            created_by=1,
            at=NOW,
        )


async def fan_out(folder: Path, channels: int) -> None:
    """One signal that `channels` channels want, from the rule to rows on disk: the whole path,
    beside the bare insert of the same rows, in seconds of processor time and of the clock."""
    wishes = [wish(number) for number in range(1, channels + 1)]
    db = Database.open(folder / "bare.db")
    (one,) = policy.announcements(wishes, [FACTS], at=NOW)
    owed = one.posts()
    watch = Stopwatch()
    await db.write(lambda c: alerts.enqueue(c, owed))
    row("row by row, and commit", f"{channels:,} in {watch}")
    await db.close()
    db = Database.open(folder / "fan-out.db")
    await db.write(lambda c: settle(c, wishes))
    quieting = Quieting(
        sessions=Sessions.load(), benchmark=Symbol("SPY"), zone=ZoneInfo("America/New_York")
    )
    whole = Stopwatch()
    announced = policy.announcements(wishes, [FACTS], at=NOW)
    row("  who is owed", str(whole))
    watch = Stopwatch()
    written = await db.write(lambda c: quieting.enqueue(c, announced, [], now=NOW))
    assert written == channels
    row("  quieted, inserted, committed", str(watch))
    row("one signal → rows committed", f"{channels:,} in {whole}")
    later, again = NOW + timedelta(minutes=5), replace(FACTS, episode_id="e2")
    watch = Stopwatch()
    announced = policy.announcements(wishes, [again], at=later)
    await db.write(lambda c: quieting.enqueue(c, announced, [], now=later))
    row("another one, minutes later", f"{channels:,} in {watch}")
    started = time.perf_counter()
    due = await db.read(lambda c: claims.due_channels(c, now=NOW))
    row("survey of all due channels", f"{len(due):,} in {time.perf_counter() - started:.2f} s")
    await db.close()


class Stopwatch:
    """Processor time of all threads, and the clock's."""

    def __init__(self) -> None:
        self._begun = time.process_time(), time.perf_counter()

    def __str__(self) -> str:
        busy, passed = time.process_time() - self._begun[0], time.perf_counter() - self._begun[1]
        return f"{busy:.2f} s CPU, {passed:.2f} s"


@dataclass(frozen=True, kw_only=True)
class Server:
    """The playground's control API."""

    http: aiohttp.ClientSession
    addresses: dict[str, str]

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.addresses['url']}control{path}"
        async with self.http.request(method, url, json=body) as answer:
            return await answer.json()


@contextmanager
def playground() -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "bot.playground", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


async def places(server: Server) -> list[tuple[int, int]]:
    found = []
    for number in range(CHANNELS // 2):
        guild = await server.ask("POST", "/guilds", {"name": f"server {number}"})
        open_to_us = [each for each in guild["channels"] if each["name"] != "staff"]
        found += [(int(guild["id"]), int(each["id"])) for each in open_to_us]
    return found


async def owe(db: Database, where: list[tuple[int, int]], sends: int) -> list[NewAlert]:
    clock = LiveClock()
    for guild, channel in where:
        await db.write(
            lambda c, guild=guild, channel=channel: subscriptions.add(
                c,
                guild_id=guild,
                channel_id=channel,
                kinds=["high_52w"],
                universe=None,
                symbols=["IVOO"],
                created_by=1,
                at=clock.now(),
            )
        )
    body, now = FACTS.to_json(), clock.now()
    owed = []
    for i in range(sends):
        number = i % len(where)
        owed.append(
            NewAlert(
                id=alert_id(number + 1, f"e{i}", Stage.OPENED),
                subscription_id=number + 1,
                episode_id=f"e{i}",
                stage=Stage.OPENED,
                act="post",
                target=None,
                guild_id=where[number][0],
                channel_id=where[number][1],
                facts=body,
                created_at=now,
                market_time=FACTS.seen_at,
                expires_at=now + timedelta(hours=24),
            )
        )
    await db.write(lambda c: alerts.enqueue(c, owed))
    return owed


async def weather(server: Server, deliverer: Deliverer, rained: Counter[int]) -> None:
    """Arm faults as the sends go by, so that each share of the storm is met; count them."""
    rng, told = random.Random(1), 0
    while True:
        paid = deliverer.paid
        for _ in range(told, paid):
            for share, fault in STORM:
                if rng.random() < share:
                    where = {"where": "rest", "method": "POST", "path": "/messages$"}
                    await server.ask("POST", "/faults", where | fault)
                    rained[fault.get("status", 0)] += 1
        told = paid
        await asyncio.sleep(0.02)


async def tries_a_second(db: Database, deliverer: Deliverer, sends: int) -> float:
    """While every lane has work; the last messages wait for their retries and for nothing else."""
    started, enough = time.perf_counter(), max(sends // 2, sends - LANES * A_TURN)
    while deliverer.paid < enough:
        await asyncio.sleep(0.02)
    seconds = time.perf_counter() - started
    tries = await db.read(lambda c: c.execute("SELECT count(*) FROM deliveries").fetchone()[0])
    return float(tries) / seconds


async def shown(server: Server, channel: int) -> Counter[str]:
    marks: Counter[str] = Counter()
    before = ""
    while page := await server.ask("GET", f"/channels/{channel}/messages?limit=200{before}"):
        marks.update(each["embeds"][0]["footer"]["text"].rsplit("#", 1)[1] for each in page)
        before = f"&before={min(int(each['id']) for each in page)}"
    return marks


class Impatient(LiveClock):
    """The wall clock, sped up while nothing but waits for retries is left."""

    def __init__(self) -> None:
        self.skipped = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.skipped


async def storm(folder: Path, *, sends: int, rate: float, faulty: bool) -> None:
    """Pay `sends` alerts at `rate` a second; print what came of it.

    At the real pace the playground's limits are Discord's: 50 a second, 5 in 5 s a channel.
    """
    name = f"{'storm' if faulty else 'calm'} at {rate:g}/s"
    with playground() as addresses:
        point_at(api_base=addresses["api_base"], gateway=addresses["gateway_url"])
        async with aiohttp.ClientSession() as http:
            server = Server(http=http, addresses=addresses)
            if rate > SENDS_PER_SECOND:
                roomy = {"messages": [1_000_000, 1], "global": 1_000_000}
                await server.ask("POST", "/limits", roomy)
            where = await places(server)
            db = Database.open(folder / f"{name.replace('/', ' ')}.db")
            owed = await owe(db, where, sends)
            invalid, clock = InvalidRequests(), Impatient()
            client = discord.Client(intents=discord.Intents.none(), http_trace=counting(invalid))
            await client.login(addresses["token"])
            deliverer = Deliverer.of(
                db=db,
                sink=DiscordSink(lambda: client, draw=no_picture),
                wall=clock,
                pace=Pace(rate),
                invalid=invalid,
            )
            rained: Counter[int] = Counter()
            loop = asyncio.get_running_loop()
            background = loop.create_task(
                weather(server, deliverer, rained) if faulty else asyncio.sleep(0)
            )
            speed = loop.create_task(tries_a_second(db, deliverer, sends))
            await deliverer.run_once()
            while (await db.read(alerts.counts)).get("sent", 0) < sends:
                clock.skipped += timedelta(seconds=2)
                await deliverer.run_once()
            background.cancel()
            with suppress(asyncio.CancelledError):
                await background
            await report(
                name,
                server,
                db,
                owed,
                speed=await speed,
                rate=rate,
                rained=rained[429],
            )
            await client.close()
            await db.close()


async def report(
    name: str,
    server: Server,
    db: Database,
    owed: list[NewAlert],
    *,
    speed: float,
    rate: float,
    rained: int,
) -> None:
    due: dict[int, Counter[str]] = {}
    for alert in owed:
        due.setdefault(alert.channel_id, Counter())[short_id(alert.id)] += 1
    lost = twice = 0
    for channel, marks in due.items():
        seen = await shown(server, channel)
        lost += (marks - seen).total()
        twice += (seen - marks).total()
    told = await server.ask("GET", "/log?since=999999999")
    refused = told["invalid_requests"]
    states = await db.read(alerts.counts)
    row(name, f"{len(owed):,} alerts, {lost} lost, {twice} shown twice, {states}")
    row("  tries", f"{speed:.1f}/s, {speed / rate:.1%} of the pace")
    row("  429s", f"{refused}, of which the storm sent {rained}")


async def no_picture(facts: AlertFacts) -> None:
    return None


def row(name: str, value: str) -> None:
    print(f"{name:32} {value}", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=3_000)
    parser.add_argument("--channels", type=int, default=100_000)
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await fan_out(folder, chosen.channels)
        await storm(folder, sends=min(chosen.sends, 1_200), rate=SENDS_PER_SECOND, faulty=True)
        await storm(folder, sends=chosen.sends, rate=400.0, faulty=True)
        await storm(folder, sends=chosen.sends, rate=100_000.0, faulty=False)


if __name__ == "__main__":
    asyncio.run(main())
