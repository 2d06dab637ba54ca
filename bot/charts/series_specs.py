"""Specs of pictures over time: lines compared, relative strength, breadth.

Columns share `days` and have its shape (n,), n ≥ 1; NaN is a gap. Like every spec they are
complete, picklable and carry the sentence that stands for the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.charts.alt import alt_text
from bot.charts.numbers import day_text, percent_text, price_text
from bot.errors import NoData
from bot.market.model import Days, Floats, as_date


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A named series."""

    name: str
    values: Floats

    @property
    def last(self) -> float:
        """The newest known value; NaN when none is known."""
        known = self.values[np.isfinite(self.values)]
        return float(known[-1]) if len(known) else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparisonChart:
    """Lines from a common start; values are returns since it in percent, 0 on the first day."""

    title: str
    fact: str
    days: Days
    lines: tuple[Line, ...]
    alt: str


@dataclass(frozen=True, kw_only=True, eq=False)
class RelativeStrengthChart:
    """Price above, its ratio to a benchmark below, and Mansfield RS as bars where known.

    `highs` are the days on which the ratio made a new high; they get a ring.
    """

    title: str
    fact: str
    days: Days
    price: Line
    ratio: Line
    mansfield: Floats
    highs: tuple[date, ...] = ()
    alt: str


@dataclass(frozen=True, kw_only=True, eq=False)
class BreadthChart:
    """Shares of a universe above two averages (0…100 %), and new highs minus new lows below."""

    title: str
    fact: str
    days: Days
    shares: tuple[Line, ...]
    net_new_highs: Floats
    alt: str


def comparison_chart(
    days: Days, lines: Sequence[Line], *, title: str = "", fact: str = ""
) -> ComparisonChart:
    """Lines ranked by their last value; those without any value are left out.

    `values` of each line are returns since `days[0]` in percent. Raises NoData when no line is
    left.
    """
    ranked = sorted((x for x in lines if np.isfinite(x.last)), key=lambda x: -x.last)
    if not ranked:
        raise NoData("There are no prices to compare.")
    names = ", ".join(f"{line.name} {percent_text(line.last)}" for line in ranked)
    period = f"from {day_text(as_date(days[0]))} to {day_text(as_date(days[-1]))}"
    return ComparisonChart(
        title=title or " · ".join(line.name for line in lines),
        fact=fact or f"since {day_text(as_date(days[0]))}",
        days=days,
        lines=tuple(ranked),
        alt=alt_text(f"Returns {period}, best first: {names}."),
    )


def relative_strength_chart(
    days: Days,
    *,
    price: Line,
    ratio: Line,
    mansfield: Floats | None = None,
    highs: Sequence[date] = (),
    title: str = "",
    fact: str = "",
) -> RelativeStrengthChart:
    """The relative strength of `price` as the line `ratio`, named like “IWM ÷ SPY”.

    Raises NoData when one of the two has no value at all.
    """
    if not (np.isfinite(price.last) and np.isfinite(ratio.last)):
        raise NoData(f"There is no relative strength of {price.name} to draw.")
    known = ratio.values[np.isfinite(ratio.values)]
    change = percent_text((float(known[-1] / known[0]) - 1) * 100)
    shown = tuple(day for day in highs if np.datetime64(day) in days)
    new_high = f"; last new high of the ratio {day_text(max(shown))}" if shown else ""
    return RelativeStrengthChart(
        title=title or ratio.name,
        fact=fact or f"ratio {change}",
        days=days,
        price=price,
        ratio=ratio,
        mansfield=np.full(len(days), np.nan) if mansfield is None else mansfield,
        highs=shown,
        alt=alt_text(
            f"{price.name} at {price_text(price.last)}; the ratio {ratio.name} changed by {change} "
            f"from {day_text(as_date(days[0]))} to {day_text(as_date(days[-1]))}{new_high}."
        ),
    )


def breadth_chart(
    days: Days,
    *,
    shares: Sequence[Line],
    net_new_highs: Floats,
    title: str = "",
    fact: str = "",
) -> BreadthChart:
    """Breadth over time; `shares` in percent, named like “above 50-day”.

    Raises NoData when nothing at all is known.
    """
    net = net_new_highs[np.isfinite(net_new_highs)]
    known = tuple(line for line in shares if np.isfinite(line.last))
    if not known and not len(net):
        raise NoData("There is no breadth to draw.")
    parts = [f"{line.last:.0f} % {line.name}" for line in known]
    if len(net):
        parts.append(f"new highs minus new lows {_signed(net[-1])}")
    return BreadthChart(
        title=title or "Breadth",
        fact=fact or (f"net new highs {_signed(net[-1])}" if len(net) else ""),
        days=days,
        shares=known,
        net_new_highs=net_new_highs,
        alt=alt_text(f"Breadth on {day_text(as_date(days[-1]))}: {', '.join(parts)}."),
    )


def _signed(count: float) -> str:
    return f"{count:+.0f}".replace("-", "−") if round(count) else "0"
