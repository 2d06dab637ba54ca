"""What a rule used, drawn on the candles: zones behind them, lines over them."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.labels import Spot
from bot.charts.plot import Plot
from bot.charts.specs import LevelLine, Marker, Tone, TrendLine
from bot.charts.theme import ACCENT, BAND, BRIGHT, MUTED, TONES, Dash, Ink, blend
from bot.market.model import Floats

LEVEL_DASH: Dash = (9, 5)
TREND_WIDTH = 2.2
RING = 7.0
TRIANGLE = (9.0, 13.0)
"""Half the width and the height of a marker in pixels."""


def zones(canvas: Canvas, plot: Plot) -> None:
    """Bands and boxes, which lie behind the candles."""
    for band in plot.spec.bands:
        top, bottom = plot.row(band.high), plot.row(band.low)
        left = plot.x(band.since)
        canvas.rects([(left, top, plot.frame.right, max(bottom, top + 2))], BAND)
    edge = blend(ACCENT, 0.6)
    for box in plot.spec.boxes:
        left, right = plot.x(box.first) - plot.body / 2 - 2, plot.x(box.last) + plot.body / 2 + 2
        top, bottom = plot.row(box.high), plot.row(box.low)
        canvas.rects([(left, top, right, bottom)], blend(ACCENT, 0.16))
        for row in (top, bottom - 1):
            canvas.hline(row, left, right, edge)
        for column in (left, right - 1):
            canvas.vline(column, top, bottom, edge)


def lines(canvas: Canvas, plot: Plot) -> None:
    """Trend lines with their touches, and markers, over the candles."""
    for trend in plot.spec.trends:
        xs, rows = trend_points(plot, trend)
        canvas.line(xs, rows, BRIGHT, width=TREND_WIDTH, clip=plot.frame)
        for touch in trend.touches:
            canvas.ring(plot.x(touch.day), plot.row(touch.price), RING, BRIGHT, width=TREND_WIDTH)
    for mark in plot.spec.markers:
        canvas.polygon(triangle(plot, mark), TONES[mark.tone])


def level_line(canvas: Canvas, plot: Plot, level: LevelLine, *, label_left: float) -> None:
    """A level's dashed line; faint where it only leads back to its label."""
    if not plot.scale.shows(level.price):
        return
    left, row, ink = plot.x(level.since), plot.row(level.price) - 1, level_ink(level)
    canvas.hline(row, left, plot.frame.right, ink, dash=LEVEL_DASH)
    if label_left < left:
        canvas.hline(row, label_left, left - LEVEL_DASH[1], blend(ink, 0.45), dash=(3, 5))


def level_ink(level: LevelLine) -> Ink:
    """Amber for the level that matters, red for one that undoes, grey for the rest."""
    if level.accent:
        return ACCENT
    return MUTED if level.tone is Tone.NEUTRAL else TONES[level.tone]


def trend_points(plot: Plot, trend: TrendLine) -> tuple[Floats, Floats]:
    """Columns and rows of a trend line, one per candle: straight in price, also on a log scale."""
    first, last = plot.slot(trend.first), plot.slot(trend.last)
    slots = np.arange(first, last + 1)
    prices = np.interp(slots, [first, last], [trend.first_price, trend.last_price])
    return plot.xs[slots], plot.scale.y(prices)


def triangle(plot: Plot, mark: Marker) -> list[tuple[float, float]]:
    """Points down at the price, or up at it where the price is below the candle's middle."""
    half, tall = TRIANGLE
    x, row, slot = plot.x(mark.day), plot.row(mark.price), plot.slot(mark.day)
    middle = (plot.spec.high[slot] + plot.spec.low[slot]) / 2
    tip = row + 5 if mark.price < middle else row - 5
    base = tip + tall if mark.price < middle else tip - tall
    return [(x, tip), (x - half, base), (x + half, base)]


def triangle_spot(plot: Plot, mark: Marker) -> Spot:
    """The box around a marker."""
    points = np.array(triangle(plot, mark))
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Spot(left=left, top=top, right=right, bottom=bottom)
