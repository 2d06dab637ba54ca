"""The words on a candle chart: every overlay's name, each where it hides the least."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.charts import overlays
from bot.charts.canvas import Canvas
from bot.charts.labels import Placer, Spot
from bot.charts.lettering import text_width
from bot.charts.numbers import day_text, price_text
from bot.charts.panels import EndName, end_names, end_spots
from bot.charts.plot import Plot
from bot.charts.scales import Frame
from bot.charts.specs import Band, Box, LevelLine, Marker, TrendLine
from bot.charts.theme import ACCENT, BACKGROUND, BAND_EDGE, BRIGHT, LABEL, SMALL, TONES, Ink
from bot.market.model import Floats

PLATE = 3
ROW = LABEL + 2 * PLATE
COLUMNS = 32
ROWS_AWAY = 6
"""How many columns and rows are tried for a label, besides both ends of its line."""
BELOW_COST = 60.0
ROW_COST = 400.0
OUTSIDE_COST = 1.5
MARKER_OUTSIDE_COST = 8.0
"""Labels rather stand on their line than under it, and rather there than a row away; each pixel
before its line's beginning costs a little, a marker's label away from its marker a lot. Hidden
candles cost more than any of these."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words to place between `left` and `right`, on the row `above` or under the row `below`.

    `reach_cost` speaks against each pixel outside of `left`…`right`. `slope` is by how many rows
    its line falls per pixel to the right of `left`.
    """

    words: str
    ink: Ink
    left: float
    right: float
    above: float
    below: float
    slope: float = 0.0
    reach_cost: float = OUTSIDE_COST
    bold: bool = False
    level: LevelLine | None = None


def draw_names(canvas: Canvas, plot: Plot, averages: Sequence[EndName]) -> None:
    """Place and set all labels and the averages' names, over the level lines that lead to them."""
    x = float(plot.xs[-1]) + plot.body / 2 + 8
    taken = end_spots(averages, x=x, frame=plot.frame, size=SMALL)
    placed = placed_names(plot, taken=taken)
    for label, spot in placed:
        if label.level:
            overlays.level_line(canvas, plot, label.level, label_left=spot.left)
    end_names(canvas, averages, x=x, frame=plot.frame, size=SMALL)
    for label, spot in placed:
        canvas.rects([(spot.left, spot.top, spot.right, spot.bottom)], BACKGROUND)
        canvas.text(
            spot.left + PLATE,
            (spot.top + spot.bottom) / 2,
            label.words,
            label.ink,
            size=LABEL,
            bold=label.bold,
            room=plot.frame.right - spot.left,
        )


def placed_names(plot: Plot, *, taken: Sequence[Spot] = ()) -> list[tuple[Label, Spot]]:
    """Every label with its place; `taken` are places that are not free."""
    placer = Placer(plot.candle_boxes(), faint=_curves(plot), within=plot.frame)
    for spot in (*taken, *(overlays.triangle_spot(plot, mark) for mark in plot.spec.markers)):
        placer.take(spot)
    placed = []
    for label in _labels(plot):
        wide = text_width(label.words, LABEL, bold=label.bold) + 2 * PLATE
        placed.append((label, placer.place(_spots(label, wide, plot.frame))))
    return placed


def _curves(plot: Plot) -> Floats:
    """Lines that labels should rather not hide: averages, trend lines, levels."""
    spec, half = plot.spec, plot.step / 2 + 1
    curves = [(plot.xs, plot.scale.y(average.values)) for average in spec.averages]
    curves += [overlays.trend_points(plot, trend) for trend in spec.trends]
    boxes = [np.column_stack([xs - half, ys - 3, xs + half, ys + 3]) for xs, ys in curves]
    rows = [(plot.x(level.since), plot.row(level.price)) for level in spec.levels]
    boxes += [np.array([(left, row - 1, plot.frame.right, row + 1)]) for left, row in rows]
    merged: Floats = np.concatenate([np.empty((0, 4)), *boxes])
    return merged[np.isfinite(merged).all(axis=1)]


