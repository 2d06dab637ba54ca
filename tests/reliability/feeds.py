"""kill -9 while feeds are posted and published: followers are shown every message, once.

    python -m tests.reliability.feeds --kills 60

Each life is forked from this warm process, every other one with an alert more for each channel,
and dies at a random step: inside a transaction, around it, before or after a request to Discord,
which sometimes carries one out and lets nobody hear of it. Prints one JSON object.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import discord

from bot.alerts.facts import AlertFacts, Stage, alert_id
from bot.client import LONGEST_WAIT, point_at
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_feed import publishing
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.publisher import Publisher
from storage import alerts, channels, claims, publications, subscriptions
from storage.alerts import NewAlert
from storage.channels import ChannelRecord
from storage.connection import Connection
from storage.database import Database
from tests.delivery.conftest import FACTS
from tests.reliability.failpoints import POINTS, Failpoint, FragileDatabase, FragileSink
from tests.reliability.kill import MEMORY, Server, playground
from tests.reliability.victim import SkewedClock

CHANNELS = 4
STEP = timedelta(minutes=6)
"""Between two lives: longer than a lease. Every other one owes something: five messages an hour."""
DRAIN = 24
"""Lives at the end that nobody ends: longer than a message may wait for its publication."""
UNHEARD = {"where": "rest", "path": "crosspost$", "act": "cut_after"}


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """The feeds, all of one guild, and the channels elsewhere that follow one each."""

    guild: int
    channels: tuple[int, ...]
    followers: tuple[int, ...]


def furnish(server: Server) -> Feeds:
    server.ask("POST", "/limits", {"crossposts": [1_000_000, 1]})
    guild, elsewhere = (server.ask("POST", "/guilds", {"name": name}) for name in ("a", "b"))
    made, following = [], []
    for number in range(CHANNELS):
        news, copies = {"name": f"news-{number}", "type": 5}, {"name": f"copies-{number}"}
        channel = server.ask("POST", f"/guilds/{guild['id']}/channels", news)["id"]
        follower = server.ask("POST", f"/guilds/{elsewhere['id']}/channels", copies)["id"]
        server.ask("POST", f"/channels/{channel}/followers", {"channel": follower})
        made.append(int(channel))
        following.append(int(follower))
    return Feeds(guild=int(guild["id"]), channels=tuple(made), followers=tuple(following))


def subscribe(connection: Connection, feeds: Feeds) -> None:
    for channel in feeds.channels:
        record = ChannelRecord(channel_id=channel, guild_id=feeds.guild, feed=True)
        channels.set_channel(connection, record)
        subscriptions.add(
            connection,
            guild_id=feeds.guild,
            channel_id=channel,
            kinds=["high_52w"],
            universe=None,
            symbols=["IVOO"],
            created_by=1,
            at=SkewedClock(timedelta(0)).now(),
        )


def owe(connection: Connection, feeds: Feeds, life: int) -> None:
    """One alert more for every channel."""
    facts, now = replace(FACTS, episode_id=f"e{life}"), SkewedClock(life * STEP).now()
    alerts.enqueue(
        connection,
        [
            NewAlert(
                id=alert_id(number, facts.episode_id, Stage.OPENED),
                subscription_id=number,
                episode_id=facts.episode_id,
                stage=Stage.OPENED,
                act="post",
                target=None,
                guild_id=feeds.guild,
                channel_id=channel,
                facts=facts.to_json(),
                created_at=now,
                market_time=now,
                expires_at=now + timedelta(hours=24),
            )
            for number, channel in enumerate(feeds.channels, start=1)
        ],
    )


async def live(path: Path, feeds: Feeds, token: str, life: int, failpoint: Failpoint) -> None:
    """One life: what is owed is written, posted and published; then an end, of either kind."""
    FragileDatabase.failpoint = failpoint
    db = FragileDatabase.open(path)
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=LONGEST_WAIT)
    await client.login(token)
    really = publishing(lambda: client)

    async def publish(guild_id: int, channel_id: int, message_id: int) -> None:
        failpoint.reach("before send")
        await really(guild_id, channel_id, message_id)
        failpoint.reach("after send")

    async def no_picture(facts: AlertFacts) -> None:
        return None

    wall, pace = SkewedClock(life * STEP), Pace(100_000.0, 1_000)
    sink = FragileSink(DiscordSink(lambda: client, draw=no_picture), failpoint)
    deliverer = Deliverer.of(db=db, sink=sink, wall=wall, pace=pace)
    await db.write(claims.release_all)
    publisher = Publisher(db=db, wall=wall, publish=publish, pace=pace)
    if life % 2 and failpoint.name:
        await db.write(lambda c: owe(c, feeds, life))
    await publisher.run_once()
    await deliverer.run_once()
    await publisher.run_once()
    await client.close()
    await db.close()


def forked(path: Path, feeds: Feeds, token: str, life: int, failpoint: Failpoint) -> int:
    """How the process of a life ended: 0, or minus the signal's number."""
    child = os.fork()
    if child == 0:
        _as_child(path, feeds, token, life, failpoint)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _as_child(path: Path, feeds: Feeds, token: str, life: int, failpoint: Failpoint) -> NoReturn:
    try:
        logging.disable(logging.CRITICAL)
        asyncio.run(live(path, feeds, token, life, failpoint))
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        status = 3
    sys.stderr.flush()
    os._exit(status)


def messages(server: Server, channel: int) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    before = ""
    while page := server.ask("GET", f"/channels/{channel}/messages?limit=200{before}"):
        found += page
        before = f"&before={min(int(message['id']) for message in page)}"
    return found


def judge(server: Server, path: Path, feeds: Feeds) -> dict[str, object]:
    """What followers were shown, beside what was posted."""
    posted = Counter(str(m["id"]) for each in feeds.channels for m in messages(server, each))
    copies = [copy for each in feeds.followers for copy in messages(server, each)]
    shown = Counter(str(m["message_reference"]["message_id"]) for m in copies)  # type: ignore[index]
    states = asyncio.run(_states(path))
    return {
        "posted": posted.total(),
        "lost": (posted - shown).total(),
        "twice": (shown - posted).total(),
        "states": states,
    }


async def _states(path: Path) -> dict[str, int]:
    db = Database.open(path)
    states = await db.read(publications.counts)
    await db.close()
    return states


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng, how, life, kills = random.Random(chosen.seed), Counter[str](), 0, 0
    with playground() as server, tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        addresses, path = server.addresses, Path(folder) / "a.db"
        point_at(api_base=addresses["api_base"], gateway=addresses["gateway_url"])
        feeds = furnish(server)

        async def begin() -> None:
            db = Database.open(path)
            await db.write(lambda c: subscribe(c, feeds))
            await db.close()

        asyncio.run(begin())
        while kills < chosen.kills:
            life += 1
            times = rng.randint(1, 120) if (name := rng.choice(POINTS)) == "statement" else 0
            failpoint = Failpoint(name=name, times=times or rng.randint(1, 3 * CHANNELS))
            if rng.random() < 0.3:
                server.ask("POST", "/faults", UNHEARD)
            end = forked(path, feeds, addresses["token"], life, failpoint)
            assert end in (0, -signal.SIGKILL), end
            if end:
                kills += 1
                how[name] += 1
        server.ask("DELETE", "/faults")
        for _ in range(DRAIN):
            life += 1
            assert forked(path, feeds, addresses["token"], life, Failpoint()) == 0
        tally = judge(server, path, feeds)
    print(json.dumps({"kills": kills, "lives": life, "how": how} | tally))


if __name__ == "__main__":
    main()
