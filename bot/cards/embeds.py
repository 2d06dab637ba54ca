"""Card → Discord embed: colours, limits, and nothing that could ping anyone."""

import io

import discord

from bot.cards.model import Card, Tone
from bot.notation import current, separated

COLOURS = {Tone.GOOD: 0x26A69A, Tone.BAD: 0xEF5350, Tone.WATCH: 0xF5A623, Tone.NEUTRAL: 0x6E7681}
TITLE, DESCRIPTION, NAME, VALUE, FOOTER, FIELDS = 256, 4096, 256, 1024, 2048, 25
"""Discord's limits in characters, and in fields."""


def to_embed(card: Card) -> discord.Embed:
    """The embed of a card as its reader writes numbers, cut to Discord's limits; its picture is
    attached beside it."""
    description = "\n".join(part for part in (card.verdict, card.body) if part)
    embed = discord.Embed(
        title=_cut(card.title, TITLE) or None,
        description=_cut(description, DESCRIPTION),
        colour=COLOURS[card.tone],
    )
    for field in card.fields[:FIELDS]:
        embed.add_field(
            name=_cut(field.name, NAME), value=_cut(field.value, VALUE), inline=field.inline
        )
    if card.footer:
        embed.set_footer(text=_cut(card.footer, FOOTER))
    if card.picture is not None:
        embed.set_image(url=f"attachment://{card.picture.filename}")
    return embed


def to_files(card: Card) -> list[discord.File]:
    """The card's documents, and its picture with its alt text, as attachments."""
    files = [
        discord.File(io.BytesIO(document.text.encode()), filename=document.filename)
        for document in card.documents
    ]
    picture = card.picture
    if picture is not None:
        data, alt = io.BytesIO(picture.png), _cut(picture.alt, 1024)
        files.append(discord.File(data, filename=picture.filename, description=alt))
    return files


def _cut(text: str, limit: int) -> str:
    text = separated(text, current())
    return text if len(text) <= limit else text[: limit - 1] + "…"
