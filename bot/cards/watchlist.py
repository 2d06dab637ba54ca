"""The live table of a watchlist: rows, their orders, card, picture and CSV. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.cards.format import escape, joined, percent, plural, price_text
from bot.cards.model import Card, Tone
from bot.cards.setup_words import NAMES, STATES
from bot.cards.setups import ranked
from bot.cards.tables import NOTHING, code_table, csv_text, plain_points, points
from bot.charts.specs import Tone as Ink
from bot.charts.table_specs import Cell, Strip, StripTable, strip_table
from bot.market.model import Floats, Symbol
from bot.signals.setup import Setup, Status

PAGE = 15
"""Rows at a time: more lines than a phone shows without scrolling twice."""
SPARK = 63
"""Closes behind a sparkline: a quarter."""
NEAR = -0.02
"""Within 2 % of the 52-week high."""
STRONG_DAY = 0.03
STRONG_DISTANCE = 0.25
"""A day's change and a distance from the high that have the strongest heat."""
RANK_NOTE = "RS is the rank, 1 to 99, in the universe that is closest to a symbol, as in `/rs`."


class Order(StrEnum):
    """How the rows are sorted; the best first, what is unknown last."""

    ADDED = "added"
    CHANGE = "change"
    HIGH = "high"
    STRENGTH = "rs"
    SETUP = "setup"
    SYMBOL = "symbol"


ORDER_WORDS: Mapping[Order, str] = {
    Order.ADDED: "As added",
    Order.CHANGE: "Day’s change",
    Order.HIGH: "Distance from 52-week high",
    Order.STRENGTH: "RS rank",
    Order.SETUP: "Setup",
    Order.SYMBOL: "Symbol",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class WatchRow:
    """One symbol; `change` from the prior close and `distance` of the last price from the
    52-week high are fractions, `rank` is 1…99. None where unknown, `closes` may be empty."""

    symbol: Symbol
    name: str
    last: float | None = None
    change: float | None = None
    distance: float | None = None
    new_high: bool = False
    rank: int | None = None
    setup: Setup | None = None
    closes: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class WatchView:
    """All rows in their order; `page` of them is shown, page 1 is the first. `shared` is how
    others get a copy, or empty."""

    title: str
    rows: tuple[WatchRow, ...]
    order: Order
    page: int
    footer: str
    notes: tuple[str, ...] = ()
    shared: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.rows) // PAGE))

    @property
    def shown(self) -> tuple[WatchRow, ...]:
        return self.rows[(self.page - 1) * PAGE : self.page * PAGE]


def in_order(rows: Sequence[WatchRow], order: Order) -> tuple[WatchRow, ...]:
    """The rows sorted; equal ones stay as they were."""
    if order is Order.SETUP:
        places = {s.symbol: i for i, s in enumerate(ranked([r.setup for r in rows if r.setup]))}
        return tuple(sorted(rows, key=lambda row: places.get(row.symbol, len(rows))))
    if order is Order.SYMBOL:
        return tuple(sorted(rows, key=lambda row: row.symbol))
    value = _VALUES.get(order)
    return tuple(rows) if value is None else tuple(sorted(rows, key=lambda row: _down(value(row))))


_VALUES: Mapping[Order, Callable[[WatchRow], float | None]] = {
    Order.CHANGE: lambda row: row.change,
    Order.HIGH: lambda row: row.distance,
    Order.STRENGTH: lambda row: row.rank,
}


def _down(value: float | None) -> float:
    return float("inf") if value is None else -value


def watch_card(view: WatchView) -> Card:
    page = f", page {view.page} of {view.pages}" if view.pages > 1 else ""
    notes = [RANK_NOTE, *view.notes, view.shared]
    return Card(
        title=f"{escape(view.title)} · {plural(len(view.rows), 'symbol')}{page}",
        verdict=verdict(view.rows),
        tone=Tone.WATCH if any(row.new_high for row in view.rows) else Tone.NEUTRAL,
        body="\n".join([_table(view.shown), *(f"-# {note}" for note in notes if note)]),
        footer=view.footer,
    )


