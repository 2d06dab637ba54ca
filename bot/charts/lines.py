"""Draws lines over time: a comparison with ranked names, and relative strength in panels."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.lettering import text_width
from bot.charts.numbers import percent_text, tick_text
from bot.charts.panels import (
    EDGE,
    HEADER_HEIGHT,
    EndName,
    ValueTick,
    axis_room,
    day_axis,
    end_names,
    header,
    value_axis,
)
from bot.charts.scales import Frame, Scale, day_ticks, price_scale, ticks
from bot.charts.series_specs import ComparisonChart, RelativeStrengthChart
from bot.charts.theme import (
    ACCENT,
    AXIS,
    DOWN_VOLUME,
    HEIGHT,
    LABEL,
    MUTED,
    SKY,
    SMALL,
    TEXT,
    UP_VOLUME,
    WIDTH,
    strokes,
)
from bot.market.model import Days, Floats

BOTTOM = 552
DAY_ROW = 580
NAME_GAP = 12
LINE_WIDTH = 2.6


def draw_comparison(spec: ComparisonChart) -> bytes:
    """Returns from a common start; names stand at the line ends in rank order."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    names = [f"{line.name} {percent_text(line.last)}" for line in spec.lines]
    room = max(text_width(name, LABEL, bold=True) for name in names) + NAME_GAP + EDGE
    values = np.concatenate([line.values[np.isfinite(line.values)] for line in spec.lines])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    frame, scale = _left_axis(canvas, low, high, right=WIDTH - room)
    xs = columns(frame, len(spec.days))
    _days(canvas, spec.days, xs, frame)
    canvas.hline(scale.y(0.0), frame.left, frame.right, MUTED)
    # The home colours follow the names, the dashes the rank: two cues, either of which suffices.
    drawn = list(zip(spec.lines, names, strokes([x.name for x in spec.lines]), strict=True))
    for line, _, stroke in reversed(drawn):
        rows = scale.y(line.values)
        canvas.line(xs, rows, stroke.ink, width=LINE_WIDTH, dash=stroke.dash, clip=_grown(frame))
    ends = [EndName(row=scale.y(x.last), text=name, ink=stroke.ink) for x, name, stroke in drawn]
    end_names(canvas, ends, x=frame.right + NAME_GAP, frame=frame, bold=True)
    return canvas.png()


