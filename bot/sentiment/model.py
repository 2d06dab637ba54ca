"""What a reading of a text is: a number, a label and the hits that made it.

A score without its reasons cannot be argued with, so every reading carries the spans, rules
and values behind it, and `sum(hit.value)` squashed by `squash` is the score.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import NamedTuple

NEUTRAL_BELOW = 0.15
"""|score| below this is neutral (design of `/sentiment`); the same cut makes the label."""
MILD_BELOW = 0.35
PLAIN_BELOW = 0.60

SOFTNESS = 0.55
"""How fast evidence saturates: one plain hit of 0.55 scores 0.60, two score 0.83."""


class Label(StrEnum):
    """The three-way verdict on one text."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Finding(NamedTuple):
    """A rule that applies to the tokens first…stop−1, before its surroundings are weighed."""

    first: int
    stop: int
    rule: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One reason: `text` is the span start…end (characters) of the scored text."""

    start: int
    end: int
    text: str
    rule: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The sentiment of one text: score −1…1, label, hits in reading order."""

    score: float
    label: Label
    hits: tuple[Hit, ...] = ()


def squash(evidence: float) -> float:
    """A sum of hit values as a score in −1…1."""
    return evidence / sqrt(evidence * evidence + SOFTNESS) if evidence else 0.0


def label_of(score: float) -> Label:
    """The label of a score −1…1."""
    if abs(score) < NEUTRAL_BELOW:
        return Label.NEUTRAL
    return Label.POSITIVE if score > 0 else Label.NEGATIVE


def describe(score: float) -> str:
    """A score −1…1 in words for people.

    "neutral" below 0.15, then "mildly positive", "positive" from 0.35, "very positive" from
    0.60; the negative side mirrors it. The score is rounded to two decimals first, so that
    the words agree with the number printed beside them.
    """
    shown = round(abs(score), 2)
    if shown < NEUTRAL_BELOW:
        return "neutral"
    side = "positive" if score > 0 else "negative"
    if shown < MILD_BELOW:
        return f"mildly {side}"
    return side if shown < PLAIN_BELOW else f"very {side}"
