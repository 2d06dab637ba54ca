"""`/status` and `/help`."""

from discord import app_commands
from discord.ext import commands

from bot.answers.status import status
from bot.answers.table import ANSWERS, help_
from bot.client import Highwater
from cogs.arguments import CHOICES, Interaction
from cogs.reply import reply


async def complete_topic(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The commands by their first word."""
    typed = value.strip().removeprefix("/").lower()
    topics = dict.fromkeys(name.split()[0] for name in ANSWERS)
    return [app_commands.Choice(name=topic, value=topic) for topic in topics if typed in topic][
        :CHOICES
    ]


class About(commands.Cog):
    """How the bot is doing and what it can do."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Last scan, symbols without data, queue, next session")
    async def status(self, interaction: Interaction) -> None:
        await reply(interaction, status(self.services), private=True)

    @app_commands.command(description="What I can do, with examples")
    @app_commands.describe(topic="A command or a word, such as subscribe or news")
    @app_commands.autocomplete(topic=complete_topic)
    async def help(
        self, interaction: Interaction, topic: app_commands.Range[str, 0, 40] = ""
    ) -> None:
        await reply(interaction, help_(self.services, topic=topic), private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(About(client))
