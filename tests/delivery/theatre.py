"""A stage whose outbox is paid to a channel of the playground by the real client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import discord

from bot.alerts.facts import AlertFacts
from bot.alerts.subscriptions import Place, Subscriptions
from bot.app import together
from bot.client import GUILDS_LOCAL
from bot.clock import LiveClock
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.personal_sink import PersonalSink
from bot.market.model import Symbol
from bot.playground.server import Playground
from bot.signals.model import Kind
from storage import channels
from storage.channels import ChannelRecord, NewMute, WayRecord
from tests.alerts.stage import HIGHS, Stage
from tests.delivery.conftest import MovableClock


@asynccontextmanager
async def connected(playground: Playground) -> AsyncIterator[discord.Client]:
    """A client that knows its servers."""
    client = discord.Client(intents=discord.Intents(guilds=True), guild_ready_timeout=GUILDS_LOCAL)
    await client.login(playground.token)
    running = client.loop.create_task(client.connect())
    await client.wait_until_ready()
    yield client
    await client.close()
    await running


class Theatre(Stage):
    """A stage whose outbox is paid to one channel of the playground."""

    benchmark = Symbol("SPY")

    def seat(self, client: discord.Client) -> None:
        async def no_picture(facts: AlertFacts) -> None:
            return None

        self.subscriptions = Subscriptions(
            db=self.db, clock=LiveClock(), resolve=lambda *_: [Symbol("XLK")]
        )
        self.watcher = self.another_watcher()
        self.client = client
        self.guild = client.guilds[0]
        self.channel = next(c for c in self.guild.text_channels if c.name == "alerts")
        self.wall = MovableClock()
        sink = DiscordSink(lambda: client, draw=no_picture, together=together(self.db))
        self.deliverer = Deliverer.of(
            db=self.db,
            sink=PersonalSink(sink, lambda: client),
            wall=self.wall,
            pace=Pace(1000.0, 1000),
        )

    async def want(
        self, *symbols: str, universe: str | None = None, kinds: Sequence[Kind] = HIGHS
    ) -> int:
        place = Place(guild_id=self.guild.id, channel_id=self.channel.id, user_id=1)
        record = await self.subscriptions.add(
            place, kinds, universe=universe, symbols=[Symbol(s) for s in symbols]
        )
        return record.id

    async def choose(self, *, zone: str = "America/New_York", **chosen: object) -> None:
        record = ChannelRecord(
            channel_id=self.channel.id,
            guild_id=self.guild.id,
            zone=zone,
            **chosen,  # type: ignore[arg-type]
        )
        await self.db.write(lambda c: channels.set_channel(c, record))

    async def deliver(self, subscription: int, way: str, role: int | None = None) -> None:
        record = WayRecord(
            subscription_id=subscription, guild_id=self.guild.id, delivery=way, role_id=role
        )
        await self.db.write(lambda c: channels.set_way(c, record))

    async def mute(self, symbol: str, until: datetime) -> None:
        mute = NewMute(
            guild_id=self.guild.id,
            channel_id=self.channel.id,
            symbol=symbol,
            kind=None,
            until=until,
            created_by=1,
        )
        await self.db.write(lambda c: channels.add_mute(c, mute, at=self.clock.now()))

    async def after(self, moment: datetime) -> list[discord.Message]:
        """A pass at `moment`, paid; the channel's messages, oldest first."""
        await self.look(moment)
        await self.deliverer.run_once()
        return [m async for m in self.channel.history(limit=50, oldest_first=True)]
