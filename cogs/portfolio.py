"""`/portfolio`: what a user holds; every answer is private."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import portfolio
from bot.answers.model import Answer
from bot.client import Highwater
from cogs.arguments import Interaction, SymbolOption, caller
from cogs.attachments import text_of
from cogs.reply import reply


class PortfolioCommands(commands.Cog):
    """Holdings that only their user sees."""

    group = app_commands.Group(
        name="portfolio", description="What you hold, its weights and its risk; only you see it"
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(description="Value, weights, changes, sectors behind your funds")
    async def show(self, interaction: Interaction) -> None:
        answer = portfolio.show(self.services, caller(interaction))
        await reply(interaction, answer, private=True)

    @group.command(description="Volatility, beta, drawdown, and where the risk comes from")
    @app_commands.describe(against="The benchmark; the server’s own by default")
    async def risk(self, interaction: Interaction, against: SymbolOption | None = None) -> None:
        answer = portfolio.risk(self.services, caller(interaction), against=against)
        await reply(interaction, answer, private=True)

    @group.command(name="set", description="Set holdings: IVOO 10 @ 95.20, SPY 5")
    @app_commands.describe(holdings="Symbol, shares, and if you like @ cost; 0 shares remove")
    async def set_(
        self, interaction: Interaction, holdings: app_commands.Range[str, 1, 4000]
    ) -> None:
        answer = portfolio.set_(self.services, caller(interaction), holdings=holdings)
        await reply(interaction, answer, private=True)

    @group.command(name="import", description="Replace the portfolio by that of a CSV file")
    @app_commands.describe(
        file="A CSV with symbols, shares and perhaps costs", text="The same, pasted"
    )
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        text: app_commands.Range[str, 0, 6000] = "",
    ) -> None:
        async def answer() -> Answer:
            pasted = text if file is None else await text_of(file)
            return await portfolio.import_(self.services, caller(interaction), text=pasted)

        await reply(interaction, answer(), private=True)

    @group.command(description="Take all holdings away; a button brings them back")
    async def clear(self, interaction: Interaction) -> None:
        answer = portfolio.clear(self.services, caller(interaction))
        await reply(interaction, answer, private=True)

    @group.command(description="Undo the last change of your portfolio")
    async def undo(self, interaction: Interaction) -> None:
        answer = portfolio.undo(self.services, caller(interaction))
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(PortfolioCommands(client))
