"""`/setup`: from a fresh installation to the first subscription on one card.

Everything chosen so far stands in the commands of its menus and buttons, so the form goes on
after a restart, and every press checks the rights again. The test post is a real alert of the
past with its chart: it proves what the permission list only says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.alerts.facts import AlertFacts
from bot.alerts.schedule import parse_quiet
from bot.alerts.subscriptions import Place
from bot.alerts.universes import own_names
from bot.answers.calls import menu, written
from bot.answers.model import Answer, Caller, with_picture
from bot.answers.rooms import Room, Server
from bot.answers.subscriptions import ALL_HIGHS, parse_kinds
from bot.cards.model import Button, Card, Control
from bot.cards.onboarding import DoneView, FormView, done_card, form_card, plain_test_card
from bot.cards.pictures import alert_chart
from bot.cards.subscriptions import sample_card
from bot.errors import DataError, MissingPermission, RetryableError, UserError
from bot.market.model import Symbol
from bot.market.universes import universe_titles
from bot.services import Services
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage.channels import ChannelRecord
from storage.subscriptions import SubscriptionRecord

FIRST_UNIVERSE = "sectors"
"""Eleven funds: enough to be useful, too few to be loud."""
OFFERED = (FIRST_UNIVERSE, "size", "large-caps", "themes", "countries", "factors", "bonds")
MOST_ROOMS = 25
MOST_UNIVERSES = 24
"""A menu has 25 lines, one of them for what was typed."""
NO_QUIET = "none"
QUIET = ("22:00-07:00", "20:00-08:00", "00:00-08:00")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The form as filled in so far."""

    channel: int
    what: str
    kind: str
    quiet: str

    def call(self, **changed: object) -> str:
        """The command that shows the form with some of it changed."""
        fields = {
            "channel": self.channel,
            "kind": self.kind,
            "quiet": self.quiet,
            "what": self.what,
            **changed,
        }
        what = fields.pop("what")
        return written("setup", **fields, what=what)


async def setup(
    services: Services,
    caller: Caller,
    *,
    channel: int | None = None,
    what: str = FIRST_UNIVERSE,
    kind: str = ALL_HIGHS,
    quiet: str = "",
    step: str = "",
    post: int | None = None,
) -> Answer:
    """The form; with the step `start` what it says is done, with `tidy` the test post deleted.

    Raises UserError outside a server and for who may manage no channel, MissingPermission when
    Discord refuses the test post: then nothing was changed.
    """
    guild_id, server = _server(caller)
    rooms = [room for room in server.rooms() if room.may_manage]
    room = _room(rooms, channel, caller)
    place = Place(guild_id=guild_id, channel_id=room.channel_id, user_id=caller.user_id)
    if step == "tidy" and post is not None:
        await server.unpost(room.channel_id, post)
        return _plain(f"The test post in <#{room.channel_id}> is deleted. The rest stays.")
    record = await services.channels.chosen(place)
    chosen = Choices(
        channel=room.channel_id, what=what, kind=kind, quiet=quiet or record.quiet or NO_QUIET
    )
    if step == "start" and not room.bot_lacks:
        return await _start(services, server, place, chosen, record)
    return await _form(services, place, chosen, rooms, room)


def _server(caller: Caller) -> tuple[int, Server]:
    if caller.guild_id is None or caller.server is None:
        raise UserError("`/setup` prepares a server’s channel; there is none here.")
    return caller.guild_id, caller.server


def _room(rooms: Sequence[Room], channel: int | None, caller: Caller) -> Room:
    if not rooms:
        raise MissingPermission(
            "You need the Manage Channels or the Manage Server permission to set me up. "
            "Ask a moderator."
        )
    if channel is None:
        here = [room for room in rooms if room.channel_id == caller.channel_id]
        ready = [room for room in (*here, *rooms) if not room.bot_lacks]
        return (ready or here or rooms)[0]
    found = next((room for room in rooms if room.channel_id == channel), None)
    if found is None:
        raise MissingPermission(
            f"You need the Manage Channels permission in <#{channel}>, or Manage Server, to set "
            "me up there; or the channel is gone."
        )
    return found


async def _form(
    services: Services,
    place: Place,
    chosen: Choices,
    rooms: Sequence[Room],
    room: Room,
) -> Answer:
    zone = (await services.preferences.of_server(place.guild_id)).zone.key
    shown = _shown(rooms, room)
    own = own_names(await services.universes.in_guild(place.guild_id))
    view = FormView(
        channel_id=room.channel_id,
        lacks=room.bot_lacks,
        receives=await services.subscriptions.in_channel(room.channel_id),
        zone=zone,
        hidden=len(rooms) - len(shown),
    )
    label, step = ("Check again", None) if room.bot_lacks else ("Start", "start")
    return Answer(
        card=form_card(view),
        numbers={
            "command": "setup",
            "channel_id": str(room.channel_id),
            "missing": list(room.bot_lacks),
            "what": chosen.what,
            "kind": chosen.kind,
            "quiet": chosen.quiet,
        },
        private=True,
        controls=(*_menus(chosen, shown, own), Button(label=label, call=chosen.call(step=step))),
    )


