"""Briefs that alerts bring along: the same note as `/brief`, made when the alert is sent."""

import asyncio
from collections.abc import Sequence

from bot.answers.brief import brief
from bot.answers.model import Caller
from bot.cards.model import Document
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Symbol
from bot.services import Services
from storage import channels

PATIENCE_SECONDS = 20.0
"""An alert does not wait longer for its brief."""


class AttachedBriefs:
    """Which alerts want one, and the document."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def wanted(self, alert_ids: Sequence[str]) -> set[str]:
        """Those of these alerts whose subscription wants a brief. Raises StorageFailure."""
        return await self._services.db.read(lambda c: channels.briefed(c, alert_ids))

    async def document(self, symbol: Symbol, *, guild_id: int) -> Document | str:
        """The note as it can be written now, or why it cannot."""
        caller = Caller(guild_id=guild_id or None)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await brief(self._services, caller, symbol=symbol)
        except TimeoutError:
            return "it took too long"
        except (UserError, DataError, RetryableError) as error:
            return str(error)
        return answer.card.documents[0]
