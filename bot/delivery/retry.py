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


def decide(alert: AlertRecord, problem: Undelivered, *, now: datetime, blocked: int) -> Decision:
    """What follows from a failed attempt.

    `alert.attempts` counts this attempt; `blocked` is how often in a row the channel had
    refused us before.
    """
    reason = str(problem)
    if problem.failure is Failure.UNAUTHORIZED:
        return Decision(verb=Verb.STOP, reason=reason)
    if problem.failure is Failure.GONE:
        return Decision(verb=Verb.UNSUBSCRIBE, reason=reason)
    if problem.failure in (Failure.REFUSED, Failure.MESSAGE_GONE):
        return Decision(verb=Verb.DROP, reason=reason)
    if problem.failure is Failure.FORBIDDEN:
        if blocked >= len(BLOCKED):
            return Decision(verb=Verb.UNSUBSCRIBE, reason=reason)
        return Decision(verb=Verb.BLOCK, at=now + BLOCKED[blocked], reason=reason)
    if alert.expires_at is not None and now >= alert.expires_at:
        return Decision(verb=Verb.EXPIRE, reason=reason)
    doubled = FIRST_WAIT * 2 ** min(alert.attempts - 1, 12)
    wait = max(problem.after, min(doubled, LONGEST_WAIT))
    return Decision(verb=Verb.RETRY, at=now + wait, reason=reason)


def is_ambiguous(alert: AlertRecord, *, now: datetime) -> bool:
    """Whether an earlier attempt may have been carried out too long ago for the nonce."""
    first = alert.first_attempt_at
    return alert.attempts > 1 and first is not None and now - first > NONCE_WINDOW
