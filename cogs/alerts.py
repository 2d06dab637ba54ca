"""`/alert`: a user's own alerts, in servers and in direct messages; every answer is private.

The group names no contexts, so it is there wherever the operator lets the app be installed:
with user installs switched on in the developer portal, everywhere the user goes.
"""

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.personal.book import describe
from bot.alerts.personal.files import LONGEST_FILE, LONGEST_NOTE
from bot.alerts.personal.model import On, Repeat
from bot.alerts.personal.words import SHORT_NAMES
from bot.answers import personal
from bot.answers.model import Answer
from bot.answers.personal import Format, Place
from bot.client import Highwater
from bot.errors import RetryableError, UserError
from cogs.arguments import CHOICES, Interaction, SymbolOption, caller
from cogs.reply import reply

EXAMPLES = (
    *("above 120", "below 95", "touch 100", "up 5%", "down 3%", "move 4% from 118.20"),
    *dict.fromkeys(SHORT_NAMES),
    *("all-time low", "failed breakout"),
)
Words = app_commands.Range[str, 1, 60]
Note = app_commands.Range[str, 1, LONGEST_NOTE]


async def complete_number(interaction: Interaction, value: str) -> list[app_commands.Choice[int]]:
    """The user's own alerts, by number and words."""
    records = await interaction.client.services.personal.of_user(interaction.user.id)
    choices = [(f"#{r.id} {describe(r)} · {r.state}", r.id) for r in records]
    return [
        app_commands.Choice(name=name[:100], value=number)
        for name, number in choices
        if str(value).lower() in name.lower()
    ][:CHOICES]


async def complete_when(interaction: Interaction, value: str) -> list[app_commands.Choice[str]]:
    """What is typed, then the forms that begin or go on like it."""
    typed = " ".join(value.split())
    fitting = [form for form in EXAMPLES if typed.lower() in form]
    offered = dict.fromkeys([*([typed[:60]] if typed else []), *fitting])
    return [app_commands.Choice(name=form, value=form) for form in offered][:CHOICES]


DESCRIBED = {
    "when": "above 120 · touch 100 · up 5% · 52-week high · tight flag · failed breakout",
    "repeat": "once; episode: again after 20 sessions without; again: after every return",
    "on": "touch: while the regular session runs; close: closing prices only",
    "to": "A direct message, or this channel",
    "rearm": "How far the price must come back before a level counts again; 0.5% by default",
    "cooldown": "The least time between two messages, such as 4h or 2d",
    "expires": "A date or a time from now, such as 2026-12-31 or 3w; never by default",
    "note": "A note to yourself in the message",
}


class Alerts(commands.Cog):
    """Users' own alerts."""

    group = app_commands.Group(name="alert", description="Your own alerts, for your eyes only")

    def __init__(self, client: Highwater) -> None:
        self.services = client.services

    @group.command(description="Tell me when something happens to a symbol")
    @app_commands.describe(symbol="Ticker or fund name", **DESCRIBED)
    @app_commands.autocomplete(when=complete_when)
    async def add(
        self,
        interaction: Interaction,
        symbol: SymbolOption,
        when: Words,
        repeat: Repeat | None = None,
        on: On = On.TOUCH,
        to: Place = Place.DM,
        rearm: Words = "",
        cooldown: Words = "",
        expires: Words = "",
        note: Note = "",
    ) -> None:
        answer = personal.add(
            self.services,
            caller(interaction),
            symbol=symbol,
            when=when,
            repeat=repeat,
            on=on,
            to=to,
            rearm=rearm,
            cooldown=cooldown,
            expires=expires,
            note=note,
        )
        await reply(interaction, answer, private=True)

    @group.command(name="list", description="All your alerts")
    async def list_(self, interaction: Interaction) -> None:
        answer = personal.list_alerts(self.services, caller(interaction))
        await reply(interaction, answer, private=True)

    @group.command(description="Change one of your alerts")
    @app_commands.describe(number="The alert’s number", **DESCRIBED)
    @app_commands.autocomplete(number=complete_number)
    @app_commands.autocomplete(when=complete_when)
    async def edit(
        self,
        interaction: Interaction,
        number: int,
        when: Words | None = None,
        repeat: Repeat | None = None,
        on: On | None = None,
        to: Place | None = None,
        rearm: Words | None = None,
        cooldown: Words | None = None,
        expires: Words | None = None,
        note: Note | None = None,
    ) -> None:
        answer = personal.edit(
            self.services,
            caller(interaction),
            number=number,
            when=when,
            repeat=repeat,
            on=on,
            to=to,
            rearm=rearm,
            cooldown=cooldown,
            expires=expires,
            note=note,
        )
        await reply(interaction, answer, private=True)

    @group.command(description="Stop one of your alerts for now")
    @app_commands.describe(number="The alert’s number")
    @app_commands.autocomplete(number=complete_number)
    async def pause(self, interaction: Interaction, number: int) -> None:
        answer = personal.pause(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="Start an alert that is paused, snoozed, done or blocked")
    @app_commands.describe(number="The alert’s number")
    @app_commands.autocomplete(number=complete_number)
    async def resume(self, interaction: Interaction, number: int) -> None:
        answer = personal.resume(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="Silence one of your alerts for a while")
    @app_commands.describe(number="The alert’s number", until="Such as 4h, 2d or 2026-12-31")
    @app_commands.autocomplete(number=complete_number)
    async def snooze(self, interaction: Interaction, number: int, until: Words = "1d") -> None:
        answer = personal.snooze(self.services, caller(interaction), number=number, until=until)
        await reply(interaction, answer, private=True)

    @group.command(description="End one of your alerts")
    @app_commands.describe(number="The alert’s number")
    @app_commands.autocomplete(number=complete_number)
    async def remove(self, interaction: Interaction, number: int) -> None:
        answer = personal.remove(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="Show what one of your alerts would send")
    @app_commands.describe(number="The alert’s number")
    @app_commands.autocomplete(number=complete_number)
    async def test(self, interaction: Interaction, number: int) -> None:
        answer = personal.sample(self.services, caller(interaction), number=number)
        await reply(interaction, answer, private=True)

    @group.command(description="All your alerts as a file")
    @app_commands.describe(format="CSV by default")
    async def export(
        self,
        interaction: Interaction,
        format: Format = Format.CSV,  # noqa: A002  the option's name in Discord
    ) -> None:
        answer = personal.export(self.services, caller(interaction), format=format)
        await reply(interaction, answer, private=True)

    @group.command(name="import", description="Add alerts from a file or text, as export makes it")
    @app_commands.describe(file="CSV or JSON", text="The same, typed")
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        text: app_commands.Range[str, 1, 6000] = "",
    ) -> None:
        await reply(interaction, self._import(interaction, file, text), private=True)

    async def _import(
        self, interaction: Interaction, file: discord.Attachment | None, text: str
    ) -> Answer:
        if file is not None:
            text = await read_text(file)
        return await personal.import_(self.services, caller(interaction), text=text)


async def read_text(file: discord.Attachment) -> str:
    """The text of an attachment. Raises UserError for one that is too large or no text."""
    if file.size > LONGEST_FILE:
        raise UserError(f"The file is too large; {LONGEST_FILE // 1000} kB fit.")
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("The file is no UTF-8 text. Save it as CSV in UTF-8.") from error
    except discord.HTTPException as error:
        raise RetryableError("Discord did not hand me the file; please try again.") from error


async def setup(client: Highwater) -> None:
    await client.add_cog(Alerts(client))
