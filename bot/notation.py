"""How numbers are written for who reads them: 1,234.50 or 1.234,50 or 1 234,50.

The program itself writes 1,234.50 everywhere. The rim, where a card leaves for Discord or a word
is set in a picture, rewrites the finished text, so that no card has to know its reader. Who that
is holds for one answer or one message at a time, so it is a context variable, as the context of
`decimal` is, set where answers are run and alerts are paid.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Notation(StrEnum):
    """What stands before the decimals; the value is what people choose by."""

    POINT = "point"
    COMMA = "comma"
    SPACE = "space"

    @property
    def sample(self) -> str:
        return separated("1,234.50", self)


SEPARATORS = {Notation.COMMA: {",": ".", ".": ","}, Notation.SPACE: {",": "\u202f", ".": ","}}
"""What becomes of the comma between thousands and of the point; a space that does not break."""

PIECES = re.compile(
    r"""(?P<kept> (?<!`)`[^`\n]+`(?!`)          # a command to type
        | \[[^\]\n]*\]\([^)\s]*\)                # a headline with its link
        | https?://\S+ | <[^<>\s]{1,60}>         # an address, a mention, a timestamp
    )
    | (?<!\w-)(?<![\w.,:/#])                     # no part of a word, a version or a time
      (?: \d{1,3}(?:,\d{3})+ | \d+ )(?: \.\d+ )?
      (?! \d | [.,:/]\d )""",
    re.VERBOSE,
)

_CURRENT: ContextVar[Notation] = ContextVar("notation", default=Notation.POINT)


def current() -> Notation:
    """The notation of who reads what is being written now."""
    return _CURRENT.get()


@contextmanager
def written_for(notation: Notation) -> Iterator[None]:
    """What is written inside is for a reader of this notation."""
    token = _CURRENT.set(notation)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def separated(text: str, notation: Notation) -> str:
    """The text with the separators of its numbers exchanged.

    Commands in backticks, linked headlines, addresses, mentions and timestamps stay as they
    are, and so do times and version numbers.
    """
    signs = SEPARATORS.get(notation)
    if signs is None:
        return text

    def rewritten(piece: re.Match[str]) -> str:
        if piece["kept"] is not None:
            return piece[0]
        return "".join(signs.get(sign, sign) for sign in piece[0])

    return PIECES.sub(rewritten, text)
