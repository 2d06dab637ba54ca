"""Draws the rotation graph: four quadrants, and each symbol's way through them week by week."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.labels import Placer, Spot
from bot.charts.lettering import text_width
from bot.charts.numbers import tick_text
from bot.charts.panels import EDGE, HEADER_HEIGHT, header
from bot.charts.scales import Frame, Scale, round_step
from bot.charts.state_specs import RotationChart, Tail
from bot.charts.theme import (
    ACCENT,
    AXIS,
    DOWN,
    HEIGHT,
    LABEL,
    MUTED,
    SKY,
    SMALL,
    UP,
    WIDTH,
    Ink,
    blend,
)
from bot.market.model import Floats

INKS: dict[str, Ink] = {"leading": UP, "weakening": ACCENT, "lagging": DOWN, "improving": SKY}
BOTTOM = 548
HEAD = 7.0
TRAIL = 3.0
LEAST_REACH = 0.5
"""Both axes reach at least this far from 100, so that a quiet market does not look wild."""


def draw(spec: RotationChart) -> bytes:
    """Tails fade into the past; the dot is the newest week."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    frame = Frame(left=EDGE + 44, top=HEADER_HEIGHT, right=WIDTH - EDGE, bottom=BOTTOM)
    across, up = _scales(spec, frame)
    _quadrants(canvas, frame, across, up)
    ways = [(tail, across.y(tail.ratio), up.y(tail.momentum)) for tail in spec.tails]
    for tail, xs, rows in ways:
        _tail(canvas, INKS[tail.quadrant], xs, rows)
    _names(canvas, frame, ways)
    return canvas.png()


def _scales(spec: RotationChart, frame: Frame) -> tuple[Scale, Scale]:
    """Both axes around 100; the horizontal one is a scale laid on its side."""
    reach_x = max(LEAST_REACH, *(float(np.nanmax(abs(tail.ratio - 100))) for tail in spec.tails))
    reach_y = max(LEAST_REACH, *(float(np.nanmax(abs(t.momentum - 100))) for t in spec.tails))
    wide, high = reach_x * 1.15, reach_y * 1.2
    return (
        Scale(low=100 - wide, high=100 + wide, top=frame.right, bottom=frame.left),
        Scale(low=100 - high, high=100 + high, top=frame.top, bottom=frame.bottom),
    )


def _quadrants(canvas: Canvas, frame: Frame, across: Scale, up: Scale) -> None:
    x, y = across.y(100.0), up.y(100.0)
    corners = {
        "improving": (frame.left, frame.top, x, y),
        "leading": (x, frame.top, frame.right, y),
        "lagging": (frame.left, y, x, frame.bottom),
        "weakening": (x, y, frame.right, frame.bottom),
    }
    for name, (left, top, right, bottom) in corners.items():
        canvas.rects([(left, top, right, bottom)], blend(INKS[name], 0.09))
        ink, inner = blend(INKS[name], 0.75), 14
        row = top + inner + 6 if top == frame.top else bottom - inner - 6
        if left == frame.left:
            canvas.text(left + inner, row, name, ink, size=LABEL, bold=True)
        else:
            canvas.text(right - inner, row, name, ink, size=LABEL, bold=True, align="right")
    canvas.hline(y, frame.left, frame.right, AXIS)
    canvas.vline(x, frame.top, frame.bottom, AXIS)
    for value, text in _ticks(across):
        canvas.text(across.y(value), BOTTOM + 18, text, MUTED, size=SMALL, align="center")
    for value, text in _ticks(up):
        canvas.text(frame.left - 8, up.y(value), text, MUTED, size=SMALL, align="right")
    canvas.text(frame.right, BOTTOM + 38, "RS-ratio →", MUTED, size=SMALL, align="right")
    canvas.text(EDGE, BOTTOM + 38, "↑ RS-momentum", MUTED, size=SMALL)


def _ticks(scale: Scale) -> list[tuple[float, str]]:
    step = round_step(scale.low, scale.high, 6)
    count = int((scale.high - 100) / step)
    return [(100 + i * step, tick_text(100 + i * step, step)) for i in range(-count, count + 1)]


def _tail(canvas: Canvas, ink: Ink, xs: Floats, rows: Floats) -> None:
    points = len(xs)
    for i in range(1, points):
        shade = blend(ink, 0.35 + 0.65 * round(4 * i / points) / 4)
        canvas.line(xs[i - 1 : i + 1], rows[i - 1 : i + 1], shade, width=2.4)
        if i < points - 1 and np.isfinite(xs[i] + rows[i]):
            canvas.disc(float(xs[i]), float(rows[i]), TRAIL, shade)
    canvas.disc(float(xs[-1]), float(rows[-1]), HEAD, ink)


def _names(canvas: Canvas, frame: Frame, ways: list[tuple[Tail, Floats, Floats]]) -> None:
    """Names beside the heads, where they cover no way and no other name."""
    points = np.concatenate([_along(xs, rows) for _, xs, rows in ways])
    points = points[np.isfinite(points).all(axis=1)]
    obstacles = np.column_stack([points - 4, points + 4])
    placer = Placer(obstacles, within=frame)
    for _, xs, rows in ways:
        x, row = float(xs[-1]), float(rows[-1])
        placer.take(Spot(left=x - HEAD, top=row - HEAD, right=x + HEAD, bottom=row + HEAD))
    for tail, xs, rows in ways:
        wide = text_width(tail.name, LABEL, bold=True)
        spot = placer.place(_around(float(xs[-1]), float(rows[-1]), wide))
        row = (spot.top + spot.bottom) / 2
        canvas.text(spot.left, row, tail.name, INKS[tail.quadrant], size=LABEL, bold=True)


def _along(xs: Floats, rows: Floats) -> Floats:
    """Points along a way, close enough that a label cannot slip between them."""
    if len(xs) < 2:
        return np.column_stack([xs, rows])
    fine = np.linspace(0, len(xs) - 1, 12 * (len(xs) - 1) + 1)
    slots = np.arange(len(xs))
    return np.column_stack([np.interp(fine, slots, xs), np.interp(fine, slots, rows)])


def _around(x: float, row: float, wide: float) -> list[Spot]:
    half = LABEL * 0.6
    spots = []
    for away in range(1, 6):
        gap = HEAD + 4 + 12 * (away - 1)
        for shift_x, shift_y, cost in (
            (gap, 0, 0),
            (-gap - wide, 0, 1),
            (-wide / 2, -gap - half, 2),
            (-wide / 2, gap + half, 3),
            (gap * 0.7, -gap * 0.7 - half, 4),
            (gap * 0.7, gap * 0.7 + half, 5),
            (-gap * 0.7 - wide, -gap * 0.7 - half, 6),
            (-gap * 0.7 - wide, gap * 0.7 + half, 7),
        ):
            left, middle = x + shift_x, row + shift_y
            spots.append(
                Spot(
                    left=left,
                    top=middle - half,
                    right=left + wide,
                    bottom=middle + half,
                    cost=cost + 200 * (away - 1),
                )
            )
    return spots
