"""The card of “Tickers in this message”. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.format import joined, percent, plural, price_text
from bot.cards.high import verdict
from bot.cards.model import Card, Field, Tone
from bot.market.model import Symbol
from bot.signals.highs import HighReport


@dataclass(frozen=True, kw_only=True)
class Look:
    """A symbol at a glance; without a report `problem` says why."""

    symbol: Symbol
    name: str = ""
    report: HighReport | None = None
    problem: str = ""
    footer: str = ""


def tickers_card(looks: Sequence[Look], *, left: Sequence[Symbol], footer: str) -> Card:
    new = [look.symbol for look in looks if look.report is not None and look.report.new_high_52w]
    at_high = f" New 52-week high: {joined(new)}." if new else ""
    also = f"-# Also in it: {', '.join(left[:20])}." if left else ""
    return Card(
        title="Tickers in this message",
        verdict=f"{plural(len(looks) + len(left), 'ticker')}.{at_high}",
        tone=Tone.GOOD if new else Tone.NEUTRAL,
        body=also,
        fields=tuple(_field(look) for look in looks),
        footer=footer,
    )


def _field(look: Look) -> Field:
    if look.report is None:
        return Field(name=look.symbol, value=f"unavailable: {look.problem}", inline=False)
    report = look.report
    name = f" · {look.name}" if look.name else ""
    head = f"{look.symbol}{name}  {percent(report.change)}  {price_text(report.last)}"
    return Field(name=head, value=verdict(report), inline=False)
