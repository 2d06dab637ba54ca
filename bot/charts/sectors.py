"""Draws sector weights of several funds side by side."""

from collections.abc import Sequence

from bot.charts.canvas import Canvas
from bot.charts.lettering import text_width
from bot.charts.panels import EDGE, HEADER_HEIGHT, header
from bot.charts.table_specs import SectorChart
from bot.charts.theme import (
    AXIS,
    BACKGROUND,
    BODY,
    GRID,
    HEIGHT,
    LABEL,
    MUTED,
    SMALL,
    TEXT,
    WIDTH,
    Ink,
    strokes,
)

TOP = HEADER_HEIGHT + 38
FOOT = 14
LEAST_BAR = 18
GROUP_GAP = 8
NAME_ROOM = 250
HEAVY = 0.10
"""Weight from which a sector counts as a heavy one: the dashed line."""


def draw(spec: SectorChart) -> bytes:
    """A group of bars per sector, a bar per fund; higher than 600 pixels when it must be."""
    told = [any(weights) for weights in zip(*(row.weights for row in spec.rows), strict=True)]
    bars = sum(told)
    needed = TOP + len(spec.rows) * (bars * LEAST_BAR + GROUP_GAP) + FOOT
    canvas = Canvas(WIDTH, max(HEIGHT, needed))
    header(canvas, spec.title, spec.fact)
    left = EDGE + min(NAME_ROOM, max(text_width(row.name, BODY) for row in spec.rows) + 14)
    right = WIDTH - EDGE - text_width("100.0 %", BODY) - 8
    heaviest = max(weight or 0.0 for row in spec.rows for weight in row.weights)
    group = (canvas.height - TOP - FOOT) / len(spec.rows)
    inks = [x.ink if known else None for x, known in zip(strokes(spec.funds), told, strict=True)]
    _fund_names(canvas, spec.funds, inks)
    if heaviest >= HEAVY:
        x = left + (right - left) * HEAVY / heaviest
        canvas.vline(x, TOP - 6, canvas.height - FOOT, AXIS, dash=(6, 4))
        canvas.text(x, TOP - 13, "10 %", MUTED, size=SMALL, align="center")
    for position, row in enumerate(spec.rows):
        top = TOP + position * group
        middle = top + group / 2
        canvas.text(left - 14, middle, row.name, TEXT, align="right", room=left - 14 - EDGE)
        high = min((group - GROUP_GAP) / bars, 34.0)
        first = middle - high * bars / 2
        shown = [(w, ink) for w, ink in zip(row.weights, inks, strict=True) if ink]
        for bar, (weight, ink) in enumerate(shown):
            upper = first + bar * high
            end = left + (right - left) * (weight or 0.0) / heaviest
            _bar(canvas, weight, ink, (left, upper, end, upper + high - 2))
        if position:
            canvas.hline(top, EDGE, WIDTH - EDGE, GRID)
    return canvas.png()


def _bar(
    canvas: Canvas, weight: float | None, ink: Ink, box: tuple[float, float, float, float]
) -> None:
    _, upper, end, lower = box
    text = "unknown" if weight is None else f"{100 * weight:.1f} %"
    if weight:
        canvas.rects([box], ink)
    wide = text_width(text, SMALL)
    canvas.rects([(end + 4, upper, end + 12 + wide, lower)], BACKGROUND)
    canvas.text(end + 8, (upper + lower) / 2, text, TEXT if weight else MUTED, size=SMALL)


def _fund_names(canvas: Canvas, funds: Sequence[str], inks: Sequence[Ink | None]) -> None:
    """The funds in their colours and in the order of their bars from top to bottom."""
    words = [x if ink else f"{x} unavailable" for x, ink in zip(funds, inks, strict=True)]
    x = WIDTH - EDGE - sum(text_width(text, LABEL, bold=True) + 42 for text in words) + 18
    for text, ink in zip(words, inks, strict=True):
        if ink:
            canvas.rects([(x, HEADER_HEIGHT + 4, x + 14, HEADER_HEIGHT + 18)], ink)
        canvas.text(x + 22, HEADER_HEIGHT + 11, text, ink or MUTED, size=LABEL, bold=True)
        x += text_width(text, LABEL, bold=True) + 42
