"""Scanning one symbol's closed sessions: which episodes begin, and which move on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from bot.alerts.facts import Stage
from bot.episodes.grades import Grade, grades_due
from bot.episodes.lifecycle import (
    FOLLOW_UP,
    Episode,
    State,
    advance,
    begin,
    crossed_again,
    may_begin,
)
from bot.episodes.tracker import OpenBook
from bot.market.model import Bars, Days
from bot.signals.model import Direction
from bot.signals.rules import KindRule


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An episode reached a stage; `ended_close` and `ended_after` belong to its end, `grade`
    to a grading."""

    episode: Episode
    stage: Stage
    ended_close: float | None = None
    ended_after: int | None = None
    grade: Grade | None = None


STAGES = {
    State.CONFIRMED: Stage.CLOSED,
    State.REJECTED: Stage.CLOSED,
    State.HELD: Stage.ENDED,
    State.FAILED: Stage.ENDED,
}
GRADINGS = {5: Stage.GRADED_5, 20: Stage.GRADED_20}


def scan_close(
    bars: Bars,
    book: OpenBook,
    rules: Sequence[KindRule],
    *,
    benchmark: Bars,
    days: Days,
    at: datetime,
    late: bool,
) -> list[Happening]:
    """What the last, closed bar of `bars` changes for its symbol.

    Running episodes move on first; then every kind that is true of the session either belongs
    to its running episode or begins a new one. One that begins at the close is decided by the
    same close and is announced once, already confirmed or rejected.
    """
    happenings = [
        _happening(step, bars)
        for episode in book.of(bars.symbol)
        for step in _advance(episode, bars, book)
    ]
    for episode in book.of(bars.symbol):
        happenings += _graded(episode, bars, benchmark, book)
    session = bars.last_day
    for rule in rules:
        if rule.detect_against is None:
            signal = rule.detect(bars)
        else:
            signal = rule.detect_against(bars, benchmark)
        if signal is None:
            continue
        latest = book.latest(bars.symbol, rule.kind)
        if latest is not None and not may_begin(latest, session, days):
            book.put(crossed_again(latest, session))
            continue
        begun = begin(signal, at=at, provisional=False, late=late)
        decided = advance(begun, bars)
        book.put(decided[-1] if decided else begun)
        happenings.append(Happening(episode=decided[0] if decided else begun, stage=Stage.OPENED))
    return happenings


def _advance(episode: Episode, bars: Bars, book: OpenBook) -> list[Episode]:
    steps = advance(episode, bars)
    if steps:
        book.put(steps[-1])
    return steps


def _graded(episode: Episode, bars: Bars, benchmark: Bars, book: OpenBook) -> list[Happening]:
    found = []
    for grade in grades_due(episode, bars, benchmark):
        episode = replace(episode, graded=grade.sessions)
        stage = GRADINGS[grade.sessions]
        found.append(Happening(episode=episode, stage=stage, grade=grade))
        book.put(episode)
    return found


def _happening(episode: Episode, bars: Bars) -> Happening:
    stage = STAGES[episode.state]
    if stage is not Stage.ENDED or episode.ended is None:
        return Happening(episode=episode, stage=stage)
    return Happening(
        episode=episode,
        stage=stage,
        ended_close=_ended_close(episode, bars, episode.ended),
        ended_after=_position(bars, episode.ended) - _position(bars, episode.began),
    )


def _ended_close(episode: Episode, bars: Bars, ended: date) -> float:
    """The close that failed, or the nearest one to the level while it held."""
    last = _position(bars, ended)
    if episode.state is State.FAILED:
        return float(bars.close[last])
    closes = bars.close[last - FOLLOW_UP + 1 : last + 1]
    return float(closes.min() if episode.direction is Direction.UP else closes.max())


def _position(bars: Bars, day: date) -> int:
    return int(np.searchsorted(bars.days, np.datetime64(day)))
