"""What a candle chart shows, as plain records that travel to the drawing process.

A spec is complete: the drawing adds nothing but pixels. The builder computes averages on the
full history before it cuts the range, so that the left end of a line is as right as its right
end, and it writes the sentence that stands for the picture where pictures are not seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from bot.charts.alt import alt_text
from bot.charts.numbers import day_text, percent_text, price_text
from bot.charts.overlay_specs import Band, Box, LevelLine, Marker, Tone, Touch, TrendLine
from bot.charts.resample import Candles, Interval, candles_of, moving_average
from bot.errors import NoData
from bot.market.model import Bars, Days, Floats, as_date

__all__ = [
    "Average",
    "Band",
    "Box",
    "CandleChart",
    "Interval",
    "LevelLine",
    "Marker",
    "Spec",
    "Tone",
    "Touch",
    "TrendLine",
    "candle_chart",
]


class Spec(Protocol):
    """Any record a picture can be drawn from."""

    @property
    def alt(self) -> str:
        """One sentence that says what the picture shows."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Average:
    """A moving average over `n` candles; `values` has one entry per candle, NaN where unknown."""

    n: int
    values: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class CandleChart:
    """Candles with averages, levels, markers and setup overlays; columns have shape (n,), n ≥ 1.

    `days` holds the last session of each candle. A candle with NaN prices is a gap.
    `provisional`: the last candle is of a running session, week or month. `alt` is one sentence.
    """

    title: str
    fact: str
    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    averages: tuple[Average, ...] = ()
    levels: tuple[LevelLine, ...] = ()
    markers: tuple[Marker, ...] = ()
    boxes: tuple[Box, ...] = ()
    bands: tuple[Band, ...] = ()
    trends: tuple[TrendLine, ...] = ()
    interval: Interval = Interval.DAILY
    provisional: bool = False
    alt: str


def candle_chart(
    bars: Bars,
    *,
    sessions: int = 126,
    interval: Interval = Interval.DAILY,
    averages: Sequence[int] = (10, 50, 200),
    title: str = "",
    fact: str = "",
    levels: Sequence[LevelLine] = (),
    markers: Sequence[Marker] = (),
    boxes: Sequence[Box] = (),
    bands: Sequence[Band] = (),
    trends: Sequence[TrendLine] = (),
) -> CandleChart:
    """The chart of the last `sessions` sessions of `bars` (all of them if there are fewer).

    `bars` should be the full history: averages, in candles of `interval`, are computed on all
    of it. Overlays that start before the range are cut to it; markers outside, and overlays
    without finite prices, are left out.
    Without a `title` the symbol is the title; without a `fact` it is the last close and its
    change against the candle before. Raises NoData when no bar has a price.
    """
    candles = candles_of(bars, interval)
    known = np.flatnonzero(np.isfinite(candles.close))
    if not len(known):
        raise NoData(f"{bars.symbol} has no bars to draw.")
    first = _first_candle(bars, candles, sessions, first_known=int(known[0]))
    cut = slice(first, None)
    start = candles.days[first]
    chart = CandleChart(
        title=title or str(bars.symbol),
        fact=fact or _last_close(candles),
        days=candles.days[cut],
        open=candles.open[cut],
        high=candles.high[cut],
        low=candles.low[cut],
        close=candles.close[cut],
        volume=candles.volume[cut],
        averages=tuple(
            Average(n=n, values=moving_average(candles.close, n)[cut]) for n in averages
        ),
        levels=tuple(level for level in levels if _known(level.price)),
        markers=tuple(
            mark for mark in markers if _slot(candles, mark.day) >= first and _known(mark.price)
        ),
        boxes=tuple(
            box for box in boxes if np.datetime64(box.last) >= start and _known(box.low, box.high)
        ),
        bands=tuple(band for band in bands if _known(band.low, band.high)),
        trends=tuple(
            _cut_trend(trend, candles, first)
            for trend in trends
            if _slot(candles, trend.last) >= first
            and _known(trend.first_price, trend.last_price, *(x.price for x in trend.touches))
        ),
        interval=interval,
        provisional=candles.provisional,
        alt="",
    )
    return replace(chart, alt=_describe(bars, chart))


def _first_candle(bars: Bars, candles: Candles, sessions: int, *, first_known: int) -> int:
    """The first candle to show: it holds the first of the last `sessions` sessions."""
    day = bars.days[max(0, len(bars) - max(1, sessions))]
    shown = int(np.searchsorted(candles.days, day))
    last_known = int(np.flatnonzero(np.isfinite(candles.close))[-1])
    return min(max(shown, first_known), last_known)


def _known(*prices: float) -> bool:
    return all(math.isfinite(price) for price in prices)


def _slot(candles: Candles, day: date) -> int:
    """The position of the candle that holds `day`."""
    return int(np.searchsorted(candles.days, np.datetime64(day)))


def _cut_trend(trend: TrendLine, candles: Candles, first: int) -> TrendLine:
    """The part of `trend` from candle `first` on; its price there lies on the same line."""
    start, stop = _slot(candles, trend.first), _slot(candles, trend.last)
    touches = tuple(touch for touch in trend.touches if _slot(candles, touch.day) >= first)
    if start >= first or stop <= start:
        return replace(trend, touches=touches)
    share = (first - start) / (stop - start)
    price = trend.first_price + share * (trend.last_price - trend.first_price)
    day = as_date(candles.days[first])
    return replace(trend, first=day, first_price=price, touches=touches)


def _last_close(candles: Candles) -> str:
    closes = candles.close[np.isfinite(candles.close)]
    return " ".join((*_change(closes), price_text(float(closes[-1]))))


def _change(closes: Floats) -> tuple[str, ...]:
    if len(closes) < 2 or closes[-2] == 0:
        return ()
    return (percent_text((float(closes[-1] / closes[-2]) - 1) * 100) + " ",)


def _describe(bars: Bars, chart: CandleChart) -> str:
    closes = chart.close[np.isfinite(chart.close)]
    count = "1 candle" if len(chart.days) == 1 else f"{len(chart.days)} candles"
    change = "".join(f", {text.strip()}" for text in _change(closes))
    low, high = (price_text(float(v)) for v in (np.nanmin(chart.low), np.nanmax(chart.high)))
    parts = [
        f"{bars.symbol}, {count}, {chart.interval.value}, from {day_text(as_date(chart.days[0]))}"
        f" to {day_text(as_date(chart.days[-1]))}: last close {price_text(float(closes[-1]))}"
        f"{change}, between {low} and {high}",
        *(_level_words(level) for level in chart.levels),
        *(f"{band.label or 'zone'} {_range_words(band)}" for band in chart.bands),
        *(f"{box.label or 'box'} {_range_words(box)}" for box in chart.boxes),
        *(
            f"{trend.label or 'trend line'} through {len(trend.touches)} touches"
            for trend in chart.trends
        ),
        *(["the last candle is provisional"] if chart.provisional else []),
    ]
    return alt_text("; ".join(parts) + ".")


def _level_words(level: LevelLine) -> str:
    since = f" of {day_text(level.since)}" if level.since else ""
    return f"{level.label or 'level'} at {price_text(level.price)}{since}"


def _range_words(zone: Box | Band) -> str:
    return f"from {price_text(zone.low)} to {price_text(zone.high)}"
