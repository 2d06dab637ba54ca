"""Grades: what became of episodes, kept for good. Misses stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from storage.connection import Connection
from storage.values import from_json, maybe_day


@dataclass(frozen=True, kw_only=True)
class GradeRecord:
    """An episode after `sessions` sessions: entry at the open after it began, exit at a close.

    `change`, `benchmark_change`, `best` and `worst` are fractions of the entry; `best` and
    `worst` are the extremes on the way (maximum favourable and adverse for a rise).
    """

    episode_id: str
    sessions: int
    entry_session: date
    entry: float
    exit_session: date
    exit: float
    change: float
    benchmark: str
    benchmark_change: float | None
    best: float
    worst: float


def save(connection: Connection, grades: Sequence[GradeRecord]) -> None:
    """Write grades; one that is already there stays as it was."""
    connection.executemany(
        """INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (episode_id, sessions) DO NOTHING""",
        [
            (
                grade.episode_id,
                grade.sessions,
                grade.entry_session.isoformat(),
                grade.entry,
                grade.exit_session.isoformat(),
                grade.exit,
                grade.change,
                grade.benchmark,
                grade.benchmark_change,
                grade.best,
                grade.worst,
            )
            for grade in grades
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The bot's own record of one kind: episodes that were announced somewhere, by outcome.

    `running` are confirmed and not yet followed up. `graded` is how many have a grade after
    `sessions` sessions; the means are fractions, None without grades.
    """

    announced: int
    rejected: int
    running: int
    held: int
    failed: int
    sessions: int
    graded: int
    higher: int
    mean_change: float | None
    mean_benchmark_change: float | None


def tally(
    connection: Connection,
    kind: str,
    *,
    symbol: str | None,
    since: date,
    sessions: int = 20,
) -> Tally:
    """Count what became of the alerts of `kind` that were really sent, of one symbol or all."""
    params = {
        "kind": kind,
        "symbol": symbol,
        "since": since.isoformat(),
        "sessions": sessions,
    }
    mine = """FROM episodes AS e LEFT JOIN grades AS g
        ON g.episode_id = e.id AND g.sessions = :sessions
        WHERE e.kind = :kind AND (CAST(:symbol AS TEXT) IS NULL OR e.symbol = :symbol)
        AND e.began >= :since AND EXISTS (SELECT 1 FROM alerts AS a
            WHERE a.episode_id = e.id AND a.act = 'post' AND a.state = 'sent')"""
    row = connection.execute(
        f"""SELECT count(*), count(*) FILTER (WHERE e.state = 'rejected'),
            count(*) FILTER (WHERE e.state = 'confirmed'),
            count(*) FILTER (WHERE e.state = 'held'),
            count(*) FILTER (WHERE e.state = 'failed'),
            count(g.change), count(*) FILTER (WHERE g.change > 0),
            avg(g.change), avg(g.benchmark_change) {mine}""",
        params,
    ).fetchone()
    return Tally(
        announced=row[0],
        rejected=row[1],
        running=row[2],
        held=row[3],
        failed=row[4],
        sessions=sessions,
        graded=row[5],
        higher=row[6],
        mean_change=row[7],
        mean_benchmark_change=row[8],
    )


@dataclass(frozen=True, kw_only=True)
class Scored:
    """An episode that was announced, as far as it went. `change` and what follows are its grade
    after the asked number of sessions, `opening` the facts that announced it; None without a
    grade."""

    kind: str
    symbol: str
    direction: str
    began: date
    state: str
    ended: date | None
    level: float
    change: float | None
    benchmark_change: float | None
    graded_on: date | None
    opening: Mapping[str, Any] | None


def scored(connection: Connection, *, channel_id: int | None, sessions: int = 20) -> list[Scored]:
    """Every episode whose announcement was really sent, to one channel or to any, the earliest
    first."""
    rows = connection.execute(
        """SELECT e.kind, e.symbol, e.direction, e.began, e.state, e.ended, e.level, g.change,
            g.benchmark_change, g.exit_session, CASE WHEN g.change IS NULL THEN NULL ELSE (
                SELECT coalesce((SELECT body FROM sheets WHERE sheets.id = a.sheet), a.facts)
                FROM alerts AS a WHERE a.episode_id = e.id AND a.stage = 'opened' LIMIT 1) END
        FROM episodes AS e LEFT JOIN grades AS g
            ON g.episode_id = e.id AND g.sessions = :sessions
        WHERE EXISTS (SELECT 1 FROM alerts AS t WHERE t.episode_id = e.id AND t.act = 'post'
            AND t.state = 'sent' AND (CAST(:channel AS BIGINT) IS NULL OR t.channel_id = :channel))
        ORDER BY e.began, e.symbol, e.kind""",
        {"channel": channel_id, "sessions": sessions},
    )
    return [
        Scored(
            kind=row[0],
            symbol=row[1],
            direction=row[2],
            began=date.fromisoformat(row[3]),
            state=row[4],
            ended=maybe_day(row[5]),
            level=row[6],
            change=row[7],
            benchmark_change=row[8],
            graded_on=maybe_day(row[9]),
            opening=None if row[10] is None else from_json(row[10]),
        )
        for row in rows
    ]


def of_episode(connection: Connection, episode_id: str) -> list[GradeRecord]:
    """The grades of one episode, the early one first."""
    rows = connection.execute(
        "SELECT * FROM grades WHERE episode_id = :id ORDER BY sessions", {"id": episode_id}
    )
    return [
        GradeRecord(
            episode_id=row[0],
            sessions=row[1],
            entry_session=date.fromisoformat(row[2]),
            entry=row[3],
            exit_session=date.fromisoformat(row[4]),
            exit=row[5],
            change=row[6],
            benchmark=row[7],
            benchmark_change=row[8],
            best=row[9],
            worst=row[10],
        )
        for row in rows
    ]
