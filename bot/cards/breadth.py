"""The card and picture of `/breadth`. Pure: series and a reading in, a card out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.cards.format import day_text, joined, percent, plural
from bot.cards.model import Card, Field, Tone
from bot.cards.tables import csv_text, number
from bot.charts.numbers import MINUS
from bot.charts.series_specs import BreadthChart, Line, breadth_chart
from bot.market.model import Floats, as_date
from bot.signals.breadth import BreadthSeries
from bot.signals.participation import Breadth, Reading, Reason

SHOWN = 252
"""Sessions in the picture: a year."""
CHANGE = 20
MARKS = {Reading.BROADENING: "+", Reading.NARROWING: "−", Reading.MIXED: "·"}
TRENDS = {
    Reading.BROADENING: "rising",
    Reading.NARROWING: "falling",
    Reading.MIXED: "no clear trend",
}
TONES = {
    Reading.BROADENING: Tone.GOOD,
    Reading.NARROWING: Tone.BAD,
    Reading.MIXED: Tone.NEUTRAL,
}


@dataclass(frozen=True, kw_only=True)
class BreadthView:
    """`symbols` counts the universe, `known` those of it that have usable bars."""

    series: BreadthSeries
    reading: Breadth
    universe: str
    symbols: int
    known: int
    footer: str
    notes: tuple[str, ...] = ()


def breadth_card(view: BreadthView) -> Card:
    series, reading = view.series, view.reading
    notes = list(view.notes)
    if view.known < view.symbols:
        notes.append(f"{view.known} of the universe’s {plural(view.symbols, 'symbol')} have bars.")
    if reading.missing:
        notes.append(f"Not looked at for want of data: {joined(reading.missing)}.")
    reasons = [f"{MARKS[r.vote]} {r.name}: {_value(r)}" for r in reading.reasons]
    return Card(
        title=f"Breadth of {view.universe}, {day_text(as_date(series.days[-1]))}",
        verdict=verdict(view),
        tone=TONES[reading.reading],
        body="\n".join([*reasons, *(f"-# {note}" for note in notes)]),
        fields=_fields(view),
        footer=view.footer,
    )


def verdict(view: BreadthView) -> str:
    """The reading with its votes, and the share that stands above its average."""
    reading = view.reading
    votes = [r.vote for r in reading.reasons]
    broad, narrow = votes.count(Reading.BROADENING), votes.count(Reading.NARROWING)
    share = view.series.above_50[-1]
    above = f" {100 * share:.0f} % stand above their 50-session mean." if share == share else ""
    return (
        f"{reading.reading.capitalize()}: {plural(broad, 'reason')} for broader, {narrow} for "
        f"narrower participation, of {len(votes)}.{above}"
    )


def _fields(view: BreadthView) -> tuple[Field, ...]:
    s, reading = view.series, view.reading
    highs, lows = int(s.new_highs[-1]), int(s.new_lows[-1])
    sectors = (
        "unavailable"
        if reading.sectors_above is None
        else f"{reading.sectors_above} of {reading.sectors_counted}"
    )
    return (
        Field(
            name="New 52-week highs − lows",
            value=f"{highs} − {lows} = {_signed(highs - lows)}\n"
            f"of {plural(int(s.counted[-1]), 'symbol')}",
        ),
        Field(name="Above 50-session mean", value=_share(s.above_50)),
        Field(name="Above 200-session mean", value=_share(s.above_200)),
        Field(
            name="Advancers, decliners",
            value=f"{int(s.advancers[-1])}, {int(s.decliners[-1])}\n"
            f"line {_signed(_change(s.line.astype(np.float64)))} in {CHANGE} sessions",
        ),
        Field(name="Within 2 % of the high", value=_share(s.near_high)),
        Field(name="Breadth thrust", value=_thrust(s)),
        Field(name="Sectors above 50-session mean", value=sectors),
    )


def _value(reason: Reason) -> str:
    if reason.value != reason.value:
        return "unknown"
    if "new highs" in reason.name:
        return _signed(reason.value, decimals=1)
    if "line" in reason.name:
        return _signed(reason.value)
    if "change" in reason.name:
        return f"{_signed(100 * reason.value)} points"
    if "sectors" in reason.name:
        return f"{100 * reason.value:.0f} %"
    return f"{percent(reason.value)} in {CHANGE} sessions, {TRENDS[reason.vote]}"


def _signed(value: float, *, decimals: int = 0) -> str:
    if value != value:
        return "unknown"
    text = f"{value:+.{decimals}f}"
    return text[1:] if not float(text) else text.replace("-", MINUS)


def _change(values: Floats) -> float:
    return float(values[-1] - values[-1 - CHANGE]) if len(values) > CHANGE else float("nan")


def _share(values: Floats) -> str:
    if values[-1] != values[-1]:
        return "unavailable, too few sessions"
    change = _signed(100 * _change(values))
    return f"{100 * values[-1]:.0f} %\n{change} points in {CHANGE} sessions"


def _thrust(series: BreadthSeries) -> str:
    fired = np.flatnonzero(series.thrust)
    last = "none in these data" if not len(fired) else day_text(as_date(series.days[fired[-1]]))
    return f"{number(float(series.thrust_mean[-1]))} of 0.615\nlast: {last}"


def breadth_picture(view: BreadthView) -> BreadthChart:
    """A year of shares above the averages, and of new highs minus lows."""
    s = view.series
    cut = slice(max(0, len(s.days) - SHOWN), None)
    net = (s.new_highs - s.new_lows).astype(np.float64)
    net[s.counted == 0] = np.nan
    return breadth_chart(
        s.days[cut],
        shares=(
            Line(name="above 50-day", values=100 * s.above_50[cut]),
            Line(name="above 200-day", values=100 * s.above_200[cut]),
        ),
        net_new_highs=net[cut],
        title=f"Breadth of {view.universe}",
        fact=f"{view.reading.reading}, {plural(view.known, 'symbol')}",
    )


def breadth_csv(series: BreadthSeries) -> str:
    """Every session of the series."""
    columns: Sequence[tuple[str, np.ndarray]] = [
        ("session", series.days),
        ("counted", series.counted),
        ("new_highs", series.new_highs),
        ("new_lows", series.new_lows),
        ("above_50", series.above_50),
        ("above_200", series.above_200),
        ("near_high", series.near_high),
        ("advancers", series.advancers),
        ("decliners", series.decliners),
        ("advancing_volume", series.advancing_volume),
        ("line", series.line),
        ("thrust_mean", series.thrust_mean),
        ("thrust", series.thrust.astype(int)),
    ]
    rows = zip(*(column.tolist() for _, column in columns), strict=True)
    return csv_text([name for name, _ in columns], rows)


def numbers(view: BreadthView) -> dict[str, object]:
    s, reading = view.series, view.reading
    return {
        "command": "breadth",
        "universe": view.universe,
        "symbols": view.symbols,
        "known": view.known,
        "session": str(s.days[-1]),
        "reading": reading.reading.value,
        "reasons": [
            {"name": r.name, "vote": r.vote.value, "value": _json(r.value)} for r in reading.reasons
        ],
        "not_looked_at": list(reading.missing),
        "counted": int(s.counted[-1]),
        "new_highs": int(s.new_highs[-1]),
        "new_lows": int(s.new_lows[-1]),
        "above_50": _json(s.above_50[-1]),
        "above_200": _json(s.above_200[-1]),
        "near_high": _json(s.near_high[-1]),
        "advancers": int(s.advancers[-1]),
        "decliners": int(s.decliners[-1]),
        "thrust_mean": _json(s.thrust_mean[-1]),
        "thrusts": [str(day) for day in s.days[s.thrust]],
        "pairs": {
            f"{p.long}/{p.short}": {"trend": p.trend.value, "change_20": p.change_20}
            for p in reading.pairs
        },
        "sectors_above": reading.sectors_above,
        "sectors_counted": reading.sectors_counted,
    }


def _json(value: float) -> float | None:
    return None if value != value else float(value)
