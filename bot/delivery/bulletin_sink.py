"""Paying bulletins: a finished card, sent as it stands.

It stands in front of the sinks that pay alerts and passes those on.
"""

from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from bot.alerts.bulletins import STAGE
from bot.alerts.facts import short_id
from bot.cards.embeds import to_embed, to_files
from bot.cards.model import Card
from bot.cards.stored import from_json
from bot.delivery.discord_sink import NOBODY, Door, nonce
from bot.delivery.personal_sink import PersonalSink
from bot.delivery.sink import Failure, Posted, Undelivered
from storage.alerts import AlertRecord


class BulletinSink:
    """`sink` knows the channels, and how to find a message by its mark."""

    def __init__(self, sink: PersonalSink) -> None:
        self._sink = sink

    async def post(self, alert: AlertRecord) -> Posted:
        if alert.stage != STAGE:
            return await self._sink.post(alert)
        card = bulletin_card(alert)
        with Door():
            channel = await self._sink.channel(alert)
            message = await channel.send(
                embed=to_embed(card),
                files=to_files(card),
                nonce=nonce(alert),
                allowed_mentions=NOBODY,
            )
        return Posted(message_id=message.id)

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._sink.edit(alert, message_id=message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._sink.reply(alert, message_id=message_id)

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        if alert.stage != STAGE:
            return await self._sink.find(alert, since=since)
        return await self._sink.find_mark(alert, since=since)


def bulletin_card(alert: AlertRecord) -> Card:
    """The card with the mark by which it is found again. Raises Undelivered."""
    try:
        card = from_json(alert.facts["card"])
    except (KeyError, ValidationError) as error:
        raise Undelivered(Failure.REFUSED, f"its row cannot be read: {error}") from error
    footer = " · ".join(part for part in (card.footer, f"#{short_id(alert.id)}") if part)
    return replace(card, footer=footer)
