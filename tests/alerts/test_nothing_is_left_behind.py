"""Whatever quiet does, every alert ends sent, expired or dropped: random passes over channels with
random wishes, random removals, and a deliverer that pays, fails and gives up."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.facts import Stage
from bot.alerts.policy import ACTS
from bot.alerts.quiet.quieting import Quieting
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from storage import alerts, channels, claims, subscriptions
from storage.alerts import NewAlert
from storage.channels import ChannelRecord, NewMute, WayRecord
from storage.connection import Connection
from storage.database import Database

SESSIONS = Sessions.load()
START = datetime(2023, 10, 30, 14, 35, tzinfo=UTC)
SYMBOLS = ("SPY", "VOO", "IVV", "XLK", "XLF", "IWM", "GLD", *(f"S{i}" for i in range(8)))
LEASE = timedelta(minutes=10)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path / "a.db")
    yield database
    await database.close()


def settle_in(c: Connection, dice: random.Random) -> list[int]:
    """Three channels with six subscriptions, each told in its own way."""
    for channel in (1, 2, 3):
        quiet = dice.choice([None, "22:00-07:00", "10:00-15:30", "00:30-23:30"])
        digest = dice.choice([(), ("09:00",), ("12:00", "close")])
        channels.set_channel(
            c,
            ChannelRecord(
                channel_id=channel,
                guild_id=1,
                zone=dice.choice(["America/New_York", "Europe/Berlin", "Asia/Tokyo"]),
                quiet=quiet,
                digest=digest,
                budget=dice.choice([1, 2, 20]),
            ),
        )
    return [
        subscribe(c, 1 + number % 3, dice.choice(["instant", "close", "digest"]))
        for number in range(6)
    ]


def subscribe(c: Connection, channel: int, way: str) -> int:
    record = subscriptions.add(
        c,
        guild_id=1,
        channel_id=channel,
        kinds=["high_52w"],
        universe="sectors",
        symbols=[],
        created_by=1,
        at=START,
    )
    channels.set_way(c, WayRecord(subscription_id=record.id, guild_id=1, delivery=way))
    return record.id


def owed(subscription: int, symbol: str, stage: Stage, now: datetime) -> NewAlert:
    opening = f"{subscription}-{symbol}"
    state = {Stage.OPENED: "open", Stage.CLOSED: "confirmed", Stage.ENDED: "held"}[stage]
    return NewAlert(
        id=opening if stage is Stage.OPENED else f"{opening}-{stage}",
        subscription_id=subscription,
        episode_id=symbol,
        stage=stage,
        act="post" if stage is Stage.OPENED else ACTS[stage],
        target=None if stage is Stage.OPENED else opening,
        guild_id=1,
        channel_id=1 + (subscription - 1) % 3,
        facts={"symbol": symbol, "kind": "high_52w", "session": "2023-10-30", "state": state},
        created_at=now,
        market_time=now,
        expires_at=now + timedelta(hours=24) if stage is Stage.OPENED else None,
    )


def pay(c: Connection, now: datetime, dice: random.Random, *, surely: bool) -> int:
    """Pay what is due; some sends fail for good, some are put off."""
    paid = 0
    while due := claims.due_channels(c, now=now):
        for queue in claims.claim(c, due, now=now, lease_until=now + LEASE, each=5):
            for claim in queue:
                fortune = 1.0 if surely else dice.random()
                if fortune < 0.1:
                    alerts.end(c, claim.alert.id, state="dropped", reason="refused")
                elif fortune < 0.3:
                    later = now + timedelta(minutes=1)
                    claims.retry_later(c, claim.alert, now=now, not_before=later, reason="busy")
                else:
                    alerts.mark_sent(c, claim.alert.id, message_id=1, at=now)
                paid += 1
    return paid


@pytest.mark.parametrize("seed", range(12))
async def test_every_alert_ends_in_one_state(db: Database, seed: int) -> None:
    dice = random.Random(seed)
    quieting = Quieting(
        sessions=SESSIONS, benchmark=Symbol("SPY"), zone=ZoneInfo("America/New_York")
    )
    numbers = await db.write(lambda c: settle_in(c, dice))
    now, told = START, list[tuple[int, str, Stage]]()

    def a_pass(c: Connection) -> None:
        batch = [
            (number, symbol, Stage.OPENED)
            for symbol in dice.sample(SYMBOLS, dice.choice([0, 1, 3, 15]))
            for number in dice.sample(numbers, 3)
            if (number, symbol, Stage.OPENED) not in told
        ]
        for number, symbol, stage in list(told):
            following = {Stage.OPENED: Stage.CLOSED, Stage.CLOSED: Stage.ENDED}.get(stage)
            if following and (number, symbol, following) not in told and dice.random() < 0.5:
                batch.append((number, symbol, following))
        told.extend(batch)
        quieting.enqueue(c, [], [owed(*each, now) for each in batch], now=now)
        if dice.random() < 0.2:
            subscriptions.remove(c, dice.choice(numbers))
        if dice.random() < 0.3:
            mute = NewMute(
                guild_id=1,
                channel_id=dice.choice([1, 2, 3]),
                symbol=dice.choice([None, *SYMBOLS]),
                kind=None,
                until=now + timedelta(hours=3),
                created_by=1,
            )
            channels.add_mute(c, mute, at=now)
        quieting.release(c, now=now, wall=now)
        pay(c, now, dice, surely=False)

    def the_end(c: Connection) -> None:
        quieting.release(c, now=now, wall=now)
        pay(c, now, dice, surely=True)

    for _ in range(12):
        await db.write(a_pass)
        now += timedelta(minutes=dice.choice([1, 40, 300]))
    for _ in range(100):
        now += timedelta(hours=1)
        await db.write(the_end)

    states = dict(await db.read(lambda c: list(alerts.counts(c).items())))
    assert sum(states.values()) == len(told) > 20
    assert set(states) <= {"sent", "expired", "dropped"}
    assert states["sent"] > 0
