"""The look of every picture: colours, sizes and who gets which colour.

One dark theme. Colour only says state or names a line; whatever it says also stands there as a
word. Comparison colours are those of Okabe and Ito ("Color Universal Design", 2008), which
people with colour vision deficiencies tell apart; dash patterns repeat the distinction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts.specs import Tone

Ink = str
"""A colour as #rrggbb."""

WIDTH = 1000
HEIGHT = 600
"""Canvas of a chart in pixels; tables and strips are as high as they need."""

BACKGROUND: Ink = "#12161f"
GRID: Ink = "#1e2531"
AXIS: Ink = "#323b4b"
MUTED: Ink = "#8b95a5"
TEXT: Ink = "#c9d1d9"
BRIGHT: Ink = "#f0f4f8"
UP: Ink = "#26a69a"
DOWN: Ink = "#ef5350"
UP_VOLUME: Ink = "#1b524f"
DOWN_VOLUME: Ink = "#6c3338"
ACCENT: Ink = "#ffb020"
BAND: Ink = "#1c3247"
BAND_EDGE: Ink = "#56b4e9"

AVERAGES: dict[int, Ink] = {10: "#d9a441", 50: "#4d9de0", 200: "#a684f5"}
OTHER_AVERAGES: tuple[Ink, ...] = ("#5fc9b8", "#d98ab3", "#9fb36b")

TONES: dict[Tone, Ink] = {
    Tone.GOOD: UP,
    Tone.BAD: DOWN,
    Tone.WATCH: ACCENT,
    Tone.NEUTRAL: TEXT,
}

PURPLE: Ink = "#cc79a7"
ORANGE: Ink = "#e69f00"
TEAL: Ink = "#009e73"
YELLOW: Ink = "#f0e442"
SKY: Ink = "#56b4e9"
VERMILLION: Ink = "#d55e00"
BLUE: Ink = "#2f8fd0"
"""Okabe and Ito's blue (#0072b2), lightened to stay legible on the dark background."""

HOME_INKS: dict[str, Ink] = {"SPY": PURPLE, "QQQ": ORANGE, "IWM": TEAL, "MDY": YELLOW}
"""The four size benchmarks keep their colours in every picture."""

SPARE_INKS: tuple[Ink, ...] = (SKY, VERMILLION, BLUE, PURPLE, TEAL, YELLOW, ORANGE, TEXT)

Dash = tuple[float, ...]
"""Lengths of stroke and gap in pixels, in turns; empty is a solid line."""

DASHES: tuple[Dash, ...] = (
    (),
    (11, 4),
    (3, 3),
    (12, 4, 3, 4),
    (6, 3),
    (16, 5),
    (3, 6),
    (8, 3, 3, 3, 3, 3),
)

SMALL = 16
BODY = 17
LABEL = 18
FACT = 19
TITLE = 25
"""Text sizes in pixels; 16 is still legible when a phone shows the picture as wide as itself."""


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """How one line of a comparison is drawn."""

    ink: Ink
    dash: Dash


def strokes(names: Sequence[str]) -> tuple[Stroke, ...]:
    """A colour and a dash pattern for each name, no two alike for up to eight names."""
    spare = [ink for ink in SPARE_INKS if ink not in {HOME_INKS.get(name) for name in names}]
    chosen = []
    for position, name in enumerate(names):
        ink = HOME_INKS.get(name) or (spare.pop(0) if spare else TEXT)
        chosen.append(Stroke(ink=ink, dash=DASHES[position % len(DASHES)]))
    return tuple(chosen)


def average_ink(n: int, position: int) -> Ink:
    """The colour of the average over `n` bars, the `position`-th of its chart."""
    return AVERAGES.get(n) or OTHER_AVERAGES[position % len(OTHER_AVERAGES)]


def blend(ink: Ink, share: float, ground: Ink = BACKGROUND) -> Ink:
    """`share` of `ink` (0…1) laid over `ground`, as a solid colour."""
    pairs = zip(rgb(ink), rgb(ground), strict=True)
    return "#" + "".join(f"{round(share * top + (1 - share) * under):02x}" for top, under in pairs)


def rgb(ink: Ink) -> tuple[int, int, int]:
    """Red, green and blue, 0…255."""
    return int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16)
