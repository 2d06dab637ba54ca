"""The command line: load settings, set up logging, run, exit codes.

0: done. 2: the question cannot be answered as asked. 69, 74, 77, 78 (sysexits.h): a service
is unreachable, the database unusable, the token refused, the settings wrong. 1: anything else.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import bot
from bot.app import open_database, open_program
from bot.ask import Question, ask
from bot.backup import back_up, restore
from bot.client import point_as_set
from bot.clock import LiveClock
from bot.cluster.part import Part, run_part
from bot.cluster.roles import Role, Shards
from bot.demo import HEAD_START, Plan, run_playground
from bot.doctor import examine
from bot.errors import HighwaterError, OperatorError, SettingsError
from bot.fetch import fetch
from bot.live import run_live, stop_on_signals
from bot.logs import set_up
from bot.market.market import Market
from bot.market.sessions import Sessions
from bot.market.universes import parse_selection, universe
from bot.moving import migrate_store
from bot.settings import Settings, SourceName, load_settings
from bot.signals.model import Kind
from bot.turn import turn
from bot.world import demo_days, live_world

CANNOT_ANSWER = 2
HIGHS = (Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit with a code and, on failure, a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except* HighwaterError as group:
        errors = list(_leaves(group))
        for message in dict.fromkeys(str(error) for error in errors):
            print(f"highwater: {message}", file=sys.stderr)  # noqa: T201
        worst = next((e for e in errors if isinstance(e, OperatorError)), None)
        code = worst.exit_code if worst else CANNOT_ANSWER
    except* BrokenPipeError:
        # Whoever read the output, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _leaves(group: BaseExceptionGroup[Any]) -> Sequence[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(source=options.source, folder=options.data)
    token = settings.discord_token
    set_up(settings.log_level, settings.log_format, secrets=settings.secrets())
    if options.role is not Role.ALL or options.shards is not None:
        part = Part.of(options.role, options.shards, settings)
        return _until_stopped(lambda stop: run_part(settings, part, stop))
    if token is None or options.playground:
        return _until_stopped(lambda stop: _playground(settings, stop))
    secret = token.get_secret_value()
    return _until_stopped(lambda stop: _in_turn(settings, secret, stop))


async def _in_turn(settings: Settings, token: str, stop: asyncio.Event) -> None:
    """Live; on a database server only while no other program does."""
    if settings.database_url is None:
        await _live(settings, token, stop)
        return
    async with turn(settings, stop) as ours:
        if ours:
            await _live(settings, token, stop)


async def _live(settings: Settings, token: str, stop: asyncio.Event) -> None:
    sessions = await asyncio.to_thread(Sessions.load)
    point_as_set(settings)
    async with open_program(settings, live_world(settings, sessions)) as program:
        await run_live(program, token, stop)


async def _playground(settings: Settings, stop: asyncio.Event) -> None:
    sessions = await asyncio.to_thread(Sessions.load)
    first, last = demo_days(sessions, LiveClock().now())
    plan = Plan(
        source=SourceName.DEMO,
        first=first,
        last=last,
        symbols=universe("demo").symbols,
        kinds=HIGHS,
        speed=settings.replay_speed,
        head_start=HEAD_START,
        port=settings.web_port,
    )
    await run_playground(settings.apart(settings.data_dir / "playground"), plan, sessions, stop)


def _replay(options: argparse.Namespace) -> int:
    settings = load_settings(source=options.source, folder=options.data)
    set_up(settings.log_level, settings.log_format)
    return _until_stopped(lambda stop: _replayed(settings, options, stop))


async def _replayed(settings: Settings, options: argparse.Namespace, stop: asyncio.Event) -> None:
    sessions = await asyncio.to_thread(Sessions.load)
    days = sessions.between(options.first, options.last)
    if not len(days):
        raise SettingsError(f"There is no session from {options.first} to {options.last}.")
    with _written(options.transcript) as file:
        plan = Plan(
            source=settings.source or SourceName.DEMO,
            first=days[0].item(),
            last=days[-1].item(),
            symbols=parse_selection(options.symbols).symbols if options.symbols else (),
            kinds=HIGHS,
            speed=0.0 if options.speed == "max" else float(options.speed),
            port=settings.web_port if options.port is None else options.port,
            pictures=not options.no_pictures,
            transcript=file,
            leave=file is not None,
        )
        await run_playground(settings.apart(settings.data_dir / "replay"), plan, sessions, stop)


def _ask(options: argparse.Namespace) -> int:
    settings = load_settings(source=options.source, folder=options.data)
    set_up("WARNING", settings.log_format)
    question = Question(
        text=" ".join(options.command),
        as_of=options.as_of,
        as_json=options.json,
        picture=options.picture,
        document=options.document,
    )
    print(asyncio.run(ask(settings, question)))  # noqa: T201
    return 0


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """The transcript's file, or None. Raises OperatorError when it cannot be written."""
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from error
    with file:
        yield file


def _doctor(options: argparse.Namespace) -> int:
    settings = load_settings(source=options.source, folder=options.data)
    set_up("ERROR", settings.log_format)
    healthy = asyncio.run(examine(settings, lambda check: print(check.line())))  # noqa: T201
    return 0 if healthy else 1


def _back_up(options: argparse.Namespace) -> int:
    print(back_up(_file_of(load_settings()), options.file))  # noqa: T201
    return 0


