"""What a rule used, drawn on the candles: zones behind them, lines over them, then the labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.charts.canvas import Canvas, text_width
from bot.charts.labels import Placer, Spot
from bot.charts.numbers import day_text, price_text
from bot.charts.plot import Plot
from bot.charts.scales import Frame
from bot.charts.specs import Band, Box, LevelLine, Marker, Tone, TrendLine
from bot.charts.theme import (
    ACCENT,
    BACKGROUND,
    BAND,
    BAND_EDGE,
    BRIGHT,
    LABEL,
    MUTED,
    TONES,
    Dash,
    Ink,
    blend,
)

LEVEL_DASH: Dash = (9, 5)
RING = 7.0
TRIANGLE = (9.0, 13.0)
"""Half the width and the height of a marker in pixels."""
PLATE = 3
ROW = LABEL + 2 * PLATE
BELOW_COST = 60.0
ROW_COST = 900.0
"""Labels rather stand on a line than under it, and rather there than a row away."""


def zones(canvas: Canvas, plot: Plot) -> None:
    """Bands and boxes, which lie behind the candles."""
    frame, scale = plot.frame, plot.scale
    for band in plot.spec.bands:
        top, bottom = _clipped(plot, band.high), _clipped(plot, band.low)
        left = plot.x(band.since)
        canvas.rects([(left, top, frame.right, max(bottom, top + 2))], BAND)
    for box in plot.spec.boxes:
        left, right = plot.x(box.first) - plot.body / 2 - 2, plot.x(box.last) + plot.body / 2 + 2
        top, bottom = _clipped(plot, box.high), max(_clipped(plot, box.low), scale.top)
        canvas.rects([(left, top, right, bottom)], blend(ACCENT, 0.16))
        edge = blend(ACCENT, 0.6)
        for row in (top, bottom - 1):
            canvas.hline(row, left, right, edge)
        for column in (left, right - 1):
            canvas.vline(column, top, bottom, edge)


def lines(canvas: Canvas, plot: Plot) -> None:
    """Levels, trend lines with their touches, and markers, over the candles."""
    for level in plot.spec.levels:
        if plot.scale.shows(level.price):
            left, row = plot.x(level.since), plot.scale.y(level.price) - 1
            canvas.hline(row, left, plot.frame.right, level_ink(level), dash=LEVEL_DASH)
    for trend in plot.spec.trends:
        first, last = plot.slot(trend.first), plot.slot(trend.last)
        slots = np.arange(first, last + 1)
        prices = np.interp(slots, [first, last], [trend.first_price, trend.last_price])
        rows = plot.scale.y(prices)
        canvas.line(plot.xs[slots], rows, BRIGHT, width=2.2, clip=plot.frame)
        for touch in trend.touches:
            row = plot.scale.y(touch.price)
            canvas.ring(plot.x(touch.day), row, RING, BRIGHT, width=2.2)
    for mark in plot.spec.markers:
        canvas.polygon(_triangle(plot, mark), TONES[mark.tone])


@dataclass(frozen=True, kw_only=True)
class _Label:
    """Words to place: `x` where they best begin, `rows` the rows above and below them."""

    words: str
    ink: Ink
    left: float
    right: float
    above: float
    below: float
    bold: bool = False


def labels(canvas: Canvas, plot: Plot, *, taken: Sequence[Spot] = ()) -> None:
    """Every overlay's name, each where it hides the least and none over another."""
    half = plot.step / 2 + 1
    curves = [
        np.column_stack([plot.xs - half, rows - 2, plot.xs + half, rows + 2])
        for rows in (plot.scale.y(average.values) for average in plot.spec.averages)
    ]
    obstacles = np.concatenate([plot.candle_boxes(), *curves])
    frame = plot.frame
    placer = Placer(obstacles[np.isfinite(obstacles).all(axis=1)], within=frame)
    for spot in taken:
        placer.take(spot)
    for mark in plot.spec.markers:
        placer.take(_triangle_spot(plot, mark))
    for label in _labels(plot):
        wide = text_width(label.words, LABEL, bold=label.bold) + 2 * PLATE
        spot = placer.place(_spots(label, wide, frame))
        canvas.rects([(spot.left, spot.top, spot.right, spot.bottom)], BACKGROUND)
        middle = (spot.top + spot.bottom) / 2
        room = frame.right - spot.left
        canvas.text(
            spot.left + PLATE,
            middle,
            label.words,
            label.ink,
            size=LABEL,
            bold=label.bold,
            room=room,
        )


