"""`/compare`, `/rs` and `/rotation`: symbols against each other."""

from discord import app_commands
from discord.ext import commands

from bot.answers.compare import compare
from bot.answers.rotation import SECTORS, rotation
from bot.answers.since import WORDS, Since
from bot.answers.strength import rs
from bot.client import Highwater
from bot.market.model import Basis
from cogs.arguments import Interaction, SymbolOption, caller, complete_symbols
from cogs.reply import reply


async def complete_since(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The spans that have a name; a date is typed."""
    typed = value.strip().lower()
    return [
        app_commands.Choice(name=f"{since} · {words}", value=since)
        for since, words in WORDS.items()
        if typed in f"{since} {words.lower()}"
    ]


class Relative(commands.Cog):
    """Questions about several symbols."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="2 to 8 symbols from one start: returns, drawdowns, highs")
    @app_commands.describe(
        symbols="2 to 8; the first is what the others are measured against; one: your benchmark",
        since="2023-10-27, 1w, 1m, 3m, 6m (default), ytd, 1y, 5y, max or bottom",
        basis="price: split-adjusted only; total: with dividends; your setting by default",
    )
    @app_commands.autocomplete(symbols=complete_symbols, since=complete_since)
    async def compare(
        self,
        interaction: Interaction,
        symbols: app_commands.Range[str, 1, 200],
        since: app_commands.Range[str, 1, 20] = "6m",
        basis: Basis | None = None,
    ) -> None:
        start = Since(since)
        answer = compare(
            self.services, caller(interaction), symbols=symbols, since=start, basis=basis
        )
        await reply(interaction, answer)

    @app_commands.command(description="Relative strength: RS line, Mansfield RS, rank, new highs")
    @app_commands.describe(
        symbol="Ticker or fund name",
        against="The benchmark; your setting or the server’s by default",
    )
    async def rs(
        self,
        interaction: Interaction,
        symbol: SymbolOption,
        against: SymbolOption | None = None,
    ) -> None:
        asked = caller(interaction)
        await reply(interaction, rs(self.services, asked, symbol=symbol, against=against))

    @app_commands.command(description="Who is leading, weakening, lagging, improving; with tails")
    @app_commands.describe(
        universe="A universe such as sectors (default), or symbols: XLK XLF XLE",
        against="The benchmark; your setting or the server’s by default",
    )
    @app_commands.autocomplete(universe=complete_symbols)
    async def rotation(
        self,
        interaction: Interaction,
        universe: app_commands.Range[str, 1, 1000] = SECTORS,
        against: SymbolOption | None = None,
    ) -> None:
        answer = rotation(self.services, caller(interaction), universe=universe, against=against)
        await reply(interaction, answer)


async def setup(client: Highwater) -> None:
    await client.add_cog(Relative(client))
