"""Numbers, days and marks as cards write them. Pure text."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.charts.numbers import day_text, percent_text, price_text

__all__ = [
    "CLOSED_MARKS",
    "away",
    "day_text",
    "escape",
    "joined",
    "percent",
    "plural",
    "price_text",
    "ratio",
    "sentence",
    "timestamp",
]

CLOSED_MARKS = {"open": "◆", "confirmed": "●", "rejected": "✕", "failed": "✕", "held": "✓"}
"""The four state marks; ✕ serves rejected and failed."""

MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\*_~`|<>@#[]()"})


def percent(fraction: float) -> str:
    """A fraction as a signed percentage: 0.0204 is +2.0 %."""
    return percent_text(100 * fraction)


def away(price: float, level: float) -> str:
    """How far a price is from a level, without a sign: 0.6 %; near ones get another digit."""
    share = 100 * abs(price / level - 1)
    return percent_text(share, 1 if share >= 0.1 else 2).lstrip("+")


def ratio(value: float) -> str:
    """A volume ratio: 0.74×."""
    return f"{value:.2f}×"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def joined(words: Sequence[str]) -> str:
    """“A”, “A and B”, “A, B and C”."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".?" else ".")


def timestamp(moment: datetime, style: str = "f") -> str:
    """A Discord timestamp, which everyone sees in their own zone."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def escape(text: str) -> str:
    """Foreign text without any markdown, mention or link in it."""
    visible = "".join(c for c in text if c.isprintable())
    return visible.translate(MARKDOWN)


def session_words(session: date, *, final: bool) -> str:
    return f"session of {day_text(session)}, {'final' if final else 'provisional'}"
