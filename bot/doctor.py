"""`highwater doctor`: what is wrong, in words, and how to mend it."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

import aiohttp

from bot.charts.renderer import PictureFailed, Renderer
from bot.charts.specs import candle_chart
from bot.clock import LiveClock
from bot.errors import HighwaterError
from bot.market.market import Market
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.settings import Settings, SourceName
from bot.world import live_world
from storage import subscriptions
from storage.database import describe, look
from storage.errors import StorageFailure
from storage.migrations import NAMES
from storage.sqlite import explain

PATIENCE = aiohttp.ClientTimeout(total=15)
LEAST_DISK = 500 * 1024 * 1024
"""Bytes; a database with 1,000 symbols takes about a tenth of it."""
SKEW = timedelta(seconds=30)
"""A clock further off than this makes alerts late or early."""
CHANNELS = 50
"""Subscribed channels looked at."""


class Health(StrEnum):
    GOOD = "ok"
    ODD = "odd"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Check:
    """The result of one look: what was found and, unless all is well, what to do."""

    name: str
    health: Health
    text: str

    def line(self) -> str:
        return f"{self.health:<4} {self.name:<10} {self.text}"


def good(name: str, text: str) -> Check:
    return Check(name=name, health=Health.GOOD, text=text)


def odd(name: str, text: str) -> Check:
    return Check(name=name, health=Health.ODD, text=text)


def bad(name: str, text: str) -> Check:
    return Check(name=name, health=Health.BAD, text=text)


async def examine(settings: Settings, show: Callable[[Check], None]) -> bool:
    """Look at everything, showing each result as it comes; True when nothing is bad."""
    sessions = await asyncio.to_thread(Sessions.load)
    steps: list[Awaitable[list[Check]]] = [
        asyncio.to_thread(database, settings),
        _calendar(sessions),
        discord(settings),
        source(settings, sessions),
        drawing(settings, sessions),
    ]
    healthy = True
    for step in steps:
        for check in await step:
            show(check)
            healthy = healthy and check.health is not Health.BAD
    return healthy


def database(settings: Settings) -> list[Check]:
    """The file's pages and schema, and the disk it lies on; nothing is changed."""
    if settings.database_url is not None:
        return [_server(settings.database_url.get_secret_value())]
    path = settings.database
    parent = next(p for p in (path.parent, *path.absolute().parents) if p.exists())
    free = shutil.disk_usage(parent).free
    space = f"{free / 1024**3:.1f} GiB free"
    disk = good("disk", space) if free > LEAST_DISK else bad("disk", f"only {space}: make room")
    if not path.exists():
        return [disk, good("database", f"{path} does not exist yet; the first start makes it")]
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        known = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
        connection.close()
    except sqlite3.Error as error:
        return [disk, bad("database", explain(error, path))]
    if verdict != "ok":
        return [disk, bad("database", f"{path} is damaged ({verdict}); restore a backup")]
    if known - NAMES:
        return [disk, bad("database", f"{path} is from a newer Highwater; upgrade the program")]
    return [disk, good("database", f"{path}, sound, {len(known)} of {len(NAMES)} schema steps")]


def _server(address: str) -> Check:
    """Whether the PostgreSQL server takes us, and how far the schema is; nothing is changed."""
    try:
        return good("database", describe(address))
    except StorageFailure as error:
        return bad("database", str(error))


async def _calendar(sessions: Sessions) -> list[Check]:
    now = LiveClock().now()
    last, following = sessions.last_closed(now), sessions.next_open(now)
    return [
        good("calendar", f"last closed session {last}, next open {following:%Y-%m-%d %H:%M} UTC")
    ]


async def discord(settings: Settings) -> list[Check]:
    """Whether Discord knows the token, what time it is there, and the subscribed channels."""
    if settings.discord_token is None:
        return [
            odd("token", "none: `highwater run` opens the playground; put DISCORD_TOKEN into .env")
        ]
    headers = {"Authorization": f"Bot {settings.discord_token.get_secret_value()}"}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=PATIENCE) as http:
            async with http.get(f"{settings.discord_api_base}/users/@me") as answer:
                checks = [_token(answer.status, await answer.json()), _time(answer)]
            if checks[0].health is Health.GOOD:
                checks += await _channels(settings, http)
            return checks
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        text = f"Discord cannot be reached ({type(error).__name__}): check the network"
        return [bad("token", text)]


def _token(status: int, body: dict[str, object]) -> Check:
    if status == 200:
        return good("token", f"accepted, the bot is {body.get('username')}")
    if status == 401:
        return bad("token", "not accepted: copy DISCORD_TOKEN again from the developer portal")
    return bad("token", f"Discord answers with {status}: try again later")


def _time(answer: aiohttp.ClientResponse) -> Check:
    try:
        there: datetime = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return odd("clock", "Discord did not say what time it is there")
    off = abs(LiveClock().now() - there)
    if off > SKEW:
        return bad("clock", f"{off.total_seconds():.0f} s apart from Discord’s: set the clock")
    return good("clock", f"within {SKEW.total_seconds():.0f} s of Discord’s")


async def _channels(settings: Settings, http: aiohttp.ClientSession) -> list[Check]:
    try:
        records = await asyncio.to_thread(look, settings.store, subscriptions.active)
    except StorageFailure:
        return []  # what is wrong with it was said
    ids = sorted({record.channel_id for record in records})
    lost = []
    for channel in ids[:CHANNELS]:
        async with http.get(f"{settings.discord_api_base}/channels/{channel}") as answer:
            if answer.status in (403, 404):
                lost.append(str(channel))
    if lost:
        what = f"{len(lost)} subscribed channel(s) cannot be seen: {', '.join(lost[:5])}"
        return [odd("channels", f"{what}; give the bot View Channel there, or unsubscribe")]
    return [good("channels", f"{len(ids)} subscribed, all within sight")]


async def source(settings: Settings, sessions: Sessions) -> list[Check]:
    """Whether the market data source answers for the benchmark, and how fresh it is."""
    try:
        world = live_world(settings, sessions)
    except HighwaterError as error:
        return [bad("source", str(error))]
    market = Market(source=world.source, sessions=sessions, clock=world.clock)
    benchmark = Symbol(settings.benchmark)
    try:
        bars = await market.bars(benchmark)
    except HighwaterError as error:
        return [bad("source", f"{world.source.label}: {error}")]
    finally:
        await world.source.close()
    closed = sessions.last_closed(world.clock.now())
    text = f"{world.source.label}: {benchmark} has {len(bars):,} sessions to {bars.last_day}"
    if bars.last_day < closed:
        return [odd("source", f"{text}, but {closed} has closed: the data are behind")]
    return [good("source", text)]


async def drawing(settings: Settings, sessions: Sessions) -> list[Check]:
    """Whether a drawing process starts and draws."""
    demo = settings.model_copy(update={"source": SourceName.DEMO})
    world = live_world(demo, sessions)
    bars = await world.source.bars(Symbol("SPY"))
    try:
        async with Renderer(1) as renderer:
            png = await renderer.draw(candle_chart(bars))
    except PictureFailed as error:
        return [bad("pictures", f"{error} Answers will come without pictures.")]
    return [good("pictures", f"drawn ({len(png) / 1024:.0f} kB)")]
