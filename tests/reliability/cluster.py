"""kill -9 and a stopped process, over and over, in a cluster: senders and scanners around one
PostgreSQL, with the playground as Discord.

    python -m tests.reliability.cluster --kills 1000 --stops 300 --crashes 3

The parts are forked from this warm process. While the market is played they are killed, or stand
still for up to twice their lease and go on; the server crashes. At the end what the channels show
is compared with the outbox, and the outbox with the alerts of one process that nobody disturbed.
Prints one JSON object.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bot.client import point_at
from bot.cluster.roles import Role
from bot.cluster.scanner import SCANS, run_scanner
from bot.cluster.sender import run_sender
from bot.errors import OperatorError
from bot.live import stop_on_signals
from bot.market.asof import AsOf
from bot.market.sessions import Sessions
from bot.market.sources.folder import FolderSource
from bot.settings import Settings, load_settings
from bot.world import World
from storage.database import Database
from storage.postgres import schema
from storage.values import from_time
from tests.postgres import Server as Postgres
from tests.postgres import running
from tests.reliability.kill import (
    FAULTS,
    MEMORY,
    OVERTAKEN,
    Round,
    Row,
    Tally,
    compare,
    playground,
    wait,
)
from tests.reliability.victim import Plan, subscribe

UNEXPECTED = 3
HURRY = "UPDATE alerts SET not_before = created_at WHERE state = 'pending'"
HURRY_SECONDS = 5.0
KILLS_A_ROUND = 100
GUILDS = 20
"""So many that sending takes most of the time, at the bot's pace."""
CREW = (Role.SENDER, Role.SENDER, Role.SENDER, Role.SCANNER, Role.SCANNER)
MOMENT_SECONDS = 60.0
"""How long the scanners may take for one moment of the market, whatever happens to them."""
DRAIN_SECONDS = 90.0
END_SECONDS = 30.0
EVERY = 0.02
HARM_SECONDS = (0.2, 0.8)
"""Between two harms: each of five parts lives for some seconds, or nobody would be left to help."""
IDLE = 0.1
"""How often one that has claimed nothing comes to harm while there is work for others to do."""
STILL_SECONDS = (1.0, 10.0)
"""How long a process stands still: a lease lasts five seconds."""
LATER = "".join(
    f"ALTER TABLE {table} ADD COLUMN later BIGINT NOT NULL DEFAULT 0;"
    for table in ("alerts", "quieted", "episodes", "facts", "histories", "subscriptions")
)
"""What a later version does to the schema."""
SLOW_SECONDS = 10.0
SCENE = (
    """SELECT name, value, extract(epoch FROM clock_timestamp()) FROM facts
        WHERE name LIKE 'turn%'""",
    """SELECT claimant, count(*) FROM alerts WHERE state = 'claimed' GROUP BY claimant""",
    """SELECT pid, application_name, state, wait_event_type, wait_event, now() - xact_start,
        now() - state_change, pg_blocking_pids(pid), left(query, 150) FROM pg_stat_activity
        WHERE datname = current_database() AND state != 'idle'""",
    """SELECT task_name, status, lock, queueing_lock, worker_id, count(*)
        FROM procrastinate_jobs GROUP BY 1, 2, 3, 4, 5""",
    "SELECT id, now() - last_heartbeat FROM procrastinate_workers",
)
SLIPS = [fault for fault in FAULTS if fault.get("times", 1) <= 5]
"""What the playground does wrong now and then; the clock is real here, so no long outage."""


