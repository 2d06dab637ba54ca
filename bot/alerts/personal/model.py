"""The nouns of personal alerts: what a user's own rule waits for, what a look at the market shows,
what is remembered between looks, and what came true. Pure records.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.market.model import Symbol
from bot.signals.model import Direction, Kind

HIGHEST = 10_000_000.0
"""A price level above every share there is."""
LARGEST_MOVE = 5.0
"""500 %, as a fraction."""


class What(StrEnum):
    """What a rule waits for."""

    ABOVE = "above"
    BELOW = "below"
    TOUCH = "touch"
    UP = "up"
    DOWN = "down"
    MOVE = "move"
    RECORD_LOW = "all-time low"
    SIGNAL = "signal"
    FAILED = "failed breakout"


USUAL_REARM = 0.005
"""How far a price must come back, as a fraction, where nobody said anything else."""
LEVELS = frozenset((What.ABOVE, What.BELOW, What.TOUCH))
MOVES = frozenset((What.UP, What.DOWN, What.MOVE))
EPISODES = frozenset((What.SIGNAL, What.FAILED))


class Repeat(StrEnum):
    """How often a rule may come true.

    Once: the first time, then it is done. Episode: again after 20 sessions without; for
    signals every new episode. Again: every time the level was re-crossed; for signals every
    session in which the kind is true.
    """

    ONCE = "once"
    EPISODE = "episode"
    AGAIN = "again"


class On(StrEnum):
    """Which prices count: those of the regular session as it runs, or its closes only."""

    TOUCH = "touch"
    CLOSE = "close"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`level` is a price; `change` a fraction (0.05 is 5 %) from the prior close or from the
    price `reference`; `kind` the signal. Raises ValueError for what makes no sense."""

    what: What
    level: float | None = None
    change: float | None = None
    reference: float | None = None
    kind: Kind | None = None

    def __post_init__(self) -> None:
        if (self.level is not None) != (self.what in LEVELS):
            raise ValueError(f"{self.what} and the level {self.level} do not belong together")
        if (self.change is not None) != (self.what in MOVES):
            raise ValueError(f"{self.what} and the change {self.change} do not belong together")
        if (self.kind is not None) != (self.what is What.SIGNAL):
            raise ValueError(f"{self.what} and the kind {self.kind} do not belong together")
        if self.reference is not None and self.what not in MOVES:
            raise ValueError("only a move has a reference")
        for price in (self.level, self.reference):
            if price is not None and not 0 < price <= HIGHEST:
                raise ValueError(f"{price} is no price")
        if self.change is not None and not 0 < self.change <= LARGEST_MOVE:
            raise ValueError(f"{self.change} is no change")

    @property
    def daily(self) -> bool:
        """Whether its level is another one in every session."""
        return self.what is What.RECORD_LOW or (self.what in MOVES and self.reference is None)

    @property
    def inclusive(self) -> bool:
        """Whether reaching the level is enough; a cross goes beyond it."""
        return self.what in MOVES or self.what is What.TOUCH


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One alert of one user. `rearm` is a fraction of the level; times are market time."""

    symbol: Symbol
    condition: Condition
    repeat: Repeat = Repeat.ONCE
    on: On = On.TOUCH
    rearm: float = USUAL_REARM
    cooldown: timedelta = timedelta(0)
    expires: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the market shows at `at`: `high` and `low` of `session` so far, `closed` after its
    close, when `last` is that close. `record_low` is the lowest low of all earlier sessions,
    where it is known. `late`: a later session has closed since."""

    session: date
    at: datetime
    last: float
    high: float
    low: float
    prior_close: float
    closed: bool
    record_low: float | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What a rule remembers of its looks. Prices are on the scale of the newest split.

    `fired_at` and `fired_session` are of the last time it came true, `crossed` the newest
    session in which it would have. `known` names the episodes that are no news.
    """

    session: date
    closed: bool
    last: float = 0.0
    high: float = 0.0
    low: float = 0.0
    armed: bool = True
    crossed: date | None = None
    fired_at: datetime | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rule came true: `price` went beyond `level`; the rest is of the look that saw it. Of an
    episode also its kind, its direction and the session it `began` in."""

    session: date
    at: datetime
    level: float
    price: float
    last: float
    prior_close: float | None
    closed: bool
    late: bool
    kind: Kind | None = None
    direction: Direction | None = None
    began: date | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a look changes. `memory` is what to remember from now on."""

    memory: Memory
    fired: tuple[Fired, ...] = ()


def rescaled(memory: Memory, ratio: float) -> Memory:
    """The same memory after every earlier price was multiplied by `ratio`."""
    return replace(
        memory, last=memory.last * ratio, high=memory.high * ratio, low=memory.low * ratio
    )


def rescaled_condition(condition: Condition, ratio: float) -> Condition:
    """The same condition after a split (2:1: 0.5); changes in percent stay as they are."""
    return replace(
        condition,
        level=None if condition.level is None else condition.level * ratio,
        reference=None if condition.reference is None else condition.reference * ratio,
    )
