"""The card of `/high`. Pure: reports in, a card out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.format import day_text, percent, plural, price_text, ratio
from bot.cards.model import Card, Field, Tone
from bot.market.model import Basis, Measure
from bot.signals.highs import Extreme, HighReport, Participation

NEAR = -0.02
"""Within 2 % of the 52-week high a symbol counts as near it (signals: breadth uses the same)."""


@dataclass(frozen=True, kw_only=True)
class HighView:
    """What the card shows: the report asked for, the one on the other basis, and the notes."""

    report: HighReport
    other: HighReport
    name: str
    footer: str
    notes: tuple[str, ...] = ()


def high_card(view: HighView) -> Card:
    report = view.report
    name = f" · {view.name}" if view.name else ""
    return Card(
        title=f"{report.symbol}{name}  {percent(report.change)}  {price_text(report.last)}",
        verdict=verdict(report),
        tone=_tone(report),
        fields=tuple(_fields(view)),
        body="\n".join(f"-# {note}" for note in view.notes),
        footer=view.footer,
    )


def verdict(report: HighReport) -> str:
    """One sentence: is it at a high, near one, or how far away?"""
    label = high_name(report)
    price = price_text(_top(report))
    if report.new_high_52w:
        old = f"above {_of(report.high_52w)}, a base of {plural(report.base_sessions, 'session')}"
        also = " It is also the all-time high." if report.new_all_time_high else ""
        running = "" if report.final else " The session is running: the close decides."
        return f"New {label}: {price}, {old}.{also}{running}"
    if report.new_low_52w:
        low = price_text(report.session_low if report.on is Measure.INTRADAY else report.last)
        return f"New 52-week low: {low}, below {_of(report.low_52w)}."
    where = f"{percent(report.distance_52w)} from the {label} of {_of(report.high_52w)}"
    if report.distance_52w >= NEAR:
        return f"Near a high: {where}."
    return f"No new high: {where}."


def high_name(report: HighReport) -> str:
    """What the level is called: with less than a year of history it is no 52-week high."""
    measure = "closing high" if report.on is Measure.CLOSE else "high"
    return f"{measure} since listing" if report.since_listing else f"52-week {measure}"


def _tone(report: HighReport) -> Tone:
    if report.new_high_52w:
        return Tone.GOOD
    if report.new_low_52w:
        return Tone.BAD
    return Tone.WATCH if report.distance_52w >= NEAR else Tone.NEUTRAL


def _fields(view: HighView) -> Sequence[Field]:
    report = view.report
    high = max(report.high_52w.price, _top(report))
    low = min(report.low_52w.price, report.session_low)
    return (
        Field(name="Prior close", value=price_text(report.prior_close)),
        Field(
            name="Session high" if report.final else "Session high so far",
            value=price_text(report.session_high),
        ),
        Field(name="Volume", value=_volume(report)),
        Field(name=f"From the {high_name(report)}", value=percent(report.distance_52w)),
        Field(
            name="52-week range",
            value=f"{price_text(low)} – {price_text(high)}\nat {100 * report.position:.0f} % of it",
        ),
        Field(name="New highs", value=_new_highs(report)),
        Field(name="All-time high", value=_all_time(report)),
        Field(name="52-week low", value=_of(report.low_52w)),
        Field(name=_other_name(view.other), value=_other(view)),
    )


def _volume(report: HighReport) -> str:
    if report.volume_ratio is None:
        return "unavailable, too few sessions"
    if report.participation is Participation.UNKNOWN:
        return f"{ratio(report.volume_ratio)} of a usual day so far"
    hour = "" if report.final else " for the hour"
    return f"{ratio(report.volume_ratio)} usual, {report.participation}{hour}"


def _new_highs(report: HighReport) -> str:
    counts = f"{report.new_highs_20} in 20, {report.new_highs_60} in 60 sessions"
    if report.new_high_52w:
        before = report.previous_new_high_sessions
        last = "the first in these data" if before is None else f"the one before {_ago(before)}"
    else:
        since = report.sessions_since_new_high
        last = "none in these data" if since is None else f"the last {_ago(since)}"
    return f"{counts}\n{last}"


def _ago(sessions: int) -> str:
    return f"{plural(sessions, 'session')} ago"


def _all_time(report: HighReport) -> str:
    if report.new_all_time_high:
        return f"{price_text(_top(report))} today\nbefore: {_of(report.all_time_high)}"
    return f"{_of(report.all_time_high)}\n{percent(report.distance_all_time)}"


def _other_name(other: HighReport) -> str:
    return "With dividends" if other.basis is Basis.TOTAL else "Without dividends"


def _other(view: HighView) -> str:
    report, other = view.report, view.other
    if report.new_high_52w == other.new_high_52w:
        agrees = "agrees: a new high" if other.new_high_52w else "agrees: no new high"
        return f"{agrees}\n{percent(other.distance_52w)} from it"
    found = "a new high" if other.new_high_52w else "no new high"
    return f"**disagrees: {found}**\n{percent(other.distance_52w)} from {_of(other.high_52w)}"


def _top(report: HighReport) -> float:
    return report.session_high if report.on is Measure.INTRADAY else report.last


def _of(extreme: Extreme) -> str:
    return f"{price_text(extreme.price)} of {day_text(extreme.session)}"
