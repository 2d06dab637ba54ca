"""What a rule is: the shape of a row of `bot.signals.kinds.KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.market.model import Bars
from bot.signals.model import Direction, Kind, Signal, Trigger

Detect = Callable[[Bars], Signal | None]
Prepare = Callable[[Bars, date], Trigger | None]
DetectAgainst = Callable[[Bars, Bars], Signal | None]


@dataclass(frozen=True, kw_only=True)
class KindRule:
    """How one kind is called and found.

    `title` heads an alert ("New 52-week high"), `phrase` follows a symbol in a sentence ("made a
    new 52-week high"). `warm_up` is the number of sessions before the last bar that settle
    whether the rule fires and at which level; an all-time high and a support look at the whole
    history there is. `detect(bars)` looks at the last bar. `trigger(bars, session)`
    gives the level for `session`, the one after the last bar, and None for a kind that only a
    close decides (`intraday` False). `detect_against(bars, benchmark)` is set for the kinds that
    need a benchmark; their `detect` always says None.
    """

    kind: Kind
    title: str
    phrase: str
    direction: Direction
    warm_up: int
    version: int
    intraday: bool
    detect: Detect
    trigger: Prepare
    detect_against: DetectAgainst | None = None


def only_at_the_close(bars: Bars, session: date) -> Trigger | None:
    """No level for a quote: the close decides."""
    return None


def needs_a_benchmark(bars: Bars) -> Signal | None:
    """Nothing to say about one symbol alone."""
    return None
