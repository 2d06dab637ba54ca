"""The lexicon file and the way it is compiled."""

import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from bot.sentiment.forms import inflections
from bot.sentiment.lexicon import LEXICON, compile_lexicon
from bot.sentiment.phrases import compile_pattern, match_end


def table(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "forms": {"rise": "rises rose risen rising"},
        "classes": {"things": "profit sale"},
        "quantities": {
            "more_is_good": {"results": "profit"},
            "more_is_bad": {"costs": "cost"},
            "no_verdict": {"rates": "rate"},
        },
        "words": [{"value": 0.5, "words": "win"}],
        "movements": [{"value": 0.5, "words": "rise"}],
        "phrases": {"some": {"big .. <things>": 0.4}},
        "degrees": [{"times": 1.5, "words": "very"}],
    }
    return base | changes


def test_all_forms_of_a_word_are_known() -> None:
    lexicon = compile_lexicon(table())
    assert {"rise", "rises", "rose", "risen", "rising"} <= set(lexicon.entries)
    assert "rised" not in lexicon.entries
    assert lexicon.entries["winning"].value == 0.5


def test_a_form_listed_by_itself_wins_over_a_derived_one() -> None:
    words = [
        {"value": -0.3, "inflect": False, "words": "winning"},
        {"value": 0.5, "words": "win"},
    ]
    assert compile_lexicon(table(words=words)).entries["winning"].value == -0.3


@pytest.mark.parametrize("value", [1.2, -3])
def test_a_weight_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        compile_lexicon(table(words=[{"value": value, "words": "win"}]))
    with pytest.raises(ValueError, match="outside"):
        compile_lexicon(table(phrases={"some": {"big win": value}}))


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(KeyError):
        compile_lexicon(table(phrases={"some": {"big <unheard-of>": 0.1}}))


@pytest.mark.parametrize("line", ["", ".. win", "win ..."])
def test_a_phrase_begins_and_ends_with_a_word(line: str) -> None:
    with pytest.raises(ValueError, match="begin and end"):
        compile_lexicon(table(phrases={"some": {line: 0.1}}))


def test_no_quantity_is_listed_twice() -> None:
    text = files("bot.sentiment").joinpath("lexicon.toml").read_text(encoding="utf-8")
    quantities = tomllib.loads(text)["quantities"]
    words = [
        word for group in quantities.values() for line in group.values() for word in line.split()
    ]
    assert [word for word, times in Counter(words).items() if times > 1] == []
    assert LEXICON.entries["profit"].quantity == 1
    assert LEXICON.entries["losses"].quantity == -1
    assert LEXICON.entries["rate"].quantity == 0


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("drop", {"drop", "drops", "dropped", "dropping"}),
        ("increase", {"increase", "increases", "increased", "increasing"}),
        ("rally", {"rally", "rallies", "rallied", "rallying"}),
        ("slash", {"slash", "slashes", "slashed", "slashing"}),
        ("lay-off", {"lay-off", "lay-offs"}),
        ("up", {"up"}),
    ],
)
def test_words_are_inflected_as_english_does(base: str, forms: set[str]) -> None:
    assert forms <= inflections(base)


def test_a_gap_skips_up_to_three_words() -> None:
    pattern = compile_pattern("beat .. view", 0.5, expand=inflections)
    assert match_end(pattern, ["beats", "the", "view"], 0) == 3
    assert match_end(pattern, ["beats", "the", "very", "last", "view"], 0) == 5
    assert match_end(pattern, ["beats", "one", "two", "three", "four", "view"], 0) == 0


def test_a_gap_does_not_cross_a_clause() -> None:
    pattern = compile_pattern("beat .. view", 0.5, expand=inflections)
    assert match_end(pattern, ["beats", ";", "a", "view"], 0) == 0


def test_a_phrase_may_ask_for_the_beginning() -> None:
    pattern = compile_pattern("^buy acme", 0.5, expand=inflections)
    assert match_end(pattern, ["buy", "acme"], 0) == 2
    assert match_end(pattern, ["broker", ":", "buy", "acme"], 2) == 4
    assert match_end(pattern, ["to", "buy", "acme"], 1) == 0
