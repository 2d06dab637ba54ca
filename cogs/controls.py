"""Select menus and buttons that change an answer in place, or hand it out as CSV.

The person who asked changes the message itself. Anybody else who can see a public answer may
use its controls too, but gets the outcome privately, so that nobody's answer is taken away.
CSV is always private.
"""

import io
import re
from types import TracebackType
from typing import Any, Self

import discord
from discord.ext import commands

from bot.answers.calls import calls_of
from bot.answers.model import Answer
from bot.answers.parse import parse
from bot.answers.shorthand import restored, shortened
from bot.cards.controls import CSV, GO, PICK, PREFIX, to_view
from bot.cards.embeds import to_embed, to_files
from bot.client import Highwater, in_words
from bot.notation import written_for
from bot.services import Services
from cogs.arguments import Interaction, caller, notation_of

NAMELESS = re.compile(r"[^a-z0-9]+")


class Errors:
    """Says an error privately and leaves the message as it was."""

    def __init__(self, interaction: Interaction) -> None:
        self._interaction = interaction

    async def __aenter__(self) -> None:
        """Nothing to prepare."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        text = in_words(error, self._interaction)
        await self._interaction.followup.send(text, ephemeral=True)
        return True


class Pick(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]],
    template=rf"{PREFIX}:{PICK}:\d",
):
    """A select menu; the picked value is the shorthand of a command."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        assert isinstance(item, discord.ui.Select)  # noqa: S101  only selects have this id
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        await change(interaction, self.item.values[0])


class Press(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"{PREFIX}:(?P<act>{GO}|{CSV}):(?P<shorthand>[=#].+)",
):
    """A button: another page, or CSV."""

    def __init__(self, item: discord.ui.Button[discord.ui.View], act: str, shorthand: str) -> None:
        super().__init__(item)
        self.act = act
        self.shorthand = shorthand

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        assert isinstance(item, discord.ui.Button)  # noqa: S101  only buttons have this id
        return cls(item, match["act"], match["shorthand"])

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        if self.act == CSV:
            await hand_out(interaction, self.shorthand)
        else:
            await change(interaction, self.shorthand)


async def show(interaction: Interaction, answer: Answer) -> None:
    """Make the interaction's message show `answer`."""
    await interaction.edit_original_response(
        embed=to_embed(answer.card),
        attachments=to_files(answer.card),
        view=await view_of(interaction.client.services, answer),
    )


async def view_of(services: Services, answer: Answer) -> discord.ui.View | None:
    """The controls of `answer`, ready to send."""
    short = await shortened(services, calls_of(answer))
    return to_view(answer.controls, short, csv=answer.call if answer.table else "")


async def change(interaction: Interaction, shorthand: str) -> None:
    """Show what the command answers: in place for the one who asked, privately for others."""
    if await _restarting(interaction):
        return
    with interaction.client.busy():
        if _asked_by(interaction, interaction.user.id):
            await interaction.response.defer()
        else:
            await interaction.response.defer(thinking=True, ephemeral=True)
        async with Errors(interaction):
            with written_for(await notation_of(interaction)):
                await show(interaction, await _run(interaction, shorthand))


async def hand_out(interaction: Interaction, shorthand: str) -> None:
    """The answer's numbers as a CSV file, to the person who pressed."""
    if await _restarting(interaction):
        return
    with interaction.client.busy():
        await interaction.response.defer(thinking=True, ephemeral=True)
        async with Errors(interaction):
            answer = await _run(interaction, shorthand)
            name = f"{NAMELESS.sub('-', answer.call.lower()).strip('-')[:60]}.csv"
            data = io.BytesIO(answer.table.encode())
            await interaction.followup.send(file=discord.File(data, filename=name), ephemeral=True)


async def _run(interaction: Interaction, shorthand: str) -> Answer:
    services = interaction.client.services
    call = parse(await restored(services, shorthand))
    return await call.run(services, caller(interaction))


def _asked_by(interaction: Interaction, user_id: int) -> bool:
    message = interaction.message
    asked = None if message is None else message.interaction_metadata
    return asked is not None and asked.user.id == user_id


async def _restarting(interaction: Interaction) -> bool:
    if interaction.client.draining:
        await interaction.response.send_message(
            "I am restarting; please try again in a minute.", ephemeral=True
        )
    return interaction.client.draining


async def setup(client: Highwater) -> None:
    client.add_dynamic_items(Pick, Press)


async def teardown(client: commands.Bot) -> None:
    client.remove_dynamic_items(Pick, Press)
