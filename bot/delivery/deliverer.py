"""The deliverer pays the outbox: claim, send, mark. It knows nothing of the scanner.

A claimed row is leased, so the rows of a process that died are claimed again; the nonce makes
the repeated send show once. Rows of one channel are paid in order, channels side by side. No
REST call is ever cancelled: discord.py would hang every later one.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from sqlite3 import Connection

from bot.clock import Clock
from bot.delivery.limiter import Pace
from bot.delivery.retry import Decision, Verb, decide, is_ambiguous
from bot.delivery.sink import Failure, Posted, Sink, Undelivered
from bot.errors import DiscordRefused
from storage import alerts, facts, subscriptions
from storage.alerts import AlertRecord
from storage.database import Database
from storage.subscriptions import SubscriptionRecord

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""Longer than any send may take, discord.py's own retries and waits included."""
BATCH = 200
CHANNELS_AT_ONCE = 10

Ready = Callable[[], bool]


class Deliverer:
    """Pays what is due in `run_once()`. `ready` says whether Discord can be reached now."""

    def __init__(
        self,
        *,
        db: Database,
        sink: Sink,
        wall: Clock,
        pace: Pace | None = None,
        ready: Ready = lambda: True,
    ) -> None:
        self._db = db
        self._sink = sink
        self._wall = wall
        self._pace = pace or Pace()
        self._ready = ready
        self._refused = ""
        self.last_paid: datetime | None = None

    async def run_once(self) -> int:
        """Pay until nothing is due; returns how many messages were sent.

        Raises DiscordRefused when the token is not accepted any more: every row and every
        subscription is kept.
        """
        paid = 0
        while self._ready():
            now = self._wall.now()
            batch = await self._db.write(
                lambda c, now=now: alerts.claim(  # type: ignore[misc]
                    c, now=now, lease_until=now + LEASE, limit=BATCH
                )
            )
            if not batch:
                break
            paid += await self._pay_all(batch)
            if self._refused:
                raise DiscordRefused(self._refused)
        return paid

    async def _pay_all(self, batch: Sequence[AlertRecord]) -> int:
        ordered = sorted(batch, key=lambda alert: alert.channel_id)
        queues = [list(group) for _, group in groupby(ordered, key=lambda a: a.channel_id)]
        lanes = asyncio.Semaphore(CHANNELS_AT_ONCE)

        async def pay_queue(queue: list[AlertRecord]) -> int:
            async with lanes:
                return sum([await self._pay(alert) for alert in queue])

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(pay_queue(queue)) for queue in queues]
        return sum(task.result() for task in tasks)

    async def _pay(self, alert: AlertRecord) -> int:
        now = self._wall.now()
        record = await self._db.read(lambda c: subscriptions.get(c, alert.subscription_id))
        if self._refused or _is_blocked(record, now):
            later = record.retry_at if record and record.retry_at else now
            reason = self._refused or "the channel refuses us"
            await self._db.write(
                lambda c: alerts.postpone(c, alert.id, not_before=later, reason=reason)
            )
            return 0
        try:
            posted = await self._send(alert)
        except Undelivered as problem:
            await self._settle(alert, problem, record)
            return 0
        except Exception as error:
            # Whatever one alert brings up, the others are still owed.
            log.exception("alert %s could not be paid", alert.id)
            unexpected = f"{type(error).__name__}: {error}"
            await self._settle(alert, Undelivered(Failure.BUSY, unexpected), record)
            return 0
        now = self._wall.now()

        def work(connection: Connection) -> None:
            alerts.mark_sent(connection, alert.id, message_id=posted.message_id, at=now)
            alerts.record_delivery(
                connection, alert.id, attempt=alert.attempts, at=now, outcome="sent"
            )
            if record is not None and record.state == "blocked":
                subscriptions.set_state(connection, record.id, state="active")

        await self._db.write(work)
        self.last_paid = now
        log.info("alert %s %s sent to channel %d", alert.id, alert.act, alert.channel_id)
        return 1

    async def _send(self, alert: AlertRecord) -> Posted:
        now = self._wall.now()
        if alert.act == "post" and alert.expires_at is not None and now >= alert.expires_at:
            raise _Expired(Failure.REFUSED, "too old to be news")
        await self._pace.turn()
        first = alert.first_attempt_at
        if alert.act != "edit" and first is not None and is_ambiguous(alert, now=now):
            found = await self._sink.find(alert, since=first)
            if found is not None:
                return found
        if alert.act == "post":
            return await self._sink.post(alert)
        message_id = await self._target(alert)
        if alert.act == "edit":
            return await self._sink.edit(alert, message_id=message_id)
        return await self._sink.reply(alert, message_id=message_id)

    async def _target(self, alert: AlertRecord) -> int:
        target_id = alert.target or ""
        target = await self._db.read(lambda c: alerts.get(c, target_id))
        if target is None or target.message_id is None:
            raise Undelivered(Failure.MESSAGE_GONE, "the message it follows up was never shown")
        return target.message_id

    async def _settle(
        self, alert: AlertRecord, problem: Undelivered, record: SubscriptionRecord | None
    ) -> None:
        now = self._wall.now()
        blocked = record.failures if record is not None else 0
        decision = decide(alert, problem, now=now, blocked=blocked)
        if isinstance(problem, _Expired):
            decision = Decision(verb=Verb.EXPIRE, reason=problem.detail)
        log.warning("alert %s: %s → %s", alert.id, problem, decision.verb)
        await self._db.write(lambda c: _apply(c, alert, decision, now))
        if decision.verb is Verb.STOP:
            self._refused = (
                "Discord does not accept the bot's token any more. Nothing was lost: set a "
                "valid DISCORD_TOKEN and start again."
            )


def _is_blocked(record: SubscriptionRecord | None, now: datetime) -> bool:
    """Whether the channel refused us and is not to be tried yet."""
    return (
        record is not None
        and record.state == "blocked"
        and record.retry_at is not None
        and now < record.retry_at
    )


class _Expired(Undelivered):
    """Found too old before anything was sent."""


def _apply(connection: Connection, alert: AlertRecord, decision: Decision, now: datetime) -> None:
    alerts.record_delivery(
        connection,
        alert.id,
        attempt=alert.attempts,
        at=now,
        outcome=decision.verb,
        detail=decision.reason,
    )
    if decision.verb in (Verb.RETRY, Verb.STOP, Verb.BLOCK):
        alerts.retry_later(
            connection, alert.id, not_before=decision.at or now, reason=decision.reason
        )
    if decision.verb is Verb.EXPIRE:
        alerts.end(connection, alert.id, state="expired", reason=decision.reason)
    if decision.verb in (Verb.DROP, Verb.UNSUBSCRIBE):
        alerts.end(connection, alert.id, state="dropped", reason=decision.reason)
    if decision.verb is Verb.BLOCK:
        _block(connection, alert, decision)
    if decision.verb is Verb.UNSUBSCRIBE:
        count = subscriptions.remove_channel(connection, alert.channel_id)
        facts.audit(
            connection,
            "unsubscribed by the program",
            f"{count} subscription(s) of channel {alert.channel_id}: {decision.reason}",
            at=now,
            guild_id=alert.guild_id,
        )


def _block(connection: Connection, alert: AlertRecord, decision: Decision) -> None:
    record = subscriptions.get(connection, alert.subscription_id)
    if record is not None:
        subscriptions.set_state(
            connection,
            record.id,
            state="blocked",
            reason=decision.reason,
            failures=record.failures + 1,
            retry_at=decision.at,
        )
