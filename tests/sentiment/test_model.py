import pytest

from bot.sentiment import Label, describe
from bot.sentiment.model import label_of, squash


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (0.0, "neutral"),
        (0.12, "neutral"),
        (-0.1449, "neutral"),
        (0.15, "mildly positive"),
        (0.20, "mildly positive"),
        (-0.34, "mildly negative"),
        (0.35, "positive"),
        (-0.59, "negative"),
        (0.60, "very positive"),
        (-1.0, "very negative"),
    ],
)
def test_scores_have_words(score: float, words: str) -> None:
    assert describe(score) == words


def test_words_agree_with_the_two_decimals_shown() -> None:
    assert describe(0.149) == "mildly positive"  # shown as 0.15
    assert describe(0.1449) == "neutral"  # shown as 0.14


def test_the_label_is_cut_where_the_words_are() -> None:
    assert label_of(0.15) is Label.POSITIVE
    assert label_of(-0.15) is Label.NEGATIVE
    assert label_of(0.1499) is Label.NEUTRAL


def test_evidence_saturates() -> None:
    assert squash(0) == 0
    assert squash(-0.55) == pytest.approx(-0.5956, abs=1e-4)
    assert squash(1.1) == pytest.approx(0.8292, abs=1e-4)
    assert squash(1000) <= 1
