"""`/high` and `/chart`: one symbol looked up."""

from discord import app_commands
from discord.ext import commands

from bot.answers.chart import Range, chart
from bot.answers.high import high
from bot.charts.specs import Interval
from bot.client import Highwater
from bot.market.model import Basis, Measure
from cogs.arguments import Interaction, SymbolOption, caller
from cogs.reply import reply


class Lookup(commands.Cog):
    """Questions about one symbol."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Is it at a 52-week or all-time high, and how far away?")
    @app_commands.describe(
        symbol="Ticker or fund name",
        basis="price: split-adjusted only; total: with dividends; your setting by default",
        on="intraday highs (default) or closes",
    )
    async def high(
        self,
        interaction: Interaction,
        symbol: SymbolOption,
        basis: Basis | None = None,
        on: Measure = Measure.INTRADAY,
    ) -> None:
        asked = caller(interaction)
        await reply(interaction, high(self.services, asked, symbol=symbol, basis=basis, on=on))

    @app_commands.command(description="Candles with volume, averages and the high’s line")
    @app_commands.describe(
        symbol="Ticker or fund name",
        range="How far back; 6 months by default",
        interval="Daily, weekly or monthly candles",
        overlays="Lengths of moving averages, such as 10 50 200, or none",
    )
    async def chart(
        self,
        interaction: Interaction,
        symbol: SymbolOption,
        range: Range = Range.HALF_YEAR,  # noqa: A002  the option's name in Discord
        interval: Interval | None = None,
        overlays: app_commands.Range[str, 1, 40] = "10 50 200",
    ) -> None:
        await reply(
            interaction,
            chart(self.services, symbol=symbol, range=range, interval=interval, overlays=overlays),
        )


async def setup(client: Highwater) -> None:
    await client.add_cog(Lookup(client))
