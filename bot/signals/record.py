"""The event study: what became of a kind of signal in the past, and of ordinary days.

Events are episodes. Entry is the open of the next session, exits are closes 5, 20 and 60 sessions
after the signal. Beside every figure stands the one of ordinary days: every session of the same
symbols and the same period on which the kind could have fired. Where the interval of the
difference contains zero, the signal is not distinguishable from an ordinary day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.errors import NoData
from bot.market.model import Floats, Symbol, as_date
from bot.market.panel import Panel
from bot.signals.aligned import span
from bot.signals.bootstrap import Interval, block_length, block_weights, interval, widening
from bot.signals.crossings import Crossings
from bot.signals.events import FOLLOW_UP_SESSIONS, Events, events
from bot.signals.model import Direction, Kind
from bot.signals.outcomes import Outcome, by_day, forward_returns, outcome, quotient, replicated
from bot.signals.windows import Flags

HORIZONS = (5, 20, 60)
"""Sessions: a week, a month, a quarter."""
LEAST_EPISODES = 20
"""Fewer than these are pooled over a family."""
SURVIVORSHIP = (
    "The universe is today's: symbols that were closed or delisted are missing, "
    "which flatters the past."
)


@dataclass(frozen=True, kw_only=True)
class Study:
    """The record of one kind on one symbol or, when `pooled`, on the family `scope`.

    `episodes` opened, of which `confirmed` at their close; outcomes and failures are those of the
    confirmed ones. `failure_rate` is None while no episode is five sessions old. `few` says that
    even so there are fewer than 20.
    """

    kind: Kind
    scope: str
    symbols: tuple[Symbol, ...]
    pooled: bool
    few: bool
    first: date
    last: date
    episodes: int
    confirmed: int
    failure_rate: float | None
    failure_interval: Interval
    outcomes: tuple[Outcome, ...]
    caution: str = SURVIVORSHIP


@dataclass(frozen=True, kw_only=True)
class Family:
    """Symbols that a small record may be pooled over (a size, a sector, a theme)."""

    name: str
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A confirmed episode that failed: for the list of misses."""

    symbol: Symbol
    session: date
    level: float


def study(
    panel: Panel,
    found: Crossings,
    *,
    symbol: Symbol,
    family: Family | None = None,
    benchmark: Symbol | None = None,
    seed: int = 0,
) -> Study:
    """The record of `symbol`, pooled over `family` when it has fewer than 20 episodes.

    Raises NoData when the symbol is not in the panel or nothing has happened yet.
    """
    if symbol not in panel.symbols:
        raise NoData(f"{symbol} has no record here.")
    every = events(panel, found)
    alone = study_of(
        panel, found, every, symbols=[symbol], scope=symbol, benchmark=benchmark, seed=seed
    )
    if not alone.few or family is None:
        return alone
    return study_of(
        panel,
        found,
        every,
        symbols=[s for s in family.symbols if s in panel.symbols],
        scope=family.name,
        pooled=True,
        benchmark=benchmark,
        seed=seed,
    )


def study_of(
    panel: Panel,
    found: Crossings,
    every: Events,
    *,
    symbols: Sequence[Symbol],
    scope: str,
    pooled: bool = False,
    benchmark: Symbol | None = None,
    first: date | None = None,
    last: date | None = None,
    seed: int = 0,
) -> Study:
    """The record of `symbols` taken together, from episodes that opened in [first, last].

    Raises NoData for a panel without sessions.
    """
    if len(panel.days) < 2:
        raise NoData("a record needs at least two sessions.")
    days = _period(panel, first, last)
    chosen = np.flatnonzero(np.isin(np.array(panel.symbols), list(symbols)))
    mine = every.where(np.isin(every.columns, chosen) & days[every.rows])
    confirmed = mine.where(mine.confirmed)
    judged = confirmed.where(confirmed.judged)
    picked = span(chosen)
    opens, closes = panel.open[:, picked], panel.close[:, picked]
    eligible = found.eligible[:, picked] & days[:, None]
    block = block_length(FOLLOW_UP_SESSIONS)
    weights = block_weights(len(panel.days), block=block, seed=seed)
    widen = widening(len(panel.days), block=block, outcome=FOLLOW_UP_SESSIONS)
    failures = by_day(judged.rows, len(panel.days), judged.failed.astype(np.float64))
    counted = by_day(judged.rows, len(panel.days), np.ones(len(judged)))
    drawn = replicated(weights, np.stack([failures, counted], axis=1))
    return Study(
        kind=found.kind,
        scope=scope,
        symbols=tuple(symbols),
        pooled=pooled,
        few=len(mine) < LEAST_EPISODES,
        first=as_date(panel.days[days][0]),
        last=as_date(panel.days[days][-1]),
        episodes=len(mine),
        confirmed=len(confirmed),
        failure_rate=float(judged.failed.mean()) if len(judged) else None,
        failure_interval=interval(quotient(drawn[:, 0], drawn[:, 1]), widen=widen),
        outcomes=tuple(
            outcome(
                forward_returns(opens, closes, sessions),
                _market(panel, benchmark, sessions),
                replace(confirmed, columns=np.searchsorted(chosen, confirmed.columns)),
                eligible,
                sessions=sessions,
                seed=seed,
                sign=1.0 if found.direction is Direction.UP else -1.0,
            )
            for sessions in HORIZONS
        ),
    )


def misses(panel: Panel, every: Events) -> tuple[Miss, ...]:
    """The confirmed episodes that failed, newest first."""
    failed = every.where(every.confirmed & every.failed)
    order = np.argsort(-failed.rows, kind="stable")
    return tuple(
        Miss(
            symbol=panel.symbols[int(failed.columns[i])],
            session=as_date(panel.days[failed.rows[i]]),
            level=float(failed.levels[i]),
        )
        for i in order
    )


def _period(panel: Panel, first: date | None, last: date | None) -> Flags:
    chosen = np.ones(len(panel.days), dtype=bool)
    if first is not None:
        chosen &= panel.days >= np.datetime64(first)
    if last is not None:
        chosen &= panel.days <= np.datetime64(last)
    if not chosen.any():
        raise NoData(f"no sessions from {first} to {last}.")
    return chosen


def _market(panel: Panel, benchmark: Symbol | None, sessions: int) -> Floats:
    if benchmark is None or benchmark not in panel.symbols:
        return np.full(len(panel.days), np.nan)
    i = panel.symbols.index(benchmark)
    return forward_returns(panel.open[:, i], panel.close[:, i], sessions)
