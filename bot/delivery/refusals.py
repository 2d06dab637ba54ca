"""What follows when a channel refuses us or is gone: for it, and for everybody.

One channel is waited for and in the end given up, and its server is told. When many servers
refuse at once the breaker opens: sending pauses, and what the refusals of the last minutes led
to is undone, so a bad hour of Discord's costs nobody a subscription.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.delivery.breaker import WINDOW, Breaker
from bot.delivery.limiter import Pacing
from bot.delivery.retry import Decision, Verb, decide_refusal
from bot.delivery.sink import Failure, Undelivered
from storage import alerts, claims, facts, subscriptions
from storage.alerts import AlertRecord
from storage.connection import Connection
from storage.database import Database

log = logging.getLogger(__name__)

Tell = Callable[[int, int, str], Awaitable[None]]
"""`tell(guild_id, channel_id, text)` says something to people. Raises Undelivered."""


class Refusals:
    """Settles refusals; the breaker is shared by all who send."""

    def __init__(self, *, db: Database, wall: Clock, pace: Pacing, tell: Tell | None) -> None:
        self._db = db
        self._wall = wall
        self._pace = pace
        self._tell = tell
        self._blocked: dict[int, datetime] = {}
        self.breaker = Breaker()

    async def settle(
        self,
        problem: Undelivered,
        *,
        guild_id: int,
        channel_id: int,
        before: int,
        alert: AlertRecord | None = None,
    ) -> Decision:
        """Draw the consequences of a refusal that `alert` met (None: a check did).

        `before` is how often in a row the channel had refused us before.
        """
        now = self._wall.now()
        opened = self.breaker.refused(guild_id, _monotonic())
        decision = self._decide(problem, guild_id, before, now)

        def work(connection: Connection) -> Sequence[int]:
            if alert is not None:
                _write_down(connection, alert, decision, now)
            if decision.verb is Verb.BLOCK:
                return block(connection, guild_id, channel_id, decision, at=now)
            if decision.verb is Verb.UNSUBSCRIBE:
                give_up(connection, guild_id, channel_id, reason=decision.reason, at=now)
            return ()

        self._remember(await self._db.write(work), now)
        if opened:
            await self._spare_everybody(now)
        if decision.verb is Verb.UNSUBSCRIBE:
            await self._tell_guild(guild_id, channel_id, problem.failure)
        return decision

    def paused(self) -> bool:
        """Whether nothing may be sent for a while."""
        return self.breaker.open_for(_monotonic()) > 0

    def _decide(self, problem: Undelivered, guild_id: int, before: int, now: datetime) -> Decision:
        pause = self.breaker.open_for(_monotonic())
        if pause:
            later = now + timedelta(seconds=pause)
            return Decision(verb=Verb.RETRY, at=later, reason=str(problem))
        if self.breaker.suspects(guild_id):
            # Many servers said so lately: nothing is given up at a word.
            problem = Undelivered(Failure.FORBIDDEN, problem.detail)
        return decide_refusal(problem, now=now, before=before)

    def _remember(self, blocked: Sequence[int], now: datetime) -> None:
        since = now - timedelta(seconds=WINDOW)
        self._blocked = {each: at for each, at in self._blocked.items() if at >= since}
        self._blocked |= dict.fromkeys(blocked, now)

    async def _spare_everybody(self, now: datetime) -> None:
        blocked = list(self._blocked)
        self._blocked.clear()
        since = now - timedelta(seconds=WINDOW)

        def work(connection: Connection) -> None:
            subscriptions.unblock(connection, blocked, at=now)
            back = subscriptions.restore_channels(connection, since=since, at=now)
            detail = f"{back} subscription(s) restored, {len(blocked)} unblocked"
            facts.audit(connection, "many servers refuse at once: sending paused", detail, at=now)

        await self._db.write(work)
        log.error("many servers refuse at once: sending pauses, every subscription is kept")

    async def _tell_guild(self, guild_id: int, channel_id: int, failure: Failure) -> None:
        """Say in another channel of the server that has subscriptions that this one lost its."""
        if self._tell is None:
            return
        why = (
            "it no longer exists"
            if failure is Failure.GONE
            else "it has not let me write there for more than a week"
        )
        text = (
            f"I have ended the subscriptions of <#{channel_id}>: {why}. "
            "To go on elsewhere, use `/subscribe` in another channel."
        )
        known = await self._db.read(lambda c: subscriptions.in_guild(c, guild_id))
        for other in [each.channel_id for each in known if each.state == "active"][:1]:
            try:
                await self._pace.turn()
                await self._tell(guild_id, other, text)
            except Undelivered as problem:
                log.warning("guild %d could not be told: %s", guild_id, problem)


def block(
    connection: Connection, guild_id: int, channel_id: int, decision: Decision, *, at: datetime
) -> Sequence[int]:
    """Let a channel's subscriptions, and what they are owed, wait; returns their numbers."""
    until = decision.at or at
    records = subscriptions.in_channel(connection, channel_id)
    waiting = [record for record in records if record.state != "paused"]
    for record in waiting:
        subscriptions.set_state(
            connection,
            record.id,
            state="blocked",
            reason=decision.reason,
            failures=record.failures + 1,
            retry_at=until,
        )
    claims.hold_channel(
        connection,
        guild_id=guild_id,
        channel_id=channel_id,
        now=at,
        not_before=until,
        reason=decision.reason,
    )
    return [record.id for record in waiting]


def give_up(
    connection: Connection, guild_id: int, channel_id: int, *, reason: str, at: datetime
) -> None:
    """End all subscriptions of a channel, on the record."""
    count = subscriptions.remove_channel(connection, channel_id, at=at)
    detail = f"{count} subscription(s) of channel {channel_id}: {reason}"
    facts.audit(connection, "unsubscribed by the program", detail, at=at, guild_id=guild_id)


def _write_down(
    connection: Connection, alert: AlertRecord, decision: Decision, now: datetime
) -> None:
    alerts.record_delivery(
        connection,
        alert.id,
        attempt=alert.attempts,
        at=now,
        outcome=decision.verb,
        detail=decision.reason,
    )
    if decision.verb is not Verb.UNSUBSCRIBE:
        claims.retry_later(
            connection, alert, now=now, not_before=decision.at or now, reason=decision.reason
        )


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
