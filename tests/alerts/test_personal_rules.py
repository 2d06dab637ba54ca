"""When a rule comes true: examples with the answers worked out by hand, and properties."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.personal.episodes import look_at_episodes
from bot.alerts.personal.model import (
    Condition,
    Look,
    Memory,
    On,
    Repeat,
    Rule,
    What,
    rescaled,
    rescaled_condition,
)
from bot.alerts.personal.rules import look_at, matters, usable
from bot.episodes.lifecycle import State, begin
from bot.market.model import Symbol
from bot.signals.model import Direction, Kind, Signal

IVOO = Symbol("IVOO")
FIRST = date(2023, 10, 2)
MORNING = datetime(2023, 10, 2, 14, 0, tzinfo=UTC)


def rule(what: What, level: float | None = None, **more: object) -> Rule:
    known = {name: more.pop(name) for name in ("change", "reference", "kind") if name in more}
    values = {"repeat": Repeat.AGAIN, **more}
    return Rule(symbol=IVOO, condition=Condition(what=what, level=level, **known), **values)  # type: ignore[arg-type]


def tick(last: float, minute: int = 0, **more: object) -> Look:
    """A look in the first session; the extremes so far are the last price unless given."""
    values = {"high": last, "low": last, "prior_close": 100.0, "closed": False, **more}
    at = MORNING + timedelta(minutes=minute)
    return Look(session=FIRST, at=at, last=last, **values)  # type: ignore[arg-type]


def path(*prices: float) -> list[Look]:
    """Looks a minute apart along these prices, with the session's true extremes so far."""
    return [
        tick(p, i, high=max(prices[: i + 1]), low=min(prices[: i + 1]))
        for i, p in enumerate(prices)
    ]


def fired(a_rule: Rule, looks: Sequence[Look]) -> list[int]:
    """The positions of the looks at which the rule comes true."""
    memory: Memory | None = None
    found = []
    for i, look in enumerate(looks):
        if not usable(a_rule, memory, look):
            continue
        step = look_at(a_rule, memory, look, sessions_since=0)
        memory = step.memory
        found += [i] * len(step.fired)
    return found


def test_a_cross_fires_when_the_price_goes_beyond_not_when_it_matches() -> None:
    assert fired(rule(What.ABOVE, 100), path(99, 99.9, 100, 100.01, 101)) == [3]
    assert fired(rule(What.BELOW, 100), path(101, 100, 99.99)) == [2]


def test_above_100_made_at_105_waits_until_the_price_was_below() -> None:
    assert fired(rule(What.ABOVE, 100), path(105, 106, 104)) == []
    assert fired(rule(What.ABOVE, 100), path(105, 99, 103)) == [2]


def test_a_level_counts_again_only_after_the_price_came_back_by_the_margin() -> None:
    # 0.5 % of 100: back at 99.6 is not enough, back at 99.4 is.
    assert fired(rule(What.ABOVE, 100), path(99, 101, 99.6, 101)) == [1]
    assert fired(rule(What.ABOVE, 100), path(99, 101, 99.4, 101)) == [1, 3]
    # On 3 October 2023 IWM closed at 171.14, just 0.5 % below 172.
    assert fired(rule(What.ABOVE, 172), path(176.74, 171.14, 173)) == []


def test_a_spike_between_two_looks_counts() -> None:
    looks = [tick(99), tick(99.2, 1, high=100.5, low=98.9)]
    assert fired(rule(What.ABOVE, 100), looks) == [1]


def test_a_spike_from_before_the_alert_was_made_does_not() -> None:
    looks = [tick(99, high=103, low=97), tick(99.5, 1, high=103, low=97)]
    assert fired(rule(What.ABOVE, 100), looks) == []


def test_a_dip_and_return_between_two_looks_is_a_new_crossing() -> None:
    looks = [*path(99, 101), tick(101.5, 2, high=101.5, low=98.0)]
    assert fired(rule(What.ABOVE, 100), looks) == [1, 2]


def test_a_touch_comes_from_either_side_and_matching_is_touching() -> None:
    assert fired(rule(What.TOUCH, 100), path(98, 100)) == [1]
    assert fired(rule(What.TOUCH, 100), path(102, 100)) == [1]
    assert fired(rule(What.TOUCH, 100), path(98, 103)) == [1]
    assert fired(rule(What.TOUCH, 100), path(100, 100.2, 100)) == []
    assert fired(rule(What.TOUCH, 100), path(98, 100, 100.2, 100, 101, 100)) == [1, 5]


def test_a_gap_over_night_crosses_the_level() -> None:
    overnight = replace(
        tick(104, high=104.5, low=103), session=date(2023, 10, 3), at=MORNING + timedelta(days=1)
    )
    assert fired(rule(What.ABOVE, 100), [tick(99), overnight]) == [1]


