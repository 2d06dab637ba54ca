"""“Tickers in this message”, in the menu of every message."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers.tickers import tickers
from bot.client import Highwater
from cogs.arguments import Interaction, caller
from cogs.reply import reply

NAME = "Tickers in this message"


class Tickers(commands.Cog):
    """Discord hands over the one message that was picked, so no intent is needed to read it."""

    def __init__(self, client: Highwater) -> None:
        self.client = client
        self.menu = app_commands.ContextMenu(name=NAME, callback=self.look)

    async def cog_load(self) -> None:
        self.client.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        self.client.tree.remove_command(self.menu.name, type=self.menu.type)

    async def look(self, interaction: Interaction, message: discord.Message) -> None:
        text = text_of(message)
        answer = tickers(self.client.services, caller(interaction), text=text)
        await reply(interaction, answer, private=True)


def text_of(message: discord.Message) -> str:
    """What a message says, with the words of its embeds."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{field.name} {field.value}" for field in embed.fields]
    return "\n".join(part for part in parts if part)


async def setup(client: Highwater) -> None:
    await client.add_cog(Tickers(client))
