"""What a note may not say, and the numbers that a reworded one must still carry. Pure."""

import re
from collections import Counter

ADVICE = re.compile(
    r"\b(?:buy(?:ing|s)?|sell(?:ing|s)?|should|shouldn't|must|ought|recommend\w*|advis\w+|suggest\w*"
    r"|consider(?:ing)?|avoid(?:ing)?|accumulat(?:e|ing)|trim(?:ming)?|add(?:ing)? to"
    r"|go (?:long|short)"
    r"|take profits?|stop[- ]loss|invest(?:ing)? in|enter a|exit the|worth (?:buying|owning))\b",
    re.IGNORECASE,
)
"""Words that tell somebody what to do with money."""
NUMBER = re.compile(
    r"[+−-]?\d[\d,]*(?:\.\d+)?"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|\b[A-Z][A-Z0-9.-]{1,9}\b"
)
"""A number, the month of a date, a symbol."""


def advice_in(text: str) -> tuple[str, ...]:
    """The words of advice in a text."""
    return tuple(match.group() for match in ADVICE.finditer(text))


def numbers_in(text: str) -> Counter[str]:
    """How often each number, month and symbol stands in a text.

    − and - are one sign, a plus is none; a full stop at the end belongs to the sentence.
    """
    found = (match.group().replace("-", "−") for match in NUMBER.finditer(text))
    return Counter(number.lstrip("+").rstrip(",.-") for number in found)
