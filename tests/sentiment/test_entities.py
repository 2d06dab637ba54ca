"""Entities of HTML are the characters they stand for; spans still point into the text given."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment import score
from bot.sentiment.tokens import unescaped


@pytest.mark.parametrize(
    "text",
    [
        "Acme doesn't beat estimates",
        "Acme's profit jumps & sales surge",
        "Acme “jumps” on record profit",
        "Acme isn't weak: profit up 5 %",
    ],
)
@pytest.mark.parametrize("escape", ["named", "numbers"])
def test_an_escaped_headline_scores_like_the_plain_one(text: str, escape: str) -> None:
    if escape == "named":
        foreign = html.escape(text)
    else:
        foreign = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)
    assert foreign != text or escape == "named"
    assert score(foreign).score == pytest.approx(score(text).score)


def test_spans_point_into_the_escaped_text() -> None:
    text = "Acme &amp; Sons: profit jumps &#39;again&#39;"
    (hit,) = [hit for hit in score(text).hits if "jumps" in hit.text]
    assert text[hit.start : hit.end] == hit.text


def test_escaped_brackets_do_not_become_markup() -> None:
    assert score("&lt;Profit jumps&gt;").score == score("Profit jumps").score


def test_a_text_without_entities_is_left_alone() -> None:
    assert unescaped("R&D; sales & profit &nosuchthing;") is None


@given(st.text(alphabet="ab&#39;x<>ampltquogz ", max_size=60))
def test_every_character_knows_where_it_came_from(text: str) -> None:
    read = unescaped(text)
    if read is not None:
        assert len(read.text) == len(read.starts) == len(read.ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(read.starts, read.ends, strict=True))
        assert read.starts == sorted(read.starts)
