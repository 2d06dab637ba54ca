"""`/mute`, `/quiet`, `/digest` and `/feed`: when a channel is told, of what not, and who else."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.quiet.rules import MOST_BUDGET
from bot.answers import feed, quiet
from bot.client import Highwater
from bot.signals.kinds import KINDS
from cogs.arguments import CHOICES, Interaction, caller
from cogs.reply import reply

MANAGERS = discord.Permissions(manage_channels=True)
Zone = app_commands.Range[str, 0, 40]


async def complete_what(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """Everything, the kinds, then symbols."""
    typed = value.strip().lower()
    named = [(quiet.EVERYTHING, quiet.EVERYTHING)]
    named += [(rule.title, kind.value) for kind, rule in KINDS.items()]
    choices = [
        app_commands.Choice(name=name, value=one) for name, one in named if typed in name.lower()
    ]
    found = interaction.client.services.directory.search(value, limit=CHOICES) if typed else ()
    symbols = [
        app_commands.Choice(name=f"{item.symbol} · {item.name}"[:100], value=str(item.symbol))
        for item in found
    ]
    return [*choices, *symbols][:CHOICES]


class Quiet(commands.Cog):
    """The peace of channels; for people who may manage the channel."""

    mute = app_commands.Group(
        name="mute",
        description="Silence a symbol, a kind or everything for a while",
        guild_only=True,
        default_permissions=MANAGERS,
    )
    hours = app_commands.Group(
        name="quiet",
        description="Quiet hours, time zone and budget of a channel",
        guild_only=True,
        default_permissions=MANAGERS,
    )
    digest = app_commands.Group(
        name="digest",
        description="When a channel’s digests come",
        guild_only=True,
        default_permissions=MANAGERS,
    )

    feed = app_commands.Group(
        name="feed",
        description="Publish a channel’s alerts to the servers that follow it",
        guild_only=True,
        default_permissions=MANAGERS,
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @mute.command(name="add", description="Silence something in this channel until a time")
    @app_commands.describe(
        what="A symbol, a kind of alert, or everything",
        until="2h, 3d, 1w or a date; one day by default",
        channel="Another channel than this one",
    )
    @app_commands.autocomplete(what=complete_what)
    async def mute_add(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, 60],
        until: app_commands.Range[str, 1, 20] = "1d",
        channel: discord.TextChannel | None = None,
    ) -> None:
        asked = caller(interaction, channel)
        answer = quiet.mute(self.services, asked, what=what, until=until)
        await reply(interaction, answer, private=True)

    @mute.command(name="list", description="What is muted in this server, and until when")
    async def mute_list(self, interaction: Interaction) -> None:
        await reply(interaction, quiet.mutes(self.services, caller(interaction)), private=True)

    @mute.command(name="remove", description="End a mute before its time")
    @app_commands.describe(number="The mute’s number, from /mute list")
    async def mute_remove(self, interaction: Interaction, number: int) -> None:
        answer = quiet.unmute(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @hours.command(name="set", description="Hold alerts during hours of the day, then one digest")
    @app_commands.describe(
        hours="Such as 22:00-07:00, by the channel’s clock",
        zone="The channel’s time zone, such as Europe/Berlin",
        budget="Messages an hour; more than that comes as a digest at the full hour",
        channel="Another channel than this one",
    )
    async def quiet_set(
        self,
        interaction: Interaction,
        hours: app_commands.Range[str, 0, 20] = "",
        zone: Zone = "",
        budget: app_commands.Range[int, 1, MOST_BUDGET] | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        asked = caller(interaction, channel)
        answer = quiet.quiet(self.services, asked, hours=hours, zone=zone, budget=budget)
        await reply(interaction, answer, private=True)

    @hours.command(name="show", description="How this channel is told")
    async def quiet_show(self, interaction: Interaction) -> None:
        await reply(interaction, quiet.show(self.services, caller(interaction)), private=True)

    @hours.command(name="off", description="End the quiet hours of this channel")
    async def quiet_off(self, interaction: Interaction) -> None:
        await reply(interaction, quiet.loud(self.services, caller(interaction)), private=True)

    @digest.command(name="set", description="When digests come in this channel")
    @app_commands.describe(
        times="Times of day and “close”, such as 09:00 close",
        zone="The channel’s time zone, such as Europe/Berlin",
        channel="Another channel than this one",
    )
    async def digest_set(
        self,
        interaction: Interaction,
        times: app_commands.Range[str, 1, 60],
        zone: Zone = "",
        channel: discord.TextChannel | None = None,
    ) -> None:
        asked = caller(interaction, channel)
        answer = quiet.digest(self.services, asked, times=times, zone=zone)
        await reply(interaction, answer, private=True)

    @digest.command(name="off", description="Digests come after the close again")
    async def digest_off(self, interaction: Interaction) -> None:
        await reply(interaction, quiet.undigest(self.services, caller(interaction)), private=True)

    @feed.command(name="on", description="Publish this channel’s alerts to its followers")
    @app_commands.describe(channel="Another announcement channel than this one")
    async def feed_on(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        answer = feed.on(self.services, caller(interaction, channel))
        await reply(interaction, answer, private=True)

    @feed.command(name="off", description="Publish nothing of this channel any more")
    @app_commands.describe(channel="Another channel than this one")
    async def feed_off(
        self, interaction: Interaction, channel: discord.TextChannel | None = None
    ) -> None:
        answer = feed.off(self.services, caller(interaction, channel))
        await reply(interaction, answer, private=True)


async def setup(client: Highwater) -> None:
    await client.add_cog(Quiet(client))
