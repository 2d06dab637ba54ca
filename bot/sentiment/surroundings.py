"""How the words around a finding change its weight: negation, degree, hedges, clauses.

All weights are factors on the value of a finding. They come from tuning on labelled
headlines (see the package docstring) and are rounded to what the data can tell apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.sentiment.lexicon import Lexicon
from bot.sentiment.model import Finding
from bot.sentiment.phrases import BARRIERS

REACH_OF_NEGATION = 3
REACH_OF_HEDGE = 4
REACH_OF_DEGREE = 2

NEGATED = -0.6
"""A denied good is a bad of less weight, and the reverse."""
HEDGED = 0.6
CONCEDED = 0.3
"""What "despite" or "although" concedes hardly counts."""
REASON = 0.5
"""What a headline gives as the reason of its news, when the news itself has a tone."""
LATER = 0.8
"""What a headline says after its first hit; the news stands in front."""
BEFORE_BUT = 0.7
AFTER_BUT = 1.2
ASKED = 0.45
"""A question, or a headline that promises an explanation, asserts little."""
UNANCHORED = 0.55
"""Words of a text that names no quantity, amount or ticker: it may not be about money."""
MIXED = 0.4


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for a whole text: where contrasts stand, and a factor on everything.

    `concession` is the token of "despite", `but` that of "but" (−1: none); `concession_end`
    is the end of a concession that opens the text. `first` is the token of the
    first finding; from `cause` on stand the reasons for what the clause before it reports.
    """

    concession: int
    concession_end: int
    but: int
    cause: int
    overall: float
    anchored: bool
    first: int


def frame_of(
    words: Sequence[str], findings: Sequence[Finding], lexicon: Lexicon, *, anchored: bool
) -> Frame:
    """The frame of a text with at least one token and one finding, the first one first."""
    classes = lexicon.classes
    present = set(words)
    concession, concession_end = -1, -1
    if not present.isdisjoint(classes["concession"]):
        concession = next(k for k, word in enumerate(words) if word in classes["concession"])
        if concession == 0 and "," in words:
            concession_end = words.index(",")
    but = -1
    if not present.isdisjoint(classes["contrast"]):
        but = next((k for k, word in enumerate(words) if k > 1 and word in classes["contrast"]), -1)
    cause = -1
    if not present.isdisjoint(classes["cause"]):
        cause = next((k for k, word in enumerate(words) if k > 1 and word in classes["cause"]), -1)
    overall = 1.0
    if words[0] in classes["asking"] or "?" in present:
        overall *= ASKED
    if "mixed" in present:
        overall *= MIXED
    return Frame(concession, concession_end, but, cause, overall, anchored, findings[0].first)


def factor(finding: Finding, words: Sequence[str], frame: Frame, lexicon: Lexicon) -> float:
    """The factor on the value of `finding` at its place in the text."""
    first, stop = finding.first, finding.stop
    times = frame.overall * _degree(first, stop, words, lexicon)
    before = words[max(0, first - REACH_OF_HEDGE) : first]
    if before:
        times *= _negation(before[-REACH_OF_NEGATION:], finding.value, lexicon)
        if not lexicon.classes["hedges"].isdisjoint(before):
            times *= HEDGED
    if frame.concession >= 0 and _conceded(first, frame):
        times *= CONCEDED
    if frame.but >= 0:
        times *= BEFORE_BUT if first < frame.but else AFTER_BUT
    if first > frame.first:
        times *= LATER
    if frame.first < frame.cause < first:
        times *= REASON
    if not frame.anchored and finding.rule in ("word", "moved"):
        times *= UNANCHORED
    return times


def _negation(before: Sequence[str], value: float, lexicon: Lexicon) -> float:
    negators = lexicon.classes["negators"]
    if negators.isdisjoint(before):
        return 1.0
    for k in range(len(before) - 1, -1, -1):
        if before[k] in BARRIERS:
            return 1.0
        if before[k] in negators:
            if value < 0 and before[k] in lexicon.classes["failing"]:
                return 1.0
            following = before[k + 1] if k + 1 < len(before) else ""
            return 1.0 if following in ("only", "just", "been") else NEGATED
    return 1.0


def _degree(first: int, stop: int, words: Sequence[str], lexicon: Lexicon) -> float:
    weights = lexicon.weights
    for k in range(max(0, first - REACH_OF_DEGREE), min(len(words), stop + REACH_OF_DEGREE)):
        if (k < first or k >= stop) and words[k] in weights:
            return weights[words[k]]
    return 1.0


def _conceded(first: int, frame: Frame) -> bool:
    if frame.concession == 0:
        return first < frame.concession_end
    return first > frame.concession
