"""A year in the SQLite file, moved by a command that was killed on its way: the PostgreSQL answers
as the file does, and what comes next is what would have come from the file."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path

import numpy as np
import psycopg
import pytest
import pytest_asyncio

from bot.answers.bulletin_pass import BulletinPass
from bot.answers.model import Caller
from bot.answers.parse import parse
from bot.app import build, open_database, watcher_of
from bot.cards.text import to_text
from bot.charts.renderer import Renderer
from bot.clock import ReplayClock
from bot.delivery.deliverer import Deliverer
from bot.delivery.limiter import Pace
from bot.delivery.sink import Posted
from bot.replay import SHARES, Moment, moments
from bot.services import Services
from bot.settings import Settings, SourceName, load_settings
from bot.world import replay_world
from storage import episodes
from storage.alerts import AlertRecord
from tests.alerts.stage import SESSIONS, write_prices
from tests.postgres import Server
from tests.program.runner import environment, finished, started

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(300)]
BEGIN = date(2017, 1, 3)
FIRST, LAST = date(2017, 12, 18), date(2018, 12, 14)
DECEMBER = date(2018, 12, 3)
MORE, END = date(2018, 12, 17), date(2019, 1, 4)
ADMIN = Caller(
    user_id=7, guild_id=1, channel_id=10, may_manage=True, may_manage_server=True, may_post=True
)
QUIET = Caller(user_id=7, guild_id=1, channel_id=20, may_manage=True, may_manage_server=True)
ANN = Caller(user_id=8, guild_id=1, channel_id=10, may_post=True)
COMMANDS = (
    (ADMIN, "/subscribe what:AAA,BBB"),
    (ADMIN, "/subscribe what:AAA kind:donchian_20"),
    (ADMIN, "/universe create name:rings symbols:BBB"),
    (ADMIN, "/settings server zone:Europe/Berlin numbers:comma"),
    (ADMIN, "/scorecard on"),
    (QUIET, "/subscribe what:rings kind:donchian_20"),
    (QUIET, "/subscribe what:AAA kind:donchian_20"),
    (QUIET, "/subscriptions edit number:4 delivery:digest"),
    (QUIET, "/quiet set hours:20:00-07:00 budget:5"),
    (QUIET, "/digest set times:08:00"),
    (ANN, "/watchlist create name:core symbols:AAA,BBB,SPY"),
    (ANN, "/watchlist create name:later symbols:SPY"),
    (ANN, "/alert add symbol:AAA when:52-week high repeat:episode"),
    (ANN, "/alert add symbol:BBB when:down 1% repeat:again"),
    (ANN, "/portfolio set holdings:AAA 10 BBB 4.5"),
    (ANN, "/settings me numbers:space"),
)
IN_DECEMBER = (
    (QUIET, "/mute add what:BBB until:60d"),
    (ANN, "/watchlist digest times:close name:core"),
)
QUESTIONS = (
    (ADMIN, "/subscriptions list"),
    (ADMIN, "/universe list"),
    (ADMIN, "/settings server"),
    (ADMIN, "/scorecard show"),
    (ADMIN, "/record kind:donchian_20 symbol:AAA"),
    (ADMIN, "/record symbol:AAA"),
    (ADMIN, "/my-data"),
    (QUIET, "/mute list"),
    (QUIET, "/quiet show"),
    (ANN, "/watchlist show name:core"),
    (ANN, "/watchlist lists"),
    (ANN, "/alert list"),
    (ANN, "/alert export"),
    (ANN, "/portfolio show"),
    (ANN, "/portfolio risk"),
    (ANN, "/settings me"),
    (ANN, "/my-data"),
)
BEFORE_THE_END, AFTER_THE_CLOSE = 5, 6
"""The moments of a session that are played."""
STOP = """
    CREATE FUNCTION stop() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;
    CREATE TRIGGER stop BEFORE INSERT ON grades FOR EACH ROW EXECUTE FUNCTION stop();
