"""`/breadth`, `/mood` and `/sectors`: the market as a whole."""

from discord import app_commands
from discord.ext import commands

from bot.answers.breadth import US_ETFS, breadth
from bot.answers.mood import mood
from bot.answers.sectors import sectors
from bot.client import Highwater
from cogs.arguments import Interaction, caller, complete_symbols
from cogs.reply import reply


class Breadth(commands.Cog):
    """Questions about the whole market."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="New highs and lows, shares above averages: broadening?")
    @app_commands.describe(universe="A universe such as us-etfs (default), or symbols")
    @app_commands.autocomplete(universe=complete_symbols)
    async def breadth(
        self, interaction: Interaction, universe: app_commands.Range[str, 1, 1000] = US_ETFS
    ) -> None:
        await reply(interaction, breadth(self.services, caller(interaction), universe=universe))

    @app_commands.command(description="Fear or greed: our gauge of six parts")
    async def mood(self, interaction: Interaction) -> None:
        await reply(interaction, mood(self.services))

    @app_commands.command(description="Sector weights of up to 6 funds and how concentrated")
    @app_commands.describe(symbols="Up to 6 funds: SPY QQQ IWM")
    @app_commands.autocomplete(symbols=complete_symbols)
    async def sectors(
        self, interaction: Interaction, symbols: app_commands.Range[str, 1, 200]
    ) -> None:
        await reply(interaction, sectors(self.services, caller(interaction), symbols=symbols))


async def setup(client: Highwater) -> None:
    await client.add_cog(Breadth(client))
