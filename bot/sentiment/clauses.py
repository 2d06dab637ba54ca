"""Whose news is it? The findings that belong to one company of a headline.

"Gold slips, silver steady; Acme up on upgrade by Broker" says three things about four names.
The findings of the clause that names the asked company count; a name that only speaks
("…: Broker"), rates, buys, or serves as a yardstick ("against the dollar") has no news.
"""

import re
from collections.abc import Sequence

from bot.sentiment.lexicon import LEXICON
from bot.sentiment.model import Finding
from bot.sentiment.tokens import Tokens, lowered

STRONG_BOUNDARIES = frozenset(
    (";", "|", "but", "while", "whereas", "as", "after", "despite", "amid")
)
WEAK_BOUNDARIES = STRONG_BOUNDARIES | frozenset((",", ":", "and", "on", "over", "with"))
LIST_BOUNDARIES = frozenset((",", "and", "&"))
YARDSTICKS = frozenset(("vs", "versus", "against", "from", "after", "with", "than", "per", "by"))
REACH_OF_QUIET = 2
SHORTEST_NAME_WORD = 3
LONGEST_NAME = 100
"""Characters of an asked name that are looked for."""
NAMELESS = frozenset(
    (
        *("inc", "corp", "plc", "ltd", "company", "group", "holdings", "corporation", "limited"),
        *("the", "and", "etf", "fund", "trust", "shares", "index"),
    )
)
"""Words of a name that do not tell whose it is."""


def about(entity: str, text: str, tokens: Tokens, findings: list[Finding]) -> list[Finding]:
    """The findings of `text` that concern `entity`; all of them where it is not named."""
    place = _place(entity, text, tokens)
    if place is None:
        return findings
    first, stop = place
    words = tokens.words
    if _only_speaks(words, first, stop) or _is_actor(words, first, stop):
        return []
    if _is_quiet(words, stop):
        return []
    part = _part(words, first, STRONG_BOUNDARIES)
    return _own_clause(words, first, stop, part, _inside(findings, part))


def _place(entity: str, text: str, tokens: Tokens) -> tuple[int, int] | None:
    """The tokens first…stop−1 that name the entity: its full name, else one of its words."""
    low = lowered(text)
    name = " ".join(lowered(entity[:LONGEST_NAME]).split())
    for part in (name, *sorted(name.split(), key=len, reverse=True)):
        if part is not name and (len(part) < SHORTEST_NAME_WORD or part.strip(".,") in NAMELESS):
            continue
        found = re.search(rf"(?<!\w){re.escape(part)}(?!\w)", low) if part else None
        if found:
            start, end = found.span()
            inside = [
                k for k, at in enumerate(tokens.starts) if start < tokens.ends[k] and at < end
            ]
            if inside:
                return inside[0], inside[-1] + 1
    return None


def _only_speaks(words: Sequence[str], first: int, stop: int) -> bool:
    """A source ("…: Someone, Broker") at the end, or a yardstick ("against the dollar")."""
    before = words[first - 1] if first else ""
    if before in YARDSTICKS or (before == "the" and words[first - 2 : first - 1] == ["against"]):
        return True
    if stop < len(words):
        return False
    return before == ":" or (":" in words[:first] and before in (",", "director", "of"))


def _is_actor(words: Sequence[str], first: int, stop: int) -> bool:
    """Who rates, buys, sells, approves or comments; or whose rating moved another."""
    if stop >= len(words):
        return False
    after = words[stop]
    if after in LEXICON.classes["acts"]:
        return True
    raters = LEXICON.classes["rates"]
    before = words[first - 1] if first else ""
    return after in raters or (
        before in ("on", "as", "at") and not raters.isdisjoint(words[stop : stop + 2])
    )


def _is_quiet(words: Sequence[str], stop: int) -> bool:
    """The words right after the name say that nothing moved ("copra steady")."""
    return not LEXICON.classes["unmoved"].isdisjoint(words[stop : stop + REACH_OF_QUIET])


def _part(words: Sequence[str], at: int, boundaries: frozenset[str]) -> tuple[int, int]:
    """The span of tokens around `at` without a boundary in it."""
    first = at
    while first and words[first - 1] not in boundaries:
        first -= 1
    stop = at + 1
    while stop < len(words) and words[stop] not in boundaries:
        stop += 1
    return first, stop


def _own_clause(
    words: Sequence[str],
    first: int,
    stop: int,
    part: tuple[int, int],
    findings: list[Finding],
) -> list[Finding]:
    """Within a clause with several names: the findings nearest to the asked one.

    In a list ("A, B fall", "A and B lead") the verdict follows the last name.
    """
    own = _inside(findings, _part(words, first, WEAK_BOUNDARIES))
    if own:
        return own
    following = [finding for finding in findings if finding.first >= stop]
    if following and stop < part[1] and words[stop] in LIST_BOUNDARIES:
        return _inside(findings, _part(words, following[0].first, WEAK_BOUNDARIES))
    return findings


def _inside(findings: Sequence[Finding], part: tuple[int, int]) -> list[Finding]:
    return [finding for finding in findings if part[0] <= finding.first < part[1]]
