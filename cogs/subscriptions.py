"""`/subscribe` and `/subscriptions`: what a channel receives."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.quiet.rules import Delivery
from bot.alerts.subscriptions import describe
from bot.answers import quiet, subscriptions
from bot.client import Highwater
from bot.signals.kinds import KINDS
from cogs.arguments import CHOICES, Interaction, caller, complete_symbols
from cogs.reply import reply

KIND_CHOICES = [
    app_commands.Choice(name="52-week and all-time highs", value=subscriptions.ALL_HIGHS),
    *(app_commands.Choice(name=rule.title, value=kind.value) for kind, rule in KINDS.items()),
][:CHOICES]


async def complete_number(interaction: Interaction, value: str) -> list[app_commands.Choice[int]]:
    """The server's subscriptions, by number and words."""
    if interaction.guild_id is None:
        return []
    records = await interaction.client.services.subscriptions.in_guild(interaction.guild_id)
    choices = [(f"#{record.id} {describe(record)}", record.id) for record in records]
    return [
        app_commands.Choice(name=name[:100], value=number)
        for name, number in choices
        if str(value).lower() in name.lower()
    ][:CHOICES]


class Subscriptions(commands.Cog):
    """Standing wishes of channels; for people who may manage the channel."""

    group = app_commands.Group(
        name="subscriptions",
        description="See, pause, resume, remove or test this server’s subscriptions",
        guild_only=True,
        default_permissions=discord.Permissions(manage_channels=True),
    )

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @app_commands.command(description="Post breakout alerts to this channel")
    @app_commands.describe(
        what="A universe such as sectors, or symbols: SPY QQQ IWM",
        kind="Which signals; 52-week and all-time highs by default",
        channel="Another channel than this one",
    )
    @app_commands.choices(kind=KIND_CHOICES)
    @app_commands.autocomplete(what=complete_symbols)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def subscribe(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, 1000],
        kind: str = subscriptions.ALL_HIGHS,
        channel: discord.TextChannel | None = None,
    ) -> None:
        asked = caller(interaction, channel)
        await reply(
            interaction,
            subscriptions.subscribe(self.services, asked, what=what, kind=kind),
            private=True,
        )

    @group.command(name="list", description="All subscriptions of this server")
    async def list_(self, interaction: Interaction) -> None:
        await reply(
            interaction,
            subscriptions.list_subscriptions(self.services, caller(interaction)),
            private=True,
        )

    @group.command(description="Stop a subscription for now")
    @app_commands.describe(number="The subscription’s number")
    @app_commands.autocomplete(number=complete_number)
    async def pause(self, interaction: Interaction, number: int) -> None:
        answer = subscriptions.pause(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="Go on with a paused subscription")
    @app_commands.describe(number="The subscription’s number")
    @app_commands.autocomplete(number=complete_number)
    async def resume(self, interaction: Interaction, number: int) -> None:
        answer = subscriptions.resume(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(
        description="When a subscription is told, whom it mentions, whether briefs come along"
    )
    @app_commands.describe(
        number="The subscription’s number",
        delivery="At once, after the close, or in the channel’s digest",
        role="A role to mention",
        silent="Mention nobody any more",
        brief="Attach a one-page brief to each opening alert",
    )
    @app_commands.autocomplete(number=complete_number)
    async def edit(
        self,
        interaction: Interaction,
        number: int,
        delivery: Delivery | None = None,
        role: discord.Role | None = None,
        silent: bool = False,
        brief: bool | None = None,
    ) -> None:
        answer = quiet.edit(
            self.services,
            caller(interaction),
            number=number,
            delivery=delivery,
            role=None if role is None else role.id,
            silent=silent,
            brief=brief,
        )
        await reply(interaction, answer, private=True)

    @group.command(description="End a subscription")
    @app_commands.describe(number="The subscription’s number")
    @app_commands.autocomplete(number=complete_number)
    async def remove(self, interaction: Interaction, number: int) -> None:
        answer = subscriptions.remove(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="Show what an alert of a subscription looks like")
    @app_commands.describe(number="The subscription’s number")
    @app_commands.autocomplete(number=complete_number)
    async def test(self, interaction: Interaction, number: int) -> None:
        await reply(
            interaction, subscriptions.sample(self.services, caller(interaction), number=number)
        )


async def setup(client: Highwater) -> None:
    await client.add_cog(Subscriptions(client))
