"""`/setup`: the guided first run."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers.onboarding import setup as onboarding
from bot.client import Highwater
from cogs.arguments import Interaction, caller
from cogs.reply import reply


class Onboarding(commands.Cog):
    """From a fresh installation to the first alert."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Get started: pick a channel, check permissions, see a test")
    @app_commands.describe(channel="The channel for alerts; can be picked later, too")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def setup(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        asked = None if channel is None else channel.id
        answer = onboarding(self.services, caller(interaction), channel=asked)
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Onboarding(client))
