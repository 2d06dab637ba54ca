"""Makes the page of every command anew: `make docs`.

Two months of the invented market is played through the real services; then every command is typed
as a moderator would, and what the program answers is written down with the pictures it draws.
"""

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from discord import app_commands

from bot.alerts.subscriptions import Place
from bot.answers.model import Answer, Caller
from bot.answers.parse import parse, usage
from bot.answers.rooms import Room
from bot.app import build, open_database, watcher_of
from bot.cards.format import day_text
from bot.cards.model import Card
from bot.cards.text import to_text
from bot.charts.renderer import Renderer
from bot.client import EXTENSIONS, Highwater
from bot.market.sessions import Sessions
from bot.market.universes import universe
from bot.replay import moments
from bot.services import Services
from bot.settings import Settings, SourceName
from bot.signals.model import Kind
from bot.world import replay_world
from storage import alerts
from storage.connection import Connection

DOCS = Path(__file__).parent
FIRST, LAST = date(2026, 2, 2), date(2026, 3, 31)
SERVER, CHANNEL, PERSON = 1, 2, 5
ROOM = "alerts"
HEAD = """# Every command, with its answer

Made by the program itself in its invented market (`make docs`): every price below is synthetic.
In Discord the answers are cards with menus and buttons. A word in `<…>` is needed, one in `[…]`
is not. Of watchlists, portfolios and personal alerts only the one who asks sees the answer.
"""

TYPED = (
    "/high IVOO",
    "/chart QQQ range:1y",
    "/compare SPY QQQ IWM MDY since:6m",
    "/rs IWM",
    "/rotation sectors",
    "/breadth demo",
    "/sectors SPY QQQ IWM",
    "/mood",
    "/setups IVOO",
    "/record symbol:SPY",
    "/sentiment IVOO",
    "/brief IVOO",
    "/why #{alert}",
    "/scorecard show",
    "/scorecard on",
    "/scorecard off",
    "/setup",
    "/subscribe sectors",
    "/subscriptions list",
    "/subscriptions edit 2 delivery:close",
    "/subscriptions pause 2",
    "/subscriptions resume 2",
    "/subscriptions test 2",
    "/subscriptions remove 2",
    "/universe create name:leaders symbols:XLK SMH QQQ",
    "/universe add name:leaders symbols:IGV",
    "/universe remove name:leaders symbols:QQQ",
    "/universe show leaders",
    "/universe list",
    "/universe delete leaders",
    "/mute add SPY until:2d",
    "/mute list",
    "/mute remove 1",
    "/quiet set 22:00-07:00 zone:Europe/Berlin",
    "/quiet show",
    "/quiet off",
    "/digest set 09:00 close",
    "/digest off",
    "/feed on",
    "/feed off",
    "/alert add symbol:IVOO when:above 150",
    "/alert edit 1 note:resistance",
    "/alert list",
    "/alert test 1",
    "/alert snooze 1 until:2d",
    "/alert pause 1",
    "/alert resume 1",
    "/alert export",
    "/alert remove 1",
    '/alert import [{"symbol": "SPY", "when": "above 700"}]',
    "/watchlist create name:Mine symbols:IVOO SPY",
    "/watchlist add symbols:QQQ IWM XLK XLE TLT",
    "/watchlist remove symbols:TLT",
    "/watchlist show",
    "/watchlist lists",
    "/watchlist alert when:52-week high",
    "/watchlist digest",
    "/watchlist share",
    "/watchlist export",
    "/watchlist import $GLD, SLV",
    "/watchlist rename name:Mine to:Leaders",
    "/watchlist delete Leaders",
    "/watchlist undo",
    "/portfolio set holdings:IVOO 10 @ 95.20, SPY 5, XLE 20, TLT 15",
    "/portfolio show",
    "/portfolio risk",
    "/portfolio import IVOO 10, SPY 5",
    "/portfolio clear",
    "/portfolio undo",
    "/settings me basis:total",
    "/settings server zone:Europe/Berlin",
    "/my-data",
    "/forget-me",
    "/status",
    "/help topic:news",
)
"""Every command once, in an order in which each finds what it needs."""


class Rooms:
    """A server with one channel."""

    def rooms(self) -> Sequence[Room]:
        return (Room(channel_id=CHANNEL, name=ROOM, may_manage=True),)

    async def post(self, channel_id: int, card: Card, *, symbol: str | None) -> int:
        return 7

    async def unpost(self, channel_id: int, message_id: int) -> None:
        """Nothing is kept here."""


