"""Bad bars by the million: good histories into which known errors are put, from a seed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.market.model import Bars, Days, as_date
from tests.market.known import SESSIONS, walk

Random = np.random.Generator
COLUMNS = ("open", "high", "low", "close", "volume", "dividend", "split")
LENGTH = 320
SPACING = 32
"""Sessions between two bad bars: each must be caught on its own."""
BASES = tuple(
    walk("2023-09-01", "2024-12-31", seed=seed, price=price).through(date(2024, 12, 6))
    for seed, price in ((1, 100.0), (2, 20.0), (3, 3.0), (4, 600.0))
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spoilt:
    """A history and the days of its bad bars."""

    bars: Bars
    days: Days
    kind: str


Defect = Callable[[np.ndarray, int, Random], None]
"""Spoils bar `i` of a table (7, n) in the order of COLUMNS."""

OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)


def _price(value: float) -> Defect:
    def spoil(table: np.ndarray, i: int, random: Random) -> None:
        table[random.integers(0, 4), i] = value

    return spoil


def _volume(value: float) -> Defect:
    def spoil(table: np.ndarray, i: int, random: Random) -> None:
        table[VOLUME, i] = value

    return spoil


def _zero_or_less(table: np.ndarray, i: int, random: Random) -> None:
    table[random.integers(0, 4), i] = -random.choice([0.0, 0.01, 50.0, 1e9])


def _high_too_low(table: np.ndarray, i: int, random: Random) -> None:
    table[HIGH, i] = table[[OPEN, CLOSE], i].max() * random.uniform(0.1, 0.98) - 0.05


def _low_too_high(table: np.ndarray, i: int, random: Random) -> None:
    table[LOW, i] = table[[OPEN, CLOSE], i].min() * random.uniform(1.02, 10) + 0.05


def _high_spike(table: np.ndarray, i: int, random: Random) -> None:
    around = table[HIGH, max(0, i - 1) : i + 2].max()
    table[HIGH, i] = around * np.exp(random.uniform(np.log(1.6), np.log(10_000)))


def _low_spike(table: np.ndarray, i: int, random: Random) -> None:
    around = table[LOW, max(0, i - 1) : i + 2].min()
    table[LOW, i] = around / np.exp(random.uniform(np.log(1.6), np.log(10_000)))


def _open_spike(table: np.ndarray, i: int, random: Random) -> None:
    _high_spike(table, i, random)
    table[OPEN, i] = table[HIGH, i]


def _close_spike(table: np.ndarray, i: int, random: Random) -> None:
    _high_spike(table, i, random)
    table[CLOSE, i] = table[HIGH, i]


def _close_hole(table: np.ndarray, i: int, random: Random) -> None:
    _low_spike(table, i, random)
    table[CLOSE, i] = table[LOW, i]


def _other_scale(table: np.ndarray, i: int, random: Random) -> None:
    ratio = np.exp(random.uniform(np.log(1.8), np.log(10_000)))
    table[:4, i] *= random.choice([ratio, 1 / ratio])


def _hundredfold(table: np.ndarray, i: int, random: Random) -> None:
    table[:4, i] *= random.choice([100.0, 0.01])


SINGLE: dict[str, Defect] = {
    "price is NaN": _price(np.nan),
    "price is infinite": _price(np.inf),
    "price is 0 or less": _zero_or_less,
    "volume is NaN": _volume(np.nan),
    "volume is infinite": _volume(np.inf),
    "volume is negative": _volume(-1.0),
    "high below open or close": _high_too_low,
    "low above open or close": _low_too_high,
    "high spike": _high_spike,
    "low spike": _low_spike,
    "open spike": _open_spike,
    "close spike": _close_spike,
    "close hole": _close_hole,
    "bar on another scale": _other_scale,
    "hundredfold": _hundredfold,
}
"""Errors of one bar; several stand in one history."""


def spoilt_singly(kind: str, random: Random) -> Spoilt:
    """About ten bars spoilt by one kind of error, never the first or the last."""
    base = BASES[random.integers(len(BASES))]
    table = np.stack([getattr(base, name) for name in COLUMNS])
    places = np.arange(random.integers(1, SPACING), len(base) - 1, SPACING)
    for i in places.tolist():
        SINGLE[kind](table, i, random)
    spoilt = replace(base, **dict(zip(COLUMNS, table, strict=True)))
    return Spoilt(bars=spoilt, days=base.days[places], kind=kind)


def without_session(random: Random) -> Spoilt:
    """A few bars on weekends and holidays."""
    base = BASES[random.integers(len(BASES))]
    span = np.arange(base.days[0], base.days[-1])
    closed = span[~np.isin(span, SESSIONS.days)]
    strays = np.sort(random.choice(closed, 10, replace=False))
    places = np.searchsorted(base.days, strays)
    columns = {
        name: np.insert(getattr(base, name), places, getattr(base, name)[places])
        for name in COLUMNS
    }
    bars = replace(base, days=np.insert(base.days, places, strays), **columns)
    return Spoilt(bars=bars, days=strays, kind="on a day without a session")


def from_the_future(random: Random) -> Spoilt:
    """A last bar of a later session."""
    base = BASES[random.integers(len(BASES))]
    later = SESSIONS.offset(base.last_day, int(random.integers(1, 30)))
    days = base.days.copy()
    days[-1] = np.datetime64(later)
    return Spoilt(bars=replace(base, days=days), days=days[-1:], kind="from the future")


def repeated(random: Random) -> Spoilt:
    """A last bar that is the one before once more."""
    base = BASES[random.integers(len(BASES))]
    columns = {name: getattr(base, name).copy() for name in COLUMNS[:5]}
    for column in columns.values():
        column[-1] = column[-2]
    return Spoilt(bars=replace(base, **columns), days=base.days[-1:], kind="repeated last bar")


def untraded(random: Random) -> Spoilt:
    """A last bar whose price moved without volume."""
    base = BASES[random.integers(len(BASES))]
    volume = base.volume.copy()
    volume[-1] = 0
    return Spoilt(bars=replace(base, volume=volume), days=base.days[-1:], kind="no volume")


def split_not_applied(random: Random) -> Spoilt:
    """From some recent session on another scale, by a whole ratio or its inverse."""
    base = BASES[random.integers(len(BASES))]
    ratio = float(random.choice([2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 1000]))
    ratio = 1 / ratio if random.random() < 0.5 else ratio
    i = int(random.integers(len(base) - 250, len(base) - 1))
    columns = {name: getattr(base, name).copy() for name in COLUMNS[:4]}
    for column in columns.values():
        column[i:] *= ratio
    bad = base.days[i : i + 1]
    return Spoilt(bars=replace(base, **columns), days=bad, kind="split not applied")


Spoiler = Callable[[Random], Spoilt]

WHOLE: tuple[Spoiler, ...] = (
    without_session,
    from_the_future,
    repeated,
    untraded,
    split_not_applied,
)


def last_session() -> date:
    """The session that the good histories end with."""
    return as_date(BASES[0].days[-1])
