"""What a message consists of when it is sent: embeds, pictures, buttons, roles to mention."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.cards.controls import alert_view
from bot.cards.embeds import to_embed, to_files
from bot.cards.model import Card


@dataclass(frozen=True, kw_only=True)
class Content:
    """The cards of a message; `about` is the symbol and the short id of the one alert it shows,
    None where there are several and no button could say which one it means. `stands_alone`: it
    answers to no message even where its alert does. `briefed`: notes came with its post."""

    cards: tuple[Card, ...]
    about: tuple[str, str] | None = None
    roles: tuple[int, ...] = ()
    stands_alone: bool = False
    briefed: bool = False

    def embeds(self) -> list[discord.Embed]:
        return [to_embed(card) for card in self.cards]

    def files(self) -> list[discord.File]:
        return [file for card in self.cards for file in to_files(card)]

    def view(self) -> discord.ui.View | None:
        return None if self.about is None else alert_view(*self.about)

    def mentions(self) -> str | None:
        return " ".join(f"<@&{role}>" for role in self.roles) or None


def only(roles: Sequence[int]) -> discord.AllowedMentions:
    """These roles may be mentioned, by id, and nobody else."""
    allowed = discord.AllowedMentions.none()
    allowed.roles = [discord.Object(role) for role in roles] or False
    return allowed
