"""Setups on real bars whose outcome is known, and on shapes made by hand."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.market.model import Bars, as_date
from bot.signals.contractions import find_contraction
from bot.signals.flags import find_flag
from bot.signals.indicators import atr, sma
from bot.signals.kinds import KINDS
from bot.signals.levels import find_support_test
from bot.signals.model import Kind
from bot.signals.pivots import swing_highs, swing_lows
from bot.signals.ranges import channel_edges, find_range
from bot.signals.setup import Status, grade, status_since
from bot.signals.setups import FINDERS, follow, setups
from bot.signals.surfs import find_surf
from bot.signals.thresholds import SURF
from bot.signals.trendlines import find_downtrend
from tests.signals.bars import bars_of, day, random_bars, real_bars


def sessions_between(bars: Bars, first: str, last: str) -> list[date]:
    return [as_date(d) for d in bars.since(day(first)).through(day(last)).days]


def test_iwm_broke_its_downtrend_line_on_14_november_2023_and_no_other_day() -> None:
    bars = real_bars("IWM")
    rule = KINDS[Kind.DOWNTREND_BREAK]
    found = {
        session: signal
        for session in sessions_between(bars, "2023-10-16", "2023-12-12")
        if (signal := rule.detect(bars.through(session))) is not None
    }
    assert list(found) == [day("2023-11-14")]
    signal = found[day("2023-11-14")]
    assert round(signal.level, 2) == 173.27
    assert signal.level_session == day("2023-07-31")
    assert signal.evidence["line_end"] == "2023-11-03"


def test_the_geometry_is_the_line_that_was_broken() -> None:
    setup = find_downtrend(real_bars("IWM").through(day("2023-11-13")))
    assert setup is not None
    (segment,) = setup.geometry.segments
    assert (segment.start.session, segment.start.price) == (day("2023-07-31"), 198.75)
    touched = [(p.session.isoformat(), p.price) for p in setup.geometry.points]
    assert touched == [("2023-07-31", 198.75), ("2023-09-01", 191.86), ("2023-11-03", 175.65)]
    slope = (175.65 - 198.75) / 68
    assert segment.end.price == pytest.approx(175.65 + 6 * slope)
    assert setup.level == segment.end.price


def test_iwm_was_a_tight_flag_from_21_to_30_november_2023() -> None:
    bars = real_bars("IWM")
    held = [
        session
        for session in sessions_between(bars, "2023-10-16", "2023-12-11")
        if find_flag(bars.through(session)) is not None
    ]
    assert held == sessions_between(bars, "2023-11-21", "2023-11-30")
    setup = find_flag(bars.through(day("2023-11-30")))
    assert setup is not None
    (box,) = setup.geometry.bands
    assert (box.low, box.high) == (175.16, 181.76)
    assert (setup.trigger, setup.invalidation) == (181.76, 175.16)
    assert setup.status is Status.NEAR


def test_the_iwm_flag_fired_on_1_december_2023() -> None:
    bars = real_bars("IWM").through(day("2023-12-01"))
    rule = KINDS[Kind.TIGHT_FLAG]
    signal = rule.detect(bars)
    assert signal is not None
    assert (signal.level, signal.price) == (181.76, 185.18)
    trigger = rule.trigger(bars.through(day("2023-11-30")), day("2023-12-01"))
    assert trigger is not None
    assert (trigger.level, trigger.session) == (181.76, day("2023-12-01"))
    shown = {setup.kind: setup for setup in setups(bars)}
    assert shown[Kind.TIGHT_FLAG].status is Status.CONFIRMED


def test_swings_are_known_only_after_their_sessions() -> None:
    values = np.array([1.0, 2, 3, 4, 9, 4, 3, 2, 1, 0])
    assert swing_highs(values, 3).tolist() == [4]
    assert swing_highs(values[:8], 3).tolist() == [4]
    assert swing_highs(values[:7], 3).tolist() == []
    assert swing_lows(-values, 3).tolist() == [4]


def test_of_equal_swings_the_first_counts() -> None:
    assert swing_highs(np.array([1.0, 2, 5, 5, 2, 1, 0]), 2).tolist() == [2]


def shape(path: np.ndarray, *, spread: float = 0.5, volume: np.ndarray | None = None) -> Bars:
    """Bars along a path of closes, each `spread` high on both sides."""
    return bars_of(path, high=path + spread, low=path - spread, opens=path, volume=volume)


def test_a_hand_made_flag_and_what_breaks_it() -> None:
    base = np.tile([100.0, 100.8], 60)
    pole = np.linspace(101, 115, 10)
    rest = np.full(10, 115.2)
    calm = bars_of(
        np.r_[base, pole, rest],
        high=np.r_[base + 0.8, pole + 0.8, rest + 0.2],
        low=np.r_[base - 0.8, pole - 0.8, rest - 0.2],
    )
    setup = find_flag(calm)
    assert setup is not None
    assert setup.kind is Kind.TIGHT_FLAG
    assert setup.trigger >= 115.4
    nervous = replace(calm, high=calm.high + np.r_[np.zeros(138), np.full(2, 6.0)])
    assert find_flag(nervous) is None
    flat = shape(np.full(140, 100.0))
    assert find_flag(flat) is None


def test_a_surf_rides_a_rising_average() -> None:
    steps = np.tile([0.5, 0.5, 0.5, -0.4], 20)
    rising = shape(100 + np.cumsum(steps))
    setup = find_surf(rising)
    assert setup is not None
    assert setup.values["average"] == 10
    assert setup.invalidation < rising.close[-1] < setup.trigger + 1e-9
    assert setup.geometry.points
    falling = shape(200 - np.cumsum(steps))
    assert find_surf(falling) is None


def test_a_surf_compares_its_average_with_ten_sessions_before() -> None:
    bars = random_bars(1, 212)  # the 20-session mean is above that of ten, below that of nine ago
    mean = sma(bars.close, 20)
    assert mean[-11] < mean[-1] <= mean[-10]
    setup = find_surf(bars)
    assert setup is not None
    assert setup.values["average"] == 20
    lower = replace(bars, close=bars.close - np.r_[np.zeros(202), np.full(10, 0.5)])
    assert sma(lower.close, 20)[-1] <= sma(lower.close, 20)[-11]
    assert find_surf(lower, rule=replace(SURF, averages=(20,))) is None


def test_a_range_is_narrow_by_its_own_standards() -> None:
    random = np.random.default_rng(1)
    wide = 100 + 10 * np.sin(np.arange(640) / 9) + random.normal(0, 0.5, 640)
    narrow = 100 + 1.5 * np.sin(np.arange(60) / 4)
    setup = find_range(shape(np.r_[wide, narrow]))
    assert setup is not None
    assert setup.age == 60
    assert setup.values["narrower_share"] == pytest.approx(0.0, abs=0.15)
    (box,) = setup.geometry.bands
    assert (box.low, box.high) == (setup.invalidation, setup.trigger)
    assert find_range(shape(np.r_[narrow, wide])) is None
    assert find_range(shape(wide[:300])) is None


def test_support_names_its_first_year() -> None:
    path = 110 + 10 * np.cos(np.arange(400) / 400 * 2 * np.pi * 5)  # lows of 100 at 40, 120, …
    bars = shape(path[: 40 + 4 * 80 + 1], spread=0.4)
    bars.close[-1] += 0.3
    setup = find_support_test(bars)
    assert setup is not None
    assert setup.level == pytest.approx(99.6, abs=0.1)
    assert setup.started == as_date(bars.days[40])
    assert setup.values["first_touch_year"] == 2015
    assert setup.values["touches"] == 4
    assert setup.invalidation < setup.level
    bars.close[-1] -= 0.6  # the lower half of the bar
    assert find_support_test(bars) is None


def contraction_path(depths: list[float]) -> np.ndarray:
    parts, bottom = [np.full(220, 100.0) + np.tile([0.0, 0.3], 110)], 101.0
    for depth in depths:
        rise, bottom = np.linspace(bottom, 110, 8), 110 * (1 - depth)
        parts += [rise, np.linspace(109, bottom, 8)]
    return np.concatenate([*parts, np.linspace(bottom, 108.5, 5)])


def test_contractions_must_shrink_and_dry_up() -> None:
    path = contraction_path([0.16, 0.08, 0.03])
    volume = np.full(len(path), 1000.0)
    volume[-10:] = 500.0
    setup = find_contraction(shape(path, spread=0.2, volume=volume))
    assert setup is not None
    assert setup.values["pullbacks"] == 3
    assert setup.values["last_depth"] == pytest.approx(1 - (110 * 0.97 - 0.2) / 110.2)
    assert setup.trigger == pytest.approx(110.2)
    assert find_contraction(shape(path, spread=0.2)) is None  # as much volume as ever
    growing = contraction_path([0.02, 0.04, 0.05])
    assert find_contraction(shape(growing, spread=0.2, volume=volume[: len(growing)])) is None


def test_a_donchian_breakout_is_a_close_above_earlier_highs() -> None:
    close = np.r_[np.full(30, 10.0), 11.0]
    rule = KINDS[Kind.DONCHIAN_20]
    signal = rule.detect(bars_of(close))
    assert signal is not None
    assert (signal.level, signal.invalidation) == (10.0, 10.0)
    assert KINDS[Kind.DONCHIAN_55].detect(bars_of(close)) is None
    high = np.r_[np.full(29, 10.0), 11.0, 11.5]
    assert rule.detect(bars_of(close, high=high)) is None  # matching is not exceeding


@pytest.mark.parametrize(
    ("closes", "highs", "status"),
    [
        ([95.0], [96.0], Status.BUILDING),
        ([98.5], [99.0], Status.NEAR),
        ([99.0], [100.0], Status.NEAR),
        ([99.0], [100.5], Status.TRIGGERED),
        ([101.0], [102.0], Status.CONFIRMED),
        ([101.0, 99.5], [102.0, 100.0], Status.FAILED),
        ([101.0, 100.0], [102.0, 101.0], Status.CONFIRMED),
        ([99.0, 101.0], [100.5, 102.0], Status.CONFIRMED),
        ([89.0], [95.0], Status.FAILED),
        ([101.0, *[105.0] * 9, 99.0], [105.0] * 11, Status.CONFIRMED),
        ([95.0] * 20, [96.0] * 20, Status.EXPIRED),
    ],
)
def test_status_after_what_happened(
    closes: list[float], highs: list[float], status: Status
) -> None:
    later = bars_of(closes, high=highs)
    assert status_since(later, trigger=100.0, invalidation=90.0, atr=2.0) is status


def test_following_a_setup_updates_its_distance() -> None:
    bars = real_bars("IWM")
    setup = find_flag(bars.through(day("2023-11-30")))
    assert setup is not None
    assert follow(setup, bars.through(day("2023-11-30"))) == setup
    after = follow(setup, bars.through(day("2023-12-01")))
    assert after.status is Status.CONFIRMED
    assert after.distance == pytest.approx(181.76 / 184.91 - 1)


def test_grades_are_clipped() -> None:
    assert grade(0.85, worst=0.85, best=0.5) == 0
    assert grade(0.1, worst=0.85, best=0.5) == 1
    assert grade(3.0, worst=1, best=5) == 0.5


@pytest.mark.parametrize("symbol", ["SPY", "IWM", "XLE"])
def test_every_setup_on_real_bars_is_consistent(symbol: str) -> None:
    bars = real_bars(symbol)
    for session in sessions_between(bars, "2023-01-03", "2024-06-28")[::5]:
        past = bars.through(session)
        for kind, find in FINDERS.items():
            setup = find(past)
            if setup is None:
                continue
            assert (setup.kind, setup.session) == (kind, session)
            assert 0 <= setup.quality <= 100
            assert setup.invalidation < setup.trigger
            assert setup.started <= session
            assert setup.age > 0
            assert setup.atr == pytest.approx(atr(past)[-1], rel=1e-6)
            assert setup.status in (Status.BUILDING, Status.NEAR)
            json.dumps(dict(setup.values), allow_nan=False)


def test_setups_come_best_first_and_hold_no_kind_twice() -> None:
    for seed in range(5):
        found = setups(random_bars(seed, 650))
        assert [s.quality for s in found] == sorted((s.quality for s in found), reverse=True)
        assert len({s.kind for s in found}) == len(found)


def test_channel_edges_are_plain_rolling_maxima() -> None:
    values = np.random.default_rng(2).normal(size=(200, 3))
    for length, edges in channel_edges(values, (20, 40, 60, 90, 120)).items():
        plain = [values[i : i + length].max(axis=0) for i in range(200 - length + 1)]
        np.testing.assert_array_equal(edges, plain)


def test_a_line_without_any_swing_high_has_no_contraction() -> None:
    assert find_contraction(bars_of(np.arange(400.0) / 4 + 50)) is None