def level_ink(level: LevelLine) -> Ink:
    """Amber for the level that matters, red for one that undoes, grey for the rest."""
    if level.accent:
        return ACCENT
    return MUTED if level.tone is Tone.NEUTRAL else TONES[level.tone]


def _labels(plot: Plot) -> Iterator[_Label]:
    """The level that matters comes first and gets the best place."""
    for level in sorted(plot.spec.levels, key=lambda level: not level.accent):
        yield _level_label(plot, level)
    for mark in plot.spec.markers:
        if mark.label:
            yield _marker_label(plot, mark)
    for trend in plot.spec.trends:
        if trend.label:
            yield _trend_label(plot, trend)
    for box in plot.spec.boxes:
        if box.label:
            yield _zone_label(plot, box, box.label, ACCENT, plot.x(box.first))
    for band in plot.spec.bands:
        yield _zone_label(plot, band, _band_words(band), BAND_EDGE, plot.x(band.since))


def _level_label(plot: Plot, level: LevelLine) -> _Label:
    words = " ".join(filter(None, (level.label, price_text(level.price))))
    words += f" · {day_text(level.since)}" if level.since else ""
    away = "" if plot.scale.shows(level.price) else _arrow(plot, level.price)
    row = _clipped(plot, level.price)
    return _Label(
        words=words + away,
        ink=level_ink(level),
        left=plot.x(level.since),
        right=plot.frame.right,
        above=row - 2,
        below=row + 3,
        bold=level.accent,
    )


def _marker_label(plot: Plot, mark: Marker) -> _Label:
    spot = _triangle_spot(plot, mark)
    wide = text_width(mark.label, LABEL) + 2 * PLATE
    return _Label(
        words=mark.label,
        ink=TONES[mark.tone],
        left=spot.left - wide - 4,
        right=spot.right + wide + 4,
        above=spot.bottom + 3,
        below=spot.bottom + 2,
    )


def _trend_label(plot: Plot, trend: TrendLine) -> _Label:
    middle = (plot.slot(trend.first) + plot.slot(trend.last)) // 2
    row = plot.scale.y((trend.first_price + trend.last_price) / 2)
    x = float(plot.xs[middle])
    return _Label(
        words=trend.label, ink=BRIGHT, left=x, right=x + 200, above=row - 14, below=row + 14
    )


def _zone_label(plot: Plot, zone: Box | Band, words: str, ink: Ink, left: float) -> _Label:
    return _Label(
        words=words,
        ink=ink,
        left=left,
        right=plot.frame.right if isinstance(zone, Band) else plot.x(zone.last) + 120,
        above=_clipped(plot, zone.high) - 2,
        below=_clipped(plot, zone.low) + 2,
    )


def _band_words(band: Band) -> str:
    prices = f"{price_text(band.low)}–{price_text(band.high)}"
    since = f"since {band.since.year}" if band.since else ""
    return " · ".join(filter(None, (f"{band.label} {prices}".strip(), since)))


def _spots(label: _Label, wide: float, frame: Frame) -> Iterator[Spot]:
    """Places along the line, above and below it, and further away as a last resort."""
    stop = max(label.left, min(label.right, frame.right) - wide)
    for left in np.linspace(label.left, stop, 24).tolist():
        for away in range(5):
            shift, cost = away * (ROW + 2), away * ROW_COST
            top = label.above - ROW - shift
            yield Spot(left=left, top=top, right=left + wide, bottom=top + ROW, cost=cost)
            top = label.below + shift
            cost += BELOW_COST
            yield Spot(left=left, top=top, right=left + wide, bottom=top + ROW, cost=cost)


def _triangle(plot: Plot, mark: Marker) -> list[tuple[float, float]]:
    """Points down at the price from above, or up at it from below a bearish candle's low."""
    half, tall = TRIANGLE
    x, row = plot.x(mark.day), _clipped(plot, mark.price)
    candle = plot.slot(mark.day)
    under = mark.price <= float(np.nan_to_num(plot.spec.low[candle], nan=-np.inf))
    tip = row + 5 if under else row - 5
    base = tip + tall if under else tip - tall
    return [(x, tip), (x - half, base), (x + half, base)]


def _triangle_spot(plot: Plot, mark: Marker) -> Spot:
    points = np.array(_triangle(plot, mark))
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Spot(left=left, top=top, right=right, bottom=bottom)


def _clipped(plot: Plot, price: float) -> float:
    """The row of a price, held inside the frame."""
    if plot.scale.log and price <= 0:
        return plot.frame.bottom
    return min(max(plot.scale.y(price), plot.frame.top), plot.frame.bottom)


def _arrow(plot: Plot, price: float) -> str:
    return " ↑" if price > plot.scale.high else " ↓"
