"""Draws a candle chart: zones, volume, candles, averages, lines, then labels where they fit."""

import numpy as np

from bot.charts import overlays
from bot.charts.canvas import Canvas
from bot.charts.names import draw_names
from bot.charts.numbers import price_text, volume_text
from bot.charts.panels import (
    EndName,
    day_axis,
    header,
    tag,
    value_axis,
)
from bot.charts.plot import DAY_ROW, VOLUME_BOTTOM, Plot, average_name, plot_of
from bot.charts.scales import Frame, day_ticks
from bot.charts.specs import CandleChart
from bot.charts.theme import (
    ACCENT,
    BACKGROUND,
    DOWN,
    DOWN_VOLUME,
    HEIGHT,
    MUTED,
    SMALL,
    UP,
    UP_VOLUME,
    WIDTH,
    average_ink,
)

THICK_WICK_FROM = 13
"""Body width in pixels from which wicks are three pixels wide instead of one."""


def draw(spec: CandleChart) -> bytes:
    """The chart as a PNG of 1000 × 600 pixels."""
    canvas = Canvas(WIDTH, HEIGHT)
    plot = plot_of(spec)
    header(canvas, spec.title, spec.fact)
    overlays.zones(canvas, plot)
    _axes(canvas, plot)
    if plot.volume:
        _volume(canvas, plot, plot.volume)
    _candles(canvas, plot)
    _averages(canvas, plot)
    overlays.lines(canvas, plot)
    draw_names(canvas, plot, _average_names(plot))
    rising = _rising(plot)[plot.known[-1]]
    tag(
        canvas,
        plot.frame,
        plot.scale.y(plot.last_close),
        price_text(plot.last_close),
        UP if rising else DOWN,
        hollow=spec.provisional,
    )
    return canvas.png()


def _axes(canvas: Canvas, plot: Plot) -> None:
    row = plot.scale.y(plot.last_close)
    value_axis(canvas, plot.frame, plot.scale, plot.ticks, free=(row,))
    whole = Frame(
        left=plot.frame.left, top=plot.frame.top, right=plot.frame.right, bottom=VOLUME_BOTTOM
    )
    labels = day_ticks(plot.spec.days, plot.step * len(plot.xs))
    day_axis(canvas, labels, plot.xs.tolist(), whole, row=DAY_ROW)
    if plot.spec.provisional:
        canvas.text(WIDTH - 6, DAY_ROW, "provisional", ACCENT, size=SMALL, align="right")
    elif plot.scale.log:
        canvas.text(WIDTH - 6, DAY_ROW, "log scale", MUTED, size=SMALL, align="right")


def _volume(canvas: Canvas, plot: Plot, frame: Frame) -> None:
    highest = float(plot.spec.volume.max())
    tops = frame.bottom - (frame.bottom - frame.top) * plot.spec.volume / highest
    half = plot.body / 2
    traded = plot.spec.volume > 0
    bottoms = np.full(len(tops), frame.bottom)
    boxes = np.column_stack([plot.xs - half, tops, plot.xs + half, bottoms])
    rising = _rising(plot)
    canvas.rects(boxes[traded & rising], UP_VOLUME)
    canvas.rects(boxes[traded & ~rising], DOWN_VOLUME)
    canvas.text(frame.right + 10, frame.top + 6, volume_text(highest), MUTED, size=SMALL)
    canvas.text(frame.right + 10, frame.top + 26, "volume", MUTED, size=SMALL)


def _candles(canvas: Canvas, plot: Plot) -> None:
    spec, scale = plot.spec, plot.scale
    half = plot.body / 2
    thin = 1.5 if plot.body >= THICK_WICK_FROM else 0.5
    tops = scale.y(np.fmax(spec.open, spec.close))
    bottoms = scale.y(np.fmin(spec.open, spec.close))
    wicks = np.column_stack([plot.xs - thin, scale.y(spec.high), plot.xs + thin, scale.y(spec.low)])
    bodies = np.column_stack([plot.xs - half, tops, plot.xs + half, bottoms])
    known = np.isfinite(spec.close)
    rising = _rising(plot)
    for mask, ink in ((known & rising, UP), (known & ~rising, DOWN)):
        canvas.rects(wicks[mask], ink)
        canvas.rects(bodies[mask], ink)
    if spec.provisional and known[-1] and plot.body >= 3:
        left, top, right, bottom = np.round(bodies[-1])
        if bottom - top > 2:
            canvas.rects([(left + 1, top + 1, right - 1, bottom - 1)], BACKGROUND)


def _averages(canvas: Canvas, plot: Plot) -> None:
    for position, average in enumerate(plot.spec.averages):
        rows = plot.scale.y(average.values)
        ink = average_ink(average.n, position)
        canvas.line(plot.xs, rows, ink, width=2.0, clip=plot.frame)


def _average_names(plot: Plot) -> list[EndName]:
    """Names for the ends of the averages; one that ends outside the frame gets an arrow."""
    names = []
    for position, average in enumerate(plot.spec.averages):
        known = average.values[np.isfinite(average.values)]
        if not len(known):
            continue
        last = float(known[-1])
        text = average_name(plot.spec, average.n) + plot.arrow(last)
        ink = average_ink(average.n, position)
        names.append(EndName(row=plot.row(last), text=text, ink=ink))
    return names


def _rising(plot: Plot) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    with np.errstate(invalid="ignore"):
        rising: np.ndarray[tuple[int], np.dtype[np.bool_]] = plot.spec.close >= plot.spec.open
    return rising
