"""kill -9, over and over: fork the program, kill it, start it again, and count what people saw.

    python -m tests.reliability.kill --kills 300

A round is a market played over and over interrupted: every process is forked from this warm
one and killed at a random moment or at a failpoint, while the playground, in a process of its
own, cuts connections, fails, forbids and forgets nonces, and the wall clock jumps. At the end
one process drains the outbox, and what the channels show is compared with the outbox and with
the alerts of a run that nobody disturbed. Each channel has a second subscription that leads the
messages of several alerts and is ended, and made anew, while nobody knows whether such a
message arrived. Prints one JSON object.
"""

import argparse
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bot.alerts.facts import short_id
from bot.alerts.subscriptions import Place
from bot.clock import LiveClock
from bot.market.sessions import Sessions
from storage import subscriptions
from storage.values import to_json
from tests.reliability.failpoints import POINTS, Failpoint
from tests.reliability.prices import FIRST, QUIET_START, symbols, write_market
from tests.reliability.victim import Plan, fickle, live, moments

KILLS_A_ROUND = 300
SYMBOLS = 8
PLAYED = 120
"""Sessions a round plays."""
GUILDS = 5
TRIED_BY_FICKLE = """SELECT DISTINCT s.id, s.channel_id FROM alerts AS a
    JOIN subscriptions AS s ON s.id = a.subscription_id
    WHERE a.state IN ('pending', 'claimed') AND a.attempts > 0 AND s.symbols = ?
        AND a.id IN (SELECT paid_with FROM quieted WHERE paid_with IS NOT NULL)"""
"""The subscriptions whose alerts lead a message that may have been sent or not."""
LASTING = "subscription_id IN (SELECT id FROM subscriptions WHERE symbols != ?)"
OVERTAKEN = "overtaken by a newer edit"
NONCE_FORGOTTEN = 200
"""Seconds after which the playground has forgotten every nonce (its window is 180 s)."""
LONGEST_START = 5.0
LONGEST_LIFE = 0.8
"""Seconds until it works on a busy machine, and that it then has to reach its failpoint."""
DRAIN_SECONDS = 900
"""The drain's clock runs fast, so its edits soon count as old, and those go at two in 20 real
seconds a channel."""
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A killed process leaves its written pages to the kernel, so the disk's speed is not at stake."""
FAULTS: tuple[dict[str, Any], ...] = (
    {"method": "POST", "act": "cut_before"},
    {"method": "POST", "act": "cut_after"},
    {"method": "POST", "act": "cut_after", "times": 4},
    {"method": "POST", "act": "status", "status": 503, "times": 3},
    {"method": "POST", "act": "status", "status": 500},
    {"method": "POST", "act": "status", "status": 429, "seconds": 0.02},
    {"method": "POST", "act": "garbage"},
    {"method": "POST", "act": "delay", "seconds": 0.05, "times": 5},
    {"method": "PATCH", "act": "cut_after", "times": 2},
    {"method": "GET", "act": "cut_before"},
    {"method": "GET", "act": "status", "status": 503},
    {"act": "status", "status": 503, "times": 1000},
)
"""What the playground does wrong; the last one is an outage, which lasts until it is lifted."""