"""
"""Where the first move stands still until it is killed."""


class Paper:
    """Discord for these tests: what is sent is written down and numbered."""

    def __init__(self, first: int) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self._numbers = count(first)

    async def post(self, alert: AlertRecord) -> Posted:
        return self._noted(alert, next(self._numbers))

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return self._noted(alert, message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        self._noted(alert, message_id)
        return Posted(message_id=next(self._numbers))

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        return None

    def _noted(self, alert: AlertRecord, message: int) -> Posted:
        self.sent.append((alert.act, alert.id, message))
        return Posted(message_id=message)


class Running:
    """The program over a database, its market moved by the test."""

    def __init__(self, services: Services, clock: ReplayClock, paper: Paper) -> None:
        self.services, self.clock, self.paper = services, clock, paper
        self._watcher, self._bulletins = watcher_of(services), BulletinPass(services)
        pace = Pace(10_000.0, 1_000)
        self._deliverer = Deliverer.of(db=services.db, sink=paper, wall=services.wall, pace=pace)

    async def play(self, played: Iterable[Moment]) -> None:
        for moment in played:
            self.clock.move_to(moment.at)
            await self._watcher.run_once()
            await self._bulletins.run_once()
            await self._deliverer.run_once()

    async def ask(self, caller: Caller, text: str) -> tuple[str, Mapping[str, object], list[str]]:
        """All that an answer says."""
        answer = await parse(text).run(self.services, caller)
        files = [document.text for document in answer.card.documents]
        return to_text(answer.card), answer.numbers, files

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        return await self.services.db.read(lambda c: [tuple(row) for row in c.execute(query)])


@asynccontextmanager
async def running(settings: Settings, start: date, *, first_message: int) -> AsyncIterator[Running]:
    world, clock = replay_world(settings, SESSIONS, start=start, last=END, name=SourceName.FOLDER)
    db, renderer = await open_database(settings), Renderer(1)
    await renderer.close()  # the words are compared, and pictures take their time
    services = await build(settings, world, db=db, renderer=renderer)
    try:
        yield Running(services, clock, Paper(first_message))
    finally:
        await db.close()


def write_market(folder: Path) -> None:
    """Three symbols that swing around a rise, so that each is at a new high every few weeks."""
    days = np.arange(len(SESSIONS.between(BEGIN, END)))
    closes = {
        symbol: 100 + 0.05 * days + 6 * np.sin(days / (5 + 2 * n)) + np.sin(days * (n + 1.7))
        for n, symbol in enumerate(("SPY", "AAA", "BBB"))
    }
    write_prices(folder, closes, first=BEGIN.isoformat())


def looks(first: date, last: date, *shares: int) -> list[Moment]:
    """These of the moments of each session."""
    each = moments(SESSIONS, first, last)
    return [moment for n, moment in enumerate(each) if n % (len(SHARES) + 1) in shares]


async def a_year(settings: Settings) -> Paper:
    """A file as a year's use leaves it, and what was sent in that year."""
    async with running(settings, FIRST, first_message=1000) as program:
        for caller, text in COMMANDS:
            await program.ask(caller, text)
        await program.play(looks(FIRST, DECEMBER, AFTER_THE_CLOSE))
        for caller, text in IN_DECEMBER:
            await program.ask(caller, text)
        month = SESSIONS.offset(DECEMBER, 1)
        await program.play(looks(month, LAST, BEFORE_THE_END, AFTER_THE_CLOSE))
        return program.paper


async def killed_and_resumed(env: Mapping[str, str], folder: Path, address: str) -> list[list[str]]:
    """What the command said until it was killed between two tables, and when it was run again."""
    run = ("bot", "migrate-store")
    with psycopg.connect(address, autocommit=True) as gate:
        gate.execute(STOP)
        gate.execute("SELECT pg_advisory_lock(1)")
        async with started(*run, env=dict(env), cwd=folder) as program:
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            async with asyncio.timeout(60):
                while gate.execute(waits).fetchone() == (0,):
                    await asyncio.sleep(0)
            program.process.kill()
            await program.says("(ended)")
            first = program.lines
        gate.execute("SELECT pg_advisory_unlock(1)")
        gate.execute("DROP FUNCTION stop CASCADE")
    code, said = await finished(*run, env=dict(env), cwd=folder)
    assert code == 0, said
    return [first, said.splitlines()[:-1]]


