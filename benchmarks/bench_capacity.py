"""Capacity: the formulas of `capacity` beside the real outbox, deliverer and publisher.

    python -m benchmarks.bench_capacity [--channels 10000]

Everything but Discord is the program's own; waits are skipped. `--channels 100000` takes a
quarter of an hour.
Where it says 1:n, times are n times shorter and channels n times fewer, which leaves the queue
as it is: the pace of 40 a second is the real one throughout.
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import capacity
from benchmarks.bench_delivery import FACTS, settle, wish
from benchmarks.capacity import DAY, HOUR, Load
from benchmarks.simulated import SimulatedClock, SimulatedDatabase, SimulatedDiscord, SimulatedLoop
from bot.alerts import policy
from bot.alerts.facts import Stage, alert_ids
from bot.alerts.quiet.quieting import Quieting
from bot.delivery.deliverer import Deliverer
from bot.delivery.limiter import Pace
from bot.delivery.publisher import PUBLISH_EVERY, Publisher
from bot.live import DELIVER_EVERY
from bot.loops import Pulse, every
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from storage import alerts, channels, publications
from storage.alerts import Broadcast
from storage.channels import ChannelRecord, WayRecord
from storage.connection import Connection

MORNING = datetime(2026, 4, 17, 13, 30, tzinfo=UTC)
"""When the session opens; it closes at 20:00."""
SESSION_HOURS = 6.5
RELEASE_EVERY = timedelta(minutes=1)
AN_HOUR = 20
"""Alerts in a busy hour that everybody wants."""
SIZES = (1_000, 10_000, 100_000)
QUEUE = 200
"""Channels of a queue in which times are shortened."""
SESSIONS = Sessions.load()
QUIETING = Quieting(sessions=SESSIONS, benchmark=Symbol("SPY"), zone=ZoneInfo("America/New_York"))


@dataclass(kw_only=True)
class World:
    """The program around a database of its own, from the outbox on."""

    db: SimulatedDatabase
    clock: SimulatedClock
    discord: SimulatedDiscord
    deliver: Pulse
    stop: asyncio.Event
    missed: int = 0

    async def announce(self, number: int, wishes: list[policy.Wish]) -> None:
        """An alert that all wishes want, by the program's rules for quiet."""
        now = self.clock.now()
        facts = replace(FACTS, episode_id=f"e{number}", symbol=FACTS.symbol, seen_at=now)
        owed = policy.announcements(wishes, [facts], at=now)
        await self.db.write(lambda c: QUIETING.enqueue(c, owed, [], now=now))
        self.deliver.wake.set()

    async def broadcast(self, number: int, wanted: range, *, lives: timedelta) -> None:
        """An alert for all of these subscriptions, that is no news after so long."""
        now, name = self.clock.now(), f"e{number}"
        post = Broadcast(
            episode_id=name,
            stage=Stage.OPENED,
            facts=FACTS.to_json(),
            created_at=now,
            market_time=now,
            expires_at=now + lives,
            ids=dict(zip(wanted, alert_ids(wanted, name, Stage.OPENED), strict=True)),
        )
        await self.db.write(lambda c: alerts.broadcast(c, post))
        self.deliver.wake.set()

    async def paid(self) -> None:
        """Until nothing is owed, to channels or to followers."""
        while await self.db.read(_owed):
            await asyncio.sleep(1)


def _owed(connection: Connection) -> bool:
    counts = alerts.counts(connection)
    waiting = counts.get("pending", 0) + counts.get("claimed", 0)
    return bool(waiting) or publications.waiting(connection)


def simulate(
    play: Callable[[World], Awaitable[None]], *, start: datetime = MORNING, scale: int = 1
) -> World:
    """Run the deliverer, the publisher and the release of what is held while `play` plays."""

    async def run() -> World:
        with tempfile.TemporaryDirectory() as folder:
            clock, pace = SimulatedClock(start), Pace()
            world = World(
                db=SimulatedDatabase.at(Path(folder) / "a.db"),
                clock=clock,
                discord=SimulatedDiscord(clock, scale=scale),
                deliver=Pulse(name="deliverer"),
                stop=asyncio.Event(),
            )
            deliverer = Deliverer.of(db=world.db, sink=world.discord, wall=clock, pace=pace)
            publisher = Publisher(db=world.db, wall=clock, publish=world.discord.publish, pace=pace)

            async def release() -> None:
                now = clock.now()
                if await world.db.write(lambda c: QUIETING.release(c, now=now, wall=now)):
                    world.deliver.wake.set()

            async with asyncio.TaskGroup() as group:
                for interval, work, pulse in (
                    (DELIVER_EVERY, deliverer.run_once, world.deliver),
                    (PUBLISH_EVERY, publisher.run_once, Pulse(name="publisher")),
                    (RELEASE_EVERY, release, Pulse(name="release")),
                ):
                    group.create_task(every(interval, work, pulse=pulse, stop=world.stop))
                await play(world)
                world.stop.set()
            world.missed = (await world.db.read(publications.counts)).get("missed", 0)
            await world.db.close()
            return world

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(run())


