"""Anything may arrive as a headline; it is read in bounded time or found to say nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment import Label, score
from bot.sentiment.model import NEUTRAL_BELOW
from bot.sentiment.tokens import LONGEST_TEXT, readable, tokenise

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "🚀" * 400,
        "苹果公司利润大幅增长",
        "Прибыль выросла на 5 %",
        "ارتفعت أرباح الشركة",
        "\ud800\udfff",
        "\x00" * 50,
        "?!?!?!",
        "<b></b><i></i>",
    ],
)
def test_text_without_english_words_is_neutral(text: str) -> None:
    reading = score(text)
    assert (reading.score, reading.label, reading.hits) == (0.0, Label.NEUTRAL, ())


@pytest.mark.parametrize(
    "unit",
    ["profit rose ", "a", "<", "&", "not ", "1,", "growth-", "profit 5 vs ", "<script", "beat .. "],
)
def test_of_a_megabyte_only_the_beginning_is_read(unit: str) -> None:
    text = unit * (MEGABYTE // len(unit))
    reading = score(text, "profit")
    assert math.isfinite(reading.score)
    assert all(hit.end <= LONGEST_TEXT for hit in reading.hits)


def test_markup_and_its_attributes_are_not_read() -> None:
    markup = '<a href="http://example.org/crash" title="fraud">Profit</a> rose'
    assert [hit.text for hit in score(markup).hits] == ["rose"]
    assert score('<script>alert("fraud")</script>').hits == ()
    assert score("Profit rose <style>.loss{}</style>").score == score("Profit rose").score


def test_markdown_mentions_and_links_do_not_disturb() -> None:
    plain = score("Acme profit rose").score
    assert score("**Acme** profit _rose_ [x](https://example.org/bankruptcy)").score > 0
    assert score("<@123456789012345678> Acme profit rose @crash").score == plain
    assert score("Acme profit rose https://example.org/huge-fraud").score == plain


def test_direction_controls_do_not_hide_words() -> None:
    assert score("\u202eAcme profit rose\u202c\u2066").score == score("Acme profit rose").score


def test_entities_are_not_words() -> None:
    assert score("&lt;&quot;&nbsp;&#8364;").hits == ()
    assert tokenise(readable("Smith &amp; Jones")).words == ["smith", "jones"]


def test_letters_that_grow_in_lower_case_keep_the_spans() -> None:
    text = "İİİ profit rose"
    (hit,) = score(text).hits
    assert text[hit.start : hit.end] == "rose"


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_and_any_entity_give_a_finite_score_with_true_spans(
    text: str, entity: str
) -> None:
    reading = score(text, entity)
    assert -1 <= reading.score <= 1
    assert (abs(reading.score) < NEUTRAL_BELOW) == (reading.label is Label.NEUTRAL)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in reading.hits)


VOCABULARY = """
acme profit loss rose fell costs not may but despite after beats misses estimates guidance shares
% $5 +3% -4% compared to vs from , ; : ? $ACME short long high low week 52
"""
WORDS = VOCABULARY.split()


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_order_of_market_words_is_read_the_same_twice(words: list[str]) -> None:
    text = " ".join(words)
    reading = score(text)
    assert reading == score(text)
    starts = [hit.start for hit in reading.hits]
    assert starts == sorted(starts)
    assert -1 <= reading.score <= 1