def test_a_move_is_reached_at_just_that_percentage() -> None:
    five = rule(What.UP, change=0.05)
    assert fired(five, path(101, 104.99, 105)) == [2]
    assert fired(rule(What.DOWN, change=0.05), path(101, 105, 95)) == [2]
    assert fired(rule(What.MOVE, change=0.05), path(101, 95)) == [1]
    assert fired(rule(What.MOVE, change=0.05), path(101, 105)) == [1]


def test_a_move_from_a_reference_does_not_look_at_the_prior_close() -> None:
    assert fired(rule(What.UP, change=0.1, reference=50), path(54, 55)) == [1]


def test_a_move_from_the_prior_close_is_ready_again_in_every_session() -> None:
    looks = [tick(101), tick(106, 1)]
    second = replace(
        tick(112, prior_close=106), session=date(2023, 10, 3), at=MORNING + timedelta(days=1)
    )
    assert fired(rule(What.UP, change=0.05), [*looks, second]) == [1, 2]
    far = replace(second, last=107, high=107, low=107)
    assert fired(rule(What.UP, change=0.05), [*looks, far]) == [1]


def test_an_all_time_low_is_below_every_earlier_low() -> None:
    looks = [tick(51, record_low=50.0), tick(50, 1, record_low=50.0, low=50)]
    assert fired(rule(What.RECORD_LOW), looks) == []
    looks.append(tick(49.99, 2, record_low=50.0, low=49.99))
    assert fired(rule(What.RECORD_LOW), looks) == [2]


def test_an_all_time_low_that_is_not_known_is_not_guessed() -> None:
    assert fired(rule(What.RECORD_LOW), [tick(51), tick(1, 1)]) == []
    unknown = float("inf")
    looks = [tick(51, record_low=unknown), tick(1, 1, record_low=unknown)]
    assert fired(rule(What.RECORD_LOW), looks) == []


def test_a_close_only_rule_ignores_the_running_session() -> None:
    closing = rule(What.ABOVE, 100, on=On.CLOSE)
    looks = [tick(99, closed=True), *path(101, 102)]
    assert fired(closing, looks) == []
    next_day = replace(tick(101, closed=True, high=103), session=date(2023, 10, 3))
    assert fired(closing, [*looks, next_day]) == [3]
    assert fired(closing, [*looks, replace(next_day, last=99.5)]) == []


def test_a_crossing_within_the_cooldown_is_not_told() -> None:
    cool = rule(What.ABOVE, 100, cooldown=timedelta(minutes=3))
    assert fired(cool, path(99, 101, 98, 101, 98, 101)) == [1, 5]


def test_an_episode_is_told_again_after_20_sessions_without() -> None:
    a_rule = rule(What.ABOVE, 100, repeat=Repeat.EPISODE)
    memory = Memory(session=FIRST, closed=True, last=99, crossed=date(2023, 9, 1))
    later = replace(tick(101), session=date(2023, 10, 3))
    assert not look_at(a_rule, memory, later, sessions_since=20).fired
    assert look_at(a_rule, memory, later, sessions_since=21).fired


def test_prices_that_cannot_be_are_not_looked_at() -> None:
    for price in (float("nan"), float("inf"), 0.0, -5.0):
        assert not usable(rule(What.ABOVE, 100), None, tick(price))


@given(st.lists(st.floats(50, 150), min_size=2, max_size=30), st.floats(0, 0.1))
def test_between_two_firings_the_price_was_back_by_the_margin(
    prices: list[float], margin: float
) -> None:
    looks = path(*prices)
    found = fired(rule(What.ABOVE, 100, rearm=margin), looks)
    for before, after in zip([0, *found], found, strict=False):
        between = prices[before : after + 1]
        if before in found:
            assert min(between) < 100 * (1 - margin) + 1e-6
        assert prices[after] > 100
    assert 0 not in found


@given(st.lists(st.floats(50, 150), min_size=2, max_size=30))
def test_a_mirrored_market_fires_the_mirrored_rule(prices: list[float]) -> None:
    # 100 − x falls when x rises; with no margin both levels are symmetric.
    up = fired(rule(What.ABOVE, 100, rearm=0.0), path(*prices))
    down = fired(rule(What.BELOW, 100, rearm=0.0), path(*(200 - p for p in prices)))
    assert up == down


@given(st.lists(st.floats(60, 140), min_size=3, max_size=30), st.sampled_from(list(What)[:6]))
def test_forgetting_what_does_not_matter_changes_nothing(prices: list[float], what: What) -> None:
    moves = {"change": 0.05} if what in (What.UP, What.DOWN, What.MOVE) else {}
    a_rule = rule(what, None if moves else 100.0, **moves)
    stored: Memory | None = None
    found = []
    for i, look in enumerate(path(*prices)):
        step = look_at(a_rule, stored, look, sessions_since=0)
        found += [i] * len(step.fired)
        if matters(stored, step.memory) or step.fired:
            stored = step.memory
    assert found == fired(a_rule, path(*prices))


