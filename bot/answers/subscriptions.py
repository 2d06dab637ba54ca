"""`/subscribe` and `/subscriptions`: what a channel receives."""

from collections.abc import Sequence

from bot.alerts.subscriptions import Place, describe
from bot.answers.model import Answer, Caller
from bot.cards.model import Card, Tone
from bot.cards.subscriptions import list_card, sample_card, subscribed_card
from bot.errors import DataError, UserError
from bot.market.model import Symbol
from bot.services import Services
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage.subscriptions import SubscriptionRecord

HIGHS = (Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH)
ALL_HIGHS = "highs"
"""The default: 52-week and all-time highs, as one subscription."""


def parse_kinds(text: str) -> tuple[Kind, ...]:
    """“highs”, or a kind by its value or title. Raises UserError that lists them."""
    wanted = text.strip().lower()
    if wanted == ALL_HIGHS:
        return HIGHS
    for kind, rule in KINDS.items():
        if wanted in (kind.value, rule.title.lower()):
            return (kind,)
    known = ", ".join([ALL_HIGHS, *(kind.value for kind in KINDS)])
    raise UserError(f"There is no such kind of alert. Kinds are: {known}.")


async def subscribe(
    services: Services, caller: Caller, *, what: str, kind: str = ALL_HIGHS
) -> Answer:
    """Subscribe the caller's channel. Raises UserError with what to do instead."""
    guild_id, channel_id = caller.require_manager()
    if caller.bot_lacks:
        raise UserError(
            f"I cannot post in <#{channel_id}>: I lack {' and '.join(caller.bot_lacks)} there. "
            "Grant that in the channel’s settings, then subscribe again."
        )
    selection = await services.universes.select(what, guild_id=guild_id)
    kinds = parse_kinds(kind)
    await _refuse_unknown(services, selection.symbols if selection.universe is None else ())
    record = await services.subscriptions.add(
        Place(guild_id=guild_id, channel_id=channel_id, user_id=caller.user_id),
        kinds,
        universe=selection.universe,
        symbols=selection.symbols if selection.universe is None else (),
    )
    card = subscribed_card(record, count=len(selection.symbols))
    return Answer(card=card, numbers=numbers([record]), private=True)


async def list_subscriptions(services: Services, caller: Caller) -> Answer:
    """All subscriptions of the server, by channel."""
    guild_id, _ = _server(caller)
    records = await services.subscriptions.in_guild(guild_id)
    feeds = await services.channels.feeds(guild_id)
    told = numbers(records) | {"feeds": sorted(str(channel_id) for channel_id in feeds)}
    return Answer(card=list_card(records, feeds), numbers=told, private=True)


async def pause(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await managed(services, caller, number)
    await services.subscriptions.pause(record, user_id=caller.user_id)
    return _done(f"Paused #{record.id}: {describe(record)}. `/subscriptions resume` undoes it.")


async def resume(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await managed(services, caller, number)
    await services.subscriptions.resume(record, user_id=caller.user_id)
    return _done(f"Resumed #{record.id}: {describe(record)}.")


async def remove(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await managed(services, caller, number)
    await services.subscriptions.remove(record, user_id=caller.user_id)
    return _done(
        f"Removed #{record.id}: {describe(record)}. `/subscribe` brings it back when needed."
    )


async def sample(services: Services, caller: Caller, *, number: int) -> Answer:
    """What an alert of this subscription looks like: its most recent real case."""
    guild_id, _ = caller.require_manager()
    record = await services.subscriptions.find(number, guild_id=guild_id)
    kinds = [kind for kind in KINDS if kind.value in record.kinds]
    symbols = await services.subscriptions.symbols_of(record)
    case = await services.samples.find(symbols, kinds)
    if case is None:
        return _done(
            f"Subscription #{record.id} works, but none of its symbols had such a signal in the "
            "last year, so there is nothing to show."
        )
    return Answer(card=sample_card(case), numbers=case.to_json())


async def managed(services: Services, caller: Caller, number: int) -> SubscriptionRecord:
    """A subscription that the caller may change: the rights in its own channel count, wherever
    they ask. Raises UserError."""
    record = await services.subscriptions.find(number, guild_id=caller.require_server())
    caller.require_manager_of(record.channel_id)
    return record


def _server(caller: Caller) -> tuple[int, int]:
    if caller.guild_id is None or caller.channel_id is None:
        raise UserError("Subscriptions belong to a server’s channels; there are none here.")
    return caller.guild_id, caller.channel_id


async def _refuse_unknown(services: Services, symbols: Sequence[Symbol]) -> None:
    unknown = []
    for symbol in symbols:
        if services.directory.get(symbol) is None:
            try:
                await services.market.bars(symbol)
            except (UserError, DataError):
                unknown.append(symbol)
    if unknown:
        raise UserError(
            f"I know nothing of {', '.join(unknown[:10])}. Check the spelling; nothing was changed."
        )


def _done(text: str) -> Answer:
    return Answer(card=Card(title="", verdict=text, tone=Tone.NEUTRAL), private=True)


def numbers(records: Sequence[SubscriptionRecord]) -> dict[str, object]:
    return {
        "command": "subscriptions",
        "subscriptions": [
            {
                "id": record.id,
                "channel_id": str(record.channel_id),
                "kinds": list(record.kinds),
                "universe": record.universe,
                "symbols": list(record.symbols),
                "state": record.state,
            }
            for record in records
        ],
    }
