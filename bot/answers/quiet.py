"""`/mute`, `/quiet`, `/digest` and `/subscriptions edit`: when a channel hears of what."""

from dataclasses import replace

from bot.alerts.personal.words import parse_until
from bot.alerts.quiet.rules import MOST_BUDGET, Delivery
from bot.alerts.schedule import parse_digest, parse_quiet, parse_zone
from bot.alerts.subscriptions import Place, describe
from bot.answers.calls import written
from bot.answers.model import Answer, Caller, defaults_for
from bot.answers.subscriptions import managed
from bot.cards.format import timestamp
from bot.cards.model import Button, Card, Control
from bot.cards.quiet import chosen_card, mute_words, mutes_card
from bot.errors import UserError
from bot.market.model import Symbol
from bot.services import Services
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage.channels import ChannelRecord, MuteRecord, NewMute, WayRecord

EVERYTHING = "everything"
"""Not “all”, which is a ticker."""


async def mute(services: Services, caller: Caller, *, what: str, until: str = "1d") -> Answer:
    """Silence a symbol, a kind or everything in the caller's channel. Raises UserError."""
    place = place_of(caller)
    symbol, kind = parse_what(what)
    zone = (await defaults_for(services, caller)).zone
    record = await services.channels.mute(
        place,
        NewMute(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            symbol=symbol,
            kind=kind,
            until=parse_until(until, services.now(), name="end of the mute", zone=zone),
            created_by=place.user_id,
        ),
    )
    return _done(
        f"Muted here: {mute_words(record)} until {timestamp(record.until)}. "
        f"`/mute remove {record.id}` ends it. Messages that stand keep being updated, silently.",
        [record],
    )


async def mutes(services: Services, caller: Caller) -> Answer:
    """The server's mutes, by channel."""
    if caller.guild_id is None:
        raise UserError("Mutes belong to a server’s channels; there are none here.")
    records = await services.channels.mutes(caller.guild_id)
    return Answer(card=mutes_card(records), numbers=_numbers(records), private=True)


async def unmute(services: Services, caller: Caller, *, number: int) -> Answer:
    """End a mute before its time."""
    record = await services.channels.find_mute(number, guild_id=caller.require_server())
    caller.require_manager_of(record.channel_id)
    await services.channels.unmute(record, user_id=caller.user_id)
    return _done(f"No longer muted: {mute_words(record)}.", [])


async def show(services: Services, caller: Caller) -> Answer:
    """What the caller's channel chose."""
    place = place_of(caller)
    return await _shown(services, place, await services.channels.chosen(place))


async def quiet(
    services: Services,
    caller: Caller,
    *,
    hours: str = "",
    zone: str = "",
    budget: int | None = None,
) -> Answer:
    """Set the channel's quiet hours, time zone or budget. Raises UserError."""
    place = place_of(caller)
    if not hours and not zone and budget is None:
        raise UserError("Name hours (22:00-07:00), a zone (Europe/Berlin) or a budget (20).")
    if budget is not None and not 1 <= budget <= MOST_BUDGET:
        raise UserError(f"A budget is 1 to {MOST_BUDGET} messages an hour.")
    record = await services.channels.chosen(place)
    record = replace(
        record,
        quiet=str(parse_quiet(hours)) if hours else record.quiet,
        zone=parse_zone(zone).key if zone else record.zone,
        budget=record.budget if budget is None else budget,
    )
    return await chosen(services, caller, record)


async def loud(services: Services, caller: Caller) -> Answer:
    """End the quiet hours; what they still hold comes when they would have ended."""
    place = place_of(caller)
    record = await services.channels.chosen(place)
    return await chosen(services, caller, replace(record, quiet=None))


async def digest(services: Services, caller: Caller, *, times: str, zone: str = "") -> Answer:
    """Set when the channel's digests come. Raises UserError."""
    place = place_of(caller)
    record = await services.channels.chosen(place)
    record = replace(
        record,
        digest=parse_digest(times),
        zone=parse_zone(zone).key if zone else record.zone,
    )
    return await chosen(services, caller, record)


async def undigest(services: Services, caller: Caller) -> Answer:
    """Digests come after the close again; what is held already comes when it was to come."""
    place = place_of(caller)
    record = await services.channels.chosen(place)
    return await chosen(services, caller, replace(record, digest=()))


