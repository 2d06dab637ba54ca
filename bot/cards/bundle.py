"""The cards of a message that shows several alerts. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.alerts.facts import AlertFacts, Stage, short_id
from bot.alerts.quiet.bundles import Bundle, Form, Line, Part
from bot.alerts.quiet.rules import WORDS, Rule
from bot.cards.alert import TONES, card_for, headline, outcome
from bot.cards.format import CLOSED_MARKS, joined, plural, sentence
from bot.cards.model import Card, Tone

MESSAGE = 5800
"""Characters of all embeds of a message together; Discord refuses more than 6,000."""
LINES = 25
"""Alerts that a list shows a line each; more of them are counted by kind, with their symbols."""
BODY = 3900
"""Characters of a list; Discord cuts a description at 4,096."""


def bundle_cards(bundle: Bundle) -> list[Card]:
    """One card for each alert, or one list. The root's mark ends the footer of one of them."""
    if bundle.form is not Form.EMBEDS:
        return [_list_card(bundle)]
    several = len(bundle.parts) > 1 or any(part.lines for part in bundle.parts)
    cards = [_card(part, several=several) for part in bundle.parts]
    if sum(length(card) for card in cards) > MESSAGE:
        cards = [replace(card, body="", fields=()) for card in cards]
    if bundle.note:
        cards[-1] = _with_line(cards[-1], f"-# {bundle.note}")
    return cards


def length(card: Card) -> int:
    """Characters that Discord counts."""
    fields = sum(len(field.name) + len(field.value) for field in card.fields)
    return len(card.title) + len(card.verdict) + len(card.body) + len(card.footer) + fields


def _card(part: Part, *, several: bool) -> Card:
    facts = replace(part.facts, siblings=()) if several else part.facts
    card = card_for(facts, alert_id=part.alert_id)
    for rule in (Rule.CLONE, Rule.MARKET):
        lines = [line for line in part.lines if line.rule is rule]
        if lines:
            card = _with_line(card, _names(lines, rule, part.facts))
    if part.held is not None:
        card = _with_line(card, f"-# {sentence(WORDS[part.held])}")
    return card


def _names(lines: Sequence[Line], rule: Rule, facts: AlertFacts) -> str:
    """The same index: VOO ●, IVV ●. A mark is shown where one has fared differently."""
    what = "The same index" if rule is Rule.CLONE else "Sectors that did the same"
    differ = any(line.facts.state is not facts.state for line in lines)
    marks = {line.facts.symbol: f" {CLOSED_MARKS[line.facts.state]}" for line in lines}
    names = [f"{symbol}{mark if differ else ''}" for symbol, mark in marks.items()]
    return f"{what}: {joined(names)}."


def _with_line(card: Card, line: str) -> Card:
    return replace(card, body="\n".join(part for part in (card.body, line) if part))


def _list_card(bundle: Bundle) -> Card:
    parts = bundle.parts
    count = sum(1 + len([x for x in part.lines if x.rule is not Rule.TWIN]) for part in parts)
    rows = [_row(part) for part in parts] if len(parts) <= LINES else _by_kind(parts)
    held = dict.fromkeys(part.held for part in parts if part.held is not None)
    reasons = "; ".join(WORDS[rule] for rule in held)
    card = Card(
        title=_title(bundle, count),
        verdict=f"{sentence(reasons)}" if reasons else "One message for all of one pass.",
        tone=_tone(parts),
        body=_cut(rows),
        footer=f"{parts[0].facts.provenance.source} · #{short_id(bundle.root)}",
    )
    return _with_line(card, f"-# {bundle.note}") if bundle.note else card


def _title(bundle: Bundle, count: int) -> str:
    if bundle.form is Form.DIGEST:
        return f"Digest: {plural(count, 'alert')}"
    if all(part.facts.stage is Stage.ENDED for part in bundle.parts):
        return f"What became of {plural(count, 'alert')}"
    return f"{plural(count, 'alert')} at once"


def _row(part: Part) -> str:
    facts = part.facts
    text = outcome(facts) if facts.stage is Stage.ENDED else headline(facts)
    row = f"{CLOSED_MARKS[facts.state]} {text}"
    others = [str(line.facts.symbol) for line in part.lines if line.rule is not Rule.TWIN]
    return f"{row} {joined(others)} too." if others else row


def _by_kind(parts: Sequence[Part]) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for part in parts:
        mark = CLOSED_MARKS[part.facts.state]
        symbols = [part.facts.symbol, *(line.facts.symbol for line in part.lines)]
        for symbol in dict.fromkeys(symbols):
            groups[(mark, part.facts.title)].append(str(symbol))
    return [
        f"{mark} **{title}** ({len(symbols)}): {', '.join(symbols)}"
        for (mark, title), symbols in groups.items()
    ]


def _cut(rows: Sequence[str]) -> str:
    """The rows as far as they fit, and how many did not."""
    kept: list[str] = []
    for row in rows:
        room = BODY - sum(len(one) + 1 for one in kept)
        if len(row) > room:
            shown = row[: max(0, room - 20)].rsplit(", ", 1)[0] if room > 200 else ""
            kept += [f"{shown} …"] if shown else []
            kept.append(f"and {len(rows) - len(kept)} more" if not shown else "and more")
            break
        kept.append(row)
    return "\n".join(kept)


def _tone(parts: Sequence[Part]) -> Tone:
    tones = {TONES[part.facts.state] for part in parts}
    return tones.pop() if len(tones) == 1 else Tone.NEUTRAL
