"""The cards of `/setups`: one symbol in depth, or a ranked screen of many. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.format import away, joined, plural, price_text
from bot.cards.model import Card, Tone
from bot.cards.setup_words import NAMES, STATES, rule_words
from bot.cards.tables import code_table, csv_text, points
from bot.market.model import Symbol
from bot.signals.model import Kind
from bot.signals.setup import Setup, Status

PAGE = 15
"""Lines of a screen at a time."""
URGENCY = (
    Status.NEAR,
    Status.TRIGGERED,
    Status.BUILDING,
    Status.CONFIRMED,
    Status.EXPIRED,
    Status.FAILED,
)
"""What can still be acted on comes first."""
TONES = {
    Status.NEAR: Tone.WATCH,
    Status.TRIGGERED: Tone.WATCH,
    Status.CONFIRMED: Tone.GOOD,
    Status.FAILED: Tone.BAD,
}
FAR = 5.0
"""Points of quality that each ATR beyond the first between close and trigger takes off."""
BREAKOUTS = 8
"""Breakouts that a screen names."""


@dataclass(frozen=True, kw_only=True)
class OneView:
    """The setups of one symbol, best first; `shown` is the one that the picture draws."""

    symbol: Symbol
    name: str
    setups: tuple[Setup, ...]
    shown: Setup | None
    footer: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScreenView:
    """The best setup of each symbol among `looked_at`, ranked; page 1 is the first. `others`
    counts the further setups of these symbols.

    `broke_out` are the symbols whose setup was set off at the last session, by kind.
    """

    what: str
    kind: Kind | None
    setups: tuple[Setup, ...]
    others: int
    page: int
    looked_at: int
    broke_out: Mapping[Kind, tuple[Symbol, ...]]
    footer: str
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.setups) // PAGE))

    @property
    def rows(self) -> tuple[Setup, ...]:
        return self.setups[(self.page - 1) * PAGE : self.page * PAGE]


def ranked(found: Sequence[Setup]) -> tuple[Setup, ...]:
    """By urgency, then by quality less what a long way to the trigger takes off it."""

    def place(setup: Setup) -> tuple[int, float]:
        far = max(0.0, abs(setup.distance_atr) - 1)
        return URGENCY.index(setup.status), FAR * far - setup.quality

    return tuple(sorted(found, key=place))


def best_of_each(found: Sequence[Setup]) -> tuple[Setup, ...]:
    """The first setup of every symbol."""
    firsts: dict[Symbol, Setup] = {}
    for setup in found:
        firsts.setdefault(setup.symbol, setup)
    return tuple(firsts.values())


def one_card(view: OneView) -> Card:
    body = []
    if view.setups:
        body = [
            _one_table(view.setups),
            *(f"**{NAMES[s.kind]}**: {_story(s)}" for s in view.setups),
        ]
    name = f" · {view.name}" if view.name else ""
    return Card(
        title=f"{view.symbol}{name}: setups",
        verdict=verdict(view),
        tone=TONES.get(view.setups[0].status, Tone.NEUTRAL) if view.setups else Tone.NEUTRAL,
        body="\n".join([*body, *(f"-# {note}" for note in view.notes)]),
        footer=view.footer,
    )


def verdict(view: OneView) -> str:
    """The most urgent setup: what sets it off and what ends it."""
    if not view.setups:
        return f"{view.symbol} shows none of the setups I know."
    top = view.setups[0]
    name, trigger = NAMES[top.kind], price_text(top.trigger)
    ends = f"a close below {price_text(top.invalidation)} ends it"
    if top.status is Status.CONFIRMED:
        return f"{name} confirmed: closed above {trigger}, now {price_text(top.close)}; {ends}."
    if top.status is Status.FAILED:
        return f"{name} failed: {price_text(top.close)}, trigger {trigger}."
    if top.status is Status.TRIGGERED:
        return f"{name} crossed its trigger {trigger} without a close above it yet; {ends}."
    gap = away(top.trigger, top.close)
    return f"{name}, {STATES[top.status]}: trigger {trigger}, {gap} above; {ends}."


def _one_table(found: Sequence[Setup]) -> str:
    return code_table(
        ["", "State", "Trigger", "Away %", "Ends", "Age", "Q"],
        [
            [
                NAMES[s.kind],
                STATES[s.status],
                price_text(s.trigger),
                points(s.distance),
                price_text(s.invalidation),
                str(s.age),
                str(s.quality),
            ]
            for s in found
        ],
    )


def _story(setup: Setup) -> str:
    return f"{rule_words(setup)}, {plural(setup.age, 'session')} old, quality {setup.quality}."


def screen_card(view: ScreenView) -> Card:
    kind = f": {NAMES[view.kind].lower()}" if view.kind else ""
    notes = [*view.notes]
    if view.rows:
        notes.insert(
            0,
            f"Page {view.page} of {view.pages}. Away: from the close to the trigger; Ends: a close "
            "below; Q: quality 0–100. Ages and rule values are in the CSV.",
        )
        if view.others:
            notes.insert(1, f"Each symbol’s first setup; {view.others} more are in the CSV.")
    body = [_screen_table(view.rows)] if view.rows else []
    return Card(
        title=f"Setups in {view.what}{kind}",
        verdict=screen_verdict(view),
        tone=Tone.WATCH if view.rows else Tone.NEUTRAL,
        body="\n".join([*_breakouts(view), *body, *(f"-# {note}" for note in notes)]),
        footer=view.footer,
    )


def screen_verdict(view: ScreenView) -> str:
    looked = plural(view.looked_at, "symbol")
    if not view.setups:
        return f"No such setup among {looked} today."
    near = sum(s.status is Status.NEAR for s in view.setups)
    best = view.setups[0]
    return (
        f"{len(view.setups)} of {looked} have a setup, {near} within one usual day’s range of the "
        f"trigger. First: {best.symbol}, {NAMES[best.kind].lower()}, trigger "
        f"{price_text(best.trigger)}."
    )


def _breakouts(view: ScreenView) -> list[str]:
    lines = []
    for kind, symbols in view.broke_out.items():
        if symbols:
            more = len(symbols) - BREAKOUTS
            named = [*symbols[:BREAKOUTS], *([f"{more} more"] if more > 0 else [])]
            lines.append(f"Broke out at the last session, {NAMES[kind].lower()}: {joined(named)}.")
    return lines


def _screen_table(rows: Sequence[Setup]) -> str:
    return code_table(
        ["", "Setup", "State", "Trigger", "Away", "Ends", "Q"],
        [
            [
                s.symbol,
                NAMES[s.kind],
                STATES[s.status],
                price_text(s.trigger),
                points(s.distance),
                price_text(s.invalidation),
                str(s.quality),
            ]
            for s in rows
        ],
    )


def setups_csv(found: Sequence[Setup]) -> str:
    """Every setup with its rule values in one cell, as name=value pairs."""
    header = (
        "symbol",
        "kind",
        "session",
        "status",
        "trigger",
        "invalidation",
        "close",
        "distance",
        "distance_atr",
        "started",
        "age",
        "quality",
        "values",
    )
    rows = (
        (
            s.symbol,
            s.kind,
            s.session,
            s.status,
            s.trigger,
            s.invalidation,
            s.close,
            s.distance,
            s.distance_atr,
            s.started,
            s.age,
            s.quality,
            "; ".join(f"{name}={value}" for name, value in s.values.items()),
        )
        for s in found
    )
    return csv_text(header, rows)


def numbers(found: Sequence[Setup]) -> list[dict[str, object]]:
    return [
        {
            "symbol": str(s.symbol),
            "kind": s.kind.value,
            "session": str(s.session),
            "status": s.status.value,
            "trigger": s.trigger,
            "invalidation": s.invalidation,
            "level": s.level,
            "close": s.close,
            "atr": s.atr,
            "distance": s.distance,
            "distance_atr": s.distance_atr,
            "started": str(s.started),
            "age": s.age,
            "quality": s.quality,
            "values": dict(s.values),
        }
        for s in found
    ]
