"""Tables in a code block, narrow enough for a phone; and the same as CSV. Pure text."""

import csv
import io
from collections.abc import Iterable, Sequence

from bot.charts.numbers import MINUS

WIDTH = 58
"""Characters that a phone shows in one line of a code block."""
MOST_COLUMNS = 8
NOTHING = "–"
"""Stands where there is no number."""

Row = Sequence[str]


def width(rows: Sequence[Row]) -> int:
    """Characters of the widest line: columns apart by two blanks."""
    return sum(_widths(rows)) + 2 * (len(rows[0]) - 1)


def code_table(header: Row, rows: Sequence[Row]) -> str:
    """A code block: first column left, the others right; the first one gives way for the width.

    Raises ValueError for more than 8 columns or rows of different lengths.
    """
    lines = [header, *rows]
    if len(header) > MOST_COLUMNS or any(len(line) != len(header) for line in lines):
        raise ValueError(f"a table has up to {MOST_COLUMNS} columns in every row")
    first, *others = _widths(lines)
    gap = 2 if width(lines) <= WIDTH else 1
    first = max(1, min(first, WIDTH - sum(others) - gap * len(others)))
    text = []
    for name, *values in lines:
        cells = [_cut(name, first).ljust(first)]
        cells += [value.rjust(wide) for value, wide in zip(values, others, strict=True)]
        text.append((" " * gap).join(cells).rstrip())
    return "\n".join(["```", *(line.replace("`", "ˋ") for line in text), "```"])


def points(fraction: float | None, decimals: int = 1) -> str:
    """A fraction in percent without the sign of percent: +10.7."""
    if fraction is None or fraction != fraction:
        return NOTHING
    text = f"{100 * fraction:+.{decimals}f}"
    return text[1:] if not float(text) else text.replace("-", MINUS)


def plain_points(fraction: float | None, decimals: int = 1) -> str:
    """The same without a plus."""
    return points(fraction, decimals).lstrip("+")


def number(value: float | None, decimals: int = 2) -> str:
    """A number without unit: 0.93, −1.20."""
    if value is None or value != value:
        return NOTHING
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if not float(text) else text.replace("-", MINUS)


def csv_text(header: Row, rows: Iterable[Sequence[object]]) -> str:
    """CSV as RFC 4180 has it; None is an empty cell, and text cannot become a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
    return out.getvalue()


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t"):
        return f"'{cell}"
    return "" if cell is None or cell != cell else cell


def _widths(rows: Sequence[Row]) -> list[int]:
    return [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
