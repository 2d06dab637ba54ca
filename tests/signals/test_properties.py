"""What must hold for every kind, whatever the bars: the contract of `KINDS`."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.model import Bars
from bot.signals.highs import high_report
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Signal
from tests.signals.bars import random_bars

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10_000)
ends = st.integers(300, 640)
WHOLE_HISTORY = {Kind.ALL_TIME_HIGH, Kind.SUPPORT_TEST}
"""Kinds whose level may lie anywhere in the past."""


def found(bars: Bars) -> dict[Kind, Signal]:
    signals = {kind: rule.detect(bars) for kind, rule in KINDS.items()}
    return {kind: signal for kind, signal in signals.items() if signal is not None}


def ever_found(bars: Bars, first: int, step: int = 1) -> dict[int, dict[Kind, Signal]]:
    return {i: found(bars._slice(0, i + 1)) for i in range(first, len(bars), step)}


@few
@given(seeds, ends)
def test_later_bars_change_nothing(seed: int, end: int) -> None:
    bars = random_bars(seed, 650, gaps=0.01)
    past = bars._slice(0, end)
    other = random_bars(seed + 1, 650)
    columns = {
        name: np.r_[getattr(bars, name)[:end], getattr(other, name)[end:]]
        for name in ("open", "high", "low", "close", "volume")
    }
    assert found(past) == found(replace(bars, **columns).through(past.last_day))
    truncated = {name: getattr(past, name).copy() for name in ("open", "high", "low", "close")}
    assert found(past) == found(replace(past, **truncated))


@few
@given(seeds, ends)
def test_the_warm_up_suffices(seed: int, end: int) -> None:
    past = random_bars(seed, 650)._slice(0, end)
    whole = found(past)
    for kind, rule in KINDS.items():
        if kind in WHOLE_HISTORY:
            continue
        short = rule.detect(past._slice(max(0, end - rule.warm_up - 1), end))
        long = whole.get(kind)
        assert (short is None) == (long is None), kind
        if short and long:
            assert short.level == pytest.approx(long.level, rel=1e-9), kind
            assert short.invalidation == pytest.approx(long.invalidation, rel=1e-6), kind


@few
@given(seeds, ends, st.integers(-6, 6))
def test_scaling_prices_scales_the_levels_only(seed: int, end: int, power: int) -> None:
    past = random_bars(seed, 650)._slice(0, end)
    factor = 2.0**power
    scaled = replace(
        past, **{name: getattr(past, name) * factor for name in ("open", "high", "low", "close")}
    )
    plain, larger = found(past), found(scaled)
    assert plain.keys() == larger.keys()
    for kind, signal in plain.items():
        assert larger[kind].level == pytest.approx(signal.level * factor)
        assert larger[kind].invalidation == pytest.approx(signal.invalidation * factor)


@few
@given(seeds, ends, st.integers(10, 290))
def test_a_split_in_the_past_changes_nothing(seed: int, end: int, at: int) -> None:
    past = random_bars(seed, 650)._slice(0, end)
    split = past.split.copy()
    split[at] = 2.0
    assert found(replace(past, split=split)) == found(past)


@few
@given(seeds, st.integers(0, 640), st.floats(0.0, 0.9))
def test_gaps_never_raise(seed: int, end: int, gaps: float) -> None:
    past = random_bars(seed, 650, gaps=gaps)._slice(0, end)
    found(past)
    if np.isfinite(past.close).sum() >= 2:
        assert asdict(high_report(past))["window_sessions"] >= 1


def test_every_kind_is_found_in_random_walks_sooner_or_later() -> None:
    wanted = {kind for kind, rule in KINDS.items() if rule.detect_against is None}
    seen: set[Kind] = set()
    for seed in range(12):
        for signals in ever_found(random_bars(seed, 650), 300, step=3).values():
            seen |= signals.keys()
        if seen == wanted:
            return
    assert seen == wanted
