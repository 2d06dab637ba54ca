"""What an alert says in every part of its life."""

from dataclasses import replace
from datetime import date

import pytest

from bot.alerts.context import BaseRate
from bot.alerts.facts import AlertFacts, Stage
from bot.cards.alert import alert_card, base_rate_line, card_for, grade_line
from bot.cards.model import Tone
from bot.episodes.grades import Grade
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.signals.model import Direction
from tests.delivery.conftest import FACTS, closed, ended


def test_an_open_alert_names_level_date_and_what_would_undo_it() -> None:
    card = alert_card(FACTS, alert_id="k3f9abcdefghijklmnop")
    title = "◆ IVOO made a new 52-week high: 122.77, above 122.74 of 20 Feb 2026."
    assert card.title == title
    assert "the close decides" in card.verdict
    assert "Invalid below 122.74 on a close." in card.verdict
    facts = "Last 122.57 (+1.3 %) · prior close 120.97 · base 39 sessions"
    assert card.body == f"{facts} · volume routine for the hour"
    assert card.footer == "Folder · session of 17 Apr 2026, provisional · #k3f9ab"
    assert card.tone is Tone.WATCH


@pytest.mark.parametrize(
    ("facts", "mark", "words"),
    [
        (closed(), "●", "Confirmed at the close: 123.44, 0.6 % above the level."),
        (
            closed(State.REJECTED, 122.70),
            "✕",
            "Rejected at the close: 122.70, 0.03 % below the level.",
        ),
        (
            closed(State.REJECTED, 122.74),
            "✕",
            "Rejected at the close: 122.74, the level itself",
        ),
    ],
)
def test_the_close_decides(facts: AlertFacts, mark: str, words: str) -> None:
    card = alert_card(facts, alert_id="k3f9abcdefghijklmnop")
    assert card.title.startswith(mark)
    assert card.verdict.startswith(words)
    assert "final" in card.footer


def test_a_failure_says_when_and_where() -> None:
    facts = replace(ended(State.FAILED), ended_close=122.31, ended_after=3)
    card = card_for(facts, alert_id="k3f9abcdefghijklmnop")
    failed = (
        "✕ IVOO’s breakout of 17 Apr 2026 failed: closed at 122.31, below 122.74, on session 3."
    )
    assert card.verdict == failed
    assert card.tone is Tone.BAD


def test_a_new_low_is_told_the_other_way_round() -> None:
    facts = replace(
        closed(),
        direction=Direction.DOWN,
        phrase="made a new 52-week low",
        close=121.0,
        price=120.9,
    )
    card = alert_card(facts, alert_id="k3f9abcdefghijklmnop")
    assert "120.90, below 122.74" in card.title
    assert "1.4 % below the level. Invalid above 122.74" in card.verdict


def test_grades_stand_beside_the_benchmark_with_the_way_there() -> None:
    grade = Grade(
        sessions=5,
        entry_session=date(2026, 4, 20),
        entry=123.0,
        exit_session=date(2026, 4, 24),
        exit=122.75,
        change=-0.002,
        benchmark=Symbol("SPY"),
        benchmark_change=0.001,
        best=0.009,
        worst=-0.014,
    )
    line = "+5 sessions −0.2 % (SPY +0.1 %; on the way +0.9 % to −1.4 %)"
    assert grade_line(grade) == line
    assert "SPY unavailable" in grade_line(replace(grade, benchmark_change=None))
    facts = replace(ended(), stage=Stage.GRADED_5, grades=(grade,))
    card = card_for(facts, alert_id="k3f9abcdefghijklmnop")
    assert card.title.startswith("✓ IVOO made a new 52-week high")
    assert "Held for 5 sessions." in card.verdict
    assert line in card.body


def test_facts_survive_the_database() -> None:
    assert AlertFacts.from_json(FACTS.to_json()) == FACTS


RATE = BaseRate(
    scope="IVOO",
    pooled=False,
    few=False,
    first=date(2010, 9, 9),
    last=date(2026, 4, 16),
    episodes=74,
    confirmed=43,
    failure_rate=0.67,
    failure_low=0.52,
    failure_high=0.81,
    hit_rate=0.57,
    ordinary_hit_rate=0.60,
    excess=-0.001,
    excess_low=-0.013,
    excess_high=0.011,
    verdict="not distinguishable from an ordinary day",
)


def test_a_base_rate_stands_beside_the_ordinary_day_with_its_interval() -> None:
    assert base_rate_line(RATE, Direction.UP) == (
        "Base rate: of 43 confirmed of IVOO since 2010, 67 % fell back within 5 sessions "
        "(95 % interval 52–81 %); 57 % stood higher after 20 sessions, ordinary days 60 %: "
        "not distinguishable from an ordinary day."
    )


def test_few_cases_are_called_few_and_intervals_stay_between_nothing_and_everything() -> None:
    line = base_rate_line(
        replace(RATE, few=True, failure_low=-0.02, failure_high=1.04), Direction.UP
    )
    assert "(95 % interval 0–100 %)" in line
    assert line.endswith("too few to tell.")


def test_a_pooled_base_rate_says_so() -> None:
    pooled = replace(RATE, pooled=True, scope="sectors")
    assert "in sectors (pooled)" in base_rate_line(pooled, Direction.UP)


def test_after_a_new_low_a_hit_is_a_fall() -> None:
    line = base_rate_line(replace(RATE, verdict="better than an ordinary day"), Direction.DOWN)
    assert "67 % came back within 5 sessions" in line
    assert "57 % stood lower after 20 sessions, ordinary days 60 %" in line
    assert line.endswith("prices rose less than on an ordinary day.")
