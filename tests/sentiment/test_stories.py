from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.model import Headline, Symbol
from bot.sentiment.stories import NOT_ENOUGH, group_stories, recency, symbol_sentiment
from bot.sentiment.topics import Topic

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)


def headline(title: str, *, hours: float = 1.0, publisher: str = "Wire") -> Headline:
    time = NOW - timedelta(hours=hours)
    return Headline(
        id=f"{publisher}-{title}-{hours}",
        time=time,
        title=title,
        url="https://example.org/news",
        publisher=publisher,
        symbols=(Symbol("ACME"),),
    )


GOOD = "Acme profit jumps on record demand for tin cans"
BAD = "Acme sued over toxic spill at river plant"
FLAT = "Acme names Leeds as site of annual meeting"


def test_two_stories_are_not_enough_news() -> None:
    result = symbol_sentiment([headline(GOOD), headline(BAD)], NOW)
    assert (result.score, result.words) == (None, NOT_ENOUGH)
    assert len(result.stories) == 2


def test_no_news_has_no_age() -> None:
    result = symbol_sentiment([], NOW)
    assert (result.words, result.age, result.headlines) == (NOT_ENOUGH, None, 0)
    assert (result.spread, result.disagreement) == (0.0, 0.0)


def test_one_story_printed_ten_times_is_one_story() -> None:
    copies = [headline(GOOD, hours=10 - n, publisher=f"Site {n}") for n in range(10)]
    result = symbol_sentiment(copies, NOW)
    assert result.headlines == 10
    assert [len(story.headlines) for story in result.stories] == [10]
    assert result.score is None


def test_copies_do_not_move_the_score() -> None:
    three = [headline(GOOD), headline(BAD), headline(FLAT)]
    copies = [headline(GOOD + " - report", publisher=f"Site {n}") for n in range(20)]
    alone = symbol_sentiment(three, NOW)
    crowded = symbol_sentiment([*three, *copies], NOW)
    assert len(crowded.stories) == 3
    assert crowded.score == pytest.approx(alone.score, abs=1e-9)


def test_a_source_counts_once_in_a_story() -> None:
    first = headline("Acme profit jumps on record demand for cans", hours=3)
    second = headline("Acme profit jumps on weak demand for cans", hours=1)
    other = headline("Acme profit jumps on record demand for cans", hours=2, publisher="Post")
    (story,) = symbol_sentiment([first, second, other], NOW).stories
    assert story.sources == ("Wire", "Post")
    assert len(story.readings) == 2


def test_different_events_are_different_stories() -> None:
    assert len(group_stories([headline(GOOD), headline(BAD), headline(FLAT)])) == 3


def test_the_same_words_a_month_later_are_news_again() -> None:
    old, new = headline(GOOD, hours=24 * 5), headline(GOOD, hours=1)
    assert len(group_stories([old, new])) == 2


def test_news_halves_in_three_days() -> None:
    assert recency(timedelta(0)) == 1.0
    assert recency(timedelta(days=3)) == 0.5
    assert recency(timedelta(days=9)) == 0.125


def test_fresh_news_outweighs_old_news() -> None:
    good_first = symbol_sentiment(
        [headline(GOOD, hours=1), headline(BAD, hours=240), headline(FLAT, hours=100)], NOW
    )
    bad_first = symbol_sentiment(
        [headline(GOOD, hours=240), headline(BAD, hours=1), headline(FLAT, hours=100)], NOW
    )
    assert good_first.score is not None
    assert bad_first.score is not None
    assert good_first.score > 0 > bad_first.score


def test_news_of_the_future_and_of_long_ago_is_left_out() -> None:
    result = symbol_sentiment(
        [headline(GOOD, hours=-5), headline(BAD, hours=24 * 22), headline(FLAT, hours=2)], NOW
    )
    assert result.headlines == 1
    assert result.age == timedelta(hours=2)


def test_opposite_news_disagrees_and_like_news_does_not() -> None:
    mixed = symbol_sentiment([headline(GOOD), headline(BAD), headline(FLAT)], NOW)
    like = symbol_sentiment(
        [
            headline(GOOD),
            headline("Acme wins $40 mln navy contract"),
            headline("Northern upgrades Acme to buy"),
        ],
        NOW,
    )
    assert like.disagreement == pytest.approx(0.0)
    assert mixed.disagreement > 0.5
    assert mixed.spread > like.spread


def test_the_drivers_are_the_words_that_moved_the_score() -> None:
    result = symbol_sentiment([headline(GOOD), headline(BAD), headline(FLAT)], NOW)
    values = {driver.text: driver.value for driver in result.drivers}
    assert values["jumps"] > 0 > values["sued"]
    assert Topic.FUNDAMENTALS in result.topics


TITLES = st.lists(
    st.tuples(st.sampled_from([GOOD, BAD, FLAT, "", "🚀"]), st.floats(-50, 700)), max_size=12
)


@given(TITLES)
def test_every_headline_of_three_weeks_is_in_one_story(items: list[tuple[str, float]]) -> None:
    headlines = [headline(title, hours=hours) for title, hours in items]
    result = symbol_sentiment(headlines, NOW)
    told = [item for story in result.stories for item in story.headlines]
    recent = [item for item in headlines if timedelta(0) <= NOW - item.time <= timedelta(days=21)]
    assert sorted(item.id for item in told) == sorted(item.id for item in recent)
    assert 0 <= result.disagreement <= 1
    assert result.score is None or -1 <= result.score <= 1
