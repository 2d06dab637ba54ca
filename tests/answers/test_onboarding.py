"""`/setup` without Discord: which channel it proposes, what it refuses, what it leaves alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.answers.calls import calls_of
from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.answers.rooms import Room
from bot.cards.model import Button, Card, Menu
from bot.errors import MissingPermission, UserError
from bot.services import Services

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Rooms:
    """A server at the rim: its rooms, and what was posted."""

    all: Sequence[Room]
    posted: list[tuple[int, Card]] = field(default_factory=list)

    def rooms(self) -> Sequence[Room]:
        return self.all

    async def post(self, channel_id: int, card: Card, *, symbol: str | None) -> int:
        self.posted.append((channel_id, card))
        return 900 + len(self.posted)

    async def unpost(self, channel_id: int, message_id: int) -> None:
        self.posted = [one for n, one in enumerate(self.posted, 901) if n != message_id]


def room(number: int, *lacks: str, may_manage: bool = True) -> Room:
    return Room(channel_id=number, name=f"c{number}", may_manage=may_manage, bot_lacks=lacks)


def asking(*rooms: Room, guild: int = 1, channel: int = 0) -> Caller:
    return Caller(
        user_id=5, guild_id=guild, channel_id=channel, may_manage=True, server=Rooms(rooms)
    )


async def ask(services: Services, text: str, caller: Caller) -> Answer:
    return await parse(text).run(services, caller)


def labels(answer: Answer) -> list[str]:
    return [control.label for control in answer.controls if isinstance(control, Button)]


@pytest.mark.parametrize(
    ("rooms", "here", "proposed"),
    [
        ((room(1), room(2)), 2, "2"),
        ((room(1), room(2, "Send Messages")), 2, "1"),
        ((room(1, "Send Messages"), room(2, "Embed Links")), 2, "2"),
        ((room(1, may_manage=False), room(2), room(3)), 1, "2"),
    ],
)
async def test_the_channel_at_hand_is_proposed_when_it_works(
    demo: Services, rooms: Sequence[Room], here: int, proposed: str
) -> None:
    answer = await ask(demo, "setup", asking(*rooms, channel=here))
    assert answer.private
    assert answer.numbers["channel_id"] == proposed


async def test_what_one_may_not_manage_is_neither_offered_nor_reached(demo: Services) -> None:
    caller = asking(room(1), room(2, may_manage=False))
    answer = await ask(demo, "setup", caller)
    channels = answer.controls[0]
    assert isinstance(channels, Menu)
    assert [choice.label for choice in channels.choices] == ["#c1"]
    for text in ("setup channel:2", "setup channel:2 step:start", "setup channel:3 step:tidy"):
        with pytest.raises(MissingPermission, match="Manage Channels"):
            await ask(demo, text, caller)
    with pytest.raises(MissingPermission, match="Ask a moderator"):
        await ask(demo, "setup", asking(room(1, may_manage=False)))
    with pytest.raises(UserError, match="server’s channel"):
        await ask(demo, "setup", Caller(user_id=5))


async def test_a_server_with_many_channels_has_all_of_them_in_reach(demo: Services) -> None:
    caller = asking(*(room(number) for number in range(1, 61)))
    answer = await ask(demo, "setup channel:60", caller)
    channels = answer.controls[0]
    assert isinstance(channels, Menu)
    assert len(channels.choices) == 25
    assert [choice.label for choice in channels.choices if choice.chosen] == ["#c60"]
    assert "35 channels not in the menu" in answer.card.body


async def test_start_without_permissions_posts_nothing_and_says_what_is_missing(
    demo: Services,
) -> None:
    caller = asking(room(1, "Embed Links", "Attach Files"), guild=11)
    answer = await ask(demo, "setup channel:1 step:start", caller)
    assert isinstance(caller.server, Rooms)
    assert not caller.server.posted
    assert answer.numbers["missing"] == ["Embed Links", "Attach Files"]
    assert labels(answer) == ["Check again"]
    assert not await demo.subscriptions.in_guild(11)


async def test_what_was_chosen_is_what_is_made(demo: Services) -> None:
    caller = asking(room(77), guild=12, channel=77)
    form = await ask(demo, "setup channel:77 kind:high_52w quiet:20:00-08:00 what:IVOO,SPY", caller)
    start = next(c.call for c in form.controls if isinstance(c, Button))
    done = await ask(demo, start, caller)
    (made,) = await demo.subscriptions.in_guild(12)
    assert (made.channel_id, made.kinds, made.symbols) == (77, ("high_52w",), ("IVOO", "SPY"))
    assert done.numbers["quiet"] == "20:00-08:00"
    assert isinstance(caller.server, Rooms)
    ((place, card),) = caller.server.posted
    assert place == 77
    assert card.title.startswith("Test · ")
    assert card.picture is not None
    quiet = await ask(demo, "quiet show", replace(caller, may_manage=True))
    assert quiet.numbers["quiet"] == "20:00-08:00"
    for text in calls_of(done):
        parse(text)
    tidy = next(c.call for c in done.controls if isinstance(c, Button))
    await ask(demo, tidy, caller)
    assert not caller.server.posted
    assert len(await demo.subscriptions.in_guild(12)) == 1
