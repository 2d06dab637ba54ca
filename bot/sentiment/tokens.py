"""Text to tokens, safely: every token knows the characters it came from.

Headlines arrive from the internet, so the text is bounded and defused before any rule sees it.
Whatever carries no words (markup, links, control characters) is blanked out by as many
spaces, so that spans still point into the text that was handed in.
"""

import html
import re
from dataclasses import dataclass

LONGEST_TEXT = 4_000
"""Characters read of one text; headlines have 60–200, the rest of a longer text is ignored."""

MARKUP = re.compile(
    r"<(?P<code>script|style)\b.{0,2000}?</(?P=code)>"
    r"|<[a-zA-Z/!][^<>]{0,400}>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});",
    re.IGNORECASE | re.DOTALL,
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "−": "-", "–": "-", "‑": "-", "\xa0": " "})

TOKEN = re.compile(
    r"""
      (?!https?://|www\.|rs\.?\s?\d)[a-z][a-z&'-]*(?:\.[a-z])*[a-z] # words, most of all
    | https?://\S* | www\.\S*                                    # links
    | (?<!\w)\$[a-z][\w.]*                                       # cash tags
    | [@#][a-z]\w*                                               # mentions and hash tags
    | \d+(?:\.\d+)?-[a-z]+(?:-[a-z]+)*                           # 52-week, 10-day
    | (?<![\w.])[+-]?(?:[$€£¥]|rs\.?\s?)?\d[\d,]*(?:\.\d+)?
      (?:\s?%|\s?(?:pct|percent|per\ cent|pc)\b)?                # numbers, money, percents
    | [a-z] | \w+                                               # letters, other scripts
    | [?!:;,()|]
    """,
    re.VERBOSE,
)

NUMBER = "#"
PERCENT = "%"
GAINED_PERCENT = "+%"
LOST_PERCENT = "-%"
TICKER = "$"
MENTION = "@"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text in lower case, numbers and tickers as symbols, and their spans."""

    words: list[str]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Unescaped:
    """A text with its entities read, and where each of its characters came from."""

    text: str
    starts: list[int]
    ends: list[int]


def unescaped(text: str) -> Unescaped | None:
    """`text` with `&#39;`, `&amp;` and their like as the characters they stand for.

    None when there is none of them. Brackets stay as they are: they were text, not markup.
    """
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in ENTITY.finditer(text):
        letters = html.unescape(match.group())
        if letters == match.group() or letters in "<>":
            continue
        first, stop = match.span()
        pieces += [text[at:first], letters]
        starts += [*range(at, first), *[first] * len(letters)]
        ends += [*range(at + 1, first + 1), *[stop] * len(letters)]
        at = stop
    if not pieces:
        return None
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Unescaped("".join(pieces), starts, ends)


def readable(text: str) -> str:
    """`text`, cut to LONGEST_TEXT, markup and unseen characters blanked; positions are kept."""
    text = text[:LONGEST_TEXT]
    if "<" in text or "&" in text:
        text = MARKUP.sub(_blank, text)
    if "_" in text:
        text = text.replace("_", " ")
    if not text.isascii():
        text = text.translate(TYPOGRAPHIC)
    return text if text.isprintable() else UNSEEN.sub(" ", text)


def tokenise(text: str) -> Tokens:
    """The tokens of a text that `readable` has passed; links and stray `s` are left out."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in TOKEN.finditer(lowered(text)):
        piece = match.group()
        word = piece if piece.isalpha() and piece != "s" else _word(piece)
        if word:
            start, end = match.span()
            words.append(word)
            starts.append(start)
            ends.append(end)
    return Tokens(words, starts, ends)


def lowered(text: str) -> str:
    """Lower case of the same length (a few letters, such as İ, grow when lowered)."""
    low = text.lower()
    return (
        low
        if len(low) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def _word(piece: str) -> str:
    first = piece[0]
    if first.isalpha():
        if piece.startswith(("http", "www.")) and ("://" in piece or piece.startswith("www.")):
            return ""
        if piece.startswith("rs") and piece[-1].isdigit():
            return NUMBER
        return _spoken(piece) if "'" in piece else "" if piece == "s" else piece
    if first == "$" and piece[1:2].isalpha():
        return TICKER
    if first == "@":
        return MENTION
    if first == "#":
        return piece[1:]
    return _number(piece)


def _spoken(piece: str) -> str:
    """A word with an apostrophe: `company's` is `company`, `isn't` is a negation."""
    if piece.endswith("n't"):
        return "not"
    return piece[:-2] if piece.endswith("'s") else piece.rstrip("'")


def _number(piece: str) -> str:
    if piece[0] not in "+-$€£¥0123456789":
        return piece
    if piece[-1].isdigit() or piece[-1] == ",":
        return NUMBER
    if piece[-1] == "%" or " " in piece or piece.endswith(("pct", "percent", "pc")):
        return {"+": GAINED_PERCENT, "-": LOST_PERCENT}.get(piece[0], PERCENT)
    return NUMBER + piece[piece.index("-", 1) :] if "-" in piece[1:] else piece


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
