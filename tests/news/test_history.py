"""The score over time ends where the card is and begins with silence."""

from datetime import timedelta

import pytest

from bot.news.desk import ScoredHeadline
from bot.news.history import history
from bot.sentiment.article import read_article
from bot.sentiment.stories import symbol_sentiment
from tests.news.wire import NOW, headline

TITLES = (
    "Acme profit jumps on record demand for tin cans",
    "Acme sued over toxic spill at river plant",
    "Acme names Leeds as site of annual meeting",
    "Analysts cut Acme after weak guidance",
)
NEWS = tuple(headline(title, hours=10 + 30 * n) for n, title in enumerate(TITLES))
ITEMS = tuple(
    ScoredHeadline(headline=item, score=read_article(item.title, item.summary).score)
    for item in NEWS
)


def test_the_last_point_is_the_score_of_now() -> None:
    assert history(ITEMS, NOW)[-1].score == pytest.approx(symbol_sentiment(NEWS, NOW).score)


def test_a_past_point_is_what_was_known_then() -> None:
    then = NOW - timedelta(days=1)
    known = [item for item in NEWS if item.time <= then]
    assert history(ITEMS, NOW)[-2].score == pytest.approx(symbol_sentiment(known, then).score)


def test_before_the_third_story_there_is_no_score() -> None:
    scores = [moment.score for moment in history(ITEMS, NOW, days=6)]
    assert [score is None for score in scores] == [True, True, True, True, False, False]


def test_no_news_is_a_history_of_nothing() -> None:
    assert {moment.score for moment in history((), NOW)} == {None}
