"""From crossings to events: one event per episode, not per day.

An episode opens at a crossing after more than 20 sessions without one, or at least 5 sessions
after the episode before was rejected or had failed. It is confirmed by a close beyond the level
and has failed at the first close back on the wrong side of it within 5 sessions.
"""

from dataclasses import dataclass

import numpy as np

from bot.market.model import Floats
from bot.market.panel import Panel
from bot.signals.crossings import Crossings
from bot.signals.model import Direction
from bot.signals.windows import Flags, Ints

QUIET_SESSIONS = 20
REARM_SESSIONS = 5
FOLLOW_UP_SESSIONS = 5
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """Episodes as columns of shape (n,), sorted by symbol and session.

    `confirmed` by the close of `rows`; `failed` within five sessions; `judged` says whether all
    five are there to tell. Rejected episodes count as neither failed nor held.
    """

    rows: Ints
    columns: Ints
    levels: Floats
    confirmed: Flags
    failed: Flags
    judged: Flags

    def where(self, chosen: Flags) -> "Events":
        """The chosen ones."""
        return Events(
            rows=self.rows[chosen],
            columns=self.columns[chosen],
            levels=self.levels[chosen],
            confirmed=self.confirmed[chosen],
            failed=self.failed[chosen],
            judged=self.judged[chosen],
        )

    def __len__(self) -> int:
        return len(self.rows)


def events(panel: Panel, found: Crossings) -> Events:
    """The episodes of `found`."""
    sign = 1.0 if found.direction is Direction.UP else -1.0
    rows, columns, sessions = found.rows, found.columns, len(panel.days)
    confirmed = sign * panel.close[rows, columns] > sign * found.levels
    ended = np.where(confirmed, NEVER, rows)
    failed = np.zeros(len(rows), dtype=bool)
    for ahead in range(FOLLOW_UP_SESSIONS, 0, -1):
        at = np.minimum(rows + ahead, sessions - 1)
        fell = sign * panel.close[at, columns] < sign * found.levels
        fell &= confirmed & (rows + ahead < sessions)
        ended = np.where(fell, rows + ahead, ended)
        failed |= fell
    judged = confirmed & (failed | (rows + FOLLOW_UP_SESSIONS < sessions))
    every = Events(
        rows=rows,
        columns=columns,
        levels=found.levels,
        confirmed=confirmed,
        failed=failed,
        judged=judged,
    )
    return every.where(_openings(rows, columns, ended))


def _openings(rows: Ints, columns: Ints, ended: Ints) -> Flags:
    """Which crossings open an episode; each look-up needs the one before, hence the loop."""
    opens = np.zeros(len(rows), dtype=bool)
    column, last, end = -1, 0, NEVER
    for i, (row, mine, ends) in enumerate(
        zip(rows.tolist(), columns.tolist(), ended.tolist(), strict=True)
    ):
        rearmed = end != NEVER and row - end >= REARM_SESSIONS
        if mine != column or row - last > QUIET_SESSIONS or rearmed:
            opens[i], end = True, ends
        column, last = mine, row
    return opens
