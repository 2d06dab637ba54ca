"""Specs of what lies over the candles: levels, markers, and the lines and zones a rule used."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Tone(StrEnum):
    """What a mark says; the drawing maps it to a colour, its label says it in words."""

    GOOD = "good"
    BAD = "bad"
    WATCH = "watch"
    NEUTRAL = "neutral"


@dataclass(frozen=True, kw_only=True)
class LevelLine:
    """A horizontal line at `price`, from the candle of `since` (None: the left edge).

    `label` is the words alone (“52-week high”); the drawing adds the price and the day.
    `accent` marks the one level that matters; others are grey, or red with Tone.BAD.
    """

    price: float
    label: str
    since: date | None = None
    accent: bool = False
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A triangle at the candle of `day`, pointing at `price`, with a short label."""

    day: date
    price: float
    label: str = ""
    tone: Tone = Tone.WATCH


@dataclass(frozen=True, kw_only=True)
class Box:
    """A shaded box in time and price: a flag from its pole to the trigger."""

    first: date
    last: date
    low: float
    high: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Band:
    """A horizontal zone of prices, such as support; `since` is the day of its first touch."""

    low: float
    high: float
    label: str = ""
    since: date | None = None


@dataclass(frozen=True, kw_only=True)
class Touch:
    """Where prices touched a line; drawn as a ring."""

    day: date
    price: float


@dataclass(frozen=True, kw_only=True)
class TrendLine:
    """A line through its touches, straight per candle, from `first` to `last` (the break)."""

    first: date
    first_price: float
    last: date
    last_price: float
    touches: tuple[Touch, ...] = ()
    label: str = ""
