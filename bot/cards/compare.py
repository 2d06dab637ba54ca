"""The card of `/compare`. Pure: a comparison in, a card and CSV out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.cards.format import day_text, joined, percent
from bot.cards.model import Card, Tone
from bot.cards.tables import WIDTH, code_table, csv_text, number, plain_points, points, width
from bot.charts.series_specs import ComparisonChart, Line, comparison_chart
from bot.market.model import Basis, Symbol
from bot.signals.relative import Comparison, Performance

FAR = -0.10
"""A tenth below the all-time high: from there on the verdict mentions it."""


@dataclass(frozen=True, kw_only=True)
class CompareView:
    """`late` are the symbols whose first session made the common start later than asked."""

    comparison: Comparison
    late: tuple[Symbol, ...]
    footer: str
    notes: tuple[str, ...] = ()


def compare_card(view: CompareView) -> Card:
    found = view.comparison
    notes = [_start(view), *view.notes]
    return Card(
        title=f"{' · '.join(m.symbol for m in found.members)}, {_period(found)}",
        verdict=verdict(found),
        tone=Tone.NEUTRAL,
        body="\n".join([table(found), *(f"-# {note}" for note in notes if note)]),
        footer=view.footer,
    )


def verdict(found: Comparison) -> str:
    """Who leads by how much, who trails, and who is still far below the all-time high."""
    best, worst = found.ranked[0], found.ranked[-1]
    first = found.members[0]
    lead = f"{best.symbol} leads with {percent(best.change)}"
    if best is not first:
        lead += f", {_points(best.excess)} more than {first.symbol}"
    else:
        second = found.ranked[1]
        lead += f", {_points(best.change - second.change)} ahead of {second.symbol}"
    tail = f"{worst.symbol} is last with {percent(worst.change)}"
    return f"{lead}; {tail}.{_far(found)}"


def _points(fraction: float) -> str:
    return f"{100 * abs(fraction):.1f} points"


def _far(found: Comparison) -> str:
    known = [
        (m.symbol, m.distance_all_time) for m in found.ranked if m.distance_all_time is not None
    ]
    below = [f"{symbol} {plain_points(-away)} %" for symbol, away in known if away <= FAR]
    if below:
        return f" Still below their all-time highs: {joined(below)}."
    if len(known) == len(found.members):
        return " All stand within 10 % of their all-time highs."
    return ""


def table(found: Comparison) -> str:
    """Symbols across where they fit, else one symbol a line, best first."""
    first = found.members[0].symbol
    rows = [
        ["Return %", *(points(m.change) for m in found.members)],
        [f"Against {first}", *_excesses(found.members)],
        ["Max drawdown %", *(plain_points(m.max_drawdown) for m in found.members)],
        ["Volatility %", *(plain_points(m.volatility) for m in found.members)],
        ["From 52-week high %", *(plain_points(m.distance_52w) for m in found.members)],
        ["From all-time high %", *(plain_points(m.distance_all_time) for m in found.members)],
        [f"Correlation to {first}", *(number(m.correlation) for m in found.members)],
    ]
    header = ["", *(m.symbol for m in found.members)]
    if len(header) <= 7 and width([header, *rows]) <= WIDTH:
        return code_table(header, rows)
    ranked = sorted(found.members, key=lambda m: -m.change)
    return code_table(
        ["%", "Return", f"vs {first}"[:7], "DD", "Vol", "52w", "ATH", "Corr"],
        [
            [
                m.symbol,
                points(m.change),
                *_excesses([m], found.members[0]),
                plain_points(m.max_drawdown),
                plain_points(m.volatility),
                plain_points(m.distance_52w),
                plain_points(m.distance_all_time),
                number(m.correlation),
            ]
            for m in ranked
        ],
    )


def _excesses(members: Sequence[Performance], first: Performance | None = None) -> list[str]:
    reference = members[0] if first is None else first
    return ["–" if m is reference else points(m.excess) for m in members]


def compare_csv(found: Comparison) -> str:
    """The table with fractions unrounded."""
    header = (
        "symbol",
        "start",
        "end",
        "basis",
        "start_close",
        "end_close",
        "return",
        "excess",
        "max_drawdown",
        "volatility",
        "from_52_week_high",
        "from_all_time_high",
        "correlation",
    )
    return csv_text(
        header,
        (
            (
                m.symbol,
                m.start,
                m.end,
                found.basis,
                m.start_close,
                m.end_close,
                m.change,
                m.excess,
                m.max_drawdown,
                m.volatility,
                m.distance_52w,
                m.distance_all_time,
                m.correlation,
            )
            for m in found.members
        ),
    )


def compare_chart(found: Comparison) -> ComparisonChart:
    """Returns in percent since the common start, on all sessions that any symbol has."""
    days = np.unique(np.concatenate([m.days for m in found.members]))
    lines = []
    for member in found.members:
        values = np.full(len(days), np.nan)
        values[np.searchsorted(days, member.days)] = member.rebased - 100
        lines.append(Line(name=str(member.symbol), values=values))
    dividends = ", with dividends" if found.basis is Basis.TOTAL else ""
    return comparison_chart(days, lines, fact=f"{_period(found)}{dividends}")


def _period(found: Comparison) -> str:
    return f"{day_text(found.members[0].start)} to {day_text(found.end)}"


def _start(view: CompareView) -> str:
    found = view.comparison
    if view.late:
        return (
            f"Common start: {day_text(found.start)}, the first session of {joined(view.late)} "
            "in these data."
        )
    return f"Common start: the close of {day_text(found.members[0].start)}."
