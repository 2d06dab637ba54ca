"""Paying users' own alerts: a direct message, or a post that mentions its user and nobody else.

It stands in front of the sink that pays the alerts of channels and passes those on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import discord
from pydantic import ValidationError

from bot.alerts.facts import short_id
from bot.alerts.personal.facts import STAGE, PersonalFacts
from bot.cards.controls import alert_view
from bot.cards.embeds import to_embed
from bot.cards.personal import personal_card
from bot.delivery.discord_sink import FOREIGN, HISTORY, LOOK_BACK, nonce, translated
from bot.delivery.sink import Failure, Posted, Sink, Undelivered
from storage.alerts import AlertRecord
from storage.personal import DIRECT


class PersonalSink:
    """`client` gives the present client, because one that dies is replaced."""

    def __init__(self, sink: Sink, client: Callable[[], discord.Client]) -> None:
        self._sink = sink
        self._client = client

    async def post(self, alert: AlertRecord) -> Posted:
        if alert.stage != STAGE:
            return await self._sink.post(alert)
        facts = _facts(alert)
        direct = alert.guild_id == DIRECT
        with _door():
            channel = await self.channel(alert)
            message = await channel.send(
                None if direct else f"<@{facts.user_id}>",
                embed=to_embed(personal_card(facts, alert_id=alert.id)),
                view=alert_view(facts.symbol),
                nonce=nonce(alert),
                allowed_mentions=_only(facts.user_id),
            )
        return Posted(message_id=message.id)

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._sink.edit(alert, message_id=message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._sink.reply(alert, message_id=message_id)

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        if alert.stage != STAGE:
            return await self._sink.find(alert, since=since)
        return await self.find_mark(alert, since=since)

    async def find_mark(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        """The message that bears the alert's own mark, wherever such rows are told."""
        mark, me = f"#{short_id(alert.id)}", self._client().user
        with _door():
            channel = await self.channel(alert)
            async for message in channel.history(limit=HISTORY):
                footers = [embed.footer.text or "" for embed in message.embeds]
                if message.author == me and any(text.endswith(mark) for text in footers):
                    return Posted(message_id=message.id)
                if message.created_at < since - LOOK_BACK:
                    break
        return None

    async def channel(self, alert: AlertRecord) -> discord.DMChannel | discord.PartialMessageable:
        """Without a guild it is a direct message, and the row's channel is the user's id."""
        client = self._client()
        if alert.guild_id == DIRECT:
            return await client.create_dm(discord.Object(alert.channel_id))
        return client.get_partial_messageable(alert.channel_id, guild_id=alert.guild_id)


def _facts(alert: AlertRecord) -> PersonalFacts:
    try:
        return PersonalFacts.from_json(alert.facts)
    except ValidationError as error:
        raise Undelivered(Failure.REFUSED, f"its row cannot be read: {error}") from error


def _only(user_id: int) -> discord.AllowedMentions:
    allowed = discord.AllowedMentions.none()
    allowed.users = [discord.Object(user_id)]
    return allowed


@contextmanager
def _door() -> Iterator[None]:
    """Where discord.py's errors become ours."""
    try:
        yield
    except FOREIGN as error:
        raise translated(error) from error
