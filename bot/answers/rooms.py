"""The server that a command was typed in, as far as answers may look at it and act in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.cards.model import Card


@dataclass(frozen=True, kw_only=True)
class Room:
    """A text channel that the one who asks can see.

    `may_manage`: they may decide what it receives, by Manage Channels there or Manage Server.
    `bot_lacks` names the permissions that the bot misses there.
    """

    channel_id: int
    name: str
    may_manage: bool
    bot_lacks: tuple[str, ...] = ()


class Server(Protocol):
    """Rights are looked up anew at every call: they change while a form is being filled in."""

    def rooms(self) -> Sequence[Room]:
        """In the order in which Discord shows them."""

    async def post(self, channel_id: int, card: Card, *, symbol: str | None) -> int:
        """Post a card, with an alert's buttons for `symbol`; the message's id.

        Raises MissingPermission that names what Discord said, RetryableError when it failed.
        """

    async def unpost(self, channel_id: int, message_id: int) -> None:
        """Delete a test post; one that is gone is no error.

        Raises UserError for a message that is none, and what `post` raises.
        """