@given(
    st.lists(st.floats(60, 140), min_size=3, max_size=20),
    st.integers(1, 19),
    st.sampled_from([0.5, 0.25, 2.0, 4.0]),
)
def test_a_split_changes_no_decision(prices: list[float], when: int, ratio: float) -> None:
    a_rule = rule(What.ABOVE, 100.1234)
    memory: Memory | None = None
    found = []
    scaled = 1.0
    current = a_rule
    for i, look in enumerate(path(*prices)):
        if i == when and memory is not None:
            scaled, memory = ratio, rescaled(memory, ratio)
            current = replace(a_rule, condition=rescaled_condition(a_rule.condition, ratio))
        here = replace(
            look, last=look.last * scaled, high=look.high * scaled, low=look.low * scaled
        )
        step = look_at(current, memory, here, sessions_since=0)
        memory = step.memory
        found += [i] * len(step.fired)
    assert found == fired(a_rule, path(*prices))


@pytest.mark.parametrize(
    "nonsense",
    [
        {"what": What.ABOVE},
        {"what": What.ABOVE, "level": -1.0},
        {"what": What.ABOVE, "level": float("nan")},
        {"what": What.UP, "change": 0.0},
        {"what": What.UP, "level": 5.0},
        {"what": What.SIGNAL},
        {"what": What.FAILED, "kind": Kind.RANGE},
        {"what": What.ABOVE, "level": 5.0, "reference": 5.0},
    ],
)
def test_a_condition_that_makes_no_sense_cannot_be_made(nonsense: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Condition(**nonsense)  # type: ignore[arg-type]


HIGH = Signal(
    kind=Kind.HIGH_52_WEEKS,
    symbol=IVOO,
    session=FIRST,
    direction=Direction.UP,
    level=100.0,
    level_session=None,
    price=100.5,
    invalidation=100.0,
    version=1,
)
OPEN = begin(HIGH, at=MORNING, provisional=True, late=False)
CONFIRMED = replace(OPEN, state=State.CONFIRMED, close=101.0)
REJECTED = replace(OPEN, state=State.REJECTED, close=99.0, ended=FIRST)
FAILED = replace(CONFIRMED, state=State.FAILED, ended=date(2023, 10, 4))
NOTHING_YET = Memory(session=FIRST, closed=True)


def told(a_rule: Rule, memory: Memory | None, *episodes: object) -> int:
    step = look_at_episodes(a_rule, memory, episodes, session=FIRST, at=MORNING)  # type: ignore[arg-type]
    again = look_at_episodes(a_rule, step.memory, episodes, session=FIRST, at=MORNING)  # type: ignore[arg-type]
    assert not again.fired
    return len(step.fired)


def test_an_episode_is_news_once_and_those_of_the_first_look_never() -> None:
    highs = rule(What.SIGNAL, kind=Kind.HIGH_52_WEEKS)
    assert told(highs, None, OPEN) == 0
    assert told(highs, NOTHING_YET, OPEN) == 1
    assert told(rule(What.SIGNAL, kind=Kind.RANGE), NOTHING_YET, OPEN) == 0


def test_a_close_only_rule_waits_for_the_close_to_confirm() -> None:
    highs = rule(What.SIGNAL, kind=Kind.HIGH_52_WEEKS, on=On.CLOSE, repeat=Repeat.EPISODE)
    assert told(highs, NOTHING_YET, OPEN) == 0
    assert told(highs, NOTHING_YET, REJECTED) == 0
    assert told(highs, NOTHING_YET, CONFIRMED) == 1


def test_a_failed_breakout_is_one_the_close_rejected_or_that_failed_later() -> None:
    failing = rule(What.FAILED, repeat=Repeat.EPISODE)
    assert [told(failing, NOTHING_YET, e) for e in (OPEN, CONFIRMED, REJECTED, FAILED)] == [
        0,
        0,
        1,
        1,
    ]
    lows = replace(FAILED, direction=Direction.DOWN)
    assert told(failing, NOTHING_YET, lows) == 0


def test_again_means_every_session_in_which_the_kind_is_true() -> None:
    highs = rule(What.SIGNAL, kind=Kind.HIGH_52_WEEKS, repeat=Repeat.AGAIN)
    seen = look_at_episodes(highs, NOTHING_YET, [OPEN], session=FIRST, at=MORNING).memory
    next_day = replace(OPEN, last_crossed=date(2023, 10, 3))
    assert look_at_episodes(highs, seen, [next_day], session=FIRST, at=MORNING).fired
    per_episode = replace(highs, repeat=Repeat.EPISODE)
    seen = look_at_episodes(per_episode, NOTHING_YET, [OPEN], session=FIRST, at=MORNING).memory
    assert not look_at_episodes(per_episode, seen, [next_day], session=FIRST, at=MORNING).fired
