"""`/status` and `/help`."""

from discord import app_commands
from discord.ext import commands

from bot.answers.status import help_, status
from bot.client import Highwater
from cogs.arguments import Interaction
from cogs.reply import reply


class About(commands.Cog):
    """How the bot is doing and what it can do."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Last scan, symbols without data, queue, next session")
    async def status(self, interaction: Interaction) -> None:
        await reply(interaction, status(self.services), private=True)

    @app_commands.command(description="What I can do, with examples")
    async def help(self, interaction: Interaction) -> None:
        await reply(interaction, help_(self.services), private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(About(client))
