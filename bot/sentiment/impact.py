"""Market impact 0…1: how much an event can matter to the market.

A weighted mean of four parts, each 0…1, times the importance of the topic: the symbol's
share of its universe's dollar volume, the size of its move in its own σ, the breadth of
similar moves, the novelty of the news. A part that is unknown is left out, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from bot.sentiment.topics import TopicShare, importance_of

SIZE_WEIGHT = 0.30
MOVE_WEIGHT = 0.25
BREADTH_WEIGHT = 0.25
NOVELTY_WEIGHT = 0.20

WHOLE_SHARE = 0.10
"""Share of its universe's dollar volume from which on a symbol counts as the market itself."""
WHOLE_MOVE = 4.0
"""σ of its own daily returns from which on a move is as large as moves come."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of an impact: its value 0…1 and its weight; `value` None is unknown."""

    name: str
    value: float | None
    weight: float


@dataclass(frozen=True, kw_only=True)
class Impact:
    """Market impact: `value` 0…1 (None when every part is unknown), parts, topic importance."""

    value: float | None
    parts: tuple[Part, ...]
    importance: float

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the parts that are unknown."""
        return tuple(part.name for part in self.parts if part.value is None)


def market_impact(
    topics: tuple[TopicShare, ...],
    *,
    volume_share: float | None,
    move_in_sigmas: float | None,
    breadth: float | None,
    novelty: float | None,
) -> Impact:
    """The impact of an event on the market.

    `volume_share` is the symbol's share 0…1 of the dollar volume of its universe;
    `move_in_sigmas` its move in standard deviations of its own daily returns, of either sign;
    `breadth` the share 0…1 of the universe that moved alike; `novelty` 0…1 as `novelty_of`
    gives it. None is unknown. Raises ValueError for a share outside 0…1.
    """
    for name, share in (("volume_share", volume_share), ("breadth", breadth), ("novelty", novelty)):
        if share is not None and not 0.0 <= share <= 1.0:
            raise ValueError(f"{name} must lie in 0…1, not {share}")
    parts = (
        Part(name="size", value=_size(volume_share), weight=SIZE_WEIGHT),
        Part(name="move", value=_move(move_in_sigmas), weight=MOVE_WEIGHT),
        Part(name="breadth", value=breadth, weight=BREADTH_WEIGHT),
        Part(name="novelty", value=novelty, weight=NOVELTY_WEIGHT),
    )
    importance = importance_of(topics)
    mean = _mean(parts)
    value = None if mean is None else mean * importance
    return Impact(value=value, parts=parts, importance=importance)


def novelty_of(earlier_stories: int) -> float:
    """The novelty 0…1 of a story after so many earlier ones on its topic: 1, 1/2, 1/3, …

    Raises ValueError for a negative number.
    """
    if earlier_stories < 0:
        raise ValueError("the number of earlier stories cannot be negative")
    return 1.0 / (1 + earlier_stories)


def _size(volume_share: float | None) -> float | None:
    """The square root keeps a large fund visible beside the largest."""
    return None if volume_share is None else min(1.0, sqrt(volume_share / WHOLE_SHARE))


def _move(sigmas: float | None) -> float | None:
    return None if sigmas is None else min(1.0, abs(sigmas) / WHOLE_MOVE)


def _mean(parts: Sequence[Part]) -> float | None:
    known = [(part.value, part.weight) for part in parts if part.value is not None]
    if not known:
        return None
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