def verdict(rows: Sequence[WatchRow]) -> str:
    """How many rise, who made a new high and how many are near one, best and worst."""
    known = [row for row in rows if row.change is not None]
    if not known:
        return "None of these symbols has prices now."
    told = [f"{sum((row.change or 0) > 0 for row in known)} of {len(known)} up"]
    made = [row.symbol for row in known if row.new_high]
    near = [r for r in known if not r.new_high and r.distance is not None and r.distance >= NEAR]
    if made:
        told.append(f"new 52-week {'high' if len(made) == 1 else 'highs'}: {_some(made)}")
    if near:
        more = "more " if made else ""
        told.append(f"{len(near)} {more}within 2 % of the 52-week high")
    if len(known) > 1:
        ordered = sorted(known, key=lambda row: _down(row.change))
        best, worst = ordered[0], ordered[-1]
        told.append(
            f"best {best.symbol} {percent(best.change or 0)}, "
            f"worst {worst.symbol} {percent(worst.change or 0)}"
        )
    return f"{'; '.join(told)}."


def _some(symbols: Sequence[Symbol]) -> str:
    if len(symbols) <= 4:
        return joined(symbols)
    return f"{', '.join(symbols[:4])} and {len(symbols) - 4} more"


def _table(rows: Sequence[WatchRow]) -> str:
    header = ["", "Last", "Day %", "52w %", "RS", "Setup"]
    return code_table(header, [[row.symbol, *_cells(row)] for row in rows])


def _cells(row: WatchRow) -> list[str]:
    return [
        NOTHING if row.last is None else price_text(row.last),
        points(row.change),
        "new" if row.new_high else plain_points(row.distance),
        NOTHING if row.rank is None else str(row.rank),
        setup_words(row.setup),
    ]


def setup_words(setup: Setup | None) -> str:
    """“Tight flag near”, or a dash."""
    return NOTHING if setup is None else f"{NAMES[setup.kind]} {STATES[setup.status]}"


def watch_picture(view: WatchView) -> StripTable:
    """The page as strips: a quarter of closes, then the numbers on grounds of their heat.

    Raises NoData without rows.
    """
    return strip_table(
        [_strip(row) for row in view.shown],
        columns=("Last", "Day %", "From high %", "RS", "Setup"),
        title=view.title,
        fact=ORDER_WORDS[view.order].lower(),
    )


def _strip(row: WatchRow) -> Strip:
    last, change, distance, rank, _ = _cells(row)
    setup = "–" if row.setup is None else NAMES[row.setup.kind]
    return Strip(
        name=row.symbol,
        note=row.name,
        closes=row.closes[-SPARK:],
        cells=(
            Cell(text=last),
            Cell(text=change, heat=_heat(row.change, STRONG_DAY)),
            Cell(
                text="new high" if row.new_high else distance,
                heat=1.0 if row.new_high else _distance_heat(row.distance),
            ),
            Cell(text=rank, heat=0.0 if row.rank is None else (row.rank - 50) / 50),
            Cell(text=setup, tone=_setup_tone(row.setup)),
        ),
    )


_SETUP_TONES: Mapping[Status, Ink] = {
    Status.NEAR: Ink.WATCH,
    Status.TRIGGERED: Ink.WATCH,
    Status.CONFIRMED: Ink.GOOD,
}


def _setup_tone(setup: Setup | None) -> Ink:
    return Ink.NEUTRAL if setup is None else _SETUP_TONES.get(setup.status, Ink.NEUTRAL)


def _heat(value: float | None, strong: float) -> float:
    return 0.0 if value is None else float(np.clip(value / strong, -1, 1))


def _distance_heat(distance: float | None) -> float:
    """Warm within 5 % of the high, cold far below."""
    if distance is None:
        return 0.0
    if distance >= -0.05:
        return 1 + distance / 0.05 * 0.8
    return max(-1.0, (distance + 0.05) / STRONG_DISTANCE)


def watch_csv(rows: Sequence[WatchRow]) -> str:
    """All rows, fractions unrounded."""
    header = ("symbol", "name", "last", "change", "from_52_week_high", "new_high", "rs_rank")
    return csv_text(
        (*header, "setup", "setup_status", "trigger"),
        (
            (
                row.symbol,
                row.name,
                row.last,
                row.change,
                row.distance,
                row.new_high,
                row.rank,
                row.setup.kind if row.setup else None,
                row.setup.status if row.setup else None,
                row.setup.trigger if row.setup else None,
            )
            for row in rows
        ),
    )


def numbers(view: WatchView) -> dict[str, object]:
    return {
        "command": "watchlist show",
        "list": view.title,
        "order": view.order.value,
        "page": view.page,
        "pages": view.pages,
        "rows": [
            {
                "symbol": str(row.symbol),
                "last": row.last,
                "change": row.change,
                "distance_52w": row.distance,
                "new_high": row.new_high,
                "rs_rank": row.rank,
                "setup": None if row.setup is None else row.setup.kind.value,
                "setup_status": None if row.setup is None else row.setup.status.value,
            }
            for row in view.rows
        ],
    }