def _shown(rooms: Sequence[Room], room: Room) -> list[Room]:
    first = list(rooms[:MOST_ROOMS])
    return first if room in first else [room, *first[:-1]]


def _menus(chosen: Choices, rooms: Sequence[Room], own: Mapping[str, str]) -> tuple[Control, ...]:
    titles = {**universe_titles(), **own}
    names = dict.fromkeys([*OFFERED, *own][:MOST_UNIVERSES])
    universes = {name: f"{name} · {titles[name]}" for name in names}
    universes.setdefault(chosen.what, chosen.what)
    kinds = [(ALL_HIGHS, "52-week and all-time highs")]
    kinds += [(kind.value, rule.title) for kind, rule in KINDS.items()]
    hours = dict.fromkeys([NO_QUIET, *QUIET, chosen.quiet])
    return (
        menu(
            "Channel",
            [(str(room.channel_id), _named(room)) for room in rooms],
            chosen=str(chosen.channel),
            call=lambda value: chosen.call(channel=value, quiet=None),
        ),
        menu(
            "What to watch",
            list(universes.items()),
            chosen=chosen.what,
            call=lambda value: chosen.call(what=value),
        ),
        menu(
            "What to tell",
            kinds[:MOST_ROOMS],
            chosen=chosen.kind,
            call=lambda value: chosen.call(kind=value),
        ),
        menu(
            "Quiet hours",
            [(one, "No quiet hours" if one == NO_QUIET else f"Quiet {one}") for one in hours],
            chosen=chosen.quiet,
            call=lambda value: chosen.call(quiet=value),
        ),
    )


def _named(room: Room) -> str:
    return f"#{room.name}" + (" · permissions missing" if room.bot_lacks else "")


async def _start(
    services: Services, server: Server, place: Place, chosen: Choices, channel: ChannelRecord
) -> Answer:
    selection = await services.universes.select(chosen.what, guild_id=place.guild_id)
    kinds = parse_kinds(chosen.kind)
    hours = None if chosen.quiet == NO_QUIET else str(parse_quiet(chosen.quiet))
    case = await services.samples.find(selection.symbols, kinds)
    card = await _test_post(services, case)
    symbol = None if case is None else str(case.symbol)
    message_id = await server.post(place.channel_id, card, symbol=symbol)
    if hours != channel.quiet:
        await services.channels.choose(place, replace(channel, quiet=hours))
    symbols = () if selection.universe else selection.symbols
    record = await _known(services, place, kinds, selection.universe, symbols)
    made = record is None
    if record is None:
        record = await services.subscriptions.add(
            place, kinds, universe=selection.universe, symbols=symbols
        )
    zone = channel.zone or (await services.preferences.of_server(place.guild_id)).zone.key
    view = DoneView(
        record=record,
        made=made,
        symbols=len(selection.symbols),
        quiet=hours,
        zone=zone,
        link=f"https://discord.com/channels/{place.guild_id}/{place.channel_id}/{message_id}",
    )
    tidy = written("setup", channel=place.channel_id, step="tidy", post=message_id)
    undo = Button(label=f"Undo: remove #{record.id}", call=f"subscriptions remove {record.id}")
    return Answer(
        card=done_card(view),
        numbers={
            "command": "setup",
            "channel_id": str(place.channel_id),
            "subscription": record.id,
            "made": made,
            "quiet": hours,
            "test_post": str(message_id),
        },
        private=True,
        controls=(
            Button(label="Delete the test post", call=tidy),
            *([undo] if made else []),
            Button(label="Another channel", call="setup"),
        ),
    )


async def _known(
    services: Services,
    place: Place,
    kinds: Sequence[Kind],
    universe: str | None,
    symbols: Sequence[Symbol],
) -> SubscriptionRecord | None:
    """The channel’s subscription to just this, if it has one."""
    wanted = ({kind.value for kind in kinds}, universe, set(symbols))
    for record in await services.subscriptions.in_channel(place.channel_id):
        if (set(record.kinds), record.universe, set(record.symbols)) == wanted:
            return record
    return None


async def _test_post(services: Services, case: AlertFacts | None) -> Card:
    if case is None:
        return plain_test_card()
    card = sample_card(case)
    try:
        bars = await services.market.bars(case.symbol)
    except (DataError, RetryableError):
        return card
    spec = alert_chart(bars, case)
    return await with_picture(services, card, spec, filename=f"{case.symbol}-test.png")


def _plain(text: str) -> Answer:
    return Answer(card=Card(title="", verdict=text), numbers={"command": "setup"}, private=True)
