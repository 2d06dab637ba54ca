"""`/feed`: whether a channel's alerts are published to the servers that follow it."""

from dataclasses import replace

from bot.answers.model import Answer, Caller
from bot.answers.quiet import chosen, place_of
from bot.errors import UserError
from bot.services import Services


async def on(services: Services, caller: Caller) -> Answer:
    """Publish the alerts of the caller's channel from now on. Raises UserError."""
    place = place_of(caller)
    here = f"<#{place.channel_id}>"
    if not caller.announces:
        raise UserError(
            f"{here} is no announcement channel, so no server can follow it. Make it one in its "
            "settings (Overview, in a server with Community enabled), or choose another channel."
        )
    if caller.bot_lacks:
        raise UserError(
            f"I cannot publish in {here}: I lack {' and '.join(caller.bot_lacks)} there. Grant "
            "that in the channel’s settings, then try again."
        )
    record = await services.channels.chosen(place)
    answer = await chosen(services, caller, replace(record, feed=True))
    verdict = f"{here} is a feed: its alerts are published to every server that follows it."
    return replace(answer, card=replace(answer.card, verdict=verdict))


async def off(services: Services, caller: Caller) -> Answer:
    """Publish nothing of the caller's channel any more; what was published stays."""
    place = place_of(caller)
    record = await services.channels.chosen(place)
    answer = await chosen(services, caller, replace(record, feed=False))
    verdict = f"<#{place.channel_id}> is no feed: nothing is published. What was published stays."
    return replace(answer, card=replace(answer.card, verdict=verdict))
