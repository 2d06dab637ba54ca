"""What numbers say by themselves: signed percentages, and results set against earlier ones.

"Net sales were EUR 16 mn, compared to EUR 21 mn" has no word of motion, "a profit of 3 mn
against a loss of 2 mn" compares no sizes; both are plain to a reader. A comparison owns the
words it spans, so that the loss of last year does not count as news.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.sentiment.lexicon import Entry, Lexicon
from bot.sentiment.model import Finding
from bot.sentiment.tokens import GAINED_PERCENT, LOST_PERCENT, NUMBER, PERCENT, Tokens

SIGNED_PERCENT = 0.55
"""Shared by all signed percentages of a text: a list of tickers is no stronger than one."""
COMPARED = 0.5
SWUNG = 0.75

REACH_BACK = 20
REACH_AHEAD = 7
REACH_AFTER_PREPOSITION = 4
"""The same after "from" and "against", which have other uses."""
NEAR = 32
"""Characters after the comparing word in which the earlier amount begins."""
NEAR_PREPOSITION = 16

AMOUNT = re.compile(
    r"(?<![QqHh\d.])(-?\d[\d,]*(?: ?\. ?\d+)?(?: \d{3}(?!\d))*)\s?"
    r"(thousand|mn|mln|million|m|bn|billion|b|k|crore|cr|lakh|%|pct|percent|per cent|pc)?\b",
    re.IGNORECASE,
)
SCALES = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "mn": 1e6, "mln": 1e6, "m": 1e6, "million": 1e6,
    "crore": 1e7, "cr": 1e7, "bn": 1e9, "b": 1e9, "billion": 1e9,
}  # fmt: skip
RESULTS = frozenset(
    (
        "profit",
        "profits",
        "income",
        "surplus",
        "earnings",
        "ebit",
        "ebitda",
        "eps",
        "result",
        "flow",
    )
)
LOSSES = frozenset(("loss", "losses", "deficit", "negative"))
PREPOSITIONS = frozenset(("from", "against"))
UNITS = frozenset(("euro", "euros", "dollar", "dollars", "pound", "pounds", "yen", "rupees"))

SIGNED = frozenset((GAINED_PERCENT, LOST_PERCENT))
RANGE_STARTS = frozenset((NUMBER, PERCENT))
"""Before a "-40 %" these make a range ("20 % -40 %")."""


def find_signed_percents(words: Sequence[str], used: Sequence[bool]) -> list[Finding]:
    """Findings of "+3 %" and "-3 %" not yet `used`."""
    signed = [
        at
        for at, word in enumerate(words)
        if word in SIGNED and not used[at] and (at == 0 or words[at - 1] not in RANGE_STARTS)
    ]
    share = SIGNED_PERCENT / len(signed) if signed else 0.0
    return [
        Finding(at, at + 1, "signed percent", share if words[at] == GAINED_PERCENT else -share)
        for at in signed
    ]


def find_comparisons(
    text: str, tokens: Tokens, entries: Sequence[Entry], used: list[bool], lexicon: Lexicon
) -> list[Finding]:
    """Results set against earlier ones; marks the words of each comparison used."""
    comparing = lexicon.classes["comparing"]
    if comparing.isdisjoint(tokens.words):
        return []
    found = []
    for at, word in enumerate(tokens.words):
        if word in comparing and not used[at]:
            finding = _compare(text, tokens, entries, at)
            if finding:
                used[finding.first : finding.stop] = [True] * (finding.stop - finding.first)
                found.append(finding)
    return found


def _compare(text: str, tokens: Tokens, entries: Sequence[Entry], at: int) -> Finding | None:
    words = tokens.words
    now = _result_before(words, entries, at)
    if now is None:
        return None
    then = _result_after(words, at)
    was_loss = then is not None and words[then] in LOSSES
    is_loss = words[now] in LOSSES
    stop = at + 1 if then is None else then + 1
    growth = _growth(text, tokens, now, at)
    if was_loss != is_loss and (then is not None or (words[now] == "negative" and growth)):
        return Finding(now, stop, "swing across zero", SWUNG if was_loss else -SWUNG)
    if not growth:
        return None
    if then is None and any(entry.movement for entry in entries[max(0, now - 2) : at]):
        return None
    quantity = -1 if is_loss else entries[now].quantity or 1
    return Finding(now, stop, f"compared: {words[now]}", COMPARED * quantity * growth)


def _result_before(words: Sequence[str], entries: Sequence[Entry], at: int) -> int | None:
    """The result that is compared: a profit or loss if one is named, else any quantity."""
    reach = range(at - 1, max(-1, at - 1 - REACH_BACK), -1)
    for k in reach:
        if words[k] in RESULTS or words[k] in LOSSES:
            return k
    return next((k for k in reach if entries[k].quantity and not _is_aside(words, k)), None)


def _is_aside(words: Sequence[str], k: int) -> bool:
    """Units, "per share", "before taxes" are no results."""
    previous = words[k - 1] if k else ""
    return words[k] in UNITS or previous in ("per", "before", "after", "excluding")


def _result_after(words: Sequence[str], at: int) -> int | None:
    reach = REACH_AFTER_PREPOSITION if words[at] in PREPOSITIONS else REACH_AHEAD
    for k in range(at + 1, min(len(words), at + reach)):
        if words[k] in LOSSES or words[k] in RESULTS:
            return k
    return None


def _growth(text: str, tokens: Tokens, now: int, at: int) -> int:
    """1 where the amount after `now` exceeds the one after `at`, −1 where it is less, else 0."""
    start, end = tokens.starts[at], tokens.ends[at]
    near = NEAR_PREPOSITION if tokens.words[at] in PREPOSITIONS else NEAR
    later = next(_amounts(text, tokens.ends[now], start), None)
    earlier = next(_amounts(text, end, end + near), None)
    if later is None or earlier is None:
        return 0
    scale = later.scale or earlier.scale or 1.0
    amount = later.number * (later.scale or scale)
    before = earlier.number * (earlier.scale or scale)
    return (amount > before) - (amount < before)


class _Amount(NamedTuple):
    number: float
    scale: float | None


def _amounts(text: str, start: int, stop: int) -> Iterator[_Amount]:
    """The amounts that begin between two positions; what looks like a year is passed over."""
    for match in AMOUNT.finditer(text, start):
        if match.start() >= stop:
            return
        digits, unit = match.group(1, 2)
        number = float(digits.replace(",", "").replace(" ", ""))
        if unit is not None or not 1900 <= number <= 2100:
            yield _Amount(number, SCALES.get(unit.lower(), 1.0) if unit else None)
