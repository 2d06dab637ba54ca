"""Where the watched symbols stand at a close: relative strength ranks and breadth. Pure.

Each symbol is measured by itself, so those who look at different symbols together know all.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.market.model import Bars, Days, Symbol
from bot.market.panel import Panel
from bot.signals.breadth import marks
from bot.signals.strength import ranks, strength_scores
from storage.standings import StandingRow

BLOCK = 200
"""Symbols aligned at a time."""


@dataclass(frozen=True, kw_only=True)
class Breadth:
    """Of `counted` watched symbols at the last close before."""

    counted: int
    new_highs: int
    new_lows: int
    above_50: float | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Ranks are 1…99 among the watched symbols whose last close is known; `breadth` is None
    where it is of none."""

    ranks: dict[Symbol, int]
    breadth: Breadth | None


def measured(histories: Sequence[Bars], days: Days) -> Iterator[StandingRow]:
    """Where each of these stood at the close of the last of the sessions `days`."""
    for start in range(0, len(histories), BLOCK):
        panel = Panel.of(histories[start : start + BLOCK], days)
        scores, marked = strength_scores(panel.close), marks(panel)
        for i, symbol in enumerate(panel.symbols):
            yield StandingRow(
                symbol=symbol,
                score=float(scores[i]) if np.isfinite(scores[i]) else None,
                listed=bool(marked.listed[-1, i]),
                new_high=bool(marked.new_high[-1, i]),
                new_low=bool(marked.new_low[-1, i]),
                above_50=bool(marked.above_50[-1, i]) if marked.judged_50[-1, i] else None,
            )


def standing(rows: Sequence[StandingRow], watched: Collection[Symbol]) -> Standing:
    """Ranks and breadth of those that are watched."""
    rows = [row for row in rows if row.symbol in watched]
    if not rows:
        return Standing(ranks={}, breadth=None)
    placed = ranks(np.array([np.nan if row.score is None else row.score for row in rows]))
    judged = [row.above_50 for row in rows if row.above_50 is not None]
    return Standing(
        ranks={
            Symbol(row.symbol): int(rank)
            for row, rank in zip(rows, placed, strict=True)
            if np.isfinite(rank)
        },
        breadth=Breadth(
            counted=sum(row.listed for row in rows),
            new_highs=sum(row.new_high for row in rows),
            new_lows=sum(row.new_low for row in rows),
            above_50=sum(judged) / len(judged) if judged else None,
        ),
    )