class Server:
    """The playground in a process of its own, spoken to over its control API."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.addresses['url']}control{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def shown(self, channel_id: int) -> dict[int, set[str]]:
        """The marks (`#k3f9ab`, ending a footer) on each message of a channel, by its id."""
        marks: dict[int, set[str]] = {}
        before = ""
        while page := self.ask("GET", f"/channels/{channel_id}/messages?limit=200{before}"):
            for message in page:
                footers = [embed.get("footer", {}).get("text", "") for embed in message["embeds"]]
                found = [re.search(r"#(\w+)$", footer) for footer in footers]
                marks[int(message["id"])] = {match.group(1) for match in found if match}
            before = f"&before={min(int(message['id']) for message in page)}"
        return marks


@contextmanager
def playground() -> Iterator[Server]:
    command = [sys.executable, "-m", "bot.playground", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        server = Server(json.loads(process.stdout.readline()))
        limits = {"messages": [1_000_000, 1], "global": 1_000_000, "old_edits": [1_000_000, 1]}
        server.ask("POST", "/limits", limits)
        yield server
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@dataclass(kw_only=True)
class Tally:
    """What came of it. `lost` counts alerts that a channel should show and does not, or that
    were never written; `twice` messages too many, `strangers` those that no alert accounts for.
    `shared` are messages of several alerts, `left` subscriptions ended while one was unsettled."""

    kills: int = 0
    alerts: int = 0
    messages: int = 0
    shared: int = 0
    left: int = 0
    lost: int = 0
    twice: int = 0
    strangers: int = 0
    unfinished: int = 0
    dropped_with_channel: int = 0
    integrity: list[str] = field(default_factory=list)
    failures: int = 0
    how: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def bad(self) -> int:
        """Everything that must not happen."""
        counted = (self.lost, self.twice, self.strangers, self.unfinished, self.failures)
        return sum(counted) + len(self.integrity)


class Round:
    """One market, one database, two fresh servers."""

    def __init__(
        self,
        server: Server,
        folder: Path,
        sessions: Sessions,
        *,
        seed: int,
        tally: Tally,
        guilds: int = GUILDS,
    ) -> None:
        self.server = server
        self.sessions = sessions
        self.tally = tally
        self.rng = random.Random(seed)
        self.ahead = 0
        channels = []
        for number in range(guilds):
            guild = server.ask("POST", "/guilds", {"name": f"round {seed}.{number}"})
            open_to_us = [each for each in guild["channels"] if each["name"] != "staff"]
            channels += [(int(guild["id"]), int(each["id"])) for each in open_to_us]
        days = sessions.between(FIRST, date(2030, 1, 1))
        first, last = days[QUIET_START].item(), days[QUIET_START + PLAYED].item()
        write_market(folder / "prices", sessions, count=SYMBOLS, length=QUIET_START + PLAYED + 1)
        self.doomed = channels[-1][1]
        self.plan = Plan(
            folder=folder / "prices",
            database=folder / "highwater.db",
            mark=folder / "mark",
            moments=moments(sessions, first, last),
            symbols=symbols(SYMBOLS),
            places=[Place(guild_id=g, channel_id=c, user_id=1) for g, c in channels],
            api_base=server.addresses["api_base"],
            gateway_url=server.addresses["gateway_url"],
            token=server.addresses["token"],
            failpoint=Failpoint(),
        )

    def run(self, kills: int) -> None:
        peace = self.start_peace()
        for number in range(kills):
            self._trouble(number, kills)
            self._kill_once()
            if self.rng.random() < 0.5:
                self._leave()
        self.server.ask("DELETE", "/faults")
        self._drain()
        self._judge(self.undisturbed(peace))

    def _trouble(self, number: int, kills: int) -> None:
        """Between two lives: a fault or two, an outage longer than the nonces, a lost channel."""
        if number % 10 == 0:
            self.server.ask("DELETE", "/faults")
        if self.rng.random() < 0.4:
            fault = {"where": "rest", "path": "/messages", **self.rng.choice(FAULTS)}
            self.server.ask("POST", "/faults", fault)
        if self.rng.random() < 0.25:
            self.server.ask("POST", "/time", {"advance": NONCE_FORGOTTEN})
            self.ahead += NONCE_FORGOTTEN
        if number == kills // 2:
            self.server.ask("DELETE", f"/channels/{self.doomed}")

    def _kill_once(self) -> None:
        rng = self.rng
        jump = rng.choice((-3600, -100, 0, 0, 0, 0, 100, 3600))
        failpoint = Failpoint()
        if rng.random() < 0.5:
            name = rng.choice(POINTS)
            failpoint = Failpoint(
                name=name, times=rng.randint(1, 400 if name == "statement" else 8)
            )
        plan = replace(
            self.plan,
            skipped=timedelta(seconds=self.ahead + jump),
            twice=rng.random() < 0.25,
            failpoint=failpoint,
        )
        awake, plan_awake = os.pipe()
        child = self._fork(replace(plan, awake=plan_awake))
        os.close(plan_awake)  # only the child's is left: its end shows as an end of the pipe
        status = self._wait_to_kill(child, awake, failpoint)
        os.close(awake)
        how = failpoint.name or "any moment"
        if status is None:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            how = "any moment"
        self.tally.kills += 1
        self.tally.how[how] += 1
        self.tally.failures += not os.WIFSIGNALED(status)

    def _leave(self) -> None:
        """End the subscriptions whose messages are unsettled, and make them anew."""
        if not self.plan.mark.exists():
            return
        wanted, now = to_json(fickle(self.plan.symbols)), LiveClock().now()
        with closing(sqlite3.connect(self.plan.database)) as connection, connection:
            for number, channel_id in connection.execute(TRIED_BY_FICKLE, (wanted,)).fetchall():
                if channel_id == self.doomed:
                    continue
                record = subscriptions.get(connection, number)
                assert record is not None
                subscriptions.remove(connection, number)
                subscriptions.add(
                    connection,
                    guild_id=record.guild_id,
                    channel_id=channel_id,
                    kinds=record.kinds,
                    universe=None,
                    symbols=record.symbols,
                    created_by=record.created_by,
                    at=now,
                )
                self.tally.left += 1

    def _wait_to_kill(self, child: int, awake: int, failpoint: Failpoint) -> int | None:
        """Let it live: a while after it has begun to work, or not even that long. Returns its
        status if it reached its failpoint."""
        if failpoint.name:
            select.select([awake], [], [], LONGEST_START)
            return wait(child, LONGEST_LIFE)
        if self.rng.random() < 0.2:
            return wait(child, self.rng.uniform(0.0, 0.2))
        select.select([awake], [], [], LONGEST_LIFE)
        return wait(child, self.rng.uniform(0.0, 0.1))

    def _fork(self, plan: Plan) -> int:
        child = os.fork()
        if child == 0:
            live(plan, self.sessions)
        return child

    def _drain(self) -> None:
        plan = replace(
            self.plan,
            skipped=timedelta(seconds=self.ahead),
            until_empty=True,
            at_most=len(self.plan.moments),
        )
        status = _finish(self._fork(plan))
        self.tally.failures += status != 0

    def start_peace(self) -> tuple[int, Path]:
        """The same market and subscriptions in one process that nobody disturbs."""
        folder = self.plan.database.parent
        plan = replace(
            self.plan,
            database=folder / "peace.db",
            mark=folder / "peace mark",
            at_most=len(self.plan.moments),
            watch_only=True,
        )
        return self._fork(plan), plan.database

    def undisturbed(self, peace: tuple[int, Path]) -> set[str]:
        """The alerts that were written in peace, for the subscriptions that last."""
        child, database = peace
        self.tally.failures += _finish(child) != 0
        connection = sqlite3.connect(database)
        query = f"SELECT id FROM alerts WHERE channel_id != ? AND {LASTING}"
        ids = {
            row[0]
            for row in connection.execute(query, (self.doomed, to_json(fickle(self.plan.symbols))))
        }
        connection.close()
        return ids

    def _judge(self, expected: set[str]) -> None:
        tally = self.tally
        connection = sqlite3.connect(self.plan.database)
        rows = [
            Row(*row)
            for row in connection.execute(
                f"""SELECT id, alerts.channel_id, act, state, reason, message_id, {LASTING},
                    form, under FROM alerts LEFT JOIN quieted ON alert_id = id""",
                (to_json(fickle(self.plan.symbols)),),
            )
        ]
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.close()
        tally.integrity += [verdict] if verdict != "ok" else []
        kept = [row for row in rows if row.channel_id != self.doomed]
        tally.alerts += len(rows)
        tally.dropped_with_channel += sum(
            row.channel_id == self.doomed and row.state == "dropped" for row in rows
        )
        tally.unfinished += sum(row.state in ("pending", "claimed") for row in rows)
        tally.lost += len(expected - {row.id for row in kept})
        lasting = [row for row in kept if row.lasting]
        tally.lost += sum(row.state != "sent" and row.reason != OVERTAKEN for row in lasting)
        for place in self.plan.places:
            if place.channel_id != self.doomed:
                here = [row for row in kept if row.channel_id == place.channel_id]
                compare(here, self.server.shown(place.channel_id), self.tally)


class Row(NamedTuple):
    """What is judged of an alert."""

    id: str
    channel_id: int
    act: str
    state: str
    reason: str | None
    message_id: int | None
    lasting: int
    form: str | None
    under: str | None

    @property
    def marked(self) -> bool:
        """Whether its own mark stands in its message: it has an embed there."""
        return self.form != "list" and self.under is None

    @property
    def withdrawn_alone(self) -> bool:
        return self.state == "dropped" and self.form is None


def compare(rows: Sequence[Row], shown: Mapping[int, set[str]], tally: Tally) -> set[Row]:
    """An alert that was sent stands in its message and in no other; a message that no alert
    knows is one of a withdrawn alert that had no company. Returns those that do not stand there."""
    marks = Counter(mark for found in shown.values() for mark in found)
    known = {row.message_id for row in rows}
    of = {short_id(row.id): row for row in rows}
    told = [row for row in rows if row.act != "edit" and row.state == "sent" and row.lasting]
    tally.messages += len(shown)
    tally.shared += sum(count > 1 for count in Counter(row.message_id for row in told).values())
    gone = [row for row in told if row.message_id not in shown]
    bare = [
        row
        for row in told
        if row.marked and short_id(row.id) not in shown.get(row.message_id or 0, ())
    ]
    for row in {*gone, *bare}:
        sys.stderr.write(f"not shown: {row}; its message bears {shown.get(row.message_id or 0)}\n")
    tally.lost += len(gone) + len(bare)
    tally.twice += sum(count - 1 for count in marks.values())
    tally.strangers += len(set(marks) - set(of))
    for message_id, found in shown.items():
        alone = all(of[mark].withdrawn_alone for mark in found if mark in of)
        tally.twice += message_id not in known and not alone
    return {*gone, *bare}


def wait(child: int, seconds: float) -> int | None:
    """The status of a child that ends within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        time.sleep(0.002)
    return None


