"""Signal: a fact about one symbol at one session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.market.model import Symbol

Value = float | int | str | None


class Kind(StrEnum):
    """What kinds of signals there are. The rules stand in `bot.signals.kinds.KINDS`."""

    HIGH_52_WEEKS = "high_52w"
    ALL_TIME_HIGH = "all_time_high"
    LOW_52_WEEKS = "low_52w"
    CLOSING_HIGH_52_WEEKS = "closing_high_52w"
    TIGHT_FLAG = "tight_flag"
    AVERAGE_SURF = "average_surf"
    RANGE = "range"
    DOWNTREND_BREAK = "downtrend_break"
    SUPPORT_TEST = "support_test"
    VOLATILITY_CONTRACTION = "volatility_contraction"
    DONCHIAN_20 = "donchian_20"
    DONCHIAN_55 = "donchian_55"
    RS_HIGH = "rs_high"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A kind of event that is true of `symbol` at the close of, or during, `session`.

    `level` is the price that had to be crossed, set on `level_session`; `price` is what
    crossed it (a session high, a close, a last trade). A close on the wrong side of
    `invalidation` undoes the signal. `evidence` holds every number the rule used; it is
    written to the database as JSON. `version` is the version of the rule.
    """

    kind: Kind
    symbol: Symbol
    session: date
    direction: Direction
    level: float
    level_session: date | None
    price: float
    invalidation: float
    version: int
    evidence: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A level that a quote is tested against in O(1) while the session runs.

    A quote whose session high (`direction` up) is strictly above `level`, or whose session low
    (down) is strictly below it, fires the kind. `evidence` is what was known at the last close;
    `session` is the session the trigger is good for.
    """

    kind: Kind
    symbol: Symbol
    direction: Direction
    level: float
    level_session: date | None
    invalidation: float
    version: int
    evidence: Mapping[str, Value] = field(default_factory=dict)
    session: date | None = None