def _labels(plot: Plot) -> Iterator[Label]:
    """Markers have one place; after them the level that matters gets its best one."""
    for mark in plot.spec.markers:
        if mark.label:
            yield _marker_label(plot, mark)
    for level in sorted(plot.spec.levels, key=lambda level: not level.accent):
        yield _level_label(plot, level)
    for trend in plot.spec.trends:
        if trend.label:
            yield _trend_label(plot, trend)
    for box in plot.spec.boxes:
        if box.label:
            yield _zone_label(plot, box, box.label, ACCENT, plot.x(box.first), plot.x(box.last))
    for band in plot.spec.bands:
        words, left = _band_words(band), plot.x(band.since)
        yield _zone_label(plot, band, words, BAND_EDGE, left, plot.frame.right)


def _level_label(plot: Plot, level: LevelLine) -> Label:
    words = " ".join(filter(None, (level.label, price_text(level.price))))
    words += f" · {day_text(level.since)}" if level.since else ""
    row = plot.row(level.price)
    return Label(
        words=words + plot.arrow(level.price),
        ink=overlays.level_ink(level),
        left=plot.x(level.since),
        right=plot.frame.right,
        above=row - 2,
        below=row + 3,
        bold=level.accent,
        level=level,
    )


def _marker_label(plot: Plot, mark: Marker) -> Label:
    spot = overlays.triangle_spot(plot, mark)
    wide = text_width(mark.label, LABEL) + 2 * PLATE
    return Label(
        words=mark.label,
        ink=TONES[mark.tone],
        left=spot.left - wide - 4,
        right=spot.right + wide + 4,
        above=spot.bottom + 3,
        below=spot.bottom + 2,
        reach_cost=MARKER_OUTSIDE_COST,
    )


def _trend_label(plot: Plot, trend: TrendLine) -> Label:
    xs, rows = overlays.trend_points(plot, trend)
    left, right = float(xs[0]), float(xs[-1])
    slope = float(rows[-1] - rows[0]) / max(1.0, right - left)
    row = float(rows[0])
    return Label(
        words=trend.label,
        ink=BRIGHT,
        left=left,
        right=right,
        above=row - 8,
        below=row + 8,
        slope=slope if np.isfinite(slope) else 0.0,
    )


def _zone_label(
    plot: Plot, zone: Box | Band, words: str, ink: Ink, left: float, right: float
) -> Label:
    return Label(
        words=words,
        ink=ink,
        left=left,
        right=max(right, left + text_width(words, LABEL) + 2 * PLATE),
        above=plot.row(zone.high) - 2,
        below=plot.row(zone.low) + 2,
    )


def _band_words(band: Band) -> str:
    prices = f"{price_text(band.low)}–{price_text(band.high)}"
    since = f"since {band.since.year}" if band.since else ""
    return " · ".join(filter(None, (f"{band.label} {prices}".strip(), since)))


def _spots(label: Label, wide: float, frame: Frame) -> Iterator[Spot]:
    """Places along the line, above and below it, then further away as a last resort."""
    last = max(frame.left, frame.right - wide)
    ideal = (min(max(x, frame.left), last) for x in (label.left, label.right - wide))
    for left in (*ideal, *np.linspace(frame.left, last, COLUMNS).tolist()):
        outside = max(0.0, label.left - left, left + wide - label.right)
        ends = [
            label.slope * (min(max(x, label.left), label.right) - label.left)
            for x in (left, left + wide)
        ]
        for away in range(ROWS_AWAY):
            cost = label.reach_cost * outside + ROW_COST * away
            for top, extra in (
                (label.above + min(ends) - ROW - away * (ROW + 2), 0.0),
                (label.below + max(ends) + away * (ROW + 2), BELOW_COST),
            ):
                yield Spot(
                    left=left, top=top, right=left + wide, bottom=top + ROW, cost=cost + extra
                )
