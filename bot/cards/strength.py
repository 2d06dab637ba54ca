"""The card and picture of `/rs`. Pure: a report in, a card out."""

from dataclasses import dataclass

import numpy as np

from bot.cards.format import away, day_text, percent, plural
from bot.cards.model import Card, Field, Tone
from bot.cards.tables import number
from bot.charts.series_specs import Line, RelativeStrengthChart, relative_strength_chart
from bot.market.model import as_date
from bot.signals.highs import new_highs
from bot.signals.strength import StrengthReport, mansfield_series

YEAR = 250
SHOWN = 252
"""Sessions in the picture: a year."""


@dataclass(frozen=True, kw_only=True)
class Rank:
    """`percentile` 1…99 and `place` (1 is best) among `among` symbols of the universe `name`."""

    name: str
    percentile: int
    place: int
    among: int


@dataclass(frozen=True, kw_only=True)
class StrengthView:
    """`rank` None: the symbol is in no universe, or has too few sessions; `no_rank` says which."""

    report: StrengthReport
    name: str
    rank: Rank | None
    no_rank: str
    footer: str


def strength_card(view: StrengthView) -> Card:
    report = view.report
    name = f" · {view.name}" if view.name else ""
    return Card(
        title=f"{report.symbol}{name} against {report.benchmark}",
        verdict=verdict(report),
        tone=_tone(report),
        fields=(
            Field(name="RS line, 20 sessions", value=_change(report.change_20)),
            Field(name="RS line, 60 sessions", value=_change(report.change_60)),
            Field(name="Mansfield RS", value=_mansfield(report)),
            Field(name="RS-line high", value=_high(report)),
            Field(name="RS line, 250 sessions", value=_change(_year(report))),
            Field(name="RS rank", value=_rank(view)),
        ),
        body=(
            "-# The rank is the percentile of 0.4·63 + 0.2·126 + 0.2·189 + 0.2·252-session "
            "returns: our own open measure, no proprietary rating."
        ),
        footer=view.footer,
    )


def verdict(report: StrengthReport) -> str:
    """A new high of the line, or which way it went in a quarter."""
    window = "high since listing" if report.since_listing else "52-week high"
    if report.new_high:
        price = "before its price did" if report.before_price else "and so did its price"
        return (
            f"{report.symbol}’s strength against {report.benchmark} made a new {window}, {price}."
        )
    change = report.change_60
    if change is None:
        return f"Too short a history to tell how {report.symbol} fares against {report.benchmark}."
    now = float(report.line.line[-1])
    verb = "gained on" if change > 0 else "lost to" if change < 0 else "kept level with"
    return (
        f"{report.symbol} {verb} {report.benchmark}: its relative-strength line moved "
        f"{percent(change)} in 60 sessions and stands {away(now, report.line_high)} below its "
        f"{window} of {day_text(report.line_high_session)}."
    )


def strength_chart(report: StrengthReport, *, name: str) -> RelativeStrengthChart:
    """A year of price, RS line with its new highs ringed, and weekly Mansfield RS."""
    line = report.line
    cut = slice(max(0, len(line.days) - SHOWN), None)
    weeks, values = mansfield_series(line)
    daily = np.full(len(line.days), np.nan)
    daily[np.searchsorted(line.days, weeks)] = values
    made = line.days[cut][new_highs(line.days, line.line)[cut]]
    return relative_strength_chart(
        line.days[cut],
        price=Line(name=str(report.symbol), values=line.close[cut]),
        ratio=Line(name=f"{report.symbol} ÷ {report.benchmark}", values=line.line[cut]),
        mansfield=daily[cut],
        highs=[as_date(day) for day in made],
        title=f"{report.symbol} · {name}" if name else str(report.symbol),
    )


def numbers(view: StrengthView) -> dict[str, object]:
    report, rank = view.report, view.rank
    return {
        "command": "rs",
        "symbol": str(report.symbol),
        "benchmark": str(report.benchmark),
        "session": str(report.session),
        "line": float(report.line.line[-1]),
        "line_high": report.line_high,
        "line_high_session": str(report.line_high_session),
        "new_high": report.new_high,
        "before_price": report.before_price,
        "since_listing": report.since_listing,
        "mansfield": report.mansfield,
        "change_20": report.change_20,
        "change_60": report.change_60,
        "rank": None
        if rank is None
        else {
            "universe": rank.name,
            "percentile": rank.percentile,
            "place": rank.place,
            "among": rank.among,
        },
    }


def _tone(report: StrengthReport) -> Tone:
    if report.new_high:
        return Tone.GOOD
    return Tone.NEUTRAL


def _change(value: float | None) -> str:
    return "unavailable, too few sessions" if value is None else percent(value)


def _mansfield(report: StrengthReport) -> str:
    if report.mansfield is None:
        return "unavailable below 52 weeks"
    side = "above" if report.mansfield > 0 else "below"
    return f"{number(report.mansfield)}\n{side} its 52-week mean"


def _high(report: StrengthReport) -> str:
    if report.new_high:
        return f"new today\nbefore: {day_text(report.line_high_session)}"
    below = away(float(report.line.line[-1]), report.line_high)
    return f"{day_text(report.line_high_session)}\n{below} below it"


def _year(report: StrengthReport) -> float | None:
    line = report.line.line
    return float(line[-1] / line[-1 - YEAR]) - 1 if len(line) > YEAR else None


def _rank(view: StrengthView) -> str:
    rank = view.rank
    if rank is None:
        return f"unavailable: {view.no_rank}"
    among = plural(rank.among, "symbol")
    return f"{rank.percentile} of 99\nplace {rank.place} of {among} in {rank.name}"
