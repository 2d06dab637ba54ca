"""`/watchlist`: users' own lists of symbols."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.personal.model import Repeat
from bot.alerts.schedule import CLOSE
from bot.answers import watchlists
from bot.answers.model import Answer
from bot.cards.watchlist import ORDER_WORDS, Order
from bot.client import Highwater
from bot.watchlists.lists import LONGEST_NAME, Watchlists
from cogs.arguments import CHOICES, Interaction, caller, complete_symbols
from cogs.attachments import text_of
from cogs.reply import reply

Name = app_commands.Range[str, 1, LONGEST_NAME]
Symbols = app_commands.Range[str, 1, 2000]
ORDERS = [
    app_commands.Choice(name=words, value=order.value) for order, words in ORDER_WORDS.items()
]


async def complete_name(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The lists of the one who asks."""
    services = interaction.client.services
    lists = Watchlists(db=services.db, wall=services.wall)
    names = [record.name for record in await lists.of_user(interaction.user.id)]
    return [
        app_commands.Choice(name=name, value=name)
        for name in names
        if value.strip().casefold() in name.casefold()
    ][:CHOICES]


class WatchlistCommands(commands.Cog):
    """Lists that only their users see."""

    group = app_commands.Group(
        name="watchlist", description="Your own lists of symbols: private, shared on request"
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(description="The live table: prices, highs, RS rank, setups, sparklines")
    @app_commands.describe(
        name="Which list; your first one by default",
        sort="As added (default), or by what",
        page="Page of a long list",
        public="Show it to everybody in this channel",
        code="The code of a list that somebody shared",
    )
    @app_commands.choices(sort=ORDERS)
    @app_commands.autocomplete(name=complete_name)
    async def show(
        self,
        interaction: Interaction,
        name: Name = "",
        sort: str = Order.ADDED.value,
        page: app_commands.Range[int, 1, 100] = 1,
        public: bool = False,
        code: app_commands.Range[str, 0, 40] = "",
    ) -> None:
        answer = watchlists.show(
            self.services,
            caller(interaction),
            name=name,
            sort=Order(sort),
            page=page,
            public=public,
            code=code,
        )
        await reply(interaction, answer, private=not public)

    @group.command(description="Add symbols to a list")
    @app_commands.describe(
        symbols="IVOO SPY QQQ, separated as you like", name="Which list; your first by default"
    )
    @app_commands.autocomplete(symbols=complete_symbols, name=complete_name)
    async def add(self, interaction: Interaction, symbols: Symbols, name: Name = "") -> None:
        answer = watchlists.add(self.services, caller(interaction), symbols=symbols, name=name)
        await reply(interaction, answer, private=True)

    @group.command(description="Take symbols off a list")
    @app_commands.describe(symbols="IVOO SPY QQQ", name="Which list; your first by default")
    @app_commands.autocomplete(name=complete_name)
    async def remove(self, interaction: Interaction, symbols: Symbols, name: Name = "") -> None:
        answer = watchlists.remove(self.services, caller(interaction), symbols=symbols, name=name)
        await reply(interaction, answer, private=True)

    @group.command(description="Make another list, empty or with symbols")
    @app_commands.describe(name="The new list’s name", symbols="IVOO SPY QQQ")
    @app_commands.autocomplete(symbols=complete_symbols)
    async def create(self, interaction: Interaction, name: Name, symbols: Symbols = "") -> None:
        answer = watchlists.create(self.services, caller(interaction), name=name, symbols=symbols)
        await reply(interaction, answer, private=True)

    @group.command(description="Give a list another name")
    @app_commands.describe(name="Which list", to="Its new name")
    @app_commands.autocomplete(name=complete_name)
    async def rename(self, interaction: Interaction, name: Name, to: Name) -> None:
        answer = watchlists.rename(self.services, caller(interaction), name=name, to=to)
        await reply(interaction, answer, private=True)

    @group.command(description="Delete a list; a button brings it back")
    @app_commands.describe(name="Which list")
    @app_commands.autocomplete(name=complete_name)
    async def delete(self, interaction: Interaction, name: Name) -> None:
        answer = watchlists.delete(self.services, caller(interaction), name=name)
        await reply(interaction, answer, private=True)

    @group.command(description="Undo the last change of your lists")
    async def undo(self, interaction: Interaction) -> None:
        await reply(interaction, watchlists.undo(self.services, caller(interaction)), private=True)

    @group.command(name="lists", description="All your lists")
    async def overview(self, interaction: Interaction) -> None:
        answer = watchlists.overview(self.services, caller(interaction))
        await reply(interaction, answer, private=True)

    @group.command(name="import", description="Symbols from a text or CSV file, pasted, or copied")
    @app_commands.describe(
        file="A text or CSV file with symbols",
        text="Symbols, pasted",
        code="The code of a list that somebody shared",
        name="Which list; a new one is made when you have none of that name",
    )
    @app_commands.autocomplete(name=complete_name)
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        text: app_commands.Range[str, 0, 6000] = "",
        code: app_commands.Range[str, 0, 40] = "",
        name: Name = "",
    ) -> None:
        async def answer() -> Answer:
            pasted = text if file is None else await text_of(file)
            asked = caller(interaction)
            return await watchlists.import_(self.services, asked, text=pasted, code=code, name=name)

        await reply(interaction, answer(), private=True)

    @group.command(description="A list as a CSV file")
    @app_commands.describe(name="Which list; your first by default")
    @app_commands.autocomplete(name=complete_name)
    async def export(self, interaction: Interaction, name: Name = "") -> None:
        answer = watchlists.export(self.services, caller(interaction), name=name)
        await reply(interaction, answer, private=True)

    @group.command(description="A code with which others can copy a list")
    @app_commands.describe(name="Which list; your first by default", stop="Make it private again")
    @app_commands.autocomplete(name=complete_name)
    async def share(self, interaction: Interaction, name: Name = "", stop: bool = False) -> None:
        answer = watchlists.share(self.services, caller(interaction), name=name, stop=stop)
        await reply(interaction, answer, private=True)

    @group.command(description="One of your own alerts for every symbol on a list")
    @app_commands.describe(
        when="up 3%, below 100, new 52-week high: what /alert add takes",
        name="Which list; your first by default",
        repeat="How often; as usual for the condition by default",
    )
    @app_commands.autocomplete(name=complete_name)
    async def alert(
        self,
        interaction: Interaction,
        when: app_commands.Range[str, 1, 100],
        name: Name = "",
        repeat: Repeat | None = None,
    ) -> None:
        asked = caller(interaction)
        answer = watchlists.alert(self.services, asked, when=when, name=name, repeat=repeat)
        await reply(interaction, answer, private=True)

    @group.command(description="Get a list by direct message after each close, or when you like")
    @app_commands.describe(
        times="Times of day by your clock and “close”, such as 08:00 close",
        stop="No more of this list",
        name="Which list; your first by default",
    )
    @app_commands.autocomplete(name=complete_name)
    async def digest(
        self,
        interaction: Interaction,
        times: app_commands.Range[str, 1, 60] = CLOSE,
        stop: bool = False,
        name: Name = "",
    ) -> None:
        answer = watchlists.digest(
            self.services, caller(interaction), times=times, stop=stop, name=name
        )
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(WatchlistCommands(client))
