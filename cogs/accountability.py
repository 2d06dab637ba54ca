"""`/why`: past alerts explained."""

from discord import app_commands
from discord.ext import commands

from bot.answers.why import why
from bot.client import Highwater
from cogs.arguments import Interaction, caller
from cogs.reply import reply


class Accountability(commands.Cog):
    """What the bot said, and why."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Why an alert was sent: rule, values, source, follow-ups")
    @app_commands.describe(alert="The id at the end of its footer, such as #k3f9ab")
    async def why(self, interaction: Interaction, alert: app_commands.Range[str, 4, 24]) -> None:
        answer = why(self.services, caller(interaction), alert=alert)
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Accountability(client))
