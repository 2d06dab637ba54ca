"""Numbers in an alert as its channel's server, or the person it is for, writes them."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.delivery.sink import Posted, Sink
from bot.notation import Notation, written_for
from storage.alerts import AlertRecord
from storage.personal import DIRECT


class ReaderSink:
    """`notation(user_id, guild_id)` says what a person, or a server, chose; the other is 0."""

    def __init__(self, sink: Sink, notation: Callable[[int, int], Awaitable[Notation]]) -> None:
        self._sink = sink
        self._notation = notation

    async def post(self, alert: AlertRecord) -> Posted:
        with written_for(await self._read_by(alert)):
            return await self._sink.post(alert)

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        with written_for(await self._read_by(alert)):
            return await self._sink.edit(alert, message_id=message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        with written_for(await self._read_by(alert)):
            return await self._sink.reply(alert, message_id=message_id)

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        return await self._sink.find(alert, since=since)

    async def _read_by(self, alert: AlertRecord) -> Notation:
        """A direct message's row has the user's id in the place of the channel's."""
        if alert.guild_id == DIRECT:
            return await self._notation(alert.channel_id, 0)
        return await self._notation(0, alert.guild_id)
