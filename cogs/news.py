"""`/sentiment` and `/brief`: what the news say, and a note on what happened."""

from discord import app_commands
from discord.ext import commands

from bot.answers.brief import brief
from bot.answers.sentiment import sentiment
from bot.client import Highwater
from cogs.arguments import Interaction, SymbolOption, caller
from cogs.reply import reply


class News(commands.Cog):
    """Questions about what is said and what it may mean."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="What the news say: score, words, topics, market impact")
    @app_commands.describe(symbol="Ticker or fund name")
    async def sentiment(self, interaction: Interaction, symbol: SymbolOption) -> None:
        await reply(interaction, sentiment(self.services, symbol=symbol))

    @app_commands.command(description="What happened, why it may matter, what would prove it wrong")
    @app_commands.describe(symbol="Ticker or fund name")
    async def brief(self, interaction: Interaction, symbol: SymbolOption) -> None:
        await reply(interaction, brief(self.services, caller(interaction), symbol=symbol))


async def setup(client: Highwater) -> None:
    await client.add_cog(News(client))
