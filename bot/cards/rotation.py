"""The card and picture of `/rotation`. Pure: places in, a card out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.format import day_text, joined, plural
from bot.cards.model import Card
from bot.cards.tables import code_table, csv_text, number
from bot.charts.state_specs import RotationChart, Tail, rotation_chart
from bot.market.model import Symbol
from bot.signals.rotation import Quadrant, Rotation

ORDER = (Quadrant.LEADING, Quadrant.WEAKENING, Quadrant.LAGGING, Quadrant.IMPROVING)
TAILS = 14
"""More tails in one picture cannot be told apart."""
LINES = 30
"""Lines of the table; the rest is in the CSV."""
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class RotationView:
    """`what` names the universe or lists the symbols."""

    places: tuple[Rotation, ...]
    benchmark: Symbol
    what: str
    footer: str
    notes: tuple[str, ...] = ()


def rotation_card(view: RotationView) -> Card:
    ranked = ordered(view.places)
    notes = list(view.notes)
    if len(ranked) > LINES:
        notes.append(f"{LINES} of {plural(len(ranked), 'symbol')} are shown; the CSV has all.")
    if len(ranked) > TAILS:
        notes.append(f"The picture has the {TAILS} that stand farthest from the middle.")
    notes.append("An open approximation of relative rotation graphs, around 100; tails are weekly.")
    return Card(
        title=f"Rotation: {view.what} against {view.benchmark}, {day_text(ranked[0].session)}",
        verdict=verdict(ranked),
        body="\n".join([_table(ranked[:LINES]), *(f"-# {note}" for note in notes)]),
        footer=view.footer,
    )


def ordered(places: Sequence[Rotation]) -> tuple[Rotation, ...]:
    """Leading first and round the clock; within a quadrant the strongest ratio first."""
    return tuple(sorted(places, key=lambda p: (ORDER.index(p.quadrant), -p.ratio)))


def verdict(places: Sequence[Rotation]) -> str:
    """Leading: XLK and XLC. Improving: …; with what has just changed its quadrant."""
    parts = []
    for quadrant in ORDER:
        names = [str(p.symbol) for p in places if p.quadrant is quadrant]
        if names:
            more = len(names) - NAMED
            shown = [*names[:NAMED], f"{more} more"] if more > 0 else names
            parts.append(f"{quadrant.capitalize()}: {joined(shown)}.")
    moved = [p for p in places if p.previous not in (None, p.quadrant)]
    if moved:
        turns = [f"{p.symbol} from {p.previous} to {p.quadrant}" for p in moved[:NAMED]]
        parts.append(f"This week {joined(turns)}.")
    return " ".join(parts)


def _table(places: Sequence[Rotation]) -> str:
    return code_table(
        ["", "Ratio", "Momentum", "Quadrant", "Week before"],
        [
            [p.symbol, number(p.ratio), number(p.momentum), p.quadrant, p.previous or "–"]
            for p in places
        ],
    )


def rotation_picture(view: RotationView) -> RotationChart:
    """Tails of the symbols farthest from (100, 100)."""
    far = sorted(view.places, key=lambda p: -((p.ratio - 100) ** 2 + (p.momentum - 100) ** 2))
    return rotation_chart(
        [
            Tail(name=str(p.symbol), ratio=p.tail_ratio, momentum=p.tail_momentum)
            for p in far[:TAILS]
        ],
        title=f"Rotation against {view.benchmark}",
        fact=f"{view.what}, {day_text(far[0].session)}",
    )


def rotation_csv(places: Sequence[Rotation]) -> str:
    """Every weekly point of every tail."""
    rows = (
        (p.symbol, day, float(ratio), float(momentum))
        for p in places
        for day, ratio, momentum in zip(p.tail_days, p.tail_ratio, p.tail_momentum, strict=True)
    )
    return csv_text(("symbol", "session", "rs_ratio", "rs_momentum"), rows)


def numbers(view: RotationView, missing: Mapping[Symbol, str]) -> dict[str, object]:
    return {
        "command": "rotation",
        "what": view.what,
        "benchmark": str(view.benchmark),
        "session": str(view.places[0].session),
        "places": {
            str(p.symbol): {
                "ratio": p.ratio,
                "momentum": p.momentum,
                "quadrant": p.quadrant.value,
                "previous": None if p.previous is None else p.previous.value,
            }
            for p in ordered(view.places)
        },
        "missing": {str(symbol): reason for symbol, reason in missing.items()},
    }
