"""Argument types shared by the commands, with their autocomplete."""

from collections.abc import Mapping

import discord
from discord import app_commands

from bot.alerts.universes import own_names
from bot.answers.model import Caller
from bot.client import Highwater
from bot.market.model import Symbol
from bot.market.universes import universe_titles
from bot.notation import Notation
from cogs.server import DiscordServer, lacking

Interaction = discord.Interaction[Highwater]

CHOICES = 25
"""Discord shows no more."""


class SymbolArgument(app_commands.Transformer):
    """A ticker, completed by ticker or name; raises InvalidSymbol."""

    async def transform(  # type: ignore[override]
        self, interaction: Interaction, value: str
    ) -> Symbol:
        return Symbol(value)

    async def autocomplete(  # type: ignore[override]
        self, interaction: Interaction, value: str
    ) -> list[app_commands.Choice[str]]:
        found = interaction.client.services.directory.search(value, limit=CHOICES)
        return [
            app_commands.Choice(name=f"{item.symbol} · {item.name}"[:100], value=str(item.symbol))
            for item in found
        ]


SymbolOption = app_commands.Transform[Symbol, SymbolArgument]


async def own_universes(interaction: Interaction) -> Mapping[str, str]:
    """What the server calls its own, by name, with what to say of each."""
    return own_names(await interaction.client.services.universes.in_guild(interaction.guild_id))


async def complete_symbols(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """Universes first, then the last word as a symbol."""
    *before, last = value.replace(",", " ").split(" ") if value else [""]
    kept = " ".join(before)
    own = await own_universes(interaction)
    titles = {**own, **universe_titles(), **own}
    universes = [
        app_commands.Choice(name=f"{name} · {title}"[:100], value=name)
        for name, title in titles.items()
        if not kept and name.startswith(last.lower())
    ]
    found = interaction.client.services.directory.search(last, limit=CHOICES) if last else ()
    symbols = [
        app_commands.Choice(
            name=f"{kept} {item.symbol} · {item.name}".strip()[:100],
            value=f"{kept} {item.symbol}".strip(),
        )
        for item in found
        if len(kept) < 80
    ]
    return [*universes, *symbols][:CHOICES]


def caller(interaction: Interaction, channel: discord.TextChannel | None = None) -> Caller:
    """Who asks, and what they and the bot may do in `channel` (default: where they asked).

    Where a person brought the bot along to a server that did not take it in, there is no server.

    The rights come with Discord's own interaction, so they cannot be claimed by a client.
    """
    guild = interaction.guild
    if guild is None or not interaction.is_guild_integration():
        return Caller(user_id=interaction.user.id)
    if channel is None or channel.id == interaction.channel_id:
        person, bot = interaction.permissions, interaction.app_permissions
        channel_id, place = interaction.channel_id, interaction.channel
    else:
        assert isinstance(interaction.user, discord.Member)  # noqa: S101  asked in a guild
        person, bot = channel.permissions_for(interaction.user), channel.permissions_for(guild.me)
        channel_id, place = channel.id, channel
    return Caller(
        user_id=interaction.user.id,
        guild_id=guild.id,
        channel_id=channel_id,
        may_manage=person.manage_channels,
        may_manage_server=_manages(interaction),
        may_post=person.send_messages,
        bot_lacks=lacking(bot),
        server=_server(interaction, guild),
        manages=lambda channel_id: _manages_channel(interaction, guild, channel_id),
        announces=isinstance(place, discord.TextChannel) and place.is_news(),
        elsewhere=channel_id != interaction.channel_id,
    )


async def notation_of(interaction: Interaction) -> Notation:
    """How who reads the answer writes numbers."""
    guild_id = interaction.guild_id if interaction.is_guild_integration() else None
    preferences = interaction.client.services.preferences
    return await preferences.notation(interaction.user.id, guild_id or 0)


def _server(interaction: Interaction, guild: discord.Guild) -> DiscordServer | None:
    person = interaction.user
    return DiscordServer(guild, person) if isinstance(person, discord.Member) else None


def _manages_channel(interaction: Interaction, guild: discord.Guild, channel_id: int) -> bool:
    """Whether they may manage a channel; one that is gone is a matter of the whole server."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or not isinstance(interaction.user, discord.Member):
        return _manages(interaction)
    return channel.permissions_for(interaction.user).manage_channels


def _manages(interaction: Interaction) -> bool:
    """Manage Channels counts where it is given for the server, not for one channel alone."""
    everywhere = (
        isinstance(interaction.user, discord.Member)
        and interaction.user.guild_permissions.manage_channels
    )
    return interaction.permissions.manage_guild or everywhere
