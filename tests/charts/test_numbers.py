from datetime import date

import pytest

from bot.charts.numbers import day_text, percent_text, price_text, tick_text, volume_text


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (123.4, "123.40"),
        (700_000, "700,000.00"),
        (1.0, "1.00"),
        (0.5, "0.5000"),
        (0.0001, "0.00010"),
        (0.0000123, "0.000012"),
        (0.0, "0.00"),
        (-89.16, "−89.16"),
    ],
)
def test_prices_have_two_decimals_and_four_below_one(price: float, text: str) -> None:
    assert price_text(price) == text


@pytest.mark.parametrize(
    ("price", "step", "text"),
    [
        (120, 5, "120"),
        (122.5, 2.5, "122.5"),
        (0.25, 0.25, "0.25"),
        (0.00025, 0.00005, "0.00025"),
        (600_000, 50_000, "600,000"),
        (-5, 1, "−5"),
    ],
)
def test_an_axis_shows_the_decimals_its_step_needs(price: float, step: float, text: str) -> None:
    assert tick_text(price, step) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(2.04, "+2.0 %"), (-0.5, "−0.5 %"), (0.04, "0.0 %"), (-0.04, "0.0 %")]
)
def test_percentages_are_signed_unless_they_round_to_zero(percent: float, text: str) -> None:
    assert percent_text(percent) == text


@pytest.mark.parametrize(
    ("shares", "text"),
    [(950, "950"), (41_800, "41.8k"), (3_200_000, "3.2M"), (257e6, "257M"), (1.1e9, "1.1B")],
)
def test_volumes_are_short(shares: float, text: str) -> None:
    assert volume_text(shares) == text


def test_days_are_written_out() -> None:
    assert day_text(date(2026, 2, 20)) == "20 Feb 2026"
