"""Primitives against hand-made numbers."""

import numpy as np
import pytest

from bot.signals.indicators import (
    atr,
    ema,
    rolling_max,
    rolling_min,
    sma,
    true_range,
    week_ends,
    wilder,
    z_scores,
)
from tests.signals.bars import bars_of, weekdays


def test_simple_mean() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0, 7.0])
    assert sma(values, 3) == pytest.approx(
        [np.nan, np.nan, 2, np.nan, np.nan, np.nan, 6], nan_ok=True
    )
    assert np.isnan(sma(values[:2], 3)).all()


def test_exponential_and_wilder_means_are_seeded_with_a_simple_one() -> None:
    values = np.array([1.0, 2.0, 3.0, 7.0])
    assert ema(values, 3)[2:] == pytest.approx([2.0, 2 + (7 - 2) / 2])
    assert wilder(values, 3)[2:] == pytest.approx([2.0, 2 + (7 - 2) / 3])
    assert np.isnan(ema(values, 3)[:2]).all()


@pytest.mark.parametrize("n", [2, 14, 200])
def test_smoothing_equals_the_recursion_of_its_definition(n: int) -> None:
    values = np.random.default_rng(n).lognormal(3, 2, 1500)
    for smoothed, weight in ((ema(values, n), 2 / (n + 1)), (wilder(values, n), 1 / n)):
        mean = values[:n].mean()
        plain = [mean]
        for value in values[n:]:
            mean += (value - mean) * weight
            plain.append(mean)
        np.testing.assert_allclose(smoothed[n - 1 :], plain, rtol=1e-12)


def test_a_mean_of_one_value_is_the_value() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert wilder(values, 1).tolist() == ema(values, 1).tolist() == [3.0, 1.0, 2.0]


def test_true_range_counts_gaps() -> None:
    bars = bars_of([10.0, 14.0, 9.0], high=[11.0, 15.0, 10.0], low=[9.0, 13.0, 8.0])
    assert true_range(bars).tolist() == [2.0, 5.0, 6.0]
    assert atr(bars, 2).tolist()[1:] == [3.5, 3.5 + (6 - 3.5) / 2]


def test_a_hundred_million_shares_do_not_drift() -> None:
    values = np.r_[1e8 + np.arange(5000) % 7, np.full(10, 0.25)]
    assert sma(values, 10)[-1] == 0.25


def test_rolling_extremes() -> None:
    values = np.array([3.0, 1.0, 2.0, 5.0])
    assert rolling_max(values, 2).tolist()[1:] == [3, 2, 5]
    assert rolling_min(values, 3).tolist()[2:] == [1, 1]
    assert np.isnan(rolling_max(values, 9)).all()


def test_z_scores() -> None:
    assert z_scores(np.array([1.0, 2.0, 3.0]), 3)[-1] == pytest.approx(1.0)
    assert z_scores(np.full(5, 0.1), 3).tolist()[2:] == [0, 0, 0]


def test_week_ends_on_fridays_and_at_the_end() -> None:
    days = weekdays(8, "2023-11-20")  # Monday to the Wednesday of the week after
    assert week_ends(days).tolist() == [4, 7]
    assert week_ends(days[:0]).tolist() == []
