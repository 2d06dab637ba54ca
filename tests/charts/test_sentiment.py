"""The sentiment picture: dots for headlines, a line for the score, silence where there is none."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bot.charts import sentiment
from bot.charts.drawings import draw
from bot.charts.sentiment_specs import Dot, SentimentChart, sentiment_chart, signed
from bot.charts.theme import BRIGHT, DOWN, SKY, UP
from bot.errors import NoData
from tests.charts.pictures import decoded

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)
DAYS = [NOW - timedelta(days=back) for back in range(29, -1, -1)]


def chart(scores: list[float | None], dots: list[Dot]) -> SentimentChart:
    return sentiment_chart(DAYS, scores, dots, title="ACME", fact="+0.40")


def test_good_news_stand_above_bad_news() -> None:
    dots = [
        Dot(time=NOW - timedelta(days=20), score=0.8),
        Dot(time=NOW - timedelta(days=10), score=-0.8),
    ]
    picture = decoded(draw(chart([0.4] * 30, dots)))
    good_rows, good_columns = np.nonzero(picture.mask(UP))
    bad_rows, bad_columns = np.nonzero(picture.mask(DOWN))
    line_rows, _ = np.nonzero(picture.mask(SKY))
    assert np.median(good_rows) < np.median(line_rows) < np.median(bad_rows)
    assert np.median(good_columns) < np.median(bad_columns)


def test_without_enough_news_now_there_is_no_last_point() -> None:
    dots = [Dot(time=NOW, score=0.0)]
    silent = chart([None] * 30, dots)
    assert "now not enough news" in silent.alt
    spoken = chart([0.4] * 30, dots)
    right = slice(900, 925)
    marks = [
        decoded(sentiment.draw(one)).mask(BRIGHT)[62:340, right].sum() for one in (silent, spoken)
    ]
    assert marks[0] == 0 < marks[1]


def test_headlines_outside_the_days_are_left_out() -> None:
    old = Dot(time=NOW - timedelta(days=40), score=0.5)
    assert len(chart([0.1] * 30, [old]).dot_scores) == 0
    with pytest.raises(NoData):
        chart([None] * 30, [old])


def test_a_picture_is_small() -> None:
    random = np.random.default_rng(1)
    dots = [
        Dot(time=NOW - timedelta(hours=float(h)), score=float(s))
        for h, s in zip(random.uniform(0, 700, 400), random.uniform(-1, 1, 400), strict=True)
    ]
    assert len(sentiment.draw(chart(list(random.uniform(-1, 1, 30)), dots))) < 40_000


@pytest.mark.parametrize(
    ("score", "text"), [(0.324, "+0.32"), (-0.05, "−0.05"), (0.004, "0.00"), (-0.004, "0.00")]
)
def test_scores_are_signed_unless_they_are_nothing(score: float, text: str) -> None:
    assert signed(score) == text
