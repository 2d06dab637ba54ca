"""Grades: what became of episodes, kept for good. Misses stay."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


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


def save(connection: sqlite3.Connection, grades: Sequence[GradeRecord]) -> None:
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


def of_episode(connection: sqlite3.Connection, episode_id: str) -> list[GradeRecord]:
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