def _restore(options: argparse.Namespace) -> int:
    print(restore(options.file, _file_of(load_settings())))  # noqa: T201
    return 0


def _migrate_store(options: argparse.Namespace) -> int:
    print(migrate_store(load_settings(), print))  # noqa: T201
    return 0


def _file_of(settings: Settings) -> Path:
    """The database's file. Raises OperatorError when PostgreSQL keeps it."""
    if settings.database_url is not None:
        raise OperatorError(
            "The database is PostgreSQL (DATABASE_URL), which has its own tools: copy it with "
            "pg_dump, put it back with pg_restore. Nothing was done."
        )
    return settings.database


def _fetch(options: argparse.Namespace) -> int:
    settings = load_settings(source=options.source, folder=options.data)
    set_up("WARNING", settings.log_format)
    return _until_stopped(lambda stop: _fetched(settings, options.what, stop))


async def _fetched(settings: Settings, what: str, stop: asyncio.Event) -> None:
    symbols = parse_selection(what).symbols
    sessions = await asyncio.to_thread(Sessions.load)
    world = live_world(settings, sessions)
    db = await open_database(settings)
    try:
        market = Market(source=world.source, sessions=sessions, clock=world.clock, db=db)
        tally = await fetch(market, symbols, stop=stop, show=_progress)
    finally:
        await world.source.close()
        await db.close()
    print(f"\n{tally.report()}")  # noqa: T201
    if tally.failed or tally.done < tally.total:
        raise OperatorError("Not everything is stored; the same command goes on from here.")


def _progress(line: str) -> None:
    """A line that is written over at a terminal, and one after the other elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201
    else:
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def _until_stopped(run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> int:
    async def body() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await run(stop)

    asyncio.run(body())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="highwater", description="A self-hosted Discord bot for market signals."
    )
    parser.add_argument("--version", action="version", version=f"highwater {bot.__version__}")
    parser.set_defaults(
        run=_run, source=None, data=None, playground=False, role=Role.ALL, shards=None
    )
    commands = parser.add_subparsers(title="commands")

    run = commands.add_parser("run", help="run the bot; without a token, in its playground")
    run.add_argument("--playground", action="store_true", help="even if there is a token")
    run.add_argument(
        "--role",
        type=_role,
        default=Role.ALL,
        help="all (default), or a part of a cluster",
    )
    run.add_argument(
        "--shards",
        type=_shards,
        metavar="0-3/8",
        help="of a gateway: which of how many; default all",
    )
    run.set_defaults(run=_run)

    replay = commands.add_parser("replay", help="play a past market through the whole program")
    replay.add_argument("--from", dest="first", type=_day, required=True, metavar="DAY")
    replay.add_argument("--to", dest="last", type=_day, required=True, metavar="DAY")
    replay.add_argument("--speed", type=_speed, default="6", help="sessions a minute, or max")
    replay.add_argument("--symbols", help="a universe or symbols; default: all of the source")
    replay.add_argument("--port", type=int, help="of the page; 0 takes a free one")
    replay.add_argument("--no-pictures", action="store_true", help="send the words only")
    replay.add_argument(
        "--transcript",
        type=Path,
        metavar="FILE",
        help="write every message as JSON lines, then end",
    )
    replay.set_defaults(run=_replay)

    ask_ = commands.add_parser("ask", help="answer a slash command here: ask '/high IVOO'")
    ask_.add_argument("command", nargs="+", help="the command, in quotes")
    ask_.add_argument("--as-of", type=_day, metavar="DAY", help="as known after that day’s close")
    ask_.add_argument("--json", action="store_true", help="all numbers, unrounded")
    ask_.add_argument("--picture", type=Path, metavar="FILE", help="write the picture (PNG)")
    ask_.add_argument(
        "--document", type=Path, metavar="FILE", help="write the attached note (Markdown)"
    )
    ask_.set_defaults(run=_ask)

    doctor = commands.add_parser("doctor", help="check everything and say what is wrong")
    doctor.set_defaults(run=_doctor)

    fetch_ = commands.add_parser("fetch", help="fill the price history: fetch us-etfs")
    fetch_.add_argument("what", help="a universe, or symbols between commas")
    fetch_.set_defaults(run=_fetch)

    backup_ = commands.add_parser("backup", help="copy the database, also while the bot runs")
    backup_.add_argument("file", type=Path, help="where to; it must not exist yet")
    backup_.set_defaults(run=_back_up)

    move = commands.add_parser(
        "migrate-store", help="move the database into the PostgreSQL that DATABASE_URL names"
    )
    move.set_defaults(run=_migrate_store)

    restore_ = commands.add_parser("restore", help="put a backup in the database’s place")
    restore_.add_argument("file", type=Path, help="the backup")
    restore_.set_defaults(run=_restore)

    for command in (run, replay, ask_, doctor, fetch_):
        command.add_argument("--source", choices=[name.value for name in SourceName])
        command.add_argument("--data", type=Path, metavar="DIR", help="the folder source’s folder")
    return parser


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no role; they are {', '.join(Role)}"
        ) from None


def _shards(text: str) -> Shards:
    try:
        return Shards.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day such as 2023-10-02") from None


def _speed(text: str) -> str:
    if text == "max" or (text.replace(".", "", 1).isdigit() and float(text) > 0):
        return text
    raise argparse.ArgumentTypeError("speed is a number of sessions a minute, or max")
