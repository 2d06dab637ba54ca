"""The parts that most pictures share: header, axes, price tag, names at the ends of lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts.canvas import Canvas
from bot.charts.labels import Spot, spread
from bot.charts.lettering import text_width
from bot.charts.scales import DayTick, Frame, Scale
from bot.charts.theme import (
    AXIS,
    BACKGROUND,
    BODY,
    BRIGHT,
    FACT,
    GRID,
    LABEL,
    MUTED,
    TEXT,
    TITLE,
    Ink,
)

EDGE = 20
"""Free pixels at the left and right of the canvas."""
HEADER_ROW = 32
HEADER_HEIGHT = 62
TAG_HEIGHT = 26


def header(canvas: Canvas, title: str, fact: str, *, ink: Ink = TEXT) -> None:
    """The title at the left, one fact at the right; the title gives way."""
    whole = canvas.width - 2 * EDGE
    fact_room = min(text_width(fact, FACT), whole * 0.6)
    canvas.text(
        canvas.width - EDGE, HEADER_ROW, fact, ink, size=FACT, align="right", room=fact_room
    )
    room = whole - fact_room - (EDGE if fact else 0)
    canvas.text(EDGE, HEADER_ROW, title, BRIGHT, size=TITLE, bold=True, room=room)


@dataclass(frozen=True, kw_only=True)
class ValueTick:
    """A value on the right axis and its text."""

    value: float
    text: str


def value_axis(
    canvas: Canvas,
    frame: Frame,
    scale: Scale,
    ticks: Sequence[ValueTick],
    *,
    free: Sequence[float] = (),
) -> None:
    """Grid lines and their values to the right of `frame`; rows in `free` stay without text."""
    for tick in ticks:
        row = scale.y(tick.value)
        if not frame.top <= row <= frame.bottom:
            continue
        canvas.hline(row, frame.left, frame.right, GRID)
        if all(abs(row - other) >= TAG_HEIGHT * 0.85 for other in free):
            canvas.text(frame.right + 10, row, tick.text, MUTED, size=BODY)


def axis_room(texts: Sequence[str]) -> float:
    """The width that values at the right need, tags included."""
    return max((text_width(text, BODY, bold=True) for text in texts), default=0) + 24


def day_axis(
    canvas: Canvas, ticks: Sequence[DayTick], xs: Sequence[float], frame: Frame, *, row: float
) -> None:
    """Labels below `frame`, each beginning at its candle, and faint lines through it."""
    for tick in ticks:
        x = xs[tick.slot]
        canvas.vline(x, frame.top, frame.bottom, AXIS if tick.strong else GRID)
        half = text_width(tick.text, BODY) / 2
        middle = min(max(x, frame.left + half), frame.right - half)
        ink = TEXT if tick.strong else MUTED
        canvas.text(middle, row, tick.text, ink, size=BODY, align="center")


def tag(canvas: Canvas, frame: Frame, row: float, text: str, ink: Ink, *, hollow: bool) -> None:
    """The last price at the right edge of `frame`; hollow while it is provisional."""
    left, right = frame.right + 4, canvas.width - 4
    top = round(min(max(row, frame.top), frame.bottom) - TAG_HEIGHT / 2)
    canvas.rects([(left, top, right, top + TAG_HEIGHT)], ink)
    if hollow:
        canvas.rects([(left + 2, top + 2, right - 2, top + TAG_HEIGHT - 2)], BACKGROUND)
    canvas.text(
        frame.right + 10,
        top + TAG_HEIGHT / 2,
        text,
        ink if hollow else BACKGROUND,
        size=BODY,
        bold=True,
        room=right - frame.right - 10,
    )


@dataclass(frozen=True, kw_only=True)
class EndName:
    """A name for the row where a line ends, in the line's colour."""

    row: float
    text: str
    ink: Ink


def end_spots(
    names: Sequence[EndName], *, x: float, frame: Frame, size: int = LABEL, bold: bool = False
) -> list[Spot]:
    """Where names stand at the ends of lines, moved apart so that all can be read."""
    half = size * 0.6
    rows = spread(
        [name.row for name in names],
        gap=size + 4,
        low=frame.top + half,
        high=frame.bottom - half,
    )
    widths = [text_width(name.text, size, bold=bold) for name in names]
    return [
        Spot(left=x - 2, top=row - half, right=x + wide + 2, bottom=row + half)
        for row, wide in zip(rows, widths, strict=True)
    ]


def end_names(
    canvas: Canvas,
    names: Sequence[EndName],
    *,
    x: float,
    frame: Frame,
    size: int = LABEL,
    bold: bool = False,
) -> None:
    """Set names at the ends of lines."""
    spots = end_spots(names, x=x, frame=frame, size=size, bold=bold)
    for name, spot in zip(names, spots, strict=True):
        canvas.rects([(spot.left, spot.top, spot.right, spot.bottom)], BACKGROUND)
        row = (spot.top + spot.bottom) / 2
        canvas.text(x, row, name.text, name.ink, size=size, bold=bold)
