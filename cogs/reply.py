"""Showing an answer in Discord: acknowledge at once, then fill in."""

from collections.abc import Awaitable

from bot.answers.model import Answer
from bot.cards.embeds import to_embed
from bot.cards.personal import blocked_card
from bot.notation import written_for
from cogs.arguments import Interaction, notation_of
from cogs.controls import show


async def reply(
    interaction: Interaction, answer: Awaitable[Answer], *, private: bool = False
) -> None:
    """Acknowledge within Discord's three seconds, run the answer, show it.

    What the answer raises goes to the tree's one error handler. Whoever asks hears at once of
    alerts of their own that could not reach them.
    """
    with interaction.client.busy():
        await interaction.response.defer(thinking=True, ephemeral=private)
        with written_for(await notation_of(interaction)):
            await show(interaction, await answer)
        blocked = await interaction.client.services.personal.take_news(interaction.user.id)
        if blocked:
            await interaction.followup.send(embed=to_embed(blocked_card(blocked)), ephemeral=True)
