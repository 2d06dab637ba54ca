"""`/record`: what became of past signals."""

from discord import app_commands
from discord.ext import commands

from bot.answers.record import PERIODS, RecordKind, record
from bot.answers.since import Since
from bot.client import Highwater
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from cogs.arguments import Interaction, SymbolOption, caller
from cogs.reply import reply

SIGNALS = [
    app_commands.Choice(name=KINDS[Kind(kind.value)].title, value=kind.value) for kind in RecordKind
]


async def complete_period(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """The periods that have a name; any date is typed."""
    typed = value.strip().lower()
    return [
        app_commands.Choice(name=words, value=period)
        for period, words in PERIODS.items()
        if typed in f"{period} {words.lower()}"
    ]


class Record(commands.Cog):
    """The past of signals, beside ordinary days."""

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="What became of past signals, beside ordinary days")
    @app_commands.describe(
        kind="Which signal; new 52-week highs by default",
        symbol="One symbol (pooled with its peers when it has too few); none: the best known ETFs",
        period="10y (default), 5y, 1y, max, or a first day such as 2019-01-01",
    )
    @app_commands.choices(kind=SIGNALS)
    @app_commands.autocomplete(period=complete_period)
    async def record(
        self,
        interaction: Interaction,
        kind: str = RecordKind.HIGH_52_WEEKS.value,
        symbol: SymbolOption | None = None,
        period: app_commands.Range[str, 1, 20] = "10y",
    ) -> None:
        answer = record(
            self.services,
            caller(interaction),
            kind=RecordKind(kind),
            symbol=symbol,
            period=Since(period),
        )
        await reply(interaction, answer)


async def setup(client: Highwater) -> None:
    await client.add_cog(Record(client))
