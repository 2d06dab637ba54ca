"""Text on a canvas: what can be set, how wide it is, how much of it fits.

It is set in DejaVu Sans as shipped with matplotlib, whatever fonts the system has, so pictures
are the same everywhere; a character that font lacks becomes “?”.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font

from bot.charts.agg import Agg, new_agg
from bot.notation import current, separated

TEXT_LIMIT = 200
"""Characters of one text at most; more cannot stand on a canvas anyway."""


def text_width(words: str, size: int, *, bold: bool = False) -> float:
    """How wide `words` are when set, in pixels."""
    return _measured(clean(words), size, bold)


def fitted(words: str, room: float, size: int, *, bold: bool = False) -> str:
    """`words` as far as they fit into `room` pixels, ending in “…” when cut."""
    whole = clean(words)
    if _measured(whole, size, bold) <= room:
        return whole
    fits = 0
    for length in range(1, len(whole)):
        if _measured(whole[:length].rstrip() + "…", size, bold) > room:
            break
        fits = length
    return whole[:fits].rstrip(" ·,") + "…" if fits else ""


def clean(words: str) -> str:
    """One line of characters the font can set, numbers as the reader writes them."""
    written = separated(words[:TEXT_LIMIT], current())
    composed = unicodedata.normalize("NFC", written)
    return "".join(_settable(composed)).strip()


def _settable(words: str) -> Iterator[str]:
    for character in words:
        if character.isspace():
            yield " "
        elif unicodedata.category(character) not in {"Cf", "Cc", "Mn", "Me"}:
            yield character if ord(character) in _glyphs() else "?"


@lru_cache(maxsize=4096)
def _measured(words: str, size: int, bold: bool) -> float:
    return _ruler().get_text_width_height_descent(words, face(size, bold), False)[0]


@lru_cache(maxsize=1)
def _ruler() -> Agg:
    return new_agg(1, 1)


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    regular, bold = (get_font(_font_file(weight)).get_charmap() for weight in (False, True))
    return frozenset(regular) & frozenset(bold)


@lru_cache(maxsize=64)
def face(size: int, bold: bool) -> FontProperties:
    """The typeface at `size` pixels."""
    return FontProperties(fname=_font_file(bold), size=size)


def _font_file(bold: bool) -> str:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name)
