"""Specs of pictures with rows: sector weights side by side, and a table of strips."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts.alt import alt_text
from bot.charts.specs import Tone
from bot.errors import NoData
from bot.market.model import Floats

MOST_STRIPS = 30
"""Rows of a table at most: more would be scaled down beyond reading."""


@dataclass(frozen=True, kw_only=True)
class SectorRow:
    """One sector and its weight (0…1) in each fund, None where the fund does not say."""

    name: str
    weights: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class SectorChart:
    """Sector weights of several funds side by side, in the order of `funds`."""

    title: str
    fact: str
    funds: tuple[str, ...]
    rows: tuple[SectorRow, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value in a table; `heat` −1…1 shades its ground from coral over none to teal."""

    text: str
    tone: Tone = Tone.NEUTRAL
    heat: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Strip:
    """One row: a name, a note, the line of its recent closes, and cells."""

    name: str
    note: str
    closes: Floats
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class StripTable:
    """Many symbols in one picture, a row each; `columns` names the cells."""

    title: str
    fact: str
    columns: tuple[str, ...]
    strips: tuple[Strip, ...]
    alt: str


def sector_chart(
    funds: Sequence[str], rows: Sequence[SectorRow], *, title: str = "", fact: str = ""
) -> SectorChart:
    """Sectors by their largest weight in any fund. Raises NoData when there is no weight."""
    known = [row for row in rows if any(weight for weight in row.weights)]
    if not known:
        raise NoData("No sector weights are known.")
    ranked = sorted(known, key=lambda row: -max(weight or 0.0 for weight in row.weights))
    tops = []
    for position, fund in enumerate(funds):
        weight, name = max((row.weights[position] or 0.0, row.name) for row in ranked)
        tops.append(f"{fund} {name} {100 * weight:.1f} %" if weight else f"{fund} unknown")
    return SectorChart(
        title=title or f"Sectors · {' · '.join(funds)}",
        fact=fact,
        funds=tuple(funds),
        rows=tuple(ranked),
        alt=alt_text(f"Sector weights, largest of each fund: {', '.join(tops)}."),
    )


def strip_table(
    strips: Sequence[Strip], *, columns: Sequence[str] = (), title: str = "", fact: str = ""
) -> StripTable:
    """A table of at most MOST_STRIPS rows; what is cut is said in `fact`.

    Raises NoData without any row, ValueError when a row has not one cell per column.
    """
    if not strips:
        raise NoData("There is nothing on this list.")
    if any(len(strip.cells) != len(columns) for strip in strips):
        raise ValueError("every strip needs one cell per column")
    shown = tuple(strips[:MOST_STRIPS])
    cut = f"first {MOST_STRIPS} of {len(strips)}" if len(strips) > len(shown) else ""
    rows = (_row_words(strip, columns) for strip in shown)
    return StripTable(
        title=title or "Watchlist",
        fact=" · ".join(filter(None, (fact, cut))),
        columns=tuple(columns),
        strips=shown,
        alt=alt_text(f"{title or 'Watchlist'}, {len(shown)} rows: {'; '.join(rows)}."),
    )


def _row_words(strip: Strip, columns: Sequence[str]) -> str:
    values = (f"{name} {cell.text}" for name, cell in zip(columns, strip.cells, strict=True))
    return f"{strip.name} {', '.join(values)}".strip()
