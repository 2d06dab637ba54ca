"""Where everything of a candle chart stands, before anything is drawn.

The frame follows the candles. Averages and levels stretch it a little; what lies further away
is named at the edge with an arrow, so that one distant line never flattens the prices.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.charts.lettering import text_width
from bot.charts.numbers import price_text, tick_text
from bot.charts.panels import EDGE, HEADER_HEIGHT, ValueTick, axis_room
from bot.charts.scales import Frame, Scale, price_scale, ticks
from bot.charts.specs import CandleChart, Interval
from bot.charts.theme import SMALL, WIDTH
from bot.market.model import Floats

PRICE_BOTTOM = 452
VOLUME_TOP = 474
VOLUME_BOTTOM = 556
DAY_ROW = 580
"""Rows of the panels in pixels; without any volume the price panel reaches down to the days."""

MARKER_AIR = 24
"""Rows kept free above the highest price for a marker's triangle."""
WIDEST_STEP = 36.0
"""Pixels per candle at most, so that three candles do not become three barn doors."""
NARROWEST_BODY_STEP = 2.6
"""Pixels per candle from which a body can be told from its wick."""
AVERAGE_REACH = 0.35
LEVEL_REACH = 0.60
"""How far averages and levels may stretch the frame, as shares of the candles' range."""

UNITS = {Interval.DAILY: "day", Interval.WEEKLY: "week", Interval.MONTHLY: "month"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Plot:
    """The layout of one chart: `xs` are the centres of the candles in whole pixels."""

    spec: CandleChart
    frame: Frame
    scale: Scale
    ticks: tuple[ValueTick, ...]
    volume: Frame | None
    xs: Floats
    step: float
    body: int

    @property
    def known(self) -> NDArray[np.intp]:
        """Slots that have a candle."""
        return np.flatnonzero(np.isfinite(self.spec.close))

    @property
    def last_close(self) -> float:
        """The newest known close."""
        return float(self.spec.close[self.known[-1]])

    def slot(self, day: date) -> int:
        """The candle that holds `day`, the last one for later days."""
        return min(int(np.searchsorted(self.spec.days, np.datetime64(day))), len(self.xs) - 1)

    def x(self, day: date | None) -> float:
        """The column of `day`; the left edge for None and for days before the range."""
        if day is None or np.datetime64(day) < self.spec.days[0]:
            return self.frame.left
        return float(self.xs[self.slot(day)])

    def row(self, price: float) -> float:
        """The row of a price, held inside the frame."""
        if self.scale.log and price <= 0:
            return self.frame.bottom
        return min(max(self.scale.y(price), self.frame.top), self.frame.bottom)

    def arrow(self, price: float) -> str:
        """An arrow towards a price that lies outside the frame."""
        if self.scale.shows(price):
            return ""
        return " ↑" if price > self.scale.high else " ↓"

    def candle_boxes(self) -> Floats:
        """What the candles cover, shape (known, 4)."""
        slots = self.known
        half = self.body / 2
        return np.column_stack(
            [
                self.xs[slots] - half,
                self.scale.y(self.spec.high[slots]),
                self.xs[slots] + half,
                self.scale.y(self.spec.low[slots]),
            ]
        )


def plot_of(spec: CandleChart) -> Plot:
    """The layout of `spec` on the standard canvas."""
    low, high = _price_range(spec)
    with_volume = bool((spec.volume > 0).any())
    bottom = PRICE_BOTTOM if with_volume else VOLUME_BOTTOM
    top = HEADER_HEIGHT + (MARKER_AIR if spec.markers else 0)
    scale = price_scale(low, high, top=top, bottom=bottom)
    values, tick_step = ticks(scale)
    value_ticks = tuple(
        ValueTick(value=v, text=tick_text(v, v if scale.log else tick_step)) for v in values
    )
    last = float(spec.close[np.isfinite(spec.close)][-1])
    right = WIDTH - axis_room([*(tick.text for tick in value_ticks), price_text(last)])
    frame = Frame(left=EDGE, top=HEADER_HEIGHT, right=right, bottom=bottom)
    volume = Frame(left=EDGE, top=VOLUME_TOP, right=right, bottom=VOLUME_BOTTOM)
    step = min((right - _names_room(spec) - EDGE) / len(spec.days), WIDEST_STEP)
    start = right - _names_room(spec) - step * len(spec.days)
    return Plot(
        spec=spec,
        frame=frame,
        scale=scale,
        ticks=value_ticks,
        volume=volume if with_volume else None,
        xs=np.floor(start + step * (np.arange(len(spec.days)) + 0.5)) + 0.5,
        step=step,
        body=body_width(step),
    )


def body_width(step: float) -> int:
    """The width of a candle's body in pixels: odd, so that its wick stands in the middle.

    Two pixels are the exception: where there is no room for three, one would hide the body.
    """
    if step < NARROWEST_BODY_STEP:
        return 1
    if step < 2 * NARROWEST_BODY_STEP - 1:
        return 2
    width = round(step * 0.7)
    return width if width % 2 else width - 1


def average_name(spec: CandleChart, n: int) -> str:
    """“50-day”, “40-week”."""
    return f"{n}-{UNITS[spec.interval]}"


def _names_room(spec: CandleChart) -> float:
    names = [average_name(spec, average.n) for average in spec.averages]
    return max((text_width(name, SMALL) for name in names), default=0) + 22


def _price_range(spec: CandleChart) -> tuple[float, float]:
    low, high = float(np.nanmin(spec.low)), float(np.nanmax(spec.high))
    span = (high - low) or abs(high) * 0.02
    averages = [v for average in spec.averages for v in average.values[np.isfinite(average.values)]]
    near = [v for v in averages if low - AVERAGE_REACH * span <= v <= high + AVERAGE_REACH * span]
    reach = LEVEL_REACH * span
    levels = [v for v in _overlay_prices(spec) if low - reach <= v <= high + reach]
    return min([low, *near, *levels]), max([high, *near, *levels])


def _overlay_prices(spec: CandleChart) -> Iterable[float]:
    yield from (level.price for level in spec.levels)
    yield from (mark.price for mark in spec.markers)
    for box in spec.boxes:
        yield from (box.low, box.high)
    for band in spec.bands:
        yield from (band.low, band.high)
    for trend in spec.trends:
        yield from (trend.first_price, trend.last_price)
