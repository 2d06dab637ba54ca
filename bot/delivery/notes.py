"""Notes that an alert's message brings along: the brief of its symbol, as a file beside the card.

A note is an extra: when it cannot be written the message goes without it and says so. It is made
for the post and stays as it was; an edit keeps it.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import discord

from bot.cards.model import Card, Document
from bot.delivery.content import Content
from bot.errors import HighwaterError
from bot.market.model import Symbol

log = logging.getLogger(__name__)

MOST = 4
"""Notes in one message."""
ENDING = ".md"


class Briefs(Protocol):
    """Where notes come from."""

    async def wanted(self, alert_ids: Sequence[str]) -> set[str]:
        """Those of these alerts whose subscription wants one."""
        ...

    async def document(self, symbol: Symbol, *, guild_id: int) -> Document | str:
        """The note, or why there is none."""
        ...


class Notes:
    """Without `briefs` nobody wants any."""

    def __init__(self, briefs: Briefs | None = None) -> None:
        self._briefs = briefs

    async def wanted(self, alert_ids: Sequence[str]) -> set[str]:
        return set() if self._briefs is None else await self._briefs.wanted(alert_ids)

    async def beside_all(
        self, cards: list[Card], symbols: Sequence[Symbol], *, guild_id: int
    ) -> list[Card]:
        """The first notes, all with the last card: files belong to the message anyway."""
        for symbol in symbols[:MOST]:
            cards = [*cards[:-1], await self.beside(cards[-1], symbol, guild_id=guild_id)]
        return cards

    async def beside(self, card: Card, symbol: Symbol, *, guild_id: int) -> Card:
        """The card with the symbol's note, or with a line that says why there is none."""
        if self._briefs is None:
            return card
        try:
            note = await self._briefs.document(symbol, guild_id=guild_id)
        except HighwaterError as error:
            note = str(error)
        if isinstance(note, Document):
            return replace(card, documents=(*card.documents, note))
        log.warning("no brief for %s: %s", symbol, note)
        line = f"-# There is no brief for {symbol}: {note}"
        return replace(card, body="\n".join(part for part in (card.body, line) if part))

    async def kept(
        self, message: discord.PartialMessage, content: Content
    ) -> list[discord.Attachment]:
        """What an edit has to name so that it stays."""
        if not content.briefed:
            return []
        old = (await message.fetch()).attachments
        return [each for each in old if each.filename.endswith(ENDING)]
