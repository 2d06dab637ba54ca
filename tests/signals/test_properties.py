"""What must hold for every kind, whatever the bars: the contract of `KINDS`."""

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.model import Bars
from bot.signals.highs import high_report, new_highs
from bot.signals.indicators import atr, ema, rolling_max, sma, z_scores
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Signal
from bot.signals.rotation import ratio_and_momentum
from bot.signals.setups import setups
from bot.signals.windows import prior_maxima
from tests.signals.bars import random_bars

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10_000)
ends = st.integers(300, 640)
WHOLE_HISTORY = {Kind.ALL_TIME_HIGH, Kind.SUPPORT_TEST}
"""Kinds whose level may lie anywhere in the past."""


def found(bars: Bars) -> dict[Kind, Signal]:
    signals = {kind: rule.detect(bars) for kind, rule in KINDS.items()}
    return {kind: signal for kind, signal in signals.items() if signal is not None}


def busy(seed: int, end: int) -> Bars:
    """Bars that end where something happens: the close of the last one jumps up or down."""
    past = random_bars(seed, 650).between(0, end)
    jump = (1.0, 1.03, 1.1, 1.4, 0.9, 0.6)[seed % 6]
    changed = {name: getattr(past, name).copy() for name in ("open", "high", "low", "close")}
    for values in changed.values():
        values[-1] = np.round(values[-1] * jump, 2)
    return replace(past, **changed)


def ever_found(bars: Bars, first: int, step: int = 1) -> dict[int, dict[Kind, Signal]]:
    return {i: found(bars.between(0, i + 1)) for i in range(first, len(bars), step)}


SERIES: dict[str, Callable[[Bars], np.ndarray]] = {
    "new highs": lambda bars: new_highs(bars.days, bars.high),
    "prior maxima": lambda bars: prior_maxima(bars.days, bars.high),
    "atr": atr,
    "sma": lambda bars: sma(bars.close, 50),
    "ema": lambda bars: ema(bars.close, 20),
    "rolling max": lambda bars: rolling_max(bars.high, 55),
    "z-scores": lambda bars: z_scores(bars.close, 63),
    "rs-ratio": lambda bars: ratio_and_momentum(bars.close)[0],
    "rs-momentum": lambda bars: ratio_and_momentum(bars.close)[1],
}


@pytest.mark.parametrize("name", list(SERIES))
@few
@given(seed=seeds, end=ends)
def test_what_was_computed_for_the_past_stays(name: str, seed: int, end: int) -> None:
    bars, series = random_bars(seed, 650), SERIES[name]
    np.testing.assert_array_equal(series(bars)[:end], series(bars.between(0, end)))


@few
@given(seeds, ends)
def test_signals_and_setups_do_not_see_later_bars(seed: int, end: int) -> None:
    """What lies behind the end in memory makes no difference, not even as views of one array."""
    bars = random_bars(seed, 650)
    past = bars.between(0, end)
    before = found(past), setups(past)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(bars, name)[end:] *= 10
    assert (found(past), setups(past)) == before


@few
@given(seeds, ends)
def test_the_warm_up_suffices(seed: int, end: int) -> None:
    past = busy(seed, end)
    whole, last = found(past), len(past)
    for kind, rule in KINDS.items():
        if kind in WHOLE_HISTORY:
            continue
        short = rule.detect(past.between(max(0, last - rule.warm_up - 1), last))
        long = whole.get(kind)
        assert (short is None) == (long is None), kind
        if short and long:
            assert short.level == pytest.approx(long.level, rel=1e-9), kind
            assert short.invalidation == pytest.approx(long.invalidation, rel=1e-6), kind


@few
@given(seeds, ends, st.integers(-6, 6))
def test_scaling_prices_scales_the_levels_only(seed: int, end: int, power: int) -> None:
    past = busy(seed, end)
    factor = 2.0**power
    scaled = replace(
        past, **{name: getattr(past, name) * factor for name in ("open", "high", "low", "close")}
    )
    plain, larger = found(past), found(scaled)
    assert plain.keys() == larger.keys()
    for kind, signal in plain.items():
        assert larger[kind].level == pytest.approx(signal.level * factor)
        assert larger[kind].invalidation == pytest.approx(signal.invalidation * factor)
    small = [(s.kind, s.status, s.quality, s.age) for s in setups(past)]
    assert [(s.kind, s.status, s.quality, s.age) for s in setups(scaled)] == small


@few
@given(seeds, ends, st.integers(10, 290))
def test_a_split_in_the_past_changes_nothing(seed: int, end: int, at: int) -> None:
    past = busy(seed, end)
    split = past.split.copy()
    split[at] = 2.0
    assert found(replace(past, split=split)) == found(past)


@few
@given(seeds, st.integers(0, 640), st.floats(0.0, 0.9))
def test_gaps_never_raise(seed: int, end: int, gaps: float) -> None:
    past = random_bars(seed, 650, gaps=gaps).between(0, end)
    found(past)
    setups(past)
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
