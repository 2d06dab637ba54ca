"""Foreign text made plain: what a headline may be, whatever a vendor sends.

Left are letters, digits, punctuation and emoji on one line. Markup, addresses, control and
direction characters, and towers of accents are gone; entities are the characters they stand for.
"""

import hashlib
import html
import re
import unicodedata
from dataclasses import replace
from urllib.parse import quote, urlsplit

from bot.market.model import Headline

READ_CHARACTERS = 20_000
"""Of a foreign text; the rest is not looked at."""
TITLE, SUMMARY, PUBLISHER, ID, URL = 300, 2_000, 60, 120, 400
"""Characters kept of each part."""
ACCENTS = 2
"""Combining marks in a row that languages need; more of them only hide the lines above."""

CODE = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[a-zA-Z/!?][^<>]{0,1000}>")
ADDRESS = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+|\bdiscord\.gg/\S+", re.IGNORECASE)
SAFE_IN_ADDRESS = "/:?&=%#+,;~.@!$-_"


def washed(headline: Headline) -> Headline | None:
    """The headline as it may be stored and shown; None when no title or time is left of it."""
    title = plain(headline.title, longest=TITLE)
    if not title or headline.time.tzinfo is None:
        return None
    return replace(
        headline,
        id=short_id(headline.id),
        title=title,
        url=safe_url(headline.url),
        publisher=plain(headline.publisher, longest=PUBLISHER) or "unnamed source",
        summary=plain(headline.summary, longest=SUMMARY),
    )


def plain(text: str, *, longest: int) -> str:
    """One line of plain text, cut to `longest` characters."""
    text = html.unescape(text[:READ_CHARACTERS])
    text = TAG.sub(" ", CODE.sub(" ", text))
    text = ADDRESS.sub(" ", unicodedata.normalize("NFC", text))
    line = " ".join("".join(_visible(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """The address when it is an ordinary one of the web, else an empty text.

    What could end a link early (brackets, quotes, blanks) is percent-encoded.
    """
    text = url.strip()
    if len(text) > URL or not text.isprintable():
        return ""
    try:
        parts = urlsplit(text)
        host, user = parts.hostname or "", parts.username
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "." not in host or user is not None:
        return ""
    quoted = quote(text, safe=SAFE_IN_ADDRESS)
    return quoted if len(quoted) <= URL else ""


def short_id(text: str) -> str:
    """The id itself, or a hash of one that is too long or not printable."""
    if len(text) <= ID and text.isascii() and text.isprintable():
        return text
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _visible(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        if category.startswith("M"):
            marks += 1
            if marks > ACCENTS:
                continue
        else:
            marks = 0
        if category.startswith(("C", "Z")):
            kept.append(" " if category in ("Cc", "Zs", "Zl", "Zp") else "")
        else:
            kept.append(letter)
    return kept
