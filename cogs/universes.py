"""`/universe`: sets of symbols that a server names."""

from discord import app_commands
from discord.ext import commands

from bot.answers import universes
from bot.client import Highwater
from bot.market.universes import universe_titles
from cogs.arguments import CHOICES, Interaction, caller, complete_symbols, own_universes
from cogs.reply import reply

Name = app_commands.Range[str, 1, 40]
Symbols = app_commands.Range[str, 1, 4000]


async def complete_own(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The server's own universes."""
    own = await own_universes(interaction)
    typed = value.strip().lower()
    return [
        app_commands.Choice(name=f"{name} · {words}"[:100], value=name)
        for name, words in own.items()
        if typed in name
    ][:CHOICES]


async def complete_any(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The server's own universes, then those of the program."""
    typed = value.strip().lower()
    shipped = [
        app_commands.Choice(name=f"{name} · {title}"[:100], value=name)
        for name, title in universe_titles().items()
        if typed in name
    ]
    return [*await complete_own(interaction, value), *shipped][:CHOICES]


class UniverseCommands(commands.Cog):
    """Named sets that subscriptions and questions of a server can use."""

    group = app_commands.Group(
        name="universe", description="Named sets of symbols: this server’s own and those built in"
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(name="list", description="All universes: this server’s own first")
    async def list_(self, interaction: Interaction) -> None:
        answer = universes.list_universes(self.services, caller(interaction))
        await reply(interaction, answer, private=True)

    @group.command(description="The symbols of a universe")
    @app_commands.describe(name="Which universe")
    @app_commands.autocomplete(name=complete_any)
    async def show(self, interaction: Interaction, name: Name) -> None:
        answer = universes.show(self.services, caller(interaction), name=name)
        await reply(interaction, answer, private=True)

    @group.command(description="Name a set of symbols for this server (needs Manage Channels)")
    @app_commands.describe(
        name="2 to 24 letters, digits or dashes, such as tech-leaders",
        symbols="AAPL MSFT NVDA, separated as you like",
    )
    @app_commands.autocomplete(symbols=complete_symbols)
    async def create(self, interaction: Interaction, name: Name, symbols: Symbols) -> None:
        answer = universes.create(self.services, caller(interaction), name=name, symbols=symbols)
        await reply(interaction, answer, private=True)

    @group.command(description="Add symbols; subscriptions to the universe follow")
    @app_commands.describe(name="Which universe", symbols="AAPL MSFT NVDA")
    @app_commands.autocomplete(name=complete_own, symbols=complete_symbols)
    async def add(self, interaction: Interaction, name: Name, symbols: Symbols) -> None:
        answer = universes.add(self.services, caller(interaction), name=name, symbols=symbols)
        await reply(interaction, answer, private=True)

    @group.command(description="Take symbols out; subscriptions to the universe follow")
    @app_commands.describe(name="Which universe", symbols="AAPL MSFT NVDA")
    @app_commands.autocomplete(name=complete_own)
    async def remove(self, interaction: Interaction, name: Name, symbols: Symbols) -> None:
        answer = universes.remove(self.services, caller(interaction), name=name, symbols=symbols)
        await reply(interaction, answer, private=True)

    @group.command(description="Delete a universe that nothing is subscribed to")
    @app_commands.describe(name="Which universe")
    @app_commands.autocomplete(name=complete_own)
    async def delete(self, interaction: Interaction, name: Name) -> None:
        answer = universes.delete(self.services, caller(interaction), name=name)
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(UniverseCommands(client))
