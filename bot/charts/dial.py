"""Draws the mood dial: a half circle from fear to greed, and beside it the parts it is made of."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.panels import EDGE, HEADER_HEIGHT, header
from bot.charts.state_specs import MoodDial, MoodPart
from bot.charts.theme import (
    BACKGROUND,
    BODY,
    BRIGHT,
    DOWN,
    GRID,
    HEIGHT,
    LABEL,
    MUTED,
    SMALL,
    TEXT,
    TITLE,
    UP,
    WIDTH,
    Ink,
    blend,
)
from bot.market.model import Floats

CENTRE = (250.0, 355.0)
OUTER = 205.0
INNER = 158.0
ZONES: tuple[Ink, ...] = (
    DOWN,
    blend(DOWN, 0.55),
    "#4a5568",
    blend(UP, 0.55),
    UP,
)
"""Five equal fifths from fear to greed."""
GAP_DEGREES = 1.2
PARTS_LEFT = 520
PARTS_TOP = HEADER_HEIGHT + 50
VALUE_ROOM = 60


def draw(spec: MoodDial) -> bytes:
    """The dial at the left, the parts at the right; without a value the needle is missing."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    fifth = 100 / len(ZONES)
    for position, ink in enumerate(ZONES):
        canvas.polygon(_arc(position * fifth, (position + 1) * fifth), ink)
    x, row = CENTRE
    middle = (OUTER + INNER) / 2
    canvas.text(x - middle, row + 20, "0", MUTED, size=SMALL, align="center")
    canvas.text(x + middle, row + 20, "100", MUTED, size=SMALL, align="center")
    if spec.value is None:
        canvas.text(x, row - 40, "–", MUTED, size=72, bold=True, align="center")
        canvas.text(x, row + 62, spec.label, TEXT, size=TITLE, align="center", room=2 * OUTER)
    else:
        _needle(canvas, spec.value)
        canvas.text(x, row + 62, f"{spec.value:.0f}", BRIGHT, size=72, bold=True, align="center")
        canvas.text(
            x, row + 122, spec.label, _state(spec.value), size=TITLE, bold=True, align="center"
        )
    _parts(canvas, spec.parts)
    return canvas.png()


def _arc(first: float, last: float) -> Floats:
    """The outline of a piece of the ring between two values of 0…100."""
    start, stop = 180 - 1.8 * first - GAP_DEGREES / 2, 180 - 1.8 * last + GAP_DEGREES / 2
    turns = np.radians(np.linspace(start, stop, 40))
    x, row = CENTRE
    circles = [
        np.column_stack([x + radius * np.cos(turns), row - radius * np.sin(turns)])
        for radius in (OUTER, INNER)
    ]
    return np.concatenate([circles[0], circles[1][::-1]])


def _needle(canvas: Canvas, value: float) -> None:
    turn = np.radians(180 - 1.8 * value)
    along, across = np.array([np.cos(turn), -np.sin(turn)]), np.array([np.sin(turn), np.cos(turn)])
    centre = np.array(CENTRE)
    tip, tail = centre + along * (INNER - 8), centre
    canvas.polygon([tip, tail + across * 7, tail - across * 7], BRIGHT)
    canvas.disc(*CENTRE, 13, BRIGHT)
    canvas.disc(*CENTRE, 6, BACKGROUND)


def _parts(canvas: Canvas, parts: tuple[MoodPart, ...]) -> None:
    room = (HEIGHT - PARTS_TOP - 30) / max(1, len(parts))
    step = min(room, 76.0)
    right = WIDTH - EDGE
    for position, part in enumerate(parts):
        top = PARTS_TOP + position * step
        canvas.text(PARTS_LEFT, top, part.name, TEXT, size=LABEL, room=right - PARTS_LEFT - 110)
        rail = (top + 18, top + 28)
        canvas.rects([(PARTS_LEFT, rail[0], right, rail[1])], GRID)
        if part.value is None:
            canvas.text(right, top, "unavailable", MUTED, size=BODY, align="right")
            continue
        held = min(100.0, max(0.0, part.value))
        end = PARTS_LEFT + (right - PARTS_LEFT) * held / 100
        canvas.rects([(PARTS_LEFT, rail[0], end, rail[1])], _state(held))
        middle = (PARTS_LEFT + right) / 2
        canvas.vline(middle, rail[0] - 4, rail[1] + 4, TEXT)
        canvas.text(right, top, f"{part.value:.0f}", BRIGHT, size=LABEL, bold=True, align="right")


def _state(value: float) -> Ink:
    """Coral in the two fearful fifths, teal in the two greedy ones, grey between them."""
    if value < 40:
        return DOWN
    return UP if value >= 60 else MUTED
