"""Looks at the channels of all subscriptions, so that one nobody owes anything is not forgotten.

A channel that is gone, or lets us in no more, is treated as if a message to it had failed; one
that lets us in again is paid at once. Looking costs no request where the gateway has told us.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import groupby

from bot.clock import Clock
from bot.delivery.refusals import Refusals
from bot.delivery.sink import Failure, Undelivered
from storage import subscriptions
from storage.database import Database
from storage.subscriptions import SubscriptionRecord

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(hours=1)

Look = Callable[[int, int], Awaitable[None]]
"""`look(guild_id, channel_id)` raises Undelivered when the channel could not be written to."""


class ChannelAudit:
    """`run_once()` looks at every channel of the servers that are `ours` once."""

    def __init__(
        self,
        *,
        db: Database,
        wall: Clock,
        look: Look,
        refusals: Refusals,
        ready: Callable[[], bool] = lambda: True,
        ours: Callable[[int], bool] = lambda guild_id: True,
    ) -> None:
        self._db = db
        self._wall = wall
        self._look = look
        self._refusals = refusals
        self._ready = ready
        self._ours = ours

    async def run_once(self) -> int:
        """Returns how many channels are found unusable. Raises StorageFailure."""
        found = 0
        records = [
            each for each in await self._db.read(subscriptions.active) if self._ours(each.guild_id)
        ]
        records.sort(key=lambda record: record.channel_id)
        for _, group in groupby(records, key=lambda record: record.channel_id):
            if not self._ready() or self._refusals.paused():
                break
            found += await self._look_at(list(group))
        return found

    async def _look_at(self, group: list[SubscriptionRecord]) -> bool:
        """Whether the channel of these subscriptions cannot be used."""
        first, now = group[0], self._wall.now()
        try:
            await self._look(first.guild_id, first.channel_id)
        except Undelivered as problem:
            if problem.failure not in (Failure.GONE, Failure.FORBIDDEN):
                return False
            waiting = first.retry_at is not None and now < first.retry_at
            if waiting and problem.failure is Failure.FORBIDDEN:
                return True
            log.info("channel %d cannot be used: %s", first.channel_id, problem)
            await self._refusals.settle(
                problem,
                guild_id=first.guild_id,
                channel_id=first.channel_id,
                before=first.failures,
            )
            return True
        blocked = [record.id for record in group if record.state == "blocked"]
        if blocked:
            await self._db.write(lambda c: subscriptions.unblock(c, blocked, at=now))
        return False
