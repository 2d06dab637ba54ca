"""Where alerts are paid, and how a payment can fail: the seam between outbox and Discord."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from storage.alerts import AlertRecord


class Failure(StrEnum):
    """Why a message could not be sent, drawn by what follows from it."""

    GONE = "gone"
    """The channel no longer exists."""
    MESSAGE_GONE = "message gone"
    """The message to edit or reply to no longer exists."""
    FORBIDDEN = "forbidden"
    """The bot may not write there now."""
    UNAUTHORIZED = "unauthorized"
    """The token is not accepted any more: nothing can be sent anywhere."""
    REFUSED = "refused"
    """Discord refuses this very message; sending it again changes nothing."""
    OLD_EDITS = "too many edits"
    """Discord has had enough edits of old or published messages in this channel for a while."""
    NO_FEED = "no announcement channel"
    """Nobody can follow this channel, so nothing of it can be published."""
    TOO_OLD = "too old"
    """It waited so long that it is no news any more."""
    HELD_BACK = "held back"
    """We did not let the request out ourselves; an earlier one of the same call may have been."""
    BUSY = "busy"
    """Rate limit, outage, broken connection: later. Whether it was carried out is unknown."""


class Undelivered(Exception):
    """A failed attempt. `after` is how long the other side asked to wait."""

    def __init__(self, failure: Failure, detail: str, *, after: timedelta = timedelta(0)) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.after = after


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A message that now exists."""

    message_id: int


class Sink(Protocol):
    """Pays alerts. Every method raises Undelivered and nothing else on purpose."""

    async def post(self, alert: AlertRecord) -> Posted:
        """A new message; the same alert posted twice within minutes shows once."""
        ...

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted: ...

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted: ...

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        """The message of an alert that may have been sent before, looked up in the channel."""
        ...