def draw_relative_strength(spec: RelativeStrengthChart) -> bytes:
    """Price, ratio and Mansfield RS in panels one above the other."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    with_bars = bool(np.isfinite(spec.mansfield).any())
    middle, low = (270, 445) if with_bars else (300, BOTTOM)
    scales = [
        _panel_scale(spec.price.values, HEADER_HEIGHT + 32, middle),
        _panel_scale(spec.ratio.values, middle + 28, low),
    ]
    axes = [_axis_ticks(scale) for scale in scales]
    right = WIDTH - axis_room([tick.text for axis in axes for tick in axis])
    whole = Frame(left=EDGE, top=HEADER_HEIGHT, right=right, bottom=BOTTOM)
    xs = columns(Frame(left=EDGE, top=0, right=right - 12, bottom=0), len(spec.days))
    _days(canvas, spec.days, xs, whole)
    inks = (TEXT, SKY)
    for scale, axis, line, ink in zip(scales, axes, (spec.price, spec.ratio), inks, strict=True):
        frame = Frame(left=EDGE, top=scale.top, right=right, bottom=scale.bottom)
        value_axis(canvas, frame, scale, axis)
        canvas.line(xs, scale.y(line.values), ink, width=LINE_WIDTH)
        canvas.text(EDGE, frame.top - 10, line.name, ink, size=LABEL, bold=True)
    for day in spec.highs:
        slot = int(np.searchsorted(spec.days, np.datetime64(day)))
        if np.isfinite(spec.ratio.values[slot]):
            row = scales[1].y(float(spec.ratio.values[slot]))
            canvas.ring(float(xs[slot]), row, 6, ACCENT, width=2.2)
    if spec.highs:
        x = EDGE + text_width(spec.ratio.name, LABEL, bold=True) + 24
        canvas.text(x, scales[1].top - 10, "○ new high of the ratio", ACCENT, size=SMALL)
    if with_bars:
        frame = Frame(left=EDGE, top=low + 28, right=right, bottom=BOTTOM)
        signed_bars(canvas, frame, xs, spec.mansfield, name="Mansfield RS")
    return canvas.png()


def columns(frame: Frame, count: int) -> Floats:
    """The columns of `count` sessions from the left to the right edge of a frame."""
    if count == 1:
        return np.array([frame.right])
    return np.linspace(frame.left, frame.right, count)


def signed_bars(canvas: Canvas, frame: Frame, xs: Floats, values: Floats, *, name: str) -> None:
    """Bars above and below zero in teal and coral, with the largest value at the axis."""
    known = np.isfinite(values)
    highest = max(0.0, float(values[known].max()))
    lowest = min(0.0, float(values[known].min()))
    scale = price_scale(lowest, highest, top=frame.top, bottom=frame.bottom)
    zero = scale.y(0.0)
    half = max(0.5, min(6.0, (frame.right - frame.left) / max(1, len(xs)) * 0.35))
    rows = scale.y(values)
    boxes = np.column_stack([xs - half, np.fmin(rows, zero), xs + half, np.fmax(rows, zero)])
    canvas.rects(boxes[known & (values > 0)], UP_VOLUME)
    canvas.rects(boxes[known & (values < 0)], DOWN_VOLUME)
    canvas.hline(zero, frame.left, frame.right, AXIS)
    for value in {lowest, 0.0, highest}:
        row = min(max(scale.y(value), frame.top + 8), frame.bottom - 8)
        if value == 0 or abs(row - zero) > SMALL + 3:
            canvas.text(frame.right + 10, row, f"{value:.0f}".replace("-", "−"), MUTED, size=SMALL)
    canvas.text(frame.left, frame.top - 10, name, MUTED, size=SMALL)


def _left_axis(canvas: Canvas, low: float, high: float, *, right: float) -> tuple[Frame, Scale]:
    """Percent values at the left, so that the right edge belongs to the names."""
    air = (high - low) * 0.05 or 1.0
    scale = Scale(low=low - air, high=high + air, top=HEADER_HEIGHT + 6, bottom=BOTTOM)
    values, step = ticks(scale, 7)
    texts = [f"{tick_text(value, step)} %" for value in values]
    left = max(text_width(text, SMALL) for text in texts) + EDGE + 10
    frame = Frame(left=left, top=scale.top, right=right, bottom=scale.bottom)
    value_axis(canvas, frame, scale, [ValueTick(value=v, text="") for v in values])
    for value, text in zip(values, texts, strict=True):
        canvas.text(left - 10, scale.y(value), text, MUTED, size=SMALL, align="right")
    return frame, scale


def _days(canvas: Canvas, days: Days, xs: Floats, frame: Frame) -> None:
    width = float(xs[-1] - xs[0]) if len(xs) > 1 else 0.0
    day_axis(canvas, day_ticks(days, width), xs.tolist(), frame, row=DAY_ROW)


def _panel_scale(values: Floats, top: float, bottom: float) -> Scale:
    known = values[np.isfinite(values)]
    return price_scale(float(known.min()), float(known.max()), top=top, bottom=bottom)


def _axis_ticks(scale: Scale) -> list[ValueTick]:
    values, step = ticks(scale, 4)
    return [ValueTick(value=v, text=tick_text(v, v if scale.log else step)) for v in values]


def _grown(frame: Frame) -> Frame:
    return Frame(
        left=frame.left - 2, top=frame.top - 2, right=frame.right + 2, bottom=frame.bottom + 2
    )
