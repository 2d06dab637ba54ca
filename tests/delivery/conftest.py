"""The outbox, a real discord.py client and the playground between them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import discord
import pytest

from bot.alerts.facts import AlertFacts, Provenance, Stage, alert_id
from bot.alerts.subscriptions import Place
from bot.app import together
from bot.client import GUILDS_LOCAL, LONGEST_WAIT
from bot.clock import LiveClock
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.playground.server import Playground
from bot.signals.model import Direction, Kind
from storage import alerts, subscriptions
from storage.alerts import AlertRecord, NewAlert
from storage.database import Database
from tests.playground.conftest import playground  # noqa: F401  the fixture

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
    seen_at=datetime(2026, 4, 17, 13, 41, tzinfo=UTC),
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


class MovableClock(LiveClock):
    """The wall clock, plus what a test skips."""

    def __init__(self) -> None:
        self.skipped = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.skipped


@dataclass
class Post:
    """An outbox, its deliverer, and the channels it pays to."""

    db: Database
    deliverer: Deliverer
    client: discord.Client
    clock: MovableClock
    server: Playground
    guild: int
    channels: dict[str, int]

    async def subscribe(self, channel: str) -> int:
        place = Place(guild_id=self.guild, channel_id=self.channels[channel], user_id=1)
        record = await self.db.write(
            lambda c: subscriptions.add(
                c,
                guild_id=place.guild_id,
                channel_id=place.channel_id,
                kinds=["high_52w"],
                universe=None,
                symbols=["IVOO"],
                created_by=1,
                at=self.clock.now(),
            )
        )
        return record.id

    async def owe(self, subscription: int, channel: str, facts: AlertFacts = FACTS) -> str:
        """An alert of that stage; returns its id."""
        identity = alert_id(subscription, facts.episode_id, facts.stage)
        opening = alert_id(subscription, facts.episode_id, Stage.OPENED)
        act = {Stage.OPENED: "post", Stage.CLOSED: "edit", Stage.ENDED: "reply"}[facts.stage]
        alert = NewAlert(
            id=identity,
            subscription_id=subscription,
            episode_id=facts.episode_id,
            stage=facts.stage,
            act=act,
            target=None if act == "post" else opening,
            guild_id=self.guild,
            channel_id=self.channels[channel],
            facts=facts.to_json(),
            created_at=self.clock.now(),
            market_time=facts.seen_at,
            expires_at=self.clock.now() + timedelta(hours=24) if act == "post" else None,
        )
        await self.db.write(lambda c: alerts.enqueue(c, [alert]))
        return identity

    async def row(self, identity: str) -> AlertRecord:
        record = await self.db.read(lambda c: alerts.get(c, identity))
        assert record is not None
        return record

    async def shown(self, channel: str) -> list[discord.Message]:
        """The bot's messages in a channel, oldest first, as Discord gives them back."""
        found = self.client.get_partial_messageable(self.channels[channel])
        return [m async for m in found.history(limit=100, oldest_first=True)]


@pytest.fixture
async def post(playground: Playground, tmp_path: Path) -> AsyncIterator[Post]:  # noqa: F811
    client = discord.Client(
        intents=discord.Intents(guilds=True),
        guild_ready_timeout=GUILDS_LOCAL,
        max_ratelimit_timeout=LONGEST_WAIT,
    )
    clock = MovableClock()
    db = Database.open(tmp_path / "a.db")

    async def no_picture(facts: AlertFacts) -> None:
        return None

    await client.login(playground.token)
    running = client.loop.create_task(client.connect())
    await client.wait_until_ready()
    guild = client.guilds[0]
    yield Post(
        db=db,
        deliverer=Deliverer.of(
            db=db,
            sink=DiscordSink(lambda: client, draw=no_picture, together=together(db)),
            wall=clock,
            pace=Pace(1000.0, 1000),
        ),
        client=client,
        clock=clock,
        server=playground,
        guild=guild.id,
        channels={channel.name: channel.id for channel in guild.text_channels},
    )
    await client.close()
    await running
    await db.close()


def closed(state: State = State.CONFIRMED, close: float = 123.44) -> AlertFacts:
    return replace(FACTS, stage=Stage.CLOSED, state=state, close=close, provisional=False)


def ended(state: State = State.HELD) -> AlertFacts:
    return replace(
        FACTS,
        stage=Stage.ENDED,
        state=state,
        close=123.44,
        ended_session=date(2026, 4, 24),
        ended_close=122.92,
        ended_after=5,
        provisional=False,
    )