def by_token(count: int) -> None:
    """One alert for everybody."""
    wishes = [wish(number) for number in range(1, count + 1)]

    async def play(world: World) -> None:
        await world.db.write(lambda c: settle(c, wishes))
        await world.announce(1, wishes)
        await world.paid()

    model, world = capacity.at_once(Load(channels=count)), simulate(play)
    assert len(world.discord.late) == count
    row(f"one alert, {count:,} channels", model.longest, max(world.discord.late), world)


def busy(count: int, signals: int, *, lives: float = DAY) -> None:
    """Twenty alerts an hour for everybody; in fewer channels and less time where they are many."""
    scale = max(1, count // QUEUE)
    load = Load(channels=count, alerts=signals, gap=HOUR / AN_HOUR)
    wishes = [wish(number) for number in range(1, count // scale + 1)]

    async def play(world: World) -> None:
        await world.db.write(lambda c: settle(c, wishes))
        began = asyncio.get_running_loop().time()
        for number in range(signals):
            ahead = began + number * load.gap / scale - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, ahead))
            every_one, news = range(1, len(wishes) + 1), timedelta(seconds=lives / scale)
            await world.broadcast(number, every_one, lives=news)
        await world.paid()

    model, world = capacity.at_once(load, lives=lives), simulate(play, scale=scale)
    name = f"{signals} alerts in {signals * load.gap / HOUR:g} h, {count:,} channels, 1:{scale}"
    late = world.discord.late
    row(name, model.longest, max(late) * scale, world)
    if model.mean is not None:
        row("  mean", model.mean, statistics.fmean(late) * scale, world)
    share = len(late) / (signals * len(wishes))
    row("  share that came", model.share * 100, share * 100, world, unit="%")


def by_digest(count: int) -> None:
    """Three alerts that everybody wants in the digest after the close."""
    wishes = [wish(number) for number in range(1, count + 1)]

    def choose(connection: Connection) -> None:
        settle(connection, wishes)
        for one in wishes:
            way = WayRecord(
                subscription_id=one.subscription.id,
                guild_id=one.subscription.guild_id,
                delivery="digest",
            )
            channels.set_way(connection, way)

    async def play(world: World) -> None:
        await world.db.write(choose)
        for number in range(3):
            await world.announce(number, wishes)
            await asyncio.sleep(300)
        await world.paid()

    world = simulate(play, start=MORNING + timedelta(hours=6))
    assert len(world.discord.at) == count
    seen = world.discord.at[-1] - world.discord.at[0]
    row(f"digest of 3 alerts, {count:,} channels", capacity.by_digest(count).longest, seen, world)


def by_feeds(feeds: int) -> None:
    """One alert for everybody who follows one of so many channels."""
    wishes = [wish(number) for number in range(1, feeds + 1)]

    async def play(world: World) -> None:
        await world.db.write(lambda c: follow(c, wishes))
        await world.announce(1, wishes)
        await world.paid()

    world = simulate(play)
    assert len(world.discord.published) == feeds
    model = capacity.by_feeds(feeds).longest
    row(f"one alert, {feeds:,} feed(s)", model, max(world.discord.published), world)


def feed_all_day(feeds: int) -> None:
    """Twenty alerts an hour, the whole session, for every follower."""
    wishes, hours = [wish(number) for number in range(1, feeds + 1)], 6

    async def play(world: World) -> None:
        await world.db.write(lambda c: follow(c, wishes))
        for number in range(AN_HOUR * hours):
            await world.announce(number, wishes)
            await asyncio.sleep(HOUR / AN_HOUR)
        await world.paid()

    world = simulate(play, start=MORNING + timedelta(minutes=30))
    model = capacity.messages_of_feed(AN_HOUR, hours)
    each = len(world.discord.published) / feeds
    name = f"{AN_HOUR * hours} alerts in {hours} h, {feeds} feeds"
    row(f"{name}: messages each", model, each, world, unit="")
    row("  longest from post to followers", None, max(world.discord.following), world)
    assert world.missed == 0


def follow(connection: Connection, wishes: list[policy.Wish]) -> None:
    settle(connection, wishes)
    for one in wishes:
        place = one.subscription
        record = ChannelRecord(channel_id=place.channel_id, guild_id=place.guild_id, feed=True)
        channels.set_channel(connection, record)


def row(name: str, model: float | None, seen: float, world: World, unit: str = "s") -> None:
    expected = "-" if model is None else f"{model:,.1f}"
    ratio = "-" if model is None else f"{seen / model:.3f}"
    figures = f"{expected:>11} {unit:1} {seen:>11,.1f} {unit:1} {ratio:>7}"
    print(f"{name:48} {figures} {world.discord.refused:>6}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=10_000)
    most = parser.parse_args().channels
    logging.disable(logging.CRITICAL)
    print(f"{'':48} {'model':>13} {'simulation':>13} {'ratio':>7} {'429s':>6}")
    for size in SIZES:
        if size <= most:
            by_token(size)
    by_digest(SIZES[0])
    for size in SIZES:
        busy(size, AN_HOUR)
    for size in SIZES[1:]:
        busy(size, round(AN_HOUR * SESSION_HOURS))
    for feeds in (1, 10, 100, 1_000):
        by_feeds(feeds)
    feed_all_day(10)


if __name__ == "__main__":
    main()
