"""`/my-data` and `/forget-me`: what is stored about a person."""

from discord import app_commands
from discord.ext import commands

from bot.answers.privacy import forget_me, my_data
from bot.client import Highwater
from cogs.arguments import Interaction, caller
from cogs.reply import reply


class Privacy(commands.Cog):
    """A person's own data, for that person alone."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(name="my-data", description="Everything I store about you, as a file")
    async def my_data(self, interaction: Interaction) -> None:
        await reply(interaction, my_data(self.services, caller(interaction)), private=True)

    @app_commands.command(name="forget-me", description="Delete everything I store about you")
    @app_commands.describe(sure="Delete at once; otherwise I ask first")
    async def forget_me(self, interaction: Interaction, sure: bool = False) -> None:
        answer = forget_me(self.services, caller(interaction), sure=sure)
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Privacy(client))
