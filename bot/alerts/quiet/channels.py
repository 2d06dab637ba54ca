"""What people chose for a channel: quiet hours, digests, a budget, mutes, and how each
subscription is delivered. Every change is on disk, and in the audit, before it is acknowledged."""

from collections.abc import Sequence

from bot.alerts.subscriptions import Place, describe
from bot.clock import Clock
from bot.errors import UserError
from storage import channels, facts, publications
from storage.channels import ChannelRecord, MuteRecord, NewMute, WayRecord
from storage.connection import Connection
from storage.database import Database
from storage.subscriptions import SubscriptionRecord

MOST_MUTES = 100
"""Mutes a server may have at a time."""


class Channels:
    """The wishes of channels about being told. `wall` dates the audit; mutes end by `clock`,
    the market's."""

    def __init__(self, *, db: Database, clock: Clock, wall: Clock) -> None:
        self._db = db
        self._clock = clock
        self._wall = wall

    async def chosen(self, place: Place) -> ChannelRecord:
        """What the channel chose; nothing, for one that chose nothing."""
        ids = [place.channel_id]
        found = await self._db.read(lambda c: channels.settings_of(c, ids))
        nothing = ChannelRecord(channel_id=place.channel_id, guild_id=place.guild_id)
        return found.get(place.channel_id, nothing)

    async def choose(self, place: Place, record: ChannelRecord) -> None:
        text = f"#{place.channel_id}: quiet {record.quiet}, digest {' '.join(record.digest)}, "
        text += f"zone {record.zone}, budget {record.budget}, feed {record.feed}"

        def work(connection: Connection) -> None:
            channels.set_channel(connection, record)
            self._audit(connection, place, "channel settings", text)

        await self._db.write(work)

    async def published(self, place: Place) -> dict[str, int]:
        """How many of the channel's messages are pending, published and missed."""
        return await self._db.read(lambda c: publications.counts_of(c, place.channel_id))

    async def feeds(self, guild_id: int) -> set[int]:
        """The channels of a server that are feeds."""
        return await self._db.read(lambda c: channels.feeds_in_guild(c, guild_id))

    async def mute(self, place: Place, mute: NewMute) -> MuteRecord:
        """Raises UserError when the server has very many."""
        now = self._clock.now()
        text = f"#{place.channel_id}: {mute.symbol or mute.kind or 'everything'} until {mute.until}"

        def work(connection: Connection) -> MuteRecord:
            if len(channels.mutes_in_guild(connection, place.guild_id, now=now)) >= MOST_MUTES:
                raise UserError(
                    f"This server already has {MOST_MUTES} mutes, the most it may have. "
                    "End one with `/mute remove` first."
                )
            record = channels.add_mute(connection, mute, at=now)
            self._audit(connection, place, "mute", text)
            return record

        return await self._db.write(work)

    async def mutes(self, guild_id: int) -> list[MuteRecord]:
        """The server's mutes that have not ended."""
        now = self._clock.now()
        return await self._db.read(lambda c: channels.mutes_in_guild(c, guild_id, now=now))

    async def find_mute(self, number: int, *, guild_id: int) -> MuteRecord:
        """A mute of a server. Raises UserError when it has none of that number."""
        found = [mute for mute in await self.mutes(guild_id) if mute.id == number]
        if not found:
            raise UserError(
                f"There is no mute #{number} here. `/mute list` shows them with their numbers."
            )
        return found[0]

    async def unmute(self, mute: MuteRecord, *, user_id: int) -> None:
        """End a mute before its time."""
        place = Place(guild_id=mute.guild_id, channel_id=mute.channel_id, user_id=user_id)

        def work(connection: Connection) -> None:
            channels.remove_mute(connection, mute.id)
            self._audit(connection, place, "unmute", f"mute #{mute.id}")

        await self._db.write(work)

    async def ways(self, subscription_ids: Sequence[int]) -> dict[int, WayRecord]:
        """How these subscriptions are delivered; one that was never edited is absent."""
        return await self._db.read(lambda c: channels.ways_of(c, subscription_ids))

    async def deliver(self, record: SubscriptionRecord, way: WayRecord, *, user_id: int) -> None:
        """Change how a subscription is delivered."""
        place = Place(guild_id=record.guild_id, channel_id=record.channel_id, user_id=user_id)
        text = f"#{record.id} {describe(record)}: {way.delivery}, "
        text += f"role {way.role_id}, brief {way.brief}"

        def work(connection: Connection) -> None:
            channels.set_way(connection, way)
            self._audit(connection, place, "subscription edited", text)

        await self._db.write(work)

    def _audit(self, connection: Connection, place: Place, action: str, detail: str) -> None:
        facts.audit(
            connection,
            action,
            detail,
            at=self._wall.now(),
            actor=place.user_id,
            guild_id=place.guild_id,
        )
