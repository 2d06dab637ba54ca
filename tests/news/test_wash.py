"""Foreign text at the door: what is left of it is plain, short and one line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.wash import PUBLISHER, SUMMARY, TITLE, URL, plain, safe_url, short_id, washed
from tests.news.hostile import TITLES, URLS
from tests.news.wire import headline


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_a_hostile_title_becomes_one_short_line_of_visible_text(title: str) -> None:
    text = plain(title, longest=TITLE)
    assert 0 < len(text) <= TITLE
    assert text.isprintable()
    assert not {unicodedata.category(letter)[0] for letter in text} & {"C"}
    assert "<script" not in text
    assert "://" not in text


@pytest.mark.parametrize(
    ("foreign", "plain_text"),
    [
        ("AT&amp;T isn&#39;t worried", "AT&T isn't worried"),
        ("<p>Profit</p><br/>up", "Profit up"),
        ("5 < 7 and 9 > 8", "5 < 7 and 9 > 8"),
        ("a\u202eb\u200bc", "abc"),
        ("one\r\ntwo\tthree", "one two three"),
        ("cafe\u0301", "café"),
        ("see https://a.example/x now", "see now"),
    ],
)
def test_entities_are_read_and_markup_is_dropped(foreign: str, plain_text: str) -> None:
    assert plain(foreign, longest=100) == plain_text


@given(st.text(max_size=400), st.integers(1, 100))
def test_whatever_comes_in_a_plain_line_of_at_most_the_length_comes_out(
    text: str, longest: int
) -> None:
    line = plain(text, longest=longest)
    assert len(line) <= longest
    assert line == " ".join(line.split())
    assert all(not unicodedata.category(letter).startswith("C") for letter in line)


@pytest.mark.parametrize("url", [u for u in URLS if not u.startswith("https://ok.example/a)")])
def test_what_is_no_ordinary_address_is_no_link(url: str) -> None:
    assert safe_url(url) == ""


def test_an_address_cannot_end_its_link_early() -> None:
    url = safe_url("https://ok.example/a)[x](https://evil.example")
    assert url == "https://ok.example/a%29%5Bx%5D%28https://evil.example"


def test_an_ordinary_address_stays_as_it_is() -> None:
    url = "https://finance.example.com/news/a-b_c-123.html?src=rss&x=%20y"
    assert safe_url(url) == url


def test_a_title_without_any_text_is_no_headline() -> None:
    assert washed(headline("<b></b>\u200b")) is None


def test_every_part_of_a_headline_has_its_limit() -> None:
    long = "x y " * 500_000
    item = washed(headline(long, id=long, publisher=long, url="https://ok.example/" + long))
    assert item is not None
    assert len(item.title) <= TITLE
    assert len(item.publisher) <= PUBLISHER
    assert len(item.summary) <= SUMMARY
    assert len(item.url) <= URL
    assert len(item.id) == 64


def test_long_ids_stay_distinct() -> None:
    assert short_id("a" * 200) != short_id("a" * 199 + "b")
    assert short_id("b9f1-22") == "b9f1-22"
