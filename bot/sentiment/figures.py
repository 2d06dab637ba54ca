"""What numbers say by themselves: signed percentages, comparisons, swings across zero.

"Net sales EUR 16 mn, compared to EUR 21 mn" has no verb of motion, "a profit of 3 mn against
a loss of 2 mn" has no comparison of size; both are plain to a reader.
"""

import re
from collections.abc import Iterable, Sequence

from bot.sentiment.lexicon import Entry, Lexicon
from bot.sentiment.model import Finding
from bot.sentiment.tokens import GAINED_PERCENT, LOST_PERCENT, NUMBER, PERCENT, Tokens

SIGNED_PERCENT = 0.55
"""Shared by all signed percentages of a text: a list of tickers is no stronger than one."""
COMPARED = 0.5
SWUNG = 0.75

REACH_TO_RESULT = 16
REACH_TO_EARLIER_RESULT = 7
REACH_TO_QUANTITY = 20
WINDOW = 70
"""Characters before the comparing word in which the amount of now stands."""
NEAR = 32
"""Characters after it in which the earlier amount stands."""

AMOUNT = re.compile(
    r"(-?\d[\d,]*(?: ?\. ?\d+)?(?: \d{3}(?!\d))*)\s?"
    r"(thousand|mn|mln|million|m|bn|billion|b|k|crore|cr|lakh|%|pct|percent|per cent|pc)?\b",
    re.IGNORECASE,
)
SCALES = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "mn": 1e6, "mln": 1e6, "m": 1e6, "million": 1e6,
    "crore": 1e7, "cr": 1e7, "bn": 1e9, "b": 1e9, "billion": 1e9,
}  # fmt: skip
SIGNED = (GAINED_PERCENT, LOST_PERCENT)
RANGE_STARTS = (NUMBER, PERCENT)
"""Before a "-40 %" these make a range ("20 % -40 %")."""
GAINS = frozenset(("profit", "profits", "income", "surplus", "earnings"))
LOSSES = frozenset(("loss", "losses", "deficit"))


def find_signed_percents(words: Sequence[str], used: list[bool]) -> list[Finding]:
    """Findings of "+3 %" and "−3 %" not yet `used`."""
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


def find_swing(words: Sequence[str], used: list[bool], lexicon: Lexicon) -> list[Finding]:
    """A profit set against an earlier loss, or the reverse; marks its words used."""
    if LOSSES.isdisjoint(words) or GAINS.isdisjoint(words):
        return []
    comparing = lexicon.classes["comparing"]
    for at, word in enumerate(words):
        if word not in comparing:
            continue
        now = _result(words, range(at - 1, max(-1, at - REACH_TO_RESULT), -1))
        then = _result(words, range(at + 1, min(len(words), at + REACH_TO_EARLIER_RESULT)))
        if now is None or then is None or (words[now] in LOSSES) == (words[then] in LOSSES):
            continue
        used[now : then + 1] = [True] * (then + 1 - now)
        value = -SWUNG if words[now] in LOSSES else SWUNG
        return [Finding(now, then + 1, "swing across zero", value)]
    return []


def find_comparison(
    text: str, tokens: Tokens, entries: Sequence[Entry], lexicon: Lexicon
) -> list[Finding]:
    """An amount set against an earlier one, for the quantity named before it."""
    comparing = lexicon.classes["comparing_amounts"]
    for at, word in enumerate(tokens.words):
        if word not in comparing:
            continue
        start, end = tokens.starts[at], tokens.ends[at]
        now = _amount(reversed(list(AMOUNT.finditer(text, max(0, start - WINDOW), start))))
        then = _amount(AMOUNT.finditer(text, end, end + NEAR))
        if now is None or then is None or now == then:
            continue
        for k in range(at - 1, max(-1, at - REACH_TO_QUANTITY), -1):
            quantity = entries[k].quantity
            if quantity:
                value = COMPARED * quantity * (1 if now > then else -1)
                return [Finding(k, at + 1, f"compared: {tokens.words[k]}", value)]
    return []


def _result(words: Sequence[str], places: range) -> int | None:
    return next((k for k in places if words[k] in GAINS or words[k] in LOSSES), None)


def _amount(matches: Iterable[re.Match[str]]) -> float | None:
    """The first amount among the matches, in ones; what looks like a year is passed over."""
    for match in matches:
        digits, unit = match.group(1, 2)
        amount = float(digits.replace(",", "").replace(" ", ""))
        if unit is not None or not 1900 <= amount <= 2100:
            return amount * SCALES.get(unit.lower(), 1.0) if unit else amount
    return None
