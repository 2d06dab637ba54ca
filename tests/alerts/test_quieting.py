"""Posts that no rule can touch are decided for all channels at once, and the rules agree."""

import base64
import hashlib
import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.facts import Stage, alert_id, alert_ids, short_id
from bot.alerts.policy import Announcement, announcements, follow_ups
from bot.alerts.quiet.quieting import Quieting
from bot.alerts.subscriptions import Subscriptions
from bot.clock import LiveClock
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from storage import alerts, channels, claims, subscriptions
from storage.alerts import NewAlert
from storage.channels import ChannelRecord, NewMute, WayRecord
from storage.claims import DueChannel
from storage.connection import Connection
from storage.database import Database
from tests.delivery.conftest import FACTS

SESSIONS = Sessions.load()
NEW_YORK = ZoneInfo("America/New_York")
SYMBOLS = ("GLD", "IVV", "SPY", "TLT", "VOO", "XLK")
CHANNELS = 40
NOW = datetime(2023, 11, 24, 15, 0, tzinfo=UTC)


class Thorough(Quieting):
    """Leaves every alert to the rules."""

    def _parted(
        self,
        connection: Connection,
        announced: Sequence[Announcement],
        later: Sequence[NewAlert],
        told: Collection[int],
        now: datetime,
    ) -> tuple[list[Announcement], list[Announcement]]:
        return [], list(announced)


def furnish(connection: Connection, rng: random.Random) -> None:
    """Channels of every kind: some chose much, some nothing."""
    for channel in range(1, CHANNELS + 1):
        guild = channel // 3
        for _ in range(rng.randint(1, 2)):
            record = subscriptions.add(
                connection,
                guild_id=guild,
                channel_id=channel,
                kinds=["high_52w"],
                universe=None,
                symbols=rng.sample(SYMBOLS, rng.randint(1, 4)),
                created_by=1,
                at=NOW,
            )
            if rng.random() < 0.2:
                delivery = rng.choice(("instant", "close", "digest"))
                role = rng.choice((None, 7))
                way = WayRecord(
                    subscription_id=record.id, guild_id=guild, delivery=delivery, role_id=role
                )
                channels.set_way(connection, way)
        if rng.random() < 0.3:
            chosen = ChannelRecord(
                channel_id=channel,
                guild_id=guild,
                quiet=rng.choice((None, "09:00-12:00")),
                budget=rng.choice((None, 1, 2)),
                digest=rng.choice(((), ("09:00",))),
            )
            channels.set_channel(connection, chosen)
        if rng.random() < 0.2:
            mute = NewMute(
                guild_id=guild,
                channel_id=channel,
                symbol=rng.choice((None, "SPY", "GLD")),
                kind=None,
                until=NOW + timedelta(minutes=rng.choice((-5, 5, 300))),
                created_by=1,
            )
            channels.add_mute(connection, mute, at=NOW)


class InSmallBlocks(Thorough):
    """Two channels at a time."""


