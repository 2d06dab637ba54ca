"""Draws base rates: each hit rate with its interval beside the rate of an ordinary day.

The colour follows the interval, not the dot: only an interval that leaves the ordinary rate out
is green or red, and the verdict stands beside it in words.
"""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.lettering import text_width
from bot.charts.numbers import percent_text, tick_text
from bot.charts.panels import EDGE, HEADER_HEIGHT, header
from bot.charts.scales import round_step
from bot.charts.state_specs import BaseRate, BaseRateChart
from bot.charts.theme import (
    ACCENT,
    AXIS,
    BACKGROUND,
    BODY,
    BRIGHT,
    DOWN,
    DOWN_VOLUME,
    GRID,
    HEIGHT,
    LABEL,
    MUTED,
    SMALL,
    TEXT,
    UP,
    UP_VOLUME,
    WIDTH,
    Ink,
)
from bot.market.model import Floats

INKS: dict[str, Ink] = {
    "above ordinary": UP,
    "below ordinary": DOWN,
    "not distinguishable": TEXT,
}
LEFT = 175
RIGHT = 745
TOP = HEADER_HEIGHT + 18
SPLIT = 330
"""The row where the rates end when outcomes stand below them."""
WIDEST_ROW = 84
BINS = 40
CAP = 9


def draw(spec: BaseRateChart) -> bytes:
    """Rates by horizon above, the outcomes of all episodes below."""
    alone = not len(spec.outcomes)
    bottom = TOP + WIDEST_ROW * len(spec.rates) if alone else SPLIT
    canvas = Canvas(WIDTH, bottom + 36 if alone else HEIGHT)
    header(canvas, spec.title, spec.fact)
    _rates(canvas, spec.rates, bottom)
    if len(spec.outcomes):
        _outcomes(canvas, spec.outcomes, spec.outcomes_label)
    return canvas.png()


def _rates(canvas: Canvas, rates: tuple[BaseRate, ...], bottom: int) -> None:
    for value in range(0, 101, 25):
        x = _x(value)
        canvas.vline(x, TOP, bottom, AXIS if value == 50 else GRID)
        canvas.text(x, bottom + 16, f"{value} %", MUTED, size=SMALL, align="center")
    step = min((bottom - TOP) / len(rates), float(WIDEST_ROW))
    for position, rate in enumerate(rates):
        middle = TOP + (position + 0.5) * step
        ink = INKS[rate.verdict]
        canvas.text(EDGE, middle - 10, rate.horizon, TEXT, size=LABEL, bold=True, room=LEFT - 40)
        canvas.text(EDGE, middle + 12, f"{rate.count} episodes", MUTED, size=SMALL)
        canvas.rects([(_x(rate.low), middle - 2, _x(rate.high), middle + 2)], ink)
        for end in (rate.low, rate.high):
            canvas.rects([(_x(end) - 1, middle - CAP, _x(end) + 2, middle + CAP)], ink)
        canvas.disc(_x(rate.rate), middle, 9, ink)
        _diamond(canvas, _x(rate.ordinary), middle)
        canvas.text(RIGHT + 20, middle - 12, f"{rate.rate:.0f} %", ink, size=LABEL, bold=True)
        wide = text_width(f"{rate.rate:.0f} %", LABEL, bold=True)
        ordinary = f"◆ ordinary {rate.ordinary:.0f} %"
        canvas.text(RIGHT + 30 + wide, middle - 12, ordinary, ACCENT, size=SMALL)
        canvas.text(RIGHT + 20, middle + 11, rate.verdict, ink, size=SMALL)


def _x(percent: float) -> float:
    return LEFT + (RIGHT - LEFT) * min(100.0, max(0.0, percent)) / 100


def _diamond(canvas: Canvas, x: float, row: float) -> None:
    for size, ink in ((11, BACKGROUND), (8, ACCENT)):
        canvas.polygon([(x, row - size), (x + size, row), (x, row + size), (x - size, row)], ink)


def _outcomes(canvas: Canvas, outcomes: Floats, label: str) -> None:
    """A histogram around zero; the few beyond the 1st and 99th percentile count at its ends."""
    top, bottom = SPLIT + 66, HEIGHT - 44
    reach = max(float(np.abs(np.percentile(outcomes, [1, 99])).max()), 0.1)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts = np.histogram(np.clip(outcomes, -reach, reach), edges)[0]
    left, right = float(EDGE), float(WIDTH - EDGE)
    wide = (right - left) / BINS
    tops = bottom - (bottom - top) * counts / counts.max()
    lefts = left + wide * np.arange(BINS)
    boxes = np.column_stack([lefts + 1, tops, lefts + wide - 1, np.full(BINS, bottom)])
    centres = (edges[1:] + edges[:-1]) / 2
    canvas.rects(boxes[(counts > 0) & (centres >= 0)], UP_VOLUME)
    canvas.rects(boxes[(counts > 0) & (centres < 0)], DOWN_VOLUME)
    canvas.hline(bottom, left, right, AXIS)
    step = round_step(-reach, reach, 8)
    for i in range(-int(reach / step), int(reach / step) + 1):
        x = left + (right - left) * (i * step + reach) / (2 * reach)
        text = f"{'+' if i > 0 else ''}{tick_text(i * step, step)} %" if i else "0 %"
        half = text_width(text, SMALL) / 2
        x = min(max(x, left + half), right - half)
        canvas.text(x, bottom + 18, text, MUTED, size=SMALL, align="center")
    _median(canvas, outcomes, reach, top, bottom)
    canvas.text(EDGE, top - 22, label or "outcomes", TEXT, size=BODY, room=WIDTH / 2 - EDGE)


def _median(canvas: Canvas, outcomes: Floats, reach: float, top: float, bottom: float) -> None:
    median = float(np.median(outcomes))
    x = EDGE + (WIDTH - 2 * EDGE) * (median + reach) / (2 * reach)
    canvas.vline(x, top - 8, bottom, BRIGHT, dash=(6, 4))
    words = f"median {percent_text(median)} of {len(outcomes)}"
    half = text_width(words, BODY, bold=True) / 2
    middle = min(max(x, WIDTH / 2 + half), WIDTH - EDGE - half)
    canvas.text(middle, top - 22, words, BRIGHT, size=BODY, bold=True, align="center")