class FileClock:
    """Market time is what a file says, for all processes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())

    def move_to(self, moment: datetime) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(moment.astimezone(UTC).isoformat())
        fresh.replace(self._file)


@dataclass(kw_only=True)
class Harm:
    """What was done, and how long it took to recover, in seconds."""

    kills: int = 0
    stops: int = 0
    crashes: int = 0
    exits: int = 0
    upgrades: int = 0
    takeovers: list[float] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)


@dataclass(kw_only=True)
class Living:
    """A forked part; `until` is when one that stands still goes on."""

    role: Role
    pid: int
    until: float | None = None


class Cluster:
    """One market played to its end by parts that do not live long."""

    def __init__(
        self, game: Round, postgres: Postgres, harm: Harm, *, upgrade: bool = False
    ) -> None:
        self.game = game
        self.postgres = postgres
        self.harm = harm
        self.rng = game.rng
        self.address = postgres.fresh("template1")
        self.moments = game.plan.moments
        self.clock = FileClock(game.plan.database.with_name("clock"))
        self.clock.move_to(self.moments[0])
        asyncio.run(self._set_up())
        self.db = self._connect()
        self.parts: list[Living] = []
        self.gone: list[tuple[int, float]] = []
        self.told: set[int] = set()
        self.away_since: float | None = None
        self.sent_before = 0
        self.next_harm = 0.0
        self.hurry_at = 0.0
        self.ahead = len(self.moments)
        self.upgrade = upgrade
        self.later = False

    async def _set_up(self) -> None:
        db = Database.open(self.address)
        await subscribe(db, self.game.plan)
        await db.close()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.address, autocommit=True)

    def play(self, *, kills: int, stops: int, crashes: int) -> None:
        """Play all moments, and go on until all the harm is done."""
        crash_at = {len(self.moments) * (i + 1) // (crashes + 1) for i in range(crashes)}
        upgrade_at = {len(self.moments) * (i + 1) // (len(CREW) + 1): i for i in range(len(CREW))}
        self.parts = [self._fork(role) for role in CREW]
        for number, moment in enumerate(self.moments):
            self.ahead = len(self.moments) - number - 1
            if number in crash_at:
                self._crash()
            if self.upgrade and number in upgrade_at:
                self._replace(upgrade_at[number])
            self.clock.move_to(moment)
            self._wake()
            self._live_through(lambda m=moment: self._scanned(m), MOMENT_SECONDS, kills, stops)  # type: ignore[misc]
        rest = kills - self.harm.kills + stops - self.harm.stops
        self._live_through(
            lambda: (self.harm.kills, self.harm.stops) == (kills, stops),
            30 + 2 * rest,
            kills,
            stops,
        )
        self.game.server.ask("DELETE", "/faults")
        self._live_through(self._nothing_is_owed, DRAIN_SECONDS, kills, stops)
        for part in self.parts:
            self._send(part, signal.SIGCONT)
            self._send(part, signal.SIGTERM)
        for part in self.parts:
            self.game.tally.failures += self._end_of(part) != 0

    def _replace(self, place: int) -> None:
        """Let one part of a later version take the place of another; the first of them brings
        the schema up to date."""
        self.later = True
        self.harm.upgrades += 1
        part = self.parts[place]
        self._send(part, signal.SIGTERM)
        self.game.tally.failures += self._end_of(part) != 0
        self.parts[place] = self._fork(part.role)

    def _end_of(self, part: Living) -> int:
        """The status of a part that was asked to end; one that does not says what it waits for."""
        for number in (None, signal.SIGUSR1, signal.SIGKILL):
            if number is not None:
                self._send(part, number)
            status = wait(part.pid, END_SECONDS)
            if status is not None:
                return status
        return UNEXPECTED

    def _fork(self, role: Role) -> Living:
        child = os.fork()
        if child == 0:
            if self.later:
                schema.MIGRATIONS["m999_later"] = LATER
            _be(role, self.game.plan, self.game.sessions, self.clock, self.address)
        return Living(role=role, pid=child)

    def _live_through(
        self, done: Callable[[], bool], seconds: float, kills: int, stops: int
    ) -> None:
        end = time.monotonic() + seconds
        while True:
            self._tend()
            if self._asked(done):
                return
            if time.monotonic() > end:
                self.game.tally.failures += 1
                sys.stderr.write(f"not done within {seconds:.0f} s\n")
                for part in self.parts:
                    self._send(part, signal.SIGUSR1)
                time.sleep(1.0)
                return
            if time.monotonic() >= self.next_harm:
                self.next_harm = time.monotonic() + self.rng.uniform(*HARM_SECONDS)
                self._harm(kills, stops)
            time.sleep(EVERY)

    def _tend(self) -> None:
        """What a supervisor does, and what stood still goes on."""
        now = time.monotonic()
        for place, part in enumerate(self.parts):
            if part.until is not None and now >= part.until:
                part.until = None
                self._send(part, signal.SIGCONT)
            found, status = os.waitpid(part.pid, os.WNOHANG)
            if found:
                self.harm.exits += 1
                self.game.tally.failures += os.waitstatus_to_exitcode(status) == UNEXPECTED
                self.parts[place] = self._fork(part.role)
        for gone in list(self.gone):
            if not self._asked(lambda pid=gone[0]: self._claims_of(pid) > 0):  # type: ignore[misc]
                self.gone.remove(gone)
                self.harm.takeovers.append(now - gone[1])
            elif now - gone[1] > SLOW_SECONDS and gone[0] not in self.told:
                self.told.add(gone[0])
                sys.stderr.write(f"{gone[0]} has claims after {SLOW_SECONDS} s:\n{self._scene()}\n")
        if self.away_since is not None and self._asked(lambda: self._sent() > self.sent_before):
            self.harm.recoveries.append(now - self.away_since)
            self.away_since = None

    def _harm(self, kills: int, stops: int) -> None:
        still = [part for part in self.parts if part.until is None]
        wanted = [
            *["kill"] * (kills - self.harm.kills),
            *["stop"] * (stops - self.harm.stops if len(still) > 2 else 0),
        ]
        if not wanted:
            return
        at_work = [part for part in still if self._asked(lambda p=part: self._claims_of(p.pid) > 0)]  # type: ignore[misc]
        if not at_work and self.ahead and self.rng.random() > IDLE:
            self.next_harm = time.monotonic() + EVERY
            return
        self._trouble()
        part = self.rng.choice(
            at_work if self.rng.random() < 0.7 and at_work else still or self.parts
        )
        if self.rng.choice(wanted) == "stop" and still:
            self.harm.stops += 1
            part.until = time.monotonic() + self.rng.uniform(*STILL_SECONDS)
            self._send(part, signal.SIGSTOP)
            return
        self.harm.kills += 1
        self._send(part, signal.SIGKILL)
        os.waitpid(part.pid, 0)
        if self._asked(lambda: self._claims_of(part.pid) > 0):
            self.gone.append((part.pid, time.monotonic()))
        self.parts[self.parts.index(part)] = self._fork(part.role)

    def _trouble(self) -> None:
        """A slip of the playground's now and then, and never many at once."""
        if (self.harm.kills + self.harm.stops) % 5 == 0:
            self.game.server.ask("DELETE", "/faults")
        if self.rng.random() < 0.5:
            fault = {"where": "rest", "path": "/messages", **self.rng.choice(SLIPS)}
            self.game.server.ask("POST", "/faults", fault)

    def _crash(self) -> None:
        self.harm.crashes += 1
        self.gone.clear()
        self.sent_before = self._sent()
        self.postgres.stop(signal.SIGQUIT)
        self.postgres.start()
        self.away_since = time.monotonic()

    def _asked(self, question: Callable[[], bool]) -> bool:
        try:
            return question()
        except psycopg.OperationalError:
            with suppress(psycopg.OperationalError):
                self.db = self._connect()
            return False

    def _wake(self) -> None:
        """The market has moved: the clock of the periodic jobs need not be waited for."""
        self._asked(
            lambda: bool(
                self.db.execute(
                    """SELECT procrastinate_defer_jobs_v1(ARRAY[
                    ROW(%s, 'scan', 0, NULL, NULL, '{"timestamp": 0}'::jsonb, NULL)
                    ]::procrastinate_job_to_defer_v1[])""",
                    (SCANS,),
                )
            )
        )

    def _scanned(self, moment: datetime) -> bool:
        query = "SELECT value >= %s FROM facts WHERE name = 'scanned 0/1'"
        row = self.db.execute(query, (from_time(moment),)).fetchone()
        return row is not None and row[0]

    def _nothing_is_owed(self) -> bool:
        if time.monotonic() >= self.hurry_at:
            # What failed often waits for minutes by now, and waiting shows nothing.
            self.hurry_at = time.monotonic() + HURRY_SECONDS
            with self.db.transaction():
                self.db.execute("SELECT pg_advisory_xact_lock(%s)", (schema.WRITING,))
                self.db.execute(HURRY)
        query = "SELECT count(*) FROM alerts WHERE state IN ('pending', 'claimed')"
        return self._count(query) == 0

    def _claims_of(self, pid: int) -> int:
        query = "SELECT count(*) FROM alerts WHERE state = 'claimed' AND claimant LIKE %s"
        return self._count(query, f"%:{pid}:%")

    def _sent(self) -> int:
        return self._count("SELECT count(*) FROM alerts WHERE state = 'sent'")

    def _count(self, query: str, *given: str) -> int:
        row = self.db.execute(query.encode(), given).fetchone()
        assert row is not None
        return int(row[0])

    def _send(self, part: Living, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(part.pid, number)

    def _history(self, alert_id: str) -> str:
        """What is written of an alert, and of the one that it follows up."""
        query = """SELECT a.*, (SELECT json_agg(d) FROM deliveries AS d WHERE d.alert_id = a.id)
            FROM alerts AS a WHERE a.id = %s OR a.id = (SELECT target FROM alerts WHERE id = %s)"""
        return "\n".join(map(str, self.db.execute(query, (alert_id, alert_id))))

    def _scene(self) -> str:
        """Who lives, who waits for what, and which jobs there are."""
        scene = [
            f"{part.role} {part.pid} {'stands still' * bool(part.until)}" for part in self.parts
        ]
        for query in SCENE:
            scene += map(str, self.db.execute(query.encode()).fetchall())
        return "\n".join(scene)

    def judge(self, expected: set[str]) -> set[str]:
        """Compare what is shown, what is written, and what should be; returns what should be
        written and is not."""
        tally = self.game.tally
        rows = [
            Row(*row)
            for row in self.db.execute(
                """SELECT id, alerts.channel_id, act, state, reason, message_id, 1, form, under
                FROM alerts LEFT JOIN quieted ON alert_id = id"""
            )
        ]
        tally.alerts += len(rows)
        tally.unfinished += sum(row.state in ("pending", "claimed") for row in rows)
        missing = expected - {row.id for row in rows}
        tally.lost += len(missing)
        tally.strangers += len({row.id for row in rows} - expected)
        for row in rows:
            if row.state != "sent" and row.reason != OVERTAKEN:
                tally.lost += 1
                sys.stderr.write(f"lost: {row}\n{self._history(row.id)}\n")
        for place in self.game.plan.places:
            here = [row for row in rows if row.channel_id == place.channel_id]
            for row in compare(here, self.game.server.shown(place.channel_id), tally):
                sys.stderr.write(f"{self._message(row.channel_id, row.message_id)}\n")
        return missing

    def _message(self, channel_id: int, message_id: int | None) -> str:
        """A message as Discord has it, and all that is written of it."""
        page = self.game.server.ask("GET", f"/channels/{channel_id}/messages?limit=200")
        told = [str(message) for message in page if int(message["id"]) == message_id]
        about = """WITH its AS (SELECT id FROM alerts WHERE message_id = %(message)s),
            about AS (SELECT id FROM alerts WHERE id IN (SELECT id FROM its)
                OR target IN (SELECT id FROM its))
            SELECT a.*, q.*, (SELECT json_agg(d) FROM deliveries AS d WHERE d.alert_id = a.id)
            FROM alerts AS a LEFT JOIN quieted AS q ON q.alert_id = a.id
            WHERE a.id IN (SELECT id FROM about) ORDER BY a.seq"""
        told += map(str, self.db.execute(about, {"message": message_id}))
        return "\n".join(told)


def _be(role: Role, plan: Plan, sessions: Sessions, clock: FileClock, address: str) -> None:
    """Be one part in this process, and leave it."""
    status = UNEXPECTED
    try:
        logging.disable(logging.CRITICAL)
        point_at(api_base=plan.api_base, gateway=plan.gateway_url)
        settings = load_settings(
            env_file=None,
            database_url=address,
            discord_token=plan.token,
            discord_api_base=plan.api_base,
            discord_gateway=plan.gateway_url,
            data_dir=plan.database.parent,
            benchmark="BENCH",
        ).model_copy(update={"scan_interval": 1})
        source = AsOf(FolderSource(plan.folder), clock, sessions)
        world = World(clock=clock, source=source, sessions=sessions)
        asyncio.run(_run(role, settings, world, plan.token))
        status = 0
    except* OperatorError:
        status = 1  # a supervisor starts it again
    except* BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _run(role: Role, settings: Settings, world: World, token: str) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _tell)
    if role is Role.SENDER:
        await run_sender(settings, world, token, stop, pictures=False)
    else:
        await run_scanner(settings, world, stop)


