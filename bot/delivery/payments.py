"""Paying one alert: send it, write down how it ended, and draw the consequences.

What has been sent may have arrived though nobody heard so. Within minutes the nonce makes a
repetition show once; later, or when another process tried first, the channel is asked whether
the message is there already.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.alerts.bulletins import STAGE as BULLETIN
from bot.alerts.personal.book import refused_words
from bot.alerts.personal.facts import STAGE as PERSONAL
from bot.clock import Clock
from bot.delivery.limiter import OldEdits, Pacing
from bot.delivery.publisher import PUBLISH_WITHIN
from bot.delivery.refusals import Refusals, Tell
from bot.delivery.retry import Decision, Verb, decide, is_ambiguous
from bot.delivery.sink import Failure, Posted, Sink, Undelivered
from storage import alerts, bulletins, claims, personal, publications, subscriptions
from storage.alerts import AlertRecord
from storage.claims import Claim
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageFailure

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Alerts whose first try is remembered."""
OLD = timedelta(minutes=58)
"""From this age on an edit counts against Discord's limit of edits of old messages (1 h)."""

PERSONAL_REFUSALS = (Failure.GONE, Failure.FORBIDDEN, Failure.REFUSED)
"""What a person must be told of an alert of their own."""


class Payments:
    """Pays claims, one at a time a channel. `refused` is why nothing can be sent any more."""

    def __init__(
        self, *, db: Database, sink: Sink, wall: Clock, pace: Pacing, tell: Tell | None
    ) -> None:
        self._db = db
        self._sink = sink
        self._wall = wall
        self._pace = pace
        self._old_edits = OldEdits()
        self._tried: dict[str, float] = {}
        self.refusals = Refusals(db=db, wall=wall, pace=pace, tell=tell)
        self.refused = ""
        self.paid = 0
        self.last_paid: datetime | None = None

    async def pay(self, claim: Claim) -> datetime | None:
        """Pay one claim; returns until when its channel should rest, or None to go on.

        Raises StorageFailure when what happened could not be written down.
        """
        now, record = self._wall.now(), claim.subscription
        if record is None and claim.alert.stage not in (PERSONAL, BULLETIN):
            await self._db.write(
                lambda c: alerts.withdraw(c, claim.alert.id, reason="unsubscribed"), alone=False
            )
            return None
        if claim.overtaken:
            await self._end(claim.alert, "dropped", "overtaken by a newer edit")
            return None
        rest = record.retry_at if record is not None and record.state == "blocked" else None
        if rest is not None and now < rest:
            await self.hand_back([claim], until=rest, reason="the channel refuses us")
            return rest
        if wait := self._edit_wait(claim, now):
            later = now + timedelta(seconds=wait)
            await self.hand_back([claim], until=later, reason="too many edits of old messages")
            return None
        try:
            posted = await self._send(claim)
        except Undelivered as problem:
            return await self._settle(claim, problem)
        except StorageFailure:
            raise
        except Exception as error:
            # Whatever one alert brings up, the others are still owed.
            log.exception("alert %s could not be paid", claim.alert.id)
            unexpected = f"{type(error).__name__}: {error}"
            return await self._settle(claim, Undelivered(Failure.BUSY, unexpected))
        await self._sent(claim, posted)
        return None

    async def hand_back(
        self, untried: list[Claim], *, until: datetime | None = None, reason: str = ""
    ) -> None:
        """Give claims back untried."""
        now = self._wall.now()
        claimed = [claim.alert for claim in untried]
        later = until or now
        if claimed:
            await self._db.write(
                lambda c: claims.postpone(c, claimed, now=now, not_before=later, reason=reason),
                alone=False,
            )

    def _edit_wait(self, claim: Claim, now: datetime) -> float:
        sent = claim.target_sent_at
        if claim.alert.act != "edit" or sent is None or now - sent < OLD:
            return 0.0
        return self._old_edits.wait(claim.alert.channel_id, _monotonic())

    async def _send(self, claim: Claim) -> Posted:
        alert, now = claim.alert, self._wall.now()
        if alert.act != "edit" and self._may_be_there(alert, now):
            await self._pace.turn()
            first = alert.first_attempt_at or now
            found = await self._sink.find(alert, since=min(first, now))
            if found is not None:
                return found
        if alert.act == "post" and alert.expires_at is not None and now >= alert.expires_at:
            raise Undelivered(Failure.TOO_OLD, "too old to be news")
        if alert.act != "post" and claim.target_message is None:
            raise Undelivered(Failure.MESSAGE_GONE, "the message it follows up was never shown")
        await self._pace.turn()
        if len(self._tried) > REMEMBERED:
            # Whoever is forgotten is looked up in the channel before it is tried again.
            self._tried.clear()
        self._tried.setdefault(alert.id, _monotonic())
        if claim.target_message is None:
            return await self._sink.post(alert)
        if alert.act == "edit":
            return await self._sink.edit(alert, message_id=claim.target_message)
        return await self._sink.reply(alert, message_id=claim.target_message)

    def _may_be_there(self, alert: AlertRecord, now: datetime) -> bool:
        first = self._tried.get(alert.id)
        waited = None if first is None else timedelta(seconds=_monotonic() - first)
        return is_ambiguous(alert, now=now, waited=waited)

    async def _sent(self, claim: Claim, posted: Posted) -> None:
        alert, now = claim.alert, self._wall.now()
        again = claim.subscription is not None and claim.subscription.state == "blocked"

        def work(connection: Connection) -> None:
            alerts.mark_sent(connection, alert.id, message_id=posted.message_id, at=now)
            _record(connection, alert, now, "sent", "")
            if claim.subscription is not None:
                publications.owe(
                    connection,
                    alert.id,
                    message_id=posted.message_id,
                    at=now,
                    until=now + PUBLISH_WITHIN,
                )
            if again:
                for each in subscriptions.in_channel(connection, alert.channel_id):
                    if each.state == "blocked":
                        subscriptions.set_state(connection, each.id, state="active")

        await self._db.write(work, alone=again)
        self.refusals.breaker.accepted(alert.guild_id, _monotonic())
        self._tried.pop(alert.id, None)
        self.paid += 1
        self.last_paid = now
        log.info("alert %s %s sent to channel %d", alert.id, alert.act, alert.channel_id)

    async def _end(self, alert: AlertRecord, state: str, reason: str) -> None:
        now = self._wall.now()

        def work(connection: Connection) -> None:
            alerts.end(connection, alert.id, state=state, reason=reason, owner=alert.claimant)
            _record(connection, alert, now, state, reason)

        await self._db.write(work, alone=False)

    async def _settle(self, claim: Claim, problem: Undelivered) -> datetime | None:
        alert, now = claim.alert, self._wall.now()
        if alert.stage in (PERSONAL, BULLETIN) and problem.failure in PERSONAL_REFUSALS:
            return await self._settle_own(alert, problem)
        if problem.failure in (Failure.GONE, Failure.FORBIDDEN):
            decision = await self.refusals.settle(
                problem,
                guild_id=alert.guild_id,
                channel_id=alert.channel_id,
                before=claim.subscription.failures if claim.subscription else 0,
                alert=alert,
            )
            self._tried.pop(alert.id, None)
        else:
            decision = decide(alert, problem, now=now)
            await self._db.write(lambda c: _apply(c, alert, decision, now), alone=False)
        log.warning("alert %s: %s → %s", alert.id, problem, decision.verb)
        if decision.verb is Verb.STOP:
            self.refused = (
                "Discord does not accept the bot's token any more. Nothing was lost: set a "
                "valid DISCORD_TOKEN and start again."
            )
        if problem.failure is Failure.OLD_EDITS:
            until = _monotonic() + problem.after.total_seconds()
            self._old_edits.refused(alert.channel_id, until)
            return None
        if decision.verb in (Verb.DROP, Verb.EXPIRE):
            self._tried.pop(alert.id, None)
            return None
        return decision.at or now

    async def _settle_own(self, alert: AlertRecord, problem: Undelivered) -> datetime | None:
        """A person's own alert that cannot reach them waits for them, a bulletin is left out, and
        none comes any more where its channel is gone; nobody else is concerned."""
        now, pause = self._wall.now(), self.refusals.breaker.open_for(_monotonic())
        log.warning("alert %s: %s", alert.id, problem)
        if pause:
            # Many servers refuse at once: that is Discord's doing, not this person's.
            later = now + timedelta(seconds=pause)
            again = Decision(verb=Verb.RETRY, at=later, reason=str(problem))
            await self._db.write(lambda c: _apply(c, alert, again, now))
            return later
        dropped = Decision(verb=Verb.DROP, reason=str(problem))
        reason = refused_words(None if alert.guild_id == personal.DIRECT else alert.channel_id)

        def work(connection: Connection) -> None:
            _apply(connection, alert, dropped, now)
            if alert.stage == PERSONAL:
                personal.refuse(connection, personal.number_of(alert.episode_id), reason=reason)
            elif problem.failure is Failure.GONE:
                bulletins.forget_channel(connection, alert.channel_id)

        await self._db.write(work)
        self._tried.pop(alert.id, None)
        return None


def _apply(connection: Connection, alert: AlertRecord, decision: Decision, now: datetime) -> None:
    _record(connection, alert, now, decision.verb, decision.reason)
    if decision.verb in (Verb.RETRY, Verb.STOP):
        claims.retry_later(
            connection, alert, now=now, not_before=decision.at or now, reason=decision.reason
        )
    if decision.verb is Verb.EXPIRE:
        alerts.end(
            connection, alert.id, state="expired", reason=decision.reason, owner=alert.claimant
        )
    if decision.verb is Verb.DROP:
        alerts.end(
            connection, alert.id, state="dropped", reason=decision.reason, owner=alert.claimant
        )


def _record(
    connection: Connection, alert: AlertRecord, now: datetime, outcome: str, detail: str
) -> None:
    alerts.record_delivery(
        connection, alert.id, attempt=alert.attempts, at=now, outcome=outcome, detail=detail
    )


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
