"""The first words in a server that takes the bot in: short, and once."""

import logging

import discord
from discord.ext import commands

from bot.cards.embeds import to_embed
from bot.cards.onboarding import welcome_card
from bot.client import Highwater
from bot.delivery.discord_sink import Door
from bot.delivery.sink import Undelivered

log = logging.getLogger(__name__)


class Welcome(commands.Cog):
    """Says hello where it may; a server without such a channel is left in peace."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        channel = welcome_channel(guild)
        if channel is None or not await self.services.preferences.meet(guild.id):
            return
        try:
            with Door():
                await channel.send(embed=to_embed(welcome_card()), silent=True)
        except Undelivered as problem:
            log.warning("guild %d was not welcomed: %s", guild.id, problem)


def welcome_channel(guild: discord.Guild) -> discord.TextChannel | None:
    """The channel for system messages, or the first one that takes a card."""
    own = [guild.system_channel] if guild.system_channel is not None else []
    for channel in (*own, *guild.text_channels):
        rights = channel.permissions_for(guild.me)
        if rights.view_channel and rights.send_messages and rights.embed_links:
            return channel
    return None


async def setup(client: Highwater) -> None:
    await client.add_cog(Welcome(client))
