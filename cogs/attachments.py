"""Files that people attach to a command, as text."""

import discord

from bot.errors import SourceDown, UserError
from bot.pasted import LARGEST, decoded


async def text_of(file: discord.Attachment) -> str:
    """The text of an attachment. Raises UserError for one that is too large or no text, and
    SourceDown when Discord does not hand it out."""
    if file.size > LARGEST:
        raise UserError(f"That file is too large; {LARGEST // 1024} kB are the most I read.")
    try:
        data = await file.read()
    except discord.HTTPException as error:
        raise SourceDown("Discord did not hand me that file. Please attach it again.") from error
    return decoded(data)
