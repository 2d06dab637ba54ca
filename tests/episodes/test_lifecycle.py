"""The life of an episode, decided by closes alone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from bot.episodes.lifecycle import (
    Episode,
    State,
    advance,
    begin,
    crossed_again,
    episode_id,
    may_begin,
    rescaled,
)
from bot.market.model import Bars, Symbol
from bot.signals.model import Direction, Kind, Signal

AT = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)
DAYS = np.array(
    [np.datetime64("2024-03-04") + i for i in range(60) if (i % 7) < 5], dtype="datetime64[D]"
)
"""Mondays to Fridays from 4 March 2024."""


def signal(direction: Direction = Direction.UP, session: date = date(2024, 3, 4)) -> Signal:
    return Signal(
        kind=Kind.HIGH_52_WEEKS if direction is Direction.UP else Kind.LOW_52_WEEKS,
        symbol=Symbol("IVOO"),
        session=session,
        direction=direction,
        level=100.0,
        level_session=date(2024, 1, 3),
        price=101.0 if direction is Direction.UP else 99.0,
        invalidation=100.0,
        version=1,
    )


def opened(direction: Direction = Direction.UP) -> Episode:
    return begin(signal(direction), at=AT, provisional=True, late=False)


def bars(*closes: float) -> Bars:
    values = np.array(closes, dtype=float)
    nothing = np.zeros(len(values))
    return Bars(
        symbol=Symbol("IVOO"),
        days=DAYS[: len(values)],
        open=values,
        high=values + 1,
        low=values - 1,
        close=values,
        volume=nothing + 1000,
        dividend=nothing,
        split=nothing,
    )


def states(episode: Episode, *closes: float) -> list[State]:
    return [step.state for step in advance(episode, bars(*closes))]


def test_a_close_above_the_level_confirms() -> None:
    assert states(opened(), 100.01) == [State.CONFIRMED]


def test_a_close_at_the_level_rejects_because_matching_is_not_making() -> None:
    assert states(opened(), 100.0) == [State.REJECTED]


def test_a_low_is_confirmed_below_its_level() -> None:
    assert states(opened(Direction.DOWN), 99.0) == [State.CONFIRMED]
    assert states(opened(Direction.DOWN), 100.5) == [State.REJECTED]


def test_the_first_close_below_within_five_sessions_fails_it() -> None:
    steps = advance(opened(), bars(101, 102, 100.5, 99.9, 103, 104))
    assert [step.state for step in steps] == [State.CONFIRMED, State.FAILED]
    assert steps[-1].ended == date(2024, 3, 7)


def test_a_close_below_on_the_sixth_session_comes_too_late_to_fail_it() -> None:
    steps = advance(opened(), bars(101, 102, 103, 102, 101, 100.5, 90))
    assert [step.state for step in steps] == [State.CONFIRMED, State.HELD]
    assert steps[-1].ended == date(2024, 3, 11)


def test_four_sessions_decide_nothing_yet() -> None:
    assert states(opened(), 101, 102, 103, 102, 101) == [State.CONFIRMED]


def test_without_the_bar_of_its_session_an_episode_stays_open() -> None:
    later = replace(opened(), began=date(2024, 3, 20), last_crossed=date(2024, 3, 20))
    assert advance(later, bars(101, 102)) == []


def test_one_look_and_five_looks_tell_the_same_story() -> None:
    closes = (101, 102, 100.5, 99.9, 103)
    at_once = [step.state for step in advance(opened(), bars(*closes))]
    episode, seen = opened(), []
    for n in range(1, len(closes) + 1):
        for step in advance(episode, bars(*closes[:n])):
            episode = step
            seen.append(step.state)
    assert seen == at_once


def test_the_same_touch_has_the_same_identity_whatever_the_price() -> None:
    assert episode_id(signal()) == episode_id(replace(signal(), price=123.0, version=2))
    assert episode_id(signal()) != episode_id(signal(session=date(2024, 3, 5)))
    assert episode_id(signal()) != episode_id(replace(signal(), level=100.5))


def test_the_first_crossing_of_all_is_an_episode() -> None:
    assert may_begin(None, date(2024, 3, 4), DAYS)


def test_a_crossing_during_a_run_is_no_new_episode() -> None:
    running = replace(opened(), state=State.HELD, ended=date(2024, 3, 11))
    assert not may_begin(running, date(2024, 3, 12), DAYS)


@pytest.mark.parametrize(
    ("session", "expected"), [(date(2024, 4, 1), False), (date(2024, 4, 2), True)]
)
def test_twenty_quiet_sessions_make_the_next_crossing_new(session: date, expected: bool) -> None:
    # 4 March is the last crossing; 1 April is 20 weekdays later, so 19 lie between.
    held = replace(opened(), state=State.HELD, ended=date(2024, 3, 11))
    assert may_begin(held, session, DAYS) is expected


def test_crossing_again_keeps_an_episode_awake() -> None:
    held = replace(opened(), state=State.HELD, ended=date(2024, 3, 11))
    awake = crossed_again(held, date(2024, 3, 29))
    assert not may_begin(awake, date(2024, 4, 2), DAYS)


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED])
def test_after_a_failure_five_sessions_must_pass(state: State) -> None:
    ended = replace(opened(), state=state, ended=date(2024, 3, 7))
    assert not may_begin(ended, date(2024, 3, 13), DAYS)
    assert may_begin(ended, date(2024, 3, 14), DAYS)


def test_a_session_before_the_episode_opens_nothing() -> None:
    assert not may_begin(opened(), date(2024, 3, 1), DAYS)
    assert not may_begin(opened(), date(2024, 3, 4), DAYS)


def test_a_split_rescales_every_price_and_keeps_the_identity() -> None:
    before = replace(opened(), close=101.0)
    after = rescaled(before, 0.5)
    assert (after.level, after.invalidation, after.price, after.close) == (50, 50, 50.5, 50.5)
    assert (after.id, after.scale) == (before.id, 0.5)
