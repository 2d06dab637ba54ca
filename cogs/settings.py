"""`/settings`: the defaults of a person and of the server."""

import zoneinfo
from functools import cache

from discord import app_commands
from discord.ext import commands

from bot.answers import settings
from bot.answers.settings import DEFAULT, ZONES, BasisChoice, NumbersChoice
from bot.client import Highwater
from bot.notation import Notation
from cogs.arguments import CHOICES, Interaction, caller, complete_symbols
from cogs.reply import reply

Zone = app_commands.Range[str, 0, 40]
Benchmark = app_commands.Range[str, 0, 20]
DESCRIBED = {
    "zone": "Such as Europe/Berlin, or default",
    "benchmark": "What others are measured against, such as SPY, or default",
    "basis": "Prices alone or with dividends",
    "numbers": "How numbers are written",
}


NUMBERS = [
    *(app_commands.Choice(name=notation.sample, value=notation.value) for notation in Notation),
    app_commands.Choice(name="default", value=DEFAULT),
]


def _numbers(chosen: str | None) -> NumbersChoice | None:
    return None if chosen is None else NumbersChoice(chosen)


@cache
def all_zones() -> tuple[str, ...]:
    """The well-known ones first; links and technical names left out."""
    known = {zone for zone in zoneinfo.available_timezones() if "/" in zone}
    rest = sorted(zone for zone in known if not zone.startswith(("Etc/", "SystemV/", "posix/")))
    return (*ZONES, *(zone for zone in rest if zone not in ZONES))


async def complete_zone(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    typed = value.strip().lower().replace(" ", "_")
    offered = (*all_zones(), DEFAULT)
    return [
        app_commands.Choice(name=zone, value=zone) for zone in offered if typed in zone.lower()
    ][:CHOICES]


class Settings(commands.Cog):
    """What commands use where their options say nothing."""

    group = app_commands.Group(
        name="settings", description="Time zone, benchmark and basis: yours and the server’s"
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(description="Your own time zone, benchmark and basis")
    @app_commands.describe(**DESCRIBED)
    @app_commands.choices(numbers=NUMBERS)
    @app_commands.autocomplete(zone=complete_zone, benchmark=complete_symbols)
    async def me(
        self,
        interaction: Interaction,
        zone: Zone = "",
        benchmark: Benchmark = "",
        basis: BasisChoice | None = None,
        numbers: str | None = None,
    ) -> None:
        answer = settings.me(
            self.services,
            caller(interaction),
            zone=zone,
            benchmark=benchmark,
            basis=basis,
            numbers=_numbers(numbers),
        )
        await reply(interaction, answer, private=True)

    @group.command(description="This server’s defaults; changing them needs Manage Channels")
    @app_commands.describe(**DESCRIBED)
    @app_commands.choices(numbers=NUMBERS)
    @app_commands.autocomplete(zone=complete_zone, benchmark=complete_symbols)
    async def server(
        self,
        interaction: Interaction,
        zone: Zone = "",
        benchmark: Benchmark = "",
        basis: BasisChoice | None = None,
        numbers: str | None = None,
    ) -> None:
        answer = settings.server(
            self.services,
            caller(interaction),
            zone=zone,
            benchmark=benchmark,
            basis=basis,
            numbers=_numbers(numbers),
        )
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Settings(client))
