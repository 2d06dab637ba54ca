"""One pass over the bulletins that are due: each is composed as an answer and owed as a card.

A bulletin that cannot be composed now, because the source is down, is tried again at the next
pass; the moment it was due stays its key.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.alerts.bulletins import BulletinKind
from bot.alerts.schedule import parse_quiet, quiet_until
from bot.alerts.subscriptions import Place
from bot.answers.model import Caller
from bot.answers.scorecard import scorecard
from bot.answers.watchlists import show
from bot.cards.model import Card
from bot.cards.stored import to_json
from bot.errors import DataError, RetryableError, UserError
from bot.services import Services
from storage import watchlists
from storage.bulletins import BulletinRecord

log = logging.getLogger(__name__)

STALE = timedelta(days=1)
"""What could not be sent for so long is left out; the next one comes in its time."""


class BulletinPass:
    """`run_once()` owes what is due; returns how many messages."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run_once(self) -> int:
        """Raises StorageFailure."""
        written = 0
        for record in await self._services.bulletins.due():
            zone, resting = await self._when(record)
            if resting:
                continue
            if self._services.now() - record.next_at > STALE:
                await self._services.bulletins.skip(record, zone=zone)
                continue
            try:
                card = await self._card(record)
            except (DataError, RetryableError) as error:
                log.warning("bulletin %d waits: %s", record.id, error)
                continue
            if card is None:
                await self._services.bulletins.skip(record, zone=zone)
            elif await self._services.bulletins.send(record, to_json(card), zone=zone):
                written += 1
        return written

    async def _when(self, record: BulletinRecord) -> tuple[ZoneInfo, bool]:
        """The zone its times are of, and whether its channel rests now."""
        preferences = self._services.preferences
        if record.kind == BulletinKind.WATCHLIST:
            chosen = await preferences.defaults(user_id=record.user_id, guild_id=None)
            return chosen.zone, False
        place = Place(guild_id=record.guild_id, channel_id=record.channel_id, user_id=0)
        channel = await self._services.channels.chosen(place)
        default = (await preferences.of_server(record.guild_id)).zone
        zone = ZoneInfo(channel.zone) if channel.zone else default
        hours = parse_quiet(channel.quiet) if channel.quiet else None
        return zone, quiet_until(hours, zone, self._services.now()) is not None

    async def _card(self, record: BulletinRecord) -> Card | None:
        """None when there is nothing to say."""
        if record.kind == BulletinKind.SCORECARD:
            return (await scorecard(self._services, record.channel_id)).card
        owned = await self._services.db.read(lambda c: watchlists.of_user(c, record.user_id))
        mine = next((one for one in owned if one.id == record.list_id), None)
        if mine is None or not mine.symbols:
            return None
        try:
            answer = await show(self._services, Caller(user_id=record.user_id), name=mine.name)
        except UserError as error:
            log.warning("bulletin %d has nothing to say: %s", record.id, error)
            return None
        stop = "-# `/watchlist digest stop:True` ends these messages."
        body = "\n".join(part for part in (answer.card.body, stop) if part)
        return replace(answer.card, body=body)
