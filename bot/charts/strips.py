"""Draws a table of strips: many symbols in one picture, each with the line of its closes."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.lettering import text_width
from bot.charts.panels import EDGE, HEADER_HEIGHT, header
from bot.charts.scales import price_scale
from bot.charts.specs import Tone
from bot.charts.table_specs import Cell, Strip, StripTable
from bot.charts.theme import (
    BRIGHT,
    DOWN,
    GRID,
    LABEL,
    MUTED,
    SMALL,
    TEXT,
    TONES,
    UP,
    WIDTH,
    Ink,
    blend,
)

ROW = 50
FOOT = 14
CELL_GAP = 14
SPARK_ROOM = 180
"""Pixels the sparkline keeps at least; names give way first."""
NAME_ROOM = 230
HEAT_STEPS = 4
HEAT_SHARE = 0.42
"""How much of the ground the strongest heat colours."""


def draw(spec: StripTable) -> bytes:
    """A row of 50 pixels per strip, with a head row when the cells have names."""
    head = 30 if spec.columns else 0
    canvas = Canvas(WIDTH, HEADER_HEIGHT + head + ROW * len(spec.strips) + FOOT)
    header(canvas, spec.title, spec.fact)
    rights = _cell_edges(spec)
    cells_left = rights[0][0] if rights else float(WIDTH - EDGE)
    names = max(
        max(text_width(x.name, LABEL, bold=True), text_width(x.note, SMALL)) for x in spec.strips
    )
    spark_left = EDGE + min(NAME_ROOM, names) + 20
    for name, (_, right) in zip(spec.columns, rights, strict=True):
        canvas.text(right - 8, HEADER_HEIGHT + 12, name, MUTED, size=SMALL, align="right")
    for position, strip in enumerate(spec.strips):
        top = HEADER_HEIGHT + head + position * ROW
        canvas.hline(top, EDGE, WIDTH - EDGE, GRID)
        _name(canvas, strip, top, spark_left - EDGE - 16)
        _spark(canvas, strip, spark_left, cells_left - 26, top)
        for cell, (left, right) in zip(strip.cells, rights, strict=True):
            _cell(canvas, cell, left, right, top)
    return canvas.png()


def _cell_edges(spec: StripTable) -> list[tuple[float, float]]:
    """Left and right of each column of cells, from its widest text."""
    widths = [
        max(
            text_width(name, SMALL),
            *(text_width(strip.cells[i].text, LABEL, bold=True) for strip in spec.strips),
        )
        + 16
        for i, name in enumerate(spec.columns)
    ]
    room = WIDTH - 2 * EDGE - NAME_ROOM - SPARK_ROOM - CELL_GAP * len(widths)
    shrink = min(1.0, room / sum(widths)) if widths else 1.0
    edges = []
    right = float(WIDTH - EDGE)
    for width in reversed(widths):
        edges.append((right - width * shrink, right))
        right -= width * shrink + CELL_GAP
    return edges[::-1]


def _name(canvas: Canvas, strip: Strip, top: float, room: float) -> None:
    row = top + ROW / 2 - (9 if strip.note else 0)
    canvas.text(EDGE, row, strip.name, BRIGHT, size=LABEL, bold=True, room=room)
    if strip.note:
        canvas.text(EDGE, top + ROW / 2 + 12, strip.note, MUTED, size=SMALL, room=room)


def _spark(canvas: Canvas, strip: Strip, left: float, right: float, top: float) -> None:
    """The closes between their own low and high; teal when they end higher than they began."""
    known = np.flatnonzero(np.isfinite(strip.closes))
    if not len(known):
        canvas.text(left, top + ROW / 2, "no prices", MUTED, size=SMALL)
        return
    closes = strip.closes[known]
    scale = price_scale(
        float(closes.min()), float(closes.max()), top=top + 6.0, bottom=top + ROW - 6.0
    )
    ink = UP if closes[-1] >= closes[0] else DOWN
    span = max(1, len(strip.closes) - 1)
    xs = left + (right - left) * np.arange(len(strip.closes)) / span
    rows = scale.y(strip.closes)
    canvas.line(xs, rows, ink, width=2.0)
    end = known[-1]
    canvas.disc(float(xs[end]), float(rows[end]), 4, ink)


def _cell(canvas: Canvas, cell: Cell, left: float, right: float, top: float) -> None:
    ground = _ground(cell.heat)
    if ground:
        canvas.rects([(left, top + 6, right, top + ROW - 5)], ground)
    ink = TEXT if cell.tone is Tone.NEUTRAL else TONES[cell.tone]
    if ground:
        ink = BRIGHT
    bold = cell.tone is not Tone.NEUTRAL
    canvas.text(
        right - 8,
        top + ROW / 2 + 1,
        cell.text,
        ink,
        size=LABEL,
        bold=bold,
        align="right",
        room=right - left - 10,
    )


def _ground(heat: float) -> Ink | None:
    """The ground of a cell in a few steps, so that the palette stays small; none near zero."""
    if not np.isfinite(heat):
        return None
    step = round(min(1.0, abs(heat)) * HEAT_STEPS) / HEAT_STEPS
    return blend(UP if heat > 0 else DOWN, HEAT_SHARE * step) if step else None
