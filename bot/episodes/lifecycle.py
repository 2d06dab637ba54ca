"""The life of a signal from its first touch to its end. Pure: bars in, decisions out.

An episode is `open` from the first print above its level; the close of that session confirms
or rejects it; a confirmed one has failed at the first close on the wrong side of its
invalidation within five sessions, and has held otherwise.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from bot.market.model import Bars, Symbol, as_date
from bot.signals.model import Direction, Kind, Signal, Value

FOLLOW_UP = 5
"""Sessions after the first in which a close beyond the invalidation means failure."""
QUIET = 20
"""Sessions without a crossing after which the next one is a new episode."""
REARM = 5
"""Sessions after a failure or rejection before a fresh crossing is a new episode."""


class State(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One life of a kind of signal on one symbol.

    `began` is the session of the first touch, `opened_at` the moment it was seen, `price` what
    crossed `level` then. `provisional`: seen while the session ran. `late`: seen after a later
    session had closed. `close` is the close of `began`, `last_crossed` the newest session in
    which the kind was true, `ended` the session that decided the last state, `graded`
    the sessions after which it was graded last (0, 5, 20).
    """

    id: str
    kind: Kind
    symbol: Symbol
    direction: Direction
    state: State
    began: date
    opened_at: datetime
    level: float
    level_session: date | None
    invalidation: float
    price: float
    version: int
    evidence: dict[str, Value]
    provisional: bool
    late: bool
    last_crossed: date
    close: float | None = None
    ended: date | None = None
    scale: float = 1.0
    graded: int = 0


def episode_id(signal: Signal) -> str:
    """The same touch seen twice, by one scanner or by several, has one identity.

    SHA-256 over kind, symbol, session and level, 20 hexadecimal digits. The level is the
    price known before the session, so it is the same at the touch and at the close.
    """
    text = f"{signal.kind}|{signal.symbol}|{signal.session.isoformat()}|{signal.level:.6g}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def begin(signal: Signal, *, at: datetime, provisional: bool, late: bool) -> Episode:
    """The episode that a signal opens."""
    return Episode(
        id=episode_id(signal),
        kind=signal.kind,
        symbol=signal.symbol,
        direction=signal.direction,
        state=State.OPEN,
        began=signal.session,
        opened_at=at,
        level=signal.level,
        level_session=signal.level_session,
        invalidation=signal.invalidation,
        price=signal.price,
        version=signal.version,
        evidence=dict(signal.evidence),
        provisional=provisional,
        late=late,
        last_crossed=signal.session,
    )


def may_begin(latest: Episode | None, session: date, days: np.ndarray) -> bool:
    """Whether a crossing in `session` is a new episode, given the newest one of its kind.

    It is after 20 sessions without a crossing, or at the earliest 5 sessions after the newest
    one failed or was rejected. `days` are the exchange's sessions, datetime64[D], ascending.
    """
    if latest is None:
        return True
    if session <= latest.began:
        return False
    if _sessions_between(days, latest.last_crossed, session) > QUIET:
        return True
    fell = latest.state in (State.FAILED, State.REJECTED) and latest.ended is not None
    return fell and _sessions_between(days, latest.ended, session) >= REARM


def _sessions_between(days: np.ndarray, first: date | None, last: date) -> int:
    """How many sessions after `first` up to and including `last`."""
    positions = np.searchsorted(days, [np.datetime64(first), np.datetime64(last)])
    return int(positions[1] - positions[0])


def crossed_again(episode: Episode, session: date) -> Episode:
    """The same episode after its kind was true once more."""
    return replace(episode, last_crossed=max(episode.last_crossed, session))


def advance(episode: Episode, bars: Bars) -> list[Episode]:
    """The states an episode passes through, oldest first, given closed bars up to now.

    Empty when nothing changed. Each step is decided by one bar, so looking at the same bars
    once or session by session gives the same steps. Bars that are missing decide nothing.
    """
    steps: list[Episode] = []
    start = bars.index_of(episode.began)
    if start is None:
        return steps
    current = episode
    if current.state is State.OPEN:
        current = _closed(current, float(bars.close[start]))
        steps.append(current)
    if current.state is State.CONFIRMED:
        followed = _followed_up(current, bars, start)
        if followed is not None:
            steps.append(followed)
    return steps


def _closed(episode: Episode, close: float) -> Episode:
    if _beyond(episode.direction, close, episode.level):
        return replace(episode, state=State.CONFIRMED, close=close)
    return replace(episode, state=State.REJECTED, close=close, ended=episode.began)


def _followed_up(episode: Episode, bars: Bars, start: int) -> Episode | None:
    closes = bars.close[start + 1 : start + 1 + FOLLOW_UP]
    if episode.direction is Direction.UP:
        fell = np.flatnonzero(closes < episode.invalidation)
    else:
        fell = np.flatnonzero(closes > episode.invalidation)
    if len(fell):
        session = as_date(bars.days[start + 1 + int(fell[0])])
        return replace(episode, state=State.FAILED, ended=session)
    if len(closes) == FOLLOW_UP:
        return replace(episode, state=State.HELD, ended=as_date(bars.days[start + FOLLOW_UP]))
    return None


def _beyond(direction: Direction, price: float, level: float) -> bool:
    return price > level if direction is Direction.UP else price < level


def rescaled(episode: Episode, ratio: float) -> Episode:
    """The same episode after every earlier price was multiplied by `ratio` (0.5 for a 2:1
    split)."""
    return replace(
        episode,
        level=episode.level * ratio,
        invalidation=episode.invalidation * ratio,
        price=episode.price * ratio,
        close=None if episode.close is None else episode.close * ratio,
        scale=episode.scale * ratio,
    )
