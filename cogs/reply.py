"""Showing an answer in Discord: acknowledge at once, then fill in."""

from collections.abc import Awaitable

from bot.answers.model import Answer
from bot.cards.embeds import to_embed, to_files
from cogs.arguments import Interaction


async def reply(
    interaction: Interaction, answer: Awaitable[Answer], *, private: bool = False
) -> None:
    """Acknowledge within Discord's three seconds, run the answer, show it.

    What the answer raises goes to the tree's one error handler.
    """
    with interaction.client.busy():
        await interaction.response.defer(thinking=True, ephemeral=private)
        found = await answer
        await interaction.edit_original_response(
            embed=to_embed(found.card), attachments=to_files(found.card)
        )