CALLER = Caller(
    user_id=PERSON,
    guild_id=SERVER,
    channel_id=CHANNEL,
    may_manage=True,
    may_manage_server=True,
    may_post=True,
    server=Rooms(),
    manages=lambda channel_id: True,
    announces=True,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A command as it was typed, and what it answered."""

    typed: str
    answer: Answer

    @property
    def name(self) -> str:
        return parse(self.typed).name

    @property
    def picture(self) -> str:
        return f"{self.name.replace(' ', '-')}.png"


async def played(stack: AsyncExitStack) -> Services:
    """The services after two months in which a channel had alerts."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    settings = Settings(data_dir=Path(folder))
    sessions = Sessions.load()
    world, clock = replay_world(settings, sessions, start=FIRST, last=LAST, name=SourceName.DEMO)
    renderer = await stack.enter_async_context(Renderer(1))
    db = await open_database(settings)
    stack.push_async_callback(db.close)
    services = await build(settings, world, db=db, renderer=renderer)
    watcher = watcher_of(services)
    await services.subscriptions.add(
        Place(guild_id=SERVER, channel_id=CHANNEL, user_id=PERSON),
        [Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH],
        universe=None,
        symbols=universe("demo").symbols,
    )
    for moment in moments(sessions, FIRST, LAST):
        if not moment.closes:
            continue
        clock.move_to(moment.at)
        await watcher.run_once()
        await db.write(deliver)
    return services


def deliver(connection: Connection) -> None:
    """What a channel is owed counts as sent."""
    owed = connection.execute("SELECT id FROM alerts WHERE state = 'pending' ORDER BY seq")
    for (alert_id,) in owed.fetchall():
        alerts.mark_sent(connection, alert_id, message_id=7, at=datetime(2026, 3, 31, tzinfo=UTC))


async def answered(services: Services, typed: Sequence[str] = TYPED) -> list[Entry]:
    """Every command in turn."""
    alert = await services.db.read(
        lambda c: c.execute(
            "SELECT id FROM alerts WHERE act = 'post' ORDER BY seq DESC LIMIT 1"
        ).fetchone()[0]
    )
    entries = []
    for text in typed:
        whole = text.replace("{alert}", alert[:6])
        entries.append(Entry(typed=whole, answer=await parse(whole).run(services, CALLER)))
    return entries


async def described(services: Services) -> dict[str, str]:
    """What Discord says of each command."""
    client = Highwater(services, became_ready=asyncio.Event())
    for extension in EXTENSIONS:
        await client.load_extension(extension)
    found = {
        command.qualified_name: command.description
        for command in client.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }
    for extension in EXTENSIONS:
        await client.unload_extension(extension)
    return found


def page(entries: Sequence[Entry], words: Mapping[str, str]) -> str:
    """The Markdown of the page; `words` describe each command."""
    return "\n".join([HEAD, *(section(entry, words[entry.name]) for entry in entries)])


def section(entry: Entry, words: str) -> str:
    """One command: how it is typed, what it answers, the picture it draws."""
    picture = entry.answer.card.picture
    lines = [
        f"## /{entry.name}",
        f"{words if words[-1] in '?.' else f'{words}.'} `{usage(entry.name)}`",
        "",
        "```text",
        f"> {entry.typed}",
        "",
        spoken(to_text(entry.answer.card)),
        "```",
    ]
    if picture is not None:
        lines += ["", f"![{picture.alt}](pictures/{entry.picture})"]
    return "\n".join([*lines, ""])


def spoken(text: str) -> str:
    """Channels, people and times as Discord shows them to a reader."""
    text = text.replace(f"<#{CHANNEL}>", f"#{ROOM}").replace(f"<@{PERSON}>", "@you")
    return re.sub(
        r"<t:(\d+)(?::\w)?>",
        lambda m: day_text(datetime.fromtimestamp(int(m[1]), UTC).date()),
        text,
    )


async def main() -> None:
    async with AsyncExitStack() as stack:
        services = await played(stack)
        words = await described(services)
        entries = await answered(services)
    folder = DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for entry in entries:
        if entry.answer.card.picture is not None:
            (folder / entry.picture).write_bytes(entry.answer.card.picture.png)
    (DOCS / "commands.md").write_text(page(entries, words), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
