"""Showing an answer in Discord: acknowledge at once, then fill in."""

from collections.abc import Awaitable

from bot.answers.model import Answer
from cogs.arguments import Interaction
from cogs.controls import show


async def reply(
    interaction: Interaction, answer: Awaitable[Answer], *, private: bool = False
) -> None:
    """Acknowledge within Discord's three seconds, run the answer, show it.

    What the answer raises goes to the tree's one error handler.
    """
    with interaction.client.busy():
        await interaction.response.defer(thinking=True, ephemeral=private)
        await show(interaction, await answer)
