"""Publishing what was posted to feeds, beside the deliverer and never in its way.

Discord publishes few messages an hour of a channel, so each channel's last hour is counted in the
database, and what finds no room in time is left unpublished, on the record. Edits of a published
message reach its followers by themselves.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from bot.alerts.quiet.rules import PUBLISHED_AN_HOUR
from bot.clock import Clock
from bot.delivery.discord_feed import Publish
from bot.delivery.limiter import Pacing
from bot.delivery.sink import Failure, Undelivered
from storage import channels, facts, publications
from storage.connection import Connection
from storage.database import Database
from storage.publications import Publication

log = logging.getLogger(__name__)

PUBLISH_EVERY = timedelta(seconds=5)
PUBLISH_WITHIN = timedelta(hours=2)
"""After that a message is no news to followers: a channel's hour, and one for who came before."""
LEASE = timedelta(minutes=5)
"""Longer than publishing takes; a process that died leaves its messages for so long."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=10)
FORBIDDEN_WAIT = timedelta(minutes=15)
"""A channel that refuses us is asked again so seldom that Discord does not mind."""
NO_CHANNEL = (Failure.GONE, Failure.NO_FEED)
"""What ends a feed."""
NO_MESSAGE = (Failure.MESSAGE_GONE, Failure.REFUSED)
"""What leaves one message unpublished for good."""


class Publisher:
    """`run_once()` publishes what is due. `ready` says whether Discord can be reached now."""

    def __init__(
        self,
        *,
        db: Database,
        wall: Clock,
        publish: Publish,
        pace: Pacing,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._db = db
        self._wall = wall
        self._publish = publish
        self._pace = pace
        self._ready = ready
        self.published = 0

    async def run_once(self) -> int:
        """Returns how many messages were published. Raises StorageFailure."""
        before = self.published
        if not await self._db.read(publications.waiting):
            return 0
        now = self._wall.now()
        missed = await self._db.write(lambda c: publications.give_up(c, now=now))
        for channel_id, count in missed.items():
            log.warning("channel %d: %d message(s) stay unpublished", channel_id, count)
        while self._ready() and (taken := await self._take()):
            # Gathered, not a TaskGroup: a request of discord.py must not be cancelled.
            ends = await asyncio.gather(*map(self._pay, taken), return_exceptions=True)
            for end in ends:
                if end is not None:
                    raise end
        return self.published - before

    async def _take(self) -> list[list[Publication]]:
        now = self._wall.now()
        return await self._db.write(
            lambda c: publications.take(
                c, now=now, lease_until=now + LEASE, an_hour=PUBLISHED_AN_HOUR
            )
        )

    async def _pay(self, queue: Sequence[Publication]) -> None:
        """Publish the messages of one channel in their order, until one has to wait."""
        for each in queue:
            try:
                await self._pace.turn()
                await self._publish(each.guild_id, each.channel_id, each.message_id)
            except Undelivered as problem:
                log.warning("alert %s cannot be published: %s", each.alert_id, problem)
                if not await self._settle(each, problem):
                    return
                continue
            await self._db.write(
                partial(publications.published, alert_id=each.alert_id), alone=False
            )
            self.published += 1

    async def _settle(self, due: Publication, problem: Undelivered) -> bool:
        """Write down what a failure leads to; whether its channel's next message may be tried."""
        now = self._wall.now()

        def lose(connection: Connection) -> None:
            publications.miss(connection, due.alert_id, reason=str(problem))
            if problem.failure in NO_CHANNEL:
                channels.end_feed(connection, due.channel_id)
                detail = f"channel {due.channel_id}: {problem}"
                facts.audit(connection, "feed ended", detail, at=now, guild_id=due.guild_id)

        if problem.failure in (*NO_CHANNEL, *NO_MESSAGE):
            await self._db.write(lose)
            return problem.failure in NO_MESSAGE
        later = now + wait_after(problem, attempts=due.attempts)
        await self._db.write(
            lambda c: publications.wait(
                c, due.channel_id, now=now, not_before=later, reason=str(problem)
            )
        )
        return False


def wait_after(problem: Undelivered, *, attempts: int) -> timedelta:
    """How long a channel waits after a failure that may pass; `attempts` counts this one."""
    if problem.failure is Failure.FORBIDDEN:
        return FORBIDDEN_WAIT
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(attempts, 1) - 1, 12)
    return max(problem.after, min(doubled, LONGEST_WAIT))
