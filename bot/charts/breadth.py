"""Draws breadth: how many of a universe stand above their averages, and new highs minus lows."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.lettering import text_width
from bot.charts.lines import BOTTOM, DAY_ROW, LINE_WIDTH, columns, signed_bars
from bot.charts.panels import (
    EDGE,
    HEADER_HEIGHT,
    EndName,
    ValueTick,
    day_axis,
    end_names,
    header,
    value_axis,
)
from bot.charts.scales import Frame, Scale, day_ticks
from bot.charts.series_specs import BreadthChart
from bot.charts.theme import AVERAGES, HEIGHT, LABEL, MUTED, OTHER_AVERAGES, WIDTH

SHARES_BOTTOM = 330
QUARTERS = (0, 25, 50, 75, 100)
NAME_GAP = 12
INKS = (AVERAGES[50], AVERAGES[200], *OTHER_AVERAGES)
DASHES = ((), (10, 4), (3, 3), (12, 4, 3, 4), (6, 3))


def draw(spec: BreadthChart) -> bytes:
    """Shares above, net new highs below."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    names = [f"{line.last:.0f} % {line.name}" for line in spec.shares]
    room = max((text_width(name, LABEL) for name in names), default=40) + NAME_GAP + EDGE
    right = WIDTH - room
    left = EDGE + 58
    whole = Frame(left=left, top=HEADER_HEIGHT, right=right, bottom=BOTTOM)
    xs = columns(whole, len(spec.days))
    day_axis(canvas, day_ticks(spec.days, right - left), xs.tolist(), whole, row=DAY_ROW)
    top = Frame(left=left, top=HEADER_HEIGHT + 10, right=right, bottom=SHARES_BOTTOM)
    scale = Scale(low=0, high=100, top=top.top, bottom=top.bottom)
    value_axis(canvas, top, scale, [ValueTick(value=v, text="") for v in QUARTERS])
    for value in QUARTERS:
        canvas.text(left - 10, scale.y(float(value)), f"{value} %", MUTED, align="right")
    ends = []
    for line, name, ink, dash in zip(spec.shares, names, INKS, DASHES, strict=False):
        canvas.line(xs, scale.y(line.values), ink, width=LINE_WIDTH, dash=dash)
        ends.append(EndName(row=scale.y(line.last), text=name, ink=ink))
    end_names(canvas, ends, x=right + NAME_GAP, frame=top)
    if np.isfinite(spec.net_new_highs).any():
        bars = Frame(left=left, top=SHARES_BOTTOM + 46, right=right, bottom=BOTTOM)
        signed_bars(canvas, bars, xs, spec.net_new_highs, name="new 52-week highs minus lows")
    return canvas.png()
