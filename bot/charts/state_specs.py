"""Specs of pictures of one state of things: rotation, mood, base rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.charts.alt import alt_text
from bot.errors import NoData
from bot.market.model import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Tail:
    """Where one symbol stood week by week, oldest first: RS-ratio and RS-momentum about 100."""

    name: str
    ratio: Floats
    momentum: Floats

    @property
    def quadrant(self) -> str:
        """The quadrant of its newest point."""
        return quadrant(float(self.ratio[-1]), float(self.momentum[-1]))


@dataclass(frozen=True, kw_only=True, eq=False)
class RotationChart:
    """Tails in the four quadrants around (100, 100)."""

    title: str
    fact: str
    tails: tuple[Tail, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class MoodPart:
    """One part of the mood, 0…100; None where its data are missing."""

    name: str
    value: float | None


@dataclass(frozen=True, kw_only=True)
class MoodDial:
    """Market mood 0…100 with the parts it is the mean of; `value` None: too little is known."""

    title: str
    fact: str
    value: float | None
    label: str
    parts: tuple[MoodPart, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class BaseRate:
    """A hit rate after `horizon` (“5 sessions”), with its interval; all rates in percent.

    `ordinary` is the rate of an ordinary day. `count` is the number of episodes.
    """

    horizon: str
    count: int
    rate: float
    low: float
    high: float
    ordinary: float

    @property
    def verdict(self) -> str:
        """What the interval allows to say."""
        if self.low > self.ordinary:
            return "above ordinary"
        return "below ordinary" if self.high < self.ordinary else "not distinguishable"


@dataclass(frozen=True, kw_only=True, eq=False)
class BaseRateChart:
    """Base rates by horizon, and the outcomes of all episodes in percent (may be empty)."""

    title: str
    fact: str
    rates: tuple[BaseRate, ...]
    outcomes: Floats
    outcomes_label: str
    alt: str


def quadrant(ratio: float, momentum: float) -> str:
    """Leading, weakening, lagging or improving; exactly 100 counts as strong."""
    if ratio >= 100:
        return "leading" if momentum >= 100 else "weakening"
    return "improving" if momentum >= 100 else "lagging"


def rotation_chart(tails: Sequence[Tail], *, title: str = "", fact: str = "") -> RotationChart:
    """Rotation of all tails whose newest point is known. Raises NoData when none is."""
    known = tuple(
        Tail(name=tail.name, ratio=_finite(tail.ratio), momentum=_finite(tail.momentum))
        for tail in tails
        if len(tail.ratio) and np.isfinite(tail.ratio[-1]) and np.isfinite(tail.momentum[-1])
    )
    if not known:
        raise NoData("There is no rotation to draw.")
    places = (
        f"{place}: {', '.join(names)}"
        for place in ("leading", "weakening", "lagging", "improving")
        if (names := [tail.name for tail in known if tail.quadrant == place])
    )
    return RotationChart(
        title=title or "Rotation",
        fact=fact,
        tails=known,
        alt=alt_text(f"Rotation graph; {'; '.join(places)}."),
    )


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def mood_dial(
    value: float | None,
    label: str,
    parts: Sequence[MoodPart],
    *,
    title: str = "",
    fact: str = "",
) -> MoodDial:
    """The mood gauge; values are held to 0…100."""
    missing = [part.name for part in parts if part.value is None]
    said = [f"{part.name} {part.value:.0f}" for part in parts if part.value is not None]
    reading = f"Market mood {value:.0f} of 100, {label}" if value is not None else "No market mood"
    without = f"; unavailable: {', '.join(missing)}" if missing else ""
    return MoodDial(
        title=title or "Market mood",
        fact=fact,
        value=None if value is None else min(100.0, max(0.0, value)),
        label=label,
        parts=tuple(parts),
        alt=alt_text(f"{reading}; parts: {', '.join(said) or 'none'}{without}."),
    )


def base_rate_chart(
    rates: Sequence[BaseRate],
    *,
    outcomes: Floats | None = None,
    outcomes_label: str = "",
    title: str = "",
    fact: str = "",
) -> BaseRateChart:
    """Base rates beside ordinary days. Raises NoData without any rate."""
    if not rates:
        raise NoData("There are no episodes to take a base rate from.")
    said = (
        f"after {rate.horizon} {rate.rate:.0f} % of {rate.count} ({rate.low:.0f} to "
        f"{rate.high:.0f} %), ordinary day {rate.ordinary:.0f} %, {rate.verdict}"
        for rate in rates
    )
    known = np.empty(0) if outcomes is None else outcomes[np.isfinite(outcomes)]
    return BaseRateChart(
        title=title or "Base rate",
        fact=fact,
        rates=tuple(rates),
        outcomes=known,
        outcomes_label=outcomes_label,
        alt=alt_text(f"Base rates: {'; '.join(said)}."),
    )