def _tell() -> None:
    """Say what every task of this process waits for."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


def run(
    *,
    kills: int,
    stops: int,
    crashes: int,
    played: int,
    seed: int,
    upgrade: bool = False,
    report: Any = None,
) -> tuple[Tally, Harm]:
    """Do so much harm, in rounds of one market and `crashes` each."""
    tally, harm, started = Tally(), Harm(), time.monotonic()
    sessions = Sessions.load()
    rounds = max(1, -(-kills // KILLS_A_ROUND))
    for number in range(rounds):
        with (
            running() as postgres,
            playground() as server,
            tempfile.TemporaryDirectory(dir=MEMORY) as folder,
        ):
            game = Round(
                server, Path(folder), sessions, seed=seed + number, tally=tally, guilds=GUILDS
            )
            game.plan = replace(game.plan, moments=game.plan.moments[:played])
            peace, undisturbed = game.start_peace()
            cluster = Cluster(game, postgres, harm, upgrade=upgrade)
            cluster.play(
                kills=kills * (number + 1) // rounds,
                stops=stops * (number + 1) // rounds,
                crashes=crashes,
            )
            tally.failures += os.waitstatus_to_exitcode(os.waitpid(peace, 0)[1]) != 0
            with closing(sqlite3.connect(undisturbed)) as connection:
                expected = {row[0] for row in connection.execute("SELECT id FROM alerts")}
                for alert_id in cluster.judge(expected):
                    query = """SELECT id, episode_id, stage, act, target, channel_id, facts, reason,
                        market_time FROM alerts WHERE id = ?"""
                    row = connection.execute(query, (alert_id,)).fetchone()
                    sys.stderr.write(f"never written: {row}\n")
        if report is not None:
            report.write(
                f"{harm.kills} kills, {harm.stops} stops, {tally.alerts} alerts, "
                f"{tally.lost} lost, {tally.twice} twice, {time.monotonic() - started:.0f} s\n"
            )
    tally.seconds = round(time.monotonic() - started, 1)
    return tally, harm


def main(arguments: Sequence[str] | None = None) -> int:
    name = "python -m tests.reliability.cluster"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--crashes", type=int, default=1)
    parser.add_argument("--moments", type=int, default=60, help="of the market, two a session")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--upgrade", action="store_true", help="replace all parts by later ones, one by one"
    )
    chosen = parser.parse_args(arguments)
    tally, harm = run(
        kills=chosen.kills,
        stops=chosen.stops,
        crashes=chosen.crashes,
        played=chosen.moments,
        seed=chosen.seed,
        upgrade=chosen.upgrade,
        report=sys.stderr,
    )
    longest = {
        "takeover": max(harm.takeovers, default=0),
        "middle takeover": statistics.median(harm.takeovers or [0]),
        "recovery": max(harm.recoveries, default=0),
    }
    sys.stdout.write(json.dumps({**vars(tally), **vars(harm), "longest": longest}) + "\n")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
