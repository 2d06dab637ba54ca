"""Every threshold of the setup rules, in one place, with the reason for its starting value.

Lengths are sessions, distances are multiples of ATR(14) unless said otherwise. The finders take a
rule as an argument, so that a sweep can vary it.
"""

from dataclasses import dataclass

HISTORY = 300
"""Sessions that averages are computed from: Wilder's ATR(14) has forgotten 1 − 10⁻⁹ of its seed."""


@dataclass(frozen=True, kw_only=True)
class FlagRule:
    """A pole, then a rest that is narrow against the pole and against the usual day."""

    pole_sessions: int = 15
    """Three weeks: a longer rise is a trend and no pole."""
    pole_height: float = 3.0
    """A rise that random days rarely add up to in three weeks."""
    shortest: int = 4
    longest: int = 20
    """Under four sessions nothing has rested; over a month it is a range."""
    share_of_pole: float = 0.5
    """Giving back more than half is a reversal, not a rest."""
    height: float = 3.0
    contraction: float = 0.85
    """Mean true range of 5 sessions ÷ of 20."""
    contraction_short: int = 5
    contraction_long: int = 20
    average: int = 10
    above_average: float = 0.7
    """Share of the flag's closes above its 10-session mean."""


@dataclass(frozen=True, kw_only=True)
class SurfRule:
    """Closes ride a rising average and every dip turns at it."""

    averages: tuple[int, ...] = (10, 20, 50)
    sessions: int = 10
    closes_above: int = 8
    """Two slips in two weeks are allowed."""
    touch: float = 0.75
    """How far a pullback's low may lie from the average."""
    invalidation: float = 0.5
    """How far below the average a close ends the surf."""


@dataclass(frozen=True, kw_only=True)
class RangeRule:
    """A Donchian channel that is narrow by its own standards and touched at both edges."""

    lengths: tuple[int, ...] = (20, 40, 60, 90, 120)
    """From a month to half a year."""
    memory: int = 504
    """Two years of widths to compare with."""
    narrowest: float = 0.15
    """Share of those widths that may be narrower."""
    touch: float = 0.5
    touches: int = 2
    """At each edge; sessions in a row count once."""


@dataclass(frozen=True, kw_only=True)
class TrendlineRule:
    """A line through falling swing highs and a close above it."""

    pivot: int = 5
    """Sessions on each side that a swing high must exceed: a week."""
    shortest: int = 40
    longest: int = 260
    """Two months from the first touch to the last, one year from the first touch to today."""
    touches: int = 3
    """Any two points make a line; the third makes it mean something."""
    touch: float = 0.5
    tolerance: float = 0.5
    """How far above the line a close may have been without having broken it."""
    margin: float = 0.25
    """How far above the line the breaking close must be."""
    closes_below: int = 5


@dataclass(frozen=True, kw_only=True)
class SupportRule:
    """A price at which swings turned at least three times, tested again from above."""

    pivot: int = 5
    daily_memory: int = 504
    """Daily swings are remembered for two years, monthly ones for ever."""
    monthly_pivot: int = 1
    monthly_weight: float = 2.0
    half_life_years: float = 5.0
    """The age at which a swing counts half."""
    points: int = 3
    width: float = 1.0
    touch: float = 0.75
    invalidation: float = 0.75
    """How far below the level a close ends it."""


@dataclass(frozen=True, kw_only=True)
class ContractionRule:
    """Pullbacks that get shallower while volume dries up."""

    pivot: int = 3
    memory: int = 150
    least: int = 2
    most: int = 5
    shrink: float = 0.75
    """Each pullback's depth ÷ the one before."""
    last_depth: float = 0.06
    """The last pullback's depth as a fraction of its high."""
    volume: float = 0.8
    """Mean volume of the last pullback ÷ of the 50 sessions before it."""


@dataclass(frozen=True, kw_only=True)
class StatusRule:
    """When a setup is near, failed or expired."""

    near: float = 1.0
    failure_sessions: int = 5
    expiry_sessions: int = 20
    """A month without a crossing."""


FLAG = FlagRule()
SURF = SurfRule()
RANGE = RangeRule()
TRENDLINE = TrendlineRule()
SUPPORT = SupportRule()
CONTRACTION = ContractionRule()
STATUS = StatusRule()
