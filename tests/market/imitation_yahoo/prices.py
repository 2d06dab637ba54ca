"""Generated daily prices and the faults that Yahoo's data is known for."""

import random
import struct
import zlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9, 30), time(16, 0)


class Flaw(StrEnum):
    """What can be wrong with a symbol's data."""

    UNKNOWN = "404"
    NOTHING = "a result without rows"
    NULL_BLOCK = "rows without prices"
    NULL_ROW = "the last row is null, its volume too"
    NULL_PRICES = "the third last row has a volume and no prices"
    MISSING_ROW = "the third last session is missing"
    REPEATED_LAST = "the last day appears again with the live price"
    TIMES_100 = "the last row is 100 times too large"
    SPLIT_NOT_APPLIED = "the last row is after a 4:1 split, the history before"
    HIGH_BELOW_CLOSE = "the last high is below its close"
    ZERO_VOLUME = "the last volume is 0"
    GAINS_TWICE = "a capital gain is also in the dividend"
    TOMORROW = "a row of tomorrow follows"
    DAYS_OLD = "the last three sessions have not arrived"
    NO_TIMES = "the meta block lacks everything optional"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One daily row; prices as 32-bit floats, the way Yahoo sends them."""

    stamp: int
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | None

    def times(self, factor: float) -> "Row":
        prices = {name: getattr(self, name) * factor for name in ("open", "high", "low", "close")}
        return replace(self, **prices)


@dataclass(kw_only=True)
class Listing:
    """One symbol of the imitation."""

    symbol: str
    rows: list[Row]
    kind: str = "ETF"
    dividends: dict[int, float] = field(default_factory=dict)
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)
    gains: dict[int, float] = field(default_factory=dict)
    flaw: Flaw | None = None


def single(price: float) -> float:
    """The 32-bit float nearest to a price with two decimals."""
    number: float = struct.unpack("f", struct.pack("f", round(price, 2)))[0]
    return number


def stamp(day: date, at: time = OPENS) -> int:
    return int(datetime.combine(day, at, tzinfo=NEW_YORK).timestamp())


def weekdays(count: int, last: date) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        if last.weekday() < 5:
            days.append(last)
        last -= timedelta(days=1)
    return days[::-1]


def generated_rows(symbol: str, count: int, last: date) -> list[Row]:
    """A random walk that depends on the symbol alone."""
    chance = random.Random(zlib.crc32(symbol.encode()))
    price = 20 + 300 * chance.random()
    rows = []
    for day in weekdays(count, last):
        opening = price * (1 + chance.gauss(0, 0.004))
        price *= 1 + chance.gauss(0.0003, 0.012)
        high = max(opening, price) * (1 + abs(chance.gauss(0, 0.004)))
        low = min(opening, price) * (1 - abs(chance.gauss(0, 0.004)))
        rows.append(
            Row(
                stamp=stamp(day),
                open=single(opening),
                high=single(high),
                low=single(low),
                close=single(price),
                volume=int(chance.lognormvariate(14, 0.6)),
            )
        )
    return rows


def with_flaw(rows: list[Row], flaw: Flaw | None, now: datetime) -> list[Row]:
    """What Yahoo would send instead of `rows`."""
    last = rows[-1]
    empty = replace(last, open=None, high=None, low=None, close=None)
    match flaw:
        case Flaw.NULL_ROW:
            return [*rows[:-1], replace(empty, volume=None)]
        case Flaw.NULL_PRICES:
            broken = replace(empty, stamp=rows[-3].stamp, volume=rows[-3].volume)
            return [*rows[:-3], broken, *rows[-2:]]
        case Flaw.MISSING_ROW:
            return rows[:-3] + rows[-2:]
        case Flaw.REPEATED_LAST:
            price = single((last.high or 0) * 1.01)
            live = replace(
                last,
                stamp=int(now.timestamp()),
                open=last.close,
                high=price,
                close=price,
                volume=(last.volume or 0) + 4321,
            )
            return [*rows, live]
        case Flaw.TIMES_100:
            return [*rows[:-1], last.times(100)]
        case Flaw.SPLIT_NOT_APPLIED:
            return [*rows[:-1], last.times(0.25)]
        case Flaw.HIGH_BELOW_CLOSE:
            return [*rows[:-1], replace(last, high=(last.close or 0) * 0.97)]
        case Flaw.ZERO_VOLUME:
            return [*rows[:-1], replace(last, volume=0)]
        case Flaw.TOMORROW:
            tomorrow = now.astimezone(NEW_YORK).date() + timedelta(days=1)
            return [*rows, replace(last, stamp=stamp(tomorrow))]
        case Flaw.DAYS_OLD:
            return rows[:-3]
    return rows
