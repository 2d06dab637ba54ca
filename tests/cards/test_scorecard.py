"""The scorecard never flatters: few are called few, misses stand there, ordinary days beside."""

from dataclasses import replace
from datetime import date

import pytest

from bot.cards.scorecard import ScorecardView, numbers, scorecard_card
from bot.signals.proportions import wilson
from storage.grades import Scored

WEEK = (date(2023, 11, 20), date(2023, 11, 24))
HELD = Scored(
    kind="high_52w",
    symbol="SPY",
    direction="up",
    began=date(2023, 10, 2),
    state="held",
    ended=date(2023, 10, 9),
    level=430.0,
    change=0.02,
    benchmark_change=0.01,
    graded_on=date(2023, 10, 30),
    opening={"base_rate": {"ordinary_hit_rate": 0.6}},
)
FAILED = replace(
    HELD, symbol="IWM", state="failed", ended=date(2023, 11, 22), level=181.5, change=-0.04
)
OPEN = replace(
    HELD,
    symbol="QQQ",
    state="confirmed",
    began=date(2023, 11, 21),
    ended=None,
    change=None,
    benchmark_change=None,
    graded_on=None,
    opening=None,
)


def view(*scored: Scored) -> ScorecardView:
    return ScorecardView(
        scored=scored, first=WEEK[0], last=WEEK[1], whose="Of this channel.", footer="Folder"
    )


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    # Values of R's binom::binom.wilson and of Newcombe's table (1998) for 81 of 263, 15 of 148.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_the_interval_is_wilsons(hits: int, cases: int, low: float, high: float) -> None:
    found = wilson(hits, cases)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_without_alerts_there_is_nothing_to_score() -> None:
    card = scorecard_card(view())
    assert card.verdict == "No alerts were sent yet, so there is nothing to score."
    assert numbers(view())["interval"] is None


def test_few_are_called_few_and_misses_are_named() -> None:
    card = scorecard_card(view(HELD, FAILED, OPEN))
    assert "2 alerts graded after 20 sessions: fewer than 20, too few to tell" in card.verdict
    shown = {field.name: field.value for field in card.fields}
    assert shown["This week"].startswith("1 alert, 0 rejected at the close")
    assert "0 held, 1 failed" in shown["This week"]
    assert shown["Misses of the week"] == ("IWM failed: new 52-week high of 2 Oct 2023 at 181.50")
    to_date = shown["After 20 sessions, to date"]
    assert to_date.startswith("1 of 2 stood on the alert’s side; ordinary days 60 %.")
    assert "On average −1.0 %, the benchmark +1.0 %." in to_date


def test_a_share_that_an_ordinary_day_could_have_is_called_that() -> None:
    card = scorecard_card(view(*[HELD] * 14, *[FAILED] * 10))
    assert card.verdict == "24 alerts graded: not distinguishable from an ordinary day."
    shown = {field.name: field.value for field in card.fields}["After 20 sessions, to date"]
    # Wilson for 14 of 24: 38.8 to 75.5 %.
    assert "14 of 24 stood on the alert’s side, 58 % (95 % interval 39 to 76 %)" in shown


def test_a_share_beyond_the_ordinary_is_said_either_way() -> None:
    assert "right less often" in scorecard_card(view(*[FAILED] * 24)).verdict
    assert "right more often" in scorecard_card(view(*[HELD] * 40)).verdict


def test_after_a_new_low_a_fall_is_the_alerts_side() -> None:
    low = replace(HELD, kind="low_52w", direction="down", change=-0.05)
    assert numbers(view(low, replace(low, change=0.01)))["hits"] == 1


def test_what_ordinary_days_do_is_left_open_where_most_alerts_could_not_say() -> None:
    silent = replace(HELD, opening={"base_rate": None})
    assert numbers(view(HELD, silent, silent))["ordinary"] is None
    assert "not known" in scorecard_card(view(*[silent] * 24)).verdict