def _finish(child: int) -> int:
    """The exit code of a child that is to end by itself."""
    status = wait(child, DRAIN_SECONDS)
    if status is None:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def run(kills: int, *, seed: int, report: Any = None, keep: Path | None = None) -> Tally:
    """Kill `kills` times, in rounds. What a round that went wrong leaves is copied to `keep`."""
    tally, started = Tally(), time.monotonic()
    sessions = Sessions.load()
    number = 0
    while tally.kills < kills:
        with playground() as server, tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            share = min(KILLS_A_ROUND, kills - tally.kills)
            before = tally.bad
            Round(server, Path(folder), sessions, seed=seed + number, tally=tally).run(share)
            if keep is not None and tally.bad > before:
                shutil.copytree(folder, keep / f"seed {seed + number}", dirs_exist_ok=True)
        number += 1
        if report is not None:
            report.write(
                f"{tally.kills} kills, {tally.alerts} alerts, {tally.messages} messages, "
                f"{tally.lost} lost, {tally.twice} twice, {time.monotonic() - started:.0f} s\n"
            )
    tally.seconds = round(time.monotonic() - started, 1)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS_A_ROUND)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for what bad rounds leave")
    chosen = parser.parse_args(arguments)
    tally = run(chosen.kills, seed=chosen.seed, report=sys.stderr, keep=chosen.keep)
    sys.stdout.write(json.dumps(vars(tally)) + "\n")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
