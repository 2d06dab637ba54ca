"""The lexicon: `lexicon.toml`, checked and compiled once into one entry per surface form.

All words and weights stand in the TOML file, which people read and edit; this module only
expands base forms, classes and phrase patterns so that reading a headline costs one
dictionary access per token.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from bot.sentiment.forms import inflections
from bot.sentiment.phrases import Pattern, compile_pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """A word of motion. `value` is signed, for a thing of which more is good.

    `takes_object`: what moves usually follows ("cut costs"), else it stands before ("costs
    fell"). `is_noun`: it names the motion ("growth in sales"). `is_adjective`: it usually
    stands right before what it describes ("rising costs", "lower sales").
    """

    base: str
    value: float
    takes_object: bool
    is_noun: bool
    is_adjective: bool


@dataclass(slots=True)
class Entry:
    """What the lexicon knows about one surface form.

    `quantity` is +1 where more of the thing is good for its holder, −1 where it is bad, 0
    where it carries no verdict (an interest rate), None where it is no quantity.
    """

    value: float = 0.0
    movement: Movement | None = None
    quantity: int | None = None
    patterns: tuple[Pattern, ...] = ()


UNKNOWN = Entry()


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Everything the rules look up; words are surface forms in lower case."""

    entries: Mapping[str, Entry]
    weights: Mapping[str, float]
    classes: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class _Draft:
    """A lexicon while it is being compiled."""

    forms: dict[str, frozenset[str]]
    classes: dict[str, frozenset[str]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    patterns: dict[str, list[Pattern]] = field(default_factory=dict)

    def entry(self, word: str) -> Entry:
        return self.entries.setdefault(word, Entry())

    def expand(self, word: str) -> frozenset[str]:
        """The surface forms of one alternative of a pattern or one base of a list."""
        if word.startswith("="):
            return frozenset((word[1:],))
        if word.startswith("<") and word.endswith(">"):
            return self.classes[word[1:-1]]
        return self.forms[word] | {word} if word in self.forms else inflections(word)

    def expand_all(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self.expand(word) for word in words))


def load_lexicon() -> Lexicon:
    """The lexicon that ships with the program. Raises ValueError where the file is wrong."""
    text = files("bot.sentiment").joinpath("lexicon.toml").read_text(encoding="utf-8")
    return compile_lexicon(tomllib.loads(text))


def compile_lexicon(table: Mapping[str, Any]) -> Lexicon:
    """A lexicon from the tables of the TOML file.

    Raises ValueError for a weight outside −1…1 and for a malformed phrase, KeyError for a
    missing table or an unknown class.
    """
    draft = _Draft(forms={base: frozenset(line.split()) for base, line in table["forms"].items()})
    for name, line in table["classes"].items():
        draft.classes[name] = draft.expand_all(line.split())
    _add_quantities(draft, table["quantities"])
    _add_words(draft, table["words"])
    _add_movements(draft, table["movements"])
    _add_phrases(draft, table["phrases"])
    weights = dict(_scales(table["degrees"]))
    return Lexicon(entries=draft.entries, weights=weights, classes=draft.classes)


def _add_quantities(draft: _Draft, table: Mapping[str, Mapping[str, str]]) -> None:
    for name, quantity in (("more_is_good", 1), ("more_is_bad", -1), ("no_verdict", 0)):
        for line in table[name].values():
            for word in line.split():
                draft.entry(word).quantity = quantity


def _add_words(draft: _Draft, groups: Iterable[Mapping[str, Any]]) -> None:
    """Inflected forms first, so that a form listed by itself wins over a derived one."""
    listed: dict[str, float] = {}
    for group in groups:
        value = _checked(group["value"], group["words"])
        for word in group["words"].split():
            listed[word.removeprefix("=")] = value
            if group.get("inflect", True):
                for surface in draft.expand(word):
                    draft.entry(surface).value = value
    for word, value in listed.items():
        draft.entry(word).value = value


def _add_movements(draft: _Draft, groups: Iterable[Mapping[str, Any]]) -> None:
    for group in groups:
        value = _checked(group["value"], group["words"])
        for word in group["words"].split():
            is_noun = group.get("nouns", False)
            surfaces = {word, word + "s"} if is_noun else draft.expand(word)
            word = word.removeprefix("=")
            for surface in surfaces:
                draft.entry(surface).movement = Movement(
                    base=word,
                    value=value,
                    takes_object=group.get("takes_object", False),
                    is_noun=is_noun,
                    is_adjective=surface.endswith("ing") or group.get("adjectives", False),
                )


def _add_phrases(draft: _Draft, sections: Mapping[str, Mapping[str, float]]) -> None:
    for section in sections.values():
        for line, value in section.items():
            pattern = compile_pattern(line, _checked(value, line), expand=draft.expand)
            for head in pattern.heads:
                draft.patterns.setdefault(head, []).append(pattern)
    for head, patterns in draft.patterns.items():
        patterns.sort(key=lambda pattern: (pattern.words, abs(pattern.value)), reverse=True)
        draft.entry(head).patterns = tuple(patterns)


def _scales(groups: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, float]]:
    for group in groups:
        for word in group["words"].split():
            yield word, float(group["times"])


def _checked(value: float, where: str) -> float:
    if not -1 <= value <= 1:
        raise ValueError(f"the weight {value} of “{where}” is outside −1…1")
    return float(value)


LEXICON = load_lexicon()
"""Loaded once; the only file this package reads."""
