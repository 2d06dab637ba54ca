import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.scales import day_ticks, price_scale, ticks
from tests.charts.pictures import weekdays


def test_higher_values_stand_higher() -> None:
    scale = price_scale(90, 110, top=0, bottom=100)

    assert scale.y(110) < scale.y(100) < scale.y(90)
    assert scale.y(100) == pytest.approx(50)


def test_a_wide_range_of_prices_is_logarithmic() -> None:
    scale = price_scale(10, 1000, top=0, bottom=100)

    assert scale.log
    assert scale.y(100) == pytest.approx(50)
    assert not price_scale(100, 200, top=0, bottom=100).log


def test_a_logarithmic_scale_has_no_place_for_zero() -> None:
    assert np.isnan(price_scale(10, 1000, top=0, bottom=100).y(0.0))


def test_one_price_alone_stands_in_the_middle() -> None:
    assert price_scale(42, 42, top=0, bottom=100).y(42) == pytest.approx(50)
    assert price_scale(0, 0, top=0, bottom=100).y(0) == pytest.approx(50)


def test_ticks_are_round() -> None:
    values, step = ticks(price_scale(104.7, 124.1, top=62, bottom=452))

    assert values == (105, 110, 115, 120, 125)
    assert step == 5


def test_ticks_of_a_logarithmic_scale_are_round() -> None:
    values, _ = ticks(price_scale(45, 690, top=62, bottom=452))

    assert values == pytest.approx((50, 100, 200, 300, 500))


@given(
    st.floats(1e-6, 1e7),
    st.floats(1.0, 1e6),
)
def test_every_range_has_a_few_ticks_on_its_scale(low: float, ratio: float) -> None:
    scale = price_scale(low, low * ratio, top=62, bottom=452)
    values, _ = ticks(scale)

    assert 1 <= len(values) <= 12
    assert all(scale.low * 0.999 <= value <= scale.high * 1.001 for value in values)


def test_half_a_year_is_labelled_by_months() -> None:
    labels = [tick.text for tick in day_ticks(weekdays(126), 880)]

    assert labels == ["Nov", "Dec", "2026", "Feb", "Mar", "Apr"]


def test_a_month_is_labelled_by_mondays() -> None:
    assert [tick.text for tick in day_ticks(weekdays(15), 500)] == ["6 Apr", "13 Apr"]


def test_one_day_is_labelled_in_full() -> None:
    assert [tick.text for tick in day_ticks(weekdays(1), 36)] == ["17 Apr 2026"]


@pytest.mark.parametrize("count", [2, 5, 30, 63, 126, 252, 756, 2_520, 12_000])
def test_labels_of_the_time_axis_never_touch(count: int) -> None:
    labels = day_ticks(weekdays(count), 880, gap=64)

    positions = [tick.slot * 880 / count for tick in labels]
    assert all(b - a >= 64 for a, b in itertools.pairwise(positions))
