"""The card of `/why`: one alert explained from what was stored when it was written. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.alerts.facts import AlertFacts, short_id
from bot.alerts.quiet.rules import WORDS, Rule
from bot.cards.alert import TONES, base_rate_line, headline
from bot.cards.format import day_text, percent, price_text, timestamp
from bot.cards.model import Card, Field
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Value
from storage.explanations import Relative, Step

UNITS = {"change", "distance_52w", "distance_all_time"}
"""Evidence that is a fraction; the other numbers are prices, counts and volumes."""
SHOWN = 24
"""Values of the evidence that fit into a card."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One alert with everything that was stored about it. `rule` is the rule's own words."""

    alert_id: str
    facts: AlertFacts
    steps: Sequence[Step]
    relatives: Sequence[Relative]
    rule: str


def why_card(found: Explanation) -> Card:
    facts = found.facts
    body = [
        f"**Rule** {facts.title}, version {facts.version}: {found.rule}",
        f"**Decided by** {_decided(facts)}",
        f"**Undone by** a close {'below' if facts.direction == 'up' else 'above'} "
        f"{price_text(facts.invalidation)}.",
        f"**Values** {_values(facts.evidence)}",
        f"**Guard** {' '.join(facts.provenance.guard) or 'nothing odd in the bars it saw.'}",
    ]
    if facts.base_rate is not None:
        line = base_rate_line(facts.base_rate, facts.direction)
        body.append(f"**{line[:9]}**{line[9:]}")
    if found.relatives:
        body.append(f"**Beside it** {_beside(found.relatives)}")
    return Card(
        title=f"Why #{short_id(found.alert_id)}",
        verdict=headline(facts),
        tone=TONES[facts.state],
        body="\n".join(body),
        fields=tuple(_step(step) for step in found.steps),
        footer=_footer(facts),
    )


def _decided(facts: AlertFacts) -> str:
    side = "above" if facts.direction == "up" else "below"
    when = "while the session ran" if facts.provisional else "at the close"
    of = f", set on {day_text(facts.level_session)}" if facts.level_session else ""
    return (
        f"{price_text(facts.price)} strictly {side} {price_text(facts.level)}{of}; "
        f"seen {when}{', late' if facts.late else ''}."
    )


def _values(evidence: Mapping[str, Value]) -> str:
    shown = [f"{name} {_value(name, value)}" for name, value in sorted(evidence.items())]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more + "."


def _value(name: str, value: Value) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return percent(value) if name in UNITS else f"{value:,.4f}".rstrip("0").rstrip(".")
    return str(value)


def _beside(relatives: Sequence[Relative]) -> str:
    words = []
    for other in relatives:
        title = KINDS[Kind(other.kind)].title if other.kind in _KNOWN else other.kind
        told = "told" if other.told else "not told: another message says it, or not subscribed"
        words.append(f"{title} ({other.state}; {told})")
    return "; ".join(words) + "."


_KNOWN = {kind.value for kind in KINDS}


def _step(step: Step) -> Field:
    when = "" if step.sent_at is None else f" {timestamp(step.sent_at, 'f')}"
    because = step.reason or (None if step.rule is None else WORDS[Rule(step.rule)])
    reason = f"\n{because}" if because else ""
    tries = f", {step.attempts} attempts" if step.attempts > 1 else ""
    return Field(
        name=f"{step.stage} ({step.act})",
        value=f"{step.state}{when}{tries}{reason}\nmarket {timestamp(step.market_time, 'f')}",
    )


def _footer(facts: AlertFacts) -> str:
    parts = [facts.provenance.source, f"session of {day_text(facts.session)}"]
    if facts.provenance.fetched_at is not None:
        parts.append(f"bars fetched {facts.provenance.fetched_at:%Y-%m-%d %H:%M} UTC")
    if facts.provenance.delay_minutes:
        parts.append(f"delayed {facts.provenance.delay_minutes} min")
    return " · ".join(parts)