async def edit(
    services: Services,
    caller: Caller,
    *,
    number: int,
    delivery: Delivery | None = None,
    role: int | None = None,
    silent: bool = False,
    brief: bool | None = None,
) -> Answer:
    """Change when a subscription is told, which role it mentions, and whether its alerts bring
    a brief along. Raises UserError."""
    record = await managed(services, caller, number)
    guild_id = record.guild_id
    if role == guild_id:
        raise UserError("@everyone is not mentioned. Choose a role that people can leave.")
    known = await services.channels.ways([record.id])
    way = known.get(record.id, WayRecord(subscription_id=record.id, guild_id=guild_id))
    way = replace(
        way,
        delivery=way.delivery if delivery is None else delivery.value,
        role_id=None if silent else way.role_id if role is None else role,
        brief=way.brief if brief is None else brief,
    )
    await services.channels.deliver(record, way, user_id=caller.user_id)
    mention = "" if way.role_id is None else f", mentioning <@&{way.role_id}>"
    note = ", with a brief attached" if way.brief else ""
    told = DELIVERED[Delivery(way.delivery)]
    card = Card(
        title="",
        verdict=f"#{record.id} {describe(record)}: {told}{mention}{note}.",
    )
    numbers = {
        "command": "subscriptions edit",
        "id": record.id,
        "delivery": way.delivery,
        "role_id": None if way.role_id is None else str(way.role_id),
        "brief": way.brief,
    }
    return Answer(card=card, numbers=numbers, private=True)


DELIVERED = {
    Delivery.INSTANT: "told at once",
    Delivery.CLOSE: "told after the close, decided already",
    Delivery.DIGEST: "told in the channel’s digest (`/digest set` says when)",
}


def parse_what(text: str) -> tuple[Symbol | None, Kind | None]:
    """A symbol, a kind by its value or title, or everything. Raises UserError."""
    plain = text.strip().lower()
    if plain == EVERYTHING:
        return None, None
    for kind, rule in KINDS.items():
        if plain in (kind.value, rule.title.lower()):
            return None, kind
    return Symbol(text.strip()), None


def place_of(caller: Caller) -> Place:
    """The channel that the caller may manage. Raises UserError."""
    guild_id, channel_id = caller.require_manager()
    return Place(guild_id=guild_id, channel_id=channel_id, user_id=caller.user_id)


async def chosen(services: Services, caller: Caller, record: ChannelRecord) -> Answer:
    """Write down what a channel chose; with an undo where it is asked in that channel."""
    place = place_of(caller)
    before = await services.channels.chosen(place)
    await services.channels.choose(place, record)
    undo = () if caller.elsewhere else _undo(before, record)
    return replace(await _shown(services, place, record), controls=undo)


def _undo(before: ChannelRecord, after: ChannelRecord) -> tuple[Control, ...]:
    """A button where one command brings everything back."""
    if replace(before, quiet=after.quiet) == after and before.quiet != after.quiet:
        call = "quiet off" if before.quiet is None else written("quiet set", hours=before.quiet)
    elif replace(before, digest=after.digest) == after and before.digest != after.digest:
        call = written("digest set", *before.digest) if before.digest else "digest off"
    elif replace(before, feed=after.feed) == after and before.feed != after.feed:
        call = "feed on" if before.feed else "feed off"
    else:
        return ()
    return (Button(label="Undo", call=call),)


async def _shown(services: Services, place: Place, record: ChannelRecord) -> Answer:
    records = [
        one
        for one in await services.subscriptions.in_channel(place.channel_id)
        if one.guild_id == place.guild_id
    ]
    ways = await services.channels.ways([one.id for one in records])
    default = (await services.preferences.of_server(place.guild_id)).zone.key
    published = await services.channels.published(place) if record.feed else {}
    card = chosen_card(record, records, ways, default_zone=default, published=published)
    numbers = {
        "command": "quiet",
        "channel_id": str(place.channel_id),
        "quiet": record.quiet,
        "digest": list(record.digest),
        "zone": record.zone or default,
        "budget": record.budget,
        "feed": record.feed,
        "published": published,
    }
    return Answer(card=card, numbers=numbers, private=True)


def _done(text: str, records: list[MuteRecord]) -> Answer:
    return Answer(card=Card(title="", verdict=text), numbers=_numbers(records), private=True)


def _numbers(records: list[MuteRecord]) -> dict[str, object]:
    return {
        "command": "mute",
        "mutes": [
            {
                "id": record.id,
                "channel_id": str(record.channel_id),
                "symbol": record.symbol,
                "kind": record.kind,
                "until": record.until.isoformat(),
            }
            for record in records
        ],
    }
