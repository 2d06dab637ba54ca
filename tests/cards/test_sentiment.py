"""The sentiment card: words that count are marked, foreign text stays text."""

import re
import unicodedata
from datetime import timedelta

import pytest

from bot.cards.embeds import to_embed
from bot.cards.sentiment import (
    SentimentView,
    age_text,
    marked,
    sentiment_card,
    sentiment_csv,
    sentiment_picture,
    verdict,
)
from bot.market.model import Headline
from bot.news.desk import News, ScoredHeadline
from bot.news.history import history
from bot.news.wash import washed
from bot.sentiment.article import read_article
from bot.sentiment.impact import market_impact
from bot.sentiment.reach import Reach
from bot.sentiment.scorer import score
from bot.sentiment.stories import symbol_sentiment
from tests.news.hostile import TITLES, URLS
from tests.news.wire import ACME, NOW, headline

GOOD = "Acme profit jumps on record demand for tin cans"
BAD = "Acme sued over toxic spill at river plant"
FLAT = "Acme names Leeds as site of annual meeting"


def view_of(*items: Headline, trouble: str = "") -> SentimentView:
    clean = [item for raw in items if (item := washed(raw)) is not None]
    scored = tuple(
        ScoredHeadline(headline=item, score=read_article(item.title, item.summary).score)
        for item in clean
    )
    return SentimentView(
        symbol=ACME,
        name="Acme Tin",
        news=News(
            symbol=ACME, now=NOW, items=scored, scorer="rules", source="Wire", trouble=trouble
        ),
        sentiment=symbol_sentiment(clean, NOW),
        impact=market_impact((), volume_share=None, move_in_sigmas=1.0, breadth=None, novelty=None),
        reach=Reach(volume_share=None, move_in_sigmas=1.0, breadth=None, peers=0),
        footer="Wire · read by rules",
    )


def test_no_news_is_a_valid_answer() -> None:
    card = sentiment_card(view_of())
    assert card.verdict == "Not enough news: 0 headlines in 21 days; 3 stories are needed."
    assert [field.name for field in card.fields] == ["Market impact"]


def test_two_stories_are_counted_but_not_scored() -> None:
    found = view_of(headline(GOOD), headline(BAD)).sentiment
    assert verdict(found) == (
        "Not enough news: 2 headlines in 2 stories in 21 days; 3 stories are needed. "
        "The newest is 1 hour old."
    )


def test_three_stories_make_a_score_with_words_and_their_count() -> None:
    view = view_of(headline(GOOD), headline(BAD), headline(FLAT))
    assert view.sentiment.score is not None
    card = sentiment_card(view)
    assert "3 headlines in 3 stories" in card.verdict
    assert {field.name for field in card.fields} >= {"Spread", "Topics", "Market impact"}
    assert "unknown: size, breadth, novelty" in next(
        field.value for field in card.fields if field.name == "Market impact"
    )


def test_every_hit_of_a_title_is_marked_where_it_stands() -> None:
    hits = score(GOOD).hits
    assert hits
    text = marked(GOOD, hits)
    assert all(f"**{GOOD[hit.start : hit.end]}**" in text for hit in hits)
    assert text.replace("**", "") == GOOD


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize("url", ["https://example.org/news", URLS[0], URLS[2]])
def test_a_hostile_headline_cannot_ping_link_or_outgrow_the_card(title: str, url: str) -> None:
    embed = to_embed(sentiment_card(view_of(headline(title, url=url))))
    (line,) = (embed.description or "").splitlines()[1:]
    assert len(line) < 1_000
    assert not re.search(r"(?<!\\)[@<>|~]", line)
    assert line.count("](") == (1 if "https://example.org" in line or "https://ok" in line else 0)
    assert all(unicodedata.category(letter)[0] != "C" for letter in line)


def test_many_long_headlines_end_with_a_whole_line() -> None:
    names = ("ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy")
    items = [
        headline(f"{name} " + f"{name}* " * 90, hours=n + 1, url="https://ok.example/" + "a" * 380)
        for n, name in enumerate(names)
    ]
    card = sentiment_card(view_of(*items))
    assert len(card.verdict) + len(card.body) < 4_000
    assert all(line.endswith(" ago") for line in card.body.splitlines())
    assert 3 <= len(card.body.splitlines()) < len(names)


@pytest.mark.parametrize("publisher", ["[x](https://evil.example)", "@here", "A*B_C"])
def test_a_publisher_is_text_too(publisher: str) -> None:
    body = sentiment_card(view_of(headline(GOOD, publisher=publisher))).body
    assert body.count("](") == 1
    assert "evil.example" not in body
    assert " @here" not in body


def test_trouble_is_said_on_the_card() -> None:
    body = sentiment_card(view_of(trouble="The wire is *down*.")).body
    assert body == r"-# The wire is \*down\*."


def test_a_table_cell_cannot_become_a_formula() -> None:
    lines = sentiment_csv(view_of(headline("=HYPERLINK(1) jumps")).news).splitlines()
    assert lines[0] == "time,score,publisher,title,url"
    assert "'=HYPERLINK" in lines[1]


def test_the_picture_ends_with_the_score_on_the_card() -> None:
    view = view_of(headline(GOOD), headline(BAD), headline(FLAT))
    spec = sentiment_picture(view, history(view.news.items, NOW))
    assert spec.line[-1] == view.sentiment.score
    assert len(spec.dot_scores) == 3
    assert "3 headlines" in spec.alt


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 minutes"), (59, "59 minutes"), (60, "1 hour"), (47 * 60, "47 hours"), (2880, "2 days")],
)
def test_ages_are_told_in_one_unit(minutes: int, text: str) -> None:
    assert age_text(timedelta(minutes=minutes)) == text
