"""Where a card's numbers come from, in one line; and what the guard noticed. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.cards.format import day_text
from bot.market.findings import Finding, Rule, Severity
from bot.market.model import Basis
from bot.market.state import Freshness

BASIS_WORDS = {
    Basis.PRICE: "prices split-adjusted, without dividends",
    Basis.TOTAL: "total return: prices adjusted for splits and dividends",
}
DISCLOSED = (Rule.GAP, Rule.STALE)
"""Notes that change how the numbers read; the other notes are for the operator."""
NOTES = 3


def footer(freshness: Freshness, *, session: date, final: bool, basis: Basis) -> str:
    """Yahoo · session of 17 Apr 2026, final · prices split-adjusted, without dividends."""
    state = "final" if final else "provisional"
    parts = [freshness.source, f"session of {day_text(session)}, {state}"]
    if freshness.delay_minutes:
        parts.append(f"delayed {freshness.delay_minutes} min")
    parts.append(BASIS_WORDS[basis])
    if freshness.stale:
        parts.append(f"fetched {freshness.fetched_at:%Y-%m-%d %H:%M} UTC: {freshness.stale}")
    return " · ".join(parts)


def notes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What the reader must know of the data: holds first, then left-out bars and gaps."""
    weight = {Severity.HOLD: 0, Severity.DROP: 1, Severity.NOTE: 2}
    shown = [f for f in findings if f.severity is not Severity.NOTE or f.rule in DISCLOSED]
    return tuple(f.text for f in sorted(shown, key=lambda f: weight[f.severity])[:NOTES])
