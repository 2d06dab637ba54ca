"""Publishing a message through discord.py: all who follow its channel are shown it."""

from collections.abc import Awaitable, Callable

import discord

from bot.delivery.discord_sink import Door
from bot.delivery.sink import Failure, Undelivered

ALREADY_PUBLISHED, WRONG_CHANNEL_TYPE = 40033, 50024

Publish = Callable[[int, int, int], Awaitable[None]]
"""`publish(guild_id, channel_id, message_id)` raises Undelivered."""


def publishing(client: Callable[[], discord.Client]) -> Publish:
    """`client` gives the present client. Doing it again changes nothing and raises nothing."""

    async def publish(guild_id: int, channel_id: int, message_id: int) -> None:
        channel = client().get_partial_messageable(channel_id, guild_id=guild_id)
        with Door():
            try:
                await channel.get_partial_message(message_id).publish()
            except discord.HTTPException as error:
                if error.code == WRONG_CHANNEL_TYPE:
                    raise Undelivered(Failure.NO_FEED, "nobody can follow it") from error
                if error.code != ALREADY_PUBLISHED:
                    raise

    return publish