async def outcome(folder: Path, quieting: Quieting, *, seed: int) -> list[tuple[object, ...]]:
    """What many passes over the same market and channels leave behind."""
    rng = random.Random(seed)
    db = Database.open(folder / f"{type(quieting).__name__}.db")
    await db.write(lambda c: furnish(c, rng))
    known = Subscriptions(db=db, clock=LiveClock(), resolve=lambda *_: ())
    wishes = await known.wishes()
    for number in range(22):
        now = NOW + timedelta(minutes=4 * number)
        facts = [
            replace(FACTS, symbol=Symbol(symbol), episode_id=f"{symbol}{number}", seen_at=now)
            for symbol in rng.sample(SYMBOLS, rng.randint(1, 2))
        ]
        announced = announcements(wishes, facts, at=now)
        for _ in range(2):
            await db.write(lambda c, a=announced, now=now: quieting.enqueue(c, a, [], now=now))
        told = await db.read(lambda c, n=number: alerts.openings(c, [f"GLD{n}"]))
        ended = replace(facts[0], episode_id=f"GLD{number}", stage=Stage.ENDED, state=State.HELD)
        owed = follow_ups(told, ended, at=now)
        await db.write(lambda c, owed=owed, now=now: quieting.enqueue(c, [], owed, now=now))
    rows = await db.read(
        lambda c: c.execute(
            """SELECT a.id, act, target, state, reason, expires_at, q.* FROM alerts AS a
            LEFT JOIN quieted AS q ON q.alert_id = a.id ORDER BY a.id"""
        ).fetchall()
    )
    await db.close()
    return rows


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_decided_at_once_is_what_the_rules_would_decide(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, thorough, in_blocks = [
        kind(sessions=SESSIONS, benchmark=Symbol("SPY"), zone=NEW_YORK)
        for kind in (Quieting, Thorough, InSmallBlocks)
    ]
    expected = await outcome(tmp_path, thorough, seed=seed)
    assert await outcome(tmp_path, fast, seed=seed) == expected
    monkeypatch.setattr("bot.alerts.quiet.quieting.CHANNELS", 2)
    assert await outcome(tmp_path, in_blocks, seed=seed) == expected
    rules = {row[8] for row in expected}
    assert {None, "muted", "budget", "clone", "grouped", "quiet hours"} <= rules


def test_an_id_counts_on_from_a_hash_by_subscription_and_ends_in_a_hash() -> None:
    for number in (0, 1, 1023, 1024, 99_999, 2**30 - 1):
        said = hashlib.sha256(f"e{number}|opened".encode()).digest()
        mark = (int.from_bytes(said[:4], "big") + number) % 2**30
        text = base64.b32encode((mark << 10).to_bytes(5, "big"))[:6] + base64.b32encode(said[4:])
        assert alert_id(number, f"e{number}", Stage.OPENED) == text.decode().lower()[:20]


def test_ids_differ_by_subscription_episode_and_stage_also_in_what_people_see() -> None:
    episodes = ("IVOO:52w-high:2026-04-17", "IVOO:52w-high:2026-04-20")
    ids = [alert_ids(range(1, 2000), episode, stage) for episode in episodes for stage in Stage]
    assert len(set(chain(*ids))) == len(episodes) * len(Stage) * 1999
    shown = {short_id(identity) for identity in alert_ids(range(1, 100_000), "e", Stage.OPENED)}
    assert len(shown) == 99_999


async def test_a_feed_gets_ten_messages_an_hour_its_digest_included(tmp_path: Path) -> None:
    """What Discord publishes of a channel in an hour; twenty alerts come in each of three."""
    quieting = Quieting(sessions=SESSIONS, benchmark=Symbol("SPY"), zone=NEW_YORK)
    db = Database.open(tmp_path / "a.db")
    feed = ChannelRecord(channel_id=5, guild_id=1, feed=True)
    await db.write(
        lambda c: subscriptions.add(
            c,
            guild_id=1,
            channel_id=5,
            kinds=["high_52w"],
            universe=None,
            symbols=["GLD"],
            created_by=1,
            at=NOW,
        )
    )
    await db.write(lambda c: channels.set_channel(c, feed))
    wishes = await Subscriptions(db=db, clock=LiveClock(), resolve=lambda *_: ()).wishes()
    hour = NOW.replace(minute=0, second=0)
    place = DueChannel(guild_id=1, channel_id=5, oldest=0)
    sent = [0, 0, 0]
    for minute in range(1, 180):
        now = hour + timedelta(minutes=minute)
        await db.write(lambda c, now=now: quieting.release(c, now=now, wall=now))
        if minute % 3 == 1:
            facts = replace(FACTS, symbol=Symbol("GLD"), episode_id=f"e{minute}", seen_at=now)
            owed = announcements(wishes, [facts], at=now)
            await db.write(lambda c, a=owed, now=now: quieting.enqueue(c, a, [], now=now))
        (taken,) = await db.write(
            lambda c, now=now: claims.claim(
                c, [place], now=now, lease_until=now + timedelta(minutes=1), each=50
            )
        )
        sent[minute // 60] += len(taken)
        for claim in taken:
            await db.write(
                lambda c, claim=claim, now=now: alerts.mark_sent(
                    c, claim.alert.id, message_id=1, at=now
                )
            )
    await db.close()
    assert sent == [9, 10, 10]
