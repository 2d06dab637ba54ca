"""A Discord server behind `bot.answers.rooms.Server`: the rights of a member, and test posts."""

from collections.abc import Mapping

import discord

from bot.answers.rooms import Room
from bot.cards.controls import alert_view
from bot.cards.embeds import to_embed, to_files
from bot.cards.model import Card
from bot.cards.onboarding import TEST
from bot.delivery.discord_sink import Door
from bot.delivery.sink import Failure, Undelivered
from bot.errors import MissingPermission, RetryableError, UserError

NEEDED: Mapping[str, str] = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
"""What the bot needs in a channel that it posts alerts to."""


def lacking(rights: discord.Permissions) -> tuple[str, ...]:
    """The permissions that are missing for alerts, in Discord’s words."""
    return tuple(name for right, name in NEEDED.items() if not getattr(rights, right))


class DiscordServer:
    """The guild as `member` may see it; nothing is asked of Discord before it is needed."""

    def __init__(self, guild: discord.Guild, member: discord.Member) -> None:
        self._guild = guild
        self._member = member

    def rooms(self) -> list[Room]:
        return [
            self._room(channel)
            for channel in self._guild.text_channels
            if channel.permissions_for(self._member).view_channel
        ]

    async def post(self, channel_id: int, card: Card, *, symbol: str | None) -> int:
        view = alert_view(symbol) if symbol else discord.utils.MISSING
        channel = self._channel(channel_id)
        try:
            with Door():
                sent = await channel.send(embed=to_embed(card), files=to_files(card), view=view)
        except Undelivered as problem:
            raise _in_words(problem, channel_id) from problem
        return sent.id

    async def unpost(self, channel_id: int, message_id: int) -> None:
        channel = self._channel(channel_id)
        try:
            with Door():
                message = await channel.fetch_message(message_id)
                if message.author.id != self._guild.me.id or not _is_test(message):
                    raise UserError("That message is no test post of mine; it stays.")
                await message.delete()
        except Undelivered as problem:
            if problem.failure is not Failure.MESSAGE_GONE:
                raise _in_words(problem, channel_id) from problem

    def _room(self, channel: discord.TextChannel) -> Room:
        person = channel.permissions_for(self._member)
        return Room(
            channel_id=channel.id,
            name=channel.name,
            may_manage=person.manage_channels or person.manage_guild,
            bot_lacks=lacking(channel.permissions_for(self._guild.me)),
        )

    def _channel(self, channel_id: int) -> discord.TextChannel:
        channel = self._guild.get_channel(channel_id)
        if not isinstance(channel, discord.TextChannel):
            raise UserError(f"The channel <#{channel_id}> is gone. Pick another.")
        return channel


def _is_test(message: discord.Message) -> bool:
    return any((embed.title or "").startswith(TEST) for embed in message.embeds)


def _in_words(problem: Undelivered, channel_id: int) -> MissingPermission | RetryableError:
    if problem.failure in (Failure.FORBIDDEN, Failure.GONE):
        return MissingPermission(
            f"Discord does not let me use <#{channel_id}> ({problem.detail}). Nothing was "
            "changed. Check my permissions there, then press again."
        )
    return RetryableError(
        f"Discord did not carry that out in <#{channel_id}> ({problem.detail}). Nothing was "
        "changed; please press again in a minute."
    )
