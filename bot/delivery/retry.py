"""What to do after a failed attempt. Pure: the failure and the row in, a decision out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.delivery.sink import Failure, Undelivered
from storage.alerts import AlertRecord

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)
"""Retries double from the first wait to the longest."""
BLOCKED = tuple(timedelta(hours=h) for h in (1, 6, 24, 72, 168))
"""When a channel that refuses us is tried again; after the last one the subscription ends."""
NONCE_WINDOW = timedelta(minutes=2)
"""Discord shows a message with the same nonce once for “the past few minutes”; an older
attempt whose outcome is unknown is looked up in the channel before it is repeated."""


class Verb(StrEnum):
    RETRY = "retry"
    DROP = "drop"
    EXPIRE = "expire"
    UNSUBSCRIBE = "unsubscribe"
    BLOCK = "block"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Decision:
    verb: Verb
    at: datetime | None = None
    reason: str = ""


def decide(alert: AlertRecord, problem: Undelivered, *, now: datetime) -> Decision:
    """What follows from a failed attempt that is not the channel's refusal.

    `alert.attempts` counts this attempt.
    """
    reason = str(problem)
    if problem.failure is Failure.UNAUTHORIZED:
        return Decision(verb=Verb.STOP, reason=reason)
    if problem.failure in (Failure.REFUSED, Failure.MESSAGE_GONE):
        return Decision(verb=Verb.DROP, reason=reason)
    if problem.failure is Failure.HELD_BACK:
        return Decision(verb=Verb.RETRY, at=now, reason=reason)
    old = alert.expires_at is not None and now >= alert.expires_at
    if old or problem.failure is Failure.TOO_OLD:
        return Decision(verb=Verb.EXPIRE, reason=reason)
    doubled = FIRST_WAIT * 2 ** min(max(alert.attempts, 1) - 1, 12)
    wait = max(problem.after, min(doubled, LONGEST_WAIT))
    return Decision(verb=Verb.RETRY, at=now + wait, reason=reason)


def decide_refusal(problem: Undelivered, *, now: datetime, before: int) -> Decision:
    """What follows when a channel is gone or refuses us; `before` is how often in a row it had
    refused us before."""
    reason = str(problem)
    if problem.failure is Failure.GONE or before >= len(BLOCKED):
        return Decision(verb=Verb.UNSUBSCRIBE, reason=reason)
    return Decision(verb=Verb.BLOCK, at=now + BLOCKED[before], reason=reason)


def is_ambiguous(alert: AlertRecord, *, now: datetime, waited: timedelta | None) -> bool:
    """Whether an earlier attempt may have been carried out too long ago for the nonce.

    `waited` is the time since this process first tried, by a clock that nobody sets; None when
    another process did. Then only the wall clock is there to ask, which may have been set, so
    the channel is asked instead.
    """
    first = alert.first_attempt_at
    if alert.attempts < 2 or first is None:
        return False
    if waited is None or waited > NONCE_WINDOW:
        return True
    return not timedelta(0) <= now - first <= NONCE_WINDOW
