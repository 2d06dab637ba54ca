"""Answer: a card and the numbers behind it; Caller: who asks, from where, with which rights.

An answer may be changed in place. Its controls carry whole commands as text, in the syntax of
`bot.answers.parse`, so that nothing has to be remembered between the answer and the click.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.answers.rooms import Server
from bot.cards.model import Card, Control, Picture
from bot.charts.specs import Spec
from bot.errors import DataError, NoData, UserError
from bot.preferences import Defaults
from bot.services import Services


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`numbers` are JSON values, unrounded, with their dates and basis. `private`: only the
    one who asked should see it. `table` is the same as CSV text, got by running `call` again;
    one without the other raises ValueError."""

    card: Card
    numbers: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False
    controls: tuple[Control, ...] = ()
    table: str = ""
    call: str = ""

    def __post_init__(self) -> None:
        if self.table and not self.call:
            raise ValueError("a table needs the call that makes it again")


def nowhere(channel_id: int) -> bool:
    """The rights of somebody of whom nothing is known."""
    return False


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who runs a command. Outside a server `guild_id` and `channel_id` are None.

    `may_manage` says whether the person may manage the channel, `may_manage_server` whether
    the server or all of its channels, `may_post` whether they may write in the channel;
    `bot_lacks` names the permissions the bot itself is missing there; `server` looks further.
    `manages(channel_id)` says the same as `may_manage` of any other channel of the server.
    `announces`: other servers can follow the channel; `elsewhere`: it is not the one they ask in.
    """

    user_id: int = 0
    guild_id: int | None = None
    channel_id: int | None = None
    may_manage: bool = False
    may_manage_server: bool = False
    may_post: bool = False
    bot_lacks: tuple[str, ...] = ()
    server: Server | None = None
    manages: Callable[[int], bool] = nowhere
    announces: bool = False
    elsewhere: bool = False

    def require_manager(self) -> tuple[int, int]:
        """The guild and channel, when this caller may change what the channel receives.

        Raises UserError outside a server or without the right.
        """
        if self.guild_id is None or self.channel_id is None:
            raise UserError("This command works in a server’s channel only.")
        if not self.may_manage:
            raise UserError(
                "You need the Manage Channels permission in that channel to change what it "
                "receives. Ask a moderator."
            )
        return self.guild_id, self.channel_id

    def require_server(self) -> int:
        """The guild. Raises UserError outside a server."""
        if self.guild_id is None:
            raise UserError("This command works in a server’s channel only.")
        return self.guild_id

    def require_manager_of(self, channel_id: int) -> None:
        """Raises UserError for who may not change what that channel receives, wherever they ask."""
        here = channel_id == self.channel_id
        if not (self.may_manage if here else self.manages(channel_id)):
            raise UserError(
                f"You need the Manage Channels permission in <#{channel_id}> to change what it "
                "receives. Nothing was changed. Ask a moderator."
            )

    def require_server_manager(self) -> int:
        """The guild, when this caller may change what counts in all of it. Raises UserError."""
        if self.guild_id is None:
            raise UserError("This command works in a server only.")
        if not self.may_manage_server:
            raise UserError(
                "You need the Manage Server or the Manage Channels permission in the whole server "
                "for this. Ask a moderator."
            )
        return self.guild_id


NOBODY = Caller()
"""Asks from a terminal or a test: no one in particular, nowhere."""


async def defaults_for(services: Services, caller: Caller) -> Defaults:
    """What the caller’s commands use where their options say nothing."""
    return await services.preferences.defaults(user_id=caller.user_id, guild_id=caller.guild_id)


async def with_picture(services: Services, card: Card, spec: Spec, *, filename: str) -> Card:
    """The card with its picture; where it cannot be drawn the card says so instead."""
    try:
        png = await services.renderer.draw(spec)
    except DataError as error:
        body = "\n".join(part for part in (card.body, f"-# No picture: {error}") if part)
        return replace(card, body=body)
    return replace(card, picture=Picture(filename=filename, png=png, alt=spec.alt))


async def with_picture_if_any(
    services: Services, card: Card, make: Callable[[], Spec], *, filename: str
) -> Card:
    """The same for a picture that there may be too little data for: `make` may raise NoData."""
    try:
        spec = make()
    except NoData as error:
        body = "\n".join(part for part in (card.body, f"-# No picture: {error}") if part)
        return replace(card, body=body)
    return await with_picture(services, card, spec, filename=filename)
