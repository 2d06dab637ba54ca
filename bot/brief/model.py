"""What a brief is made of: the material looked at, the facts found in it, what was absent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.market.model import Bars, Symbol
from bot.sentiment.impact import Impact
from bot.sentiment.stories import SymbolSentiment
from bot.signals.model import Value
from bot.signals.record import Study
from bot.signals.setup import Setup


class Part(StrEnum):
    """The sections, in their order."""

    HAPPENED = "What happened"
    BREADTH = "Breadth"
    FLOWS = "Volume and calendar"
    RATES = "Rates and credit"
    LEADERSHIP = "Leadership"
    NEWS = "News and impact"
    CONFIRM = "What would confirm it"
    INVALIDATE = "What would invalidate it"
    PAIRS = "Pairs that express it"
    RECORD = "Base rate"


class Fact(StrEnum):
    """The kinds of facts; each has one sentence in `bot.brief.sentences`."""

    MOVE = "move"
    NEW_HIGH = "new_high"
    NEW_LOW = "new_low"
    BELOW_HIGH = "below_high"
    ALL_TIME = "all_time"
    SIZE = "size"
    AVERAGES = "averages"
    SETUP = "setup"
    RATIO = "ratio"
    SECTORS = "sectors"
    READING = "reading"
    VOLUME = "volume"
    UP_VOLUME = "up_volume"
    CALENDAR = "calendar"
    TREASURIES = "treasuries"
    INFLATION = "inflation"
    CREDIT = "credit"
    EXCESS = "excess"
    RANK = "rank"
    STRENGTH_HIGH = "strength_high"
    DISTANCES = "distances"
    SENTIMENT = "sentiment"
    IMPACT = "impact"
    CONFIRM_CLOSE = "confirm_close"
    CONFIRM_VOLUME = "confirm_volume"
    NEXT_LEVEL = "next_level"
    FAIL_CLOSE = "fail_close"
    FALL_BACK = "fall_back"
    PAIR = "pair"
    FAILURES = "failures"
    OUTCOME = "outcome"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fact with every number its sentence carries; `strength` 0…1 says how much it stands out.

    Changes, distances and shares are fractions, days ISO texts. Raises ValueError for a strength
    outside 0…1.
    """

    fact: Fact
    part: Part
    strength: float
    numbers: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise ValueError(f"{self.fact}: a strength lies in 0…1, not {self.strength}")


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Symbols a part would have looked at; `ends` is their last session, None without any bar."""

    part: Part
    symbols: tuple[Symbol, ...]
    ends: date | None


@dataclass(frozen=True, kw_only=True)
class Dates:
    """The calendar around a session; `…_left` counts the sessions after it."""

    third: date
    fifth: date
    month_end: date
    month_left: int
    quarter_end: date
    quarter_left: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """Everything a brief looks at, nothing of it later than the last bar of `bars`.

    `others` have a bar of that session, `absent` had been wanted and have none (the value is their
    last session, or None). `peers` are the family `home` of the symbol. `elapsed` is the share of
    a usual session's volume traded by now, None after the close.
    """

    bars: Bars
    name: str
    benchmark: Symbol
    others: Mapping[Symbol, Bars]
    absent: Mapping[Symbol, date | None]
    peers: Sequence[Symbol]
    home: str
    dates: Dates
    setups: Sequence[Setup]
    sentiment: SymbolSentiment
    impact: Impact
    record: Study | None
    news_trouble: str = ""
    elapsed: float | None = None

    @property
    def symbol(self) -> Symbol:
        return self.bars.symbol

    @property
    def session(self) -> date:
        return self.bars.last_day


def clipped(value: float) -> float:
    """A strength: `value` held in 0…1; 0 for NaN."""
    return min(1.0, max(0.0, value)) if value == value else 0.0
