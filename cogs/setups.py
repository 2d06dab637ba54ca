"""`/setups`: what is waiting for its trigger."""

from discord import app_commands
from discord.ext import commands

from bot.answers.setups import SetupKind, setups
from bot.cards.setup_words import TITLES
from bot.charts.specs import Interval
from bot.client import Highwater
from bot.signals.model import Kind
from cogs.arguments import Interaction, caller, complete_symbols
from cogs.reply import reply

KINDS = [app_commands.Choice(name=TITLES[Kind(kind.value)], value=kind.value) for kind in SetupKind]


class Setups(commands.Cog):
    """Shapes before they break out."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Flags, surfs, ranges, trend lines, supports, contractions")
    @app_commands.describe(
        what="A symbol, several, or a universe such as us-etfs",
        kind="One kind of setup only",
        view="Daily (default), weekly or monthly candles for one symbol",
        page="Page of a long list",
    )
    @app_commands.choices(kind=KINDS)
    @app_commands.autocomplete(what=complete_symbols)
    async def setups(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, 1000],
        kind: str | None = None,
        view: Interval = Interval.DAILY,
        page: app_commands.Range[int, 1, 100] = 1,
    ) -> None:
        chosen = None if kind is None else SetupKind(kind)
        asked = caller(interaction)
        answer = setups(self.services, asked, what=what, kind=chosen, view=view, page=page)
        await reply(interaction, answer)


async def setup(client: Highwater) -> None:
    await client.add_cog(Setups(client))