Answers = Sequence[tuple[str, Mapping[str, object], list[str]]]
Rows = Sequence[tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two databases: what it answered after the year, and what two more weeks did."""

    answers: Answers
    open_episodes: int
    alerts_before: Rows
    alerts: Rows
    episodes: Rows
    sent: Sequence[tuple[str, str, int]]


OUTBOX = """SELECT id, stage, act, target, channel_id, state, reason, market_time, message_id,
    (SELECT body FROM sheets WHERE sheets.id = alerts.sheet) FROM alerts ORDER BY seq"""


async def gone_on(settings: Settings) -> Side:
    async with running(settings, MORE, first_message=9000) as program:
        answers = [await program.ask(caller, text) for caller, text in QUESTIONS]
        unfinished = await program.services.db.read(episodes.unfinished)
        before = await program.rows(OUTBOX)
        await program.play(looks(MORE, END, BEFORE_THE_END, AFTER_THE_CLOSE))
        return Side(
            answers=answers,
            open_episodes=len(unfinished),
            alerts_before=before,
            alerts=await program.rows(OUTBOX),
            episodes=await program.rows("SELECT id, state, version FROM episodes ORDER BY id"),
            sent=program.paper.sent,
        )


@dataclass(frozen=True, kw_only=True)
class Moved:
    """All that there is to compare. `counts` are the rows of each table right after the move."""

    said: Sequence[Sequence[str]]
    counts: Sequence[Mapping[str, int]]
    year: Sequence[tuple[str, str, int]]
    file: Side
    server: Side


def counted(file: Path, address: str) -> list[dict[str, int]]:
    with closing(sqlite3.connect(file)) as ours, psycopg.connect(address) as theirs:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"
        names = [name for (name,) in ours.execute(tables)]
        return [
            {name: each(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
            for each in (ours.execute, lambda query: theirs.execute(query.encode()))
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def moved(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    folder = tmp_path_factory.mktemp("year")
    write_market(folder / "prices")
    address = postgres.fresh("schema")
    settings = load_settings(env_file=None, data_dir=folder / "data", folder=folder / "prices")
    year = await a_year(settings)
    env = environment(folder, DATABASE_URL=address)
    said = await killed_and_resumed(env, folder, address)
    counts = counted(settings.database, address)
    elsewhere = load_settings(
        env_file=None, data_dir=folder / "other", folder=folder / "prices", database_url=address
    )
    return Moved(
        said=said,
        counts=counts,
        year=year.sent,
        file=await gone_on(settings),
        server=await gone_on(elsewhere),
    )


def test_a_killed_move_goes_on_with_the_tables_that_are_missing(moved: Moved) -> None:
    first, second = ({line.split()[1] for line in said if line[0] == "["} for said in moved.said)
    assert {"alerts", "audit", "episodes"} <= first
    assert {"grades", "subscriptions", "watchlists"} <= second
    assert first & second <= {"grades"}
    ours, theirs = moved.counts
    assert ours == theirs
    assert ours["alerts"] > 200
    rows, tables = sum(ours.values()), len(ours)
    assert f"Moved {rows:,} rows of {tables} tables, counted in both places." in moved.said[1][-1]
    assert f"[####################] alerts {ours['alerts']} of {ours['alerts']}" in moved.said[0]


@pytest.mark.parametrize("number", range(len(QUESTIONS)), ids=[text for _, text in QUESTIONS])
def test_the_server_answers_as_the_file_does(moved: Moved, number: int) -> None:
    assert moved.server.answers[number] == moved.file.answers[number]


def test_the_answers_are_about_what_was_kept(moved: Moved) -> None:
    said = {
        question: text
        for (_, question), (text, _, _) in zip(QUESTIONS, moved.server.answers, strict=True)
    }
    assert "4 subscriptions in this server" in said["/subscriptions list"]
    assert "AAA" in said["/watchlist show name:core"]
    assert "BBB until" in said["/mute list"]
    assert "20:00-07:00" in said["/quiet show"]
    assert "AAA 52-week high" in said["/alert list"]
    assert "episodes announced: 0 rejected" in said["/record kind:donchian_20 symbol:AAA"]


def test_what_comes_next_is_the_same_and_nothing_is_told_twice(moved: Moved) -> None:
    file, server = moved.file, moved.server
    assert server.alerts_before == file.alerts_before
    assert server.alerts == file.alerts
    assert server.episodes == file.episodes
    assert server.sent == file.sent
    times = Counter((act, alert) for act, alert, _ in [*moved.year, *server.sent])
    assert max(times.values()) == 1
    assert len({row[0] for row in server.alerts}) == len(server.alerts) > len(file.alerts_before)


def test_open_episodes_are_followed_up_under_the_messages_of_the_year(moved: Moved) -> None:
    assert moved.server.open_episodes
    posts = {message for act, _, message in moved.year if act == "post"}
    followed = [message for act, _, message in moved.server.sent if act in ("edit", "reply")]
    assert [message for message in followed if message in posts]
