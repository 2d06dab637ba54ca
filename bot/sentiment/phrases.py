"""Phrase patterns: what several words say together.

A pattern is a line of words: `beat|top .. <expectation>`. `|` separates alternatives,
`<name>` stands for a class of words, `..` skips up to three words and `...` up to six,
`=word` takes the word exactly as written; all others also match in their inflected forms.
`^word` matches at the beginning of a text or after a colon or semicolon. `#`, `%`, `$` stand
for a number, a percentage, a ticker. A value of 0 marks an idiom that says nothing
("interest rate", "set up") and keeps its words from being read one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

GAPS = {"..": 3, "...": 6}
BARRIERS = frozenset(";:|?!")
OPENERS = frozenset(";:|")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled phrase: sets of words and, as integers, gaps of up to so many words.

    `heads` and `last` are the first and the last set; `words` counts the sets.
    """

    name: str
    value: float
    opens: bool
    parts: tuple[frozenset[str] | int, ...]
    heads: frozenset[str]
    last: frozenset[str]
    words: int


def compile_pattern(line: str, value: float, *, expand: Callable[[str], frozenset[str]]) -> Pattern:
    """The pattern written as `line`; `expand` gives the surface forms of one alternative.

    Raises ValueError when the line begins or ends with a gap.
    """
    parts: list[frozenset[str] | int] = []
    opens = line.startswith("^")
    for piece in line.removeprefix("^").split():
        if piece in GAPS:
            parts.append(GAPS[piece])
        else:
            parts.append(frozenset().union(*(expand(word) for word in piece.split("|"))))
    if not parts or isinstance(parts[0], int) or isinstance(parts[-1], int):
        raise ValueError(f"the phrase “{line}” must begin and end with a word")
    sets = [part for part in parts if isinstance(part, frozenset)]
    return Pattern(
        name=line,
        value=value,
        opens=opens,
        parts=tuple(parts),
        heads=sets[0],
        last=sets[-1],
        words=len(sets),
    )


def match_end(pattern: Pattern, words: Sequence[str], first: int) -> int:
    """Where a match of `pattern` that begins at `first` stops; 0 when there is none."""
    if pattern.opens and first and words[first - 1] not in OPENERS:
        return 0
    return _match(pattern.parts, 1, words, first + 1)


def _match(parts: tuple[frozenset[str] | int, ...], k: int, words: Sequence[str], at: int) -> int:
    while k < len(parts):
        part = parts[k]
        if isinstance(part, int):
            return _match_after_gap(parts, k + 1, words, at, part)
        if at >= len(words) or words[at] not in part:
            return 0
        at += 1
        k += 1
    return at


def _match_after_gap(
    parts: tuple[frozenset[str] | int, ...], k: int, words: Sequence[str], at: int, gap: int
) -> int:
    for skip in range(at, min(at + gap, len(words) - 1) + 1):
        if skip > at and words[skip - 1] in BARRIERS:
            return 0
        end = _match(parts, k, words, skip)
        if end:
            return end
    return 0
