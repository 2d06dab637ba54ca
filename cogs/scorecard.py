"""`/scorecard`: what became of the alerts that were sent."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import scorecard
from bot.client import Highwater
from cogs.arguments import Interaction, caller
from cogs.reply import reply


class Scorecard(commands.Cog):
    """For everybody to see; who manages a channel decides whether it comes every week."""

    group = app_commands.Group(
        name="scorecard", description="What became of the alerts that were sent, misses included"
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(description="This week’s scorecard so far, of the alerts of this channel")
    async def show(self, interaction: Interaction) -> None:
        await reply(interaction, scorecard.show(self.services, caller(interaction)))

    @group.command(description="Post one here after every week (needs Manage Channels)")
    @app_commands.describe(channel="Another channel than this one")
    async def on(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        answer = scorecard.on(self.services, caller(interaction, channel))
        await reply(interaction, answer, private=True)

    @group.command(description="No more weekly scorecards here (needs Manage Channels)")
    @app_commands.describe(channel="Another channel than this one")
    async def off(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        answer = scorecard.off(self.services, caller(interaction, channel))
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Scorecard(client))
