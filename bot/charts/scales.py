"""From prices and days to pixels: value scales with round ticks, and labels along the time axis."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from bot.charts.numbers import MONTHS, day_text
from bot.market.model import Days, Floats, as_date

LOG_FROM = 5.0
"""Ratio of highest to lowest price from which a price axis is logarithmic: below it a linear
axis is easier to read, above it the early years of a fund would be a flat line."""

ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 12


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A rectangle of the canvas in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps values between `low` and `high` to pixels between `bottom` and `top`."""

    low: float
    high: float
    top: float
    bottom: float
    log: bool = False

    @overload
    def y(self, value: float) -> float: ...
    @overload
    def y(self, value: Floats) -> Floats: ...
    def y(self, value: float | Floats) -> float | Floats:
        """The pixel row of a value; NaN where a logarithmic scale has no place for it."""
        if self.log:
            values = np.asarray(value, dtype=float)
            logs = np.log(np.where(values > 0, values, np.nan))
            share = (logs - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            share = (np.asarray(value, dtype=float) - self.low) / (self.high - self.low)
        rows = self.bottom - share * (self.bottom - self.top)
        return rows if isinstance(value, np.ndarray) else float(rows)

    def shows(self, value: float) -> bool:
        """Whether the value lies on the scale."""
        return self.low <= value <= self.high


def price_scale(low: float, high: float, *, top: float, bottom: float) -> Scale:
    """A scale from `low` to `high` with some air, also where both are the same."""
    if low > 0 and high / low >= LOG_FROM:
        air = (high / low) ** 0.04
        return Scale(low=low / air, high=high * air, top=top, bottom=bottom, log=True)
    air = (high - low) * 0.05 or abs(high) * 0.01 or 1.0
    return Scale(low=low - air, high=high + air, top=top, bottom=bottom)


def round_step(low: float, high: float, count: int) -> float:
    """The smallest round step (1, 2, 2.5 or 5 times a power of ten) giving ≤ `count` ticks."""
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((step * power for step in ROUND_STEPS if step * power >= raw * 0.999), 10 * power)


def ticks(scale: Scale, count: int = 6) -> tuple[tuple[float, ...], float]:
    """Round values on the scale, and the smallest step between them."""
    if scale.log:
        return _log_ticks(scale)
    step = round_step(scale.low, scale.high, count)
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    return tuple(i * step for i in range(first, min(last, first + MOST_TICKS) + 1)), step


def _log_ticks(scale: Scale) -> tuple[tuple[float, ...], float]:
    decades = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    for parts in ((1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        values = tuple(p * 10.0**d for d in decades for p in parts if scale.shows(p * 10.0**d))
        if len(values) <= 8:
            break
    values = values[:: math.ceil(len(values) / 8)] if values else (scale.low,)
    return values, min(values)


@dataclass(frozen=True, kw_only=True)
class DayTick:
    """A label on the time axis at candle `slot`; `strong` where a year begins."""

    slot: int
    text: str
    strong: bool = False


def day_ticks(days: Days, width: float, *, gap: float = 64.0) -> tuple[DayTick, ...]:
    """Labels for candles spread evenly over `width` pixels, at least `gap` pixels apart.

    The finest of weeks, months, quarters, years and so on that leaves room is taken.
    """
    if len(days) < 2:
        return tuple(DayTick(slot=0, text=day_text(as_date(day))) for day in days[:1])
    for candidates in _calendars(days):
        slots = [tick.slot for tick in candidates]
        if len(slots) >= 2 and min(np.diff(slots)) * width / len(days) >= gap:
            return tuple(candidates)
    return tuple(_spaced(next(iter(_calendars(days))), len(days), width, gap))


def _calendars(days: Days) -> Iterator[list[DayTick]]:
    months = days.astype("datetime64[M]").astype(np.int64)
    weeks = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7
    yield _starts(days, weeks, by_day=True)
    for length in (1, 3, 6, 12, 24, 60, 120, 240):
        yield _starts(days, months // length, by_day=False)


def _starts(
    days: Days, keys: np.ndarray[tuple[int], np.dtype[np.int64]], *, by_day: bool
) -> list[DayTick]:
    slots = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return [_tick(days, int(slot), by_day=by_day) for slot in slots]


def _tick(days: Days, slot: int, *, by_day: bool) -> DayTick:
    day, before = as_date(days[slot]), as_date(days[slot - 1])
    if day.year != before.year:
        return DayTick(slot=slot, text=str(day.year), strong=True)
    month = MONTHS[day.month - 1]
    return DayTick(slot=slot, text=f"{day.day} {month}" if by_day else month)


def _spaced(ticks: Sequence[DayTick], count: int, width: float, gap: float) -> Iterator[DayTick]:
    """Those of `ticks` that keep their distance, from the left."""
    last = -math.inf
    for tick in ticks:
        position = tick.slot * width / count
        if position - last >= gap:
            last = position
            yield tick
