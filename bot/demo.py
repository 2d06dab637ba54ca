"""Without a token: the whole program against its own playground, in a market that is replayed."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TextIO

from bot.alerts.subscriptions import Place
from bot.app import Program, open_program
from bot.client import point_at
from bot.errors import OperatorError
from bot.live import DRAIN_SECONDS, pages_of
from bot.loops import Pulse
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.playground.server import Playground
from bot.replay import Replay
from bot.reporter import Reporter
from bot.settings import Settings, SourceName
from bot.signals.model import Kind
from bot.world import replay_world

log = logging.getLogger(__name__)

CHANNEL = "alerts"
"""The playground's channel that is subscribed from the start."""
NOTICE = "Demo market: every price here is invented."
MOST_SYMBOLS = 200
"""Symbols subscribed when a replay names none."""
HEAD_START = 5
"""Sessions played at once at the start, so that a visitor finds a channel with alerts in it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a playground plays. `symbols` are subscribed in its alerts channel; `speed` is in
    sessions a minute, 0 for no waiting; with `leave` the program ends with the replay."""

    source: SourceName
    first: date
    last: date
    symbols: Sequence[Symbol]
    kinds: Sequence[Kind]
    speed: float
    head_start: int = 0
    port: int = 0
    pictures: bool = True
    transcript: TextIO | None = None
    leave: bool = False


async def run_playground(
    settings: Settings, plan: Plan, sessions: Sessions, stop: asyncio.Event
) -> None:
    """Serve the page, connect the real client to it, play. Raises OperatorError."""
    notice = NOTICE if plan.source is SourceName.DEMO else ""
    playground = Playground(port=plan.port, synthetic=notice)
    try:
        await playground.start()
    except OSError as error:
        raise OperatorError(
            f"Port {plan.port} on 127.0.0.1 is taken ({error.strerror}). Stop what uses it, or set "
            "HIGHWATER_WEB_PORT to another one (0 takes a free one)."
        ) from error
    try:
        await _play(settings, plan, sessions, playground, stop)
    finally:
        await playground.stop()


async def _play(
    settings: Settings,
    plan: Plan,
    sessions: Sessions,
    playground: Playground,
    stop: asyncio.Event,
) -> None:
    point_at(api_base=playground.api_base, gateway=playground.gateway_url, cdn=playground.cdn_base)
    _forget(settings)
    world, clock = replay_world(
        settings, sessions, start=plan.first, last=plan.last, name=plan.source
    )
    async with open_program(
        settings, world, transcript=plan.transcript, pictures=plan.pictures
    ) as program:

        async def run_pass() -> None:
            await program.watcher.run_once()
            await program.bulletins.run_once()
            await program.deliverer.run_once()
            await program.publisher.run_once()

        replay = Replay(
            clock=clock,
            sessions=sessions,
            first=plan.first,
            last=plan.last,
            run_pass=run_pass,
            speed=plan.speed,
            source=world.source.label,
            head_start=plan.head_start,
        )
        playground.market = replay
        replay.on_change = playground.market_changed
        reporter = Reporter(program.services, program.connection, Pulse(name="watcher"))
        pages = pages_of(program.services, reporter.report, port=0)
        await pages.start()
        replay.board = pages.url
        async with asyncio.TaskGroup() as group:
            group.create_task(program.connection.keep(playground.token, stop))
            if await program.connection.wait_ready(stop):
                await _subscribe(program, plan)
                await run_pass()
                print(f"Highwater’s playground: {playground.url}", flush=True)  # noqa: T201
                if pages.url and settings.serves_board:
                    print(f"Its board: {pages.url}/board", flush=True)  # noqa: T201
                await replay.run(stop)
                if plan.leave:
                    stop.set()
            await stop.wait()
            await program.connection.close(DRAIN_SECONDS)
        await pages.stop()


def _forget(settings: Settings) -> None:
    """A playground starts afresh: its messages live only as long as it does."""
    for suffix in ("", "-wal", "-shm"):
        settings.database.with_name(settings.database.name + suffix).unlink(missing_ok=True)


async def _subscribe(program: Program, plan: Plan) -> None:
    guild = program.connection.client.guilds[0]
    channel = next(c for c in guild.text_channels if c.name == CHANNEL)
    await program.services.subscriptions.add(
        Place(guild_id=guild.id, channel_id=channel.id, user_id=guild.owner_id or 0),
        plan.kinds,
        universe=None,
        symbols=plan.symbols or await _all_symbols(program),
    )


async def _all_symbols(program: Program) -> list[Symbol]:
    listed = await program.services.market.source.directory()
    return [instrument.symbol for instrument in listed][:MOST_SYMBOLS]
