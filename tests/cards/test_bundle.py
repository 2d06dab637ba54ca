"""Messages of several alerts keep to Discord's limits and leave nothing out unsaid."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.alerts.facts import AlertFacts, Provenance, Stage
from bot.alerts.quiet.bundles import Bundle, Form, Line, Part
from bot.alerts.quiet.rules import Rule
from bot.cards.bundle import bundle_cards
from bot.cards.embeds import to_embed
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.signals.model import Direction, Kind

FACTS = AlertFacts(
    episode_id="e1",
    stage=Stage.OPENED,
    state=State.OPEN,
    kind=Kind.HIGH_52_WEEKS,
    symbol=Symbol("IVOO"),
    name="",
    title="New 52-week high",
    phrase="made a new 52-week high",
    direction=Direction.UP,
    session=date(2026, 4, 17),
    seen_at=datetime(2026, 4, 17, 13, 41, tzinfo=UTC),
    level=122.74,
    level_session=date(2026, 2, 20),
    invalidation=122.74,
    price=122.77,
    last=122.57,
    prior_close=120.97,
    base_sessions=39,
    volume_ratio=0.74,
    participation="routine",
    distance_all_time=None,
    also_all_time_high=False,
    provisional=True,
    late=False,
    close=None,
    ended_session=None,
    ended_close=None,
    ended_after=None,
    siblings=tuple(Symbol(f"LONGSYMBOL{i}") for i in range(10)),
    version=1,
    evidence={},
    provenance=Provenance(source="Folder", delay_minutes=0, synthetic=False),
)
LONG_NAMES = "An index fund whose name goes on and on. " * 12


def part(symbol: str, *lines: Line, held: Rule | None = None, **changed: object) -> Part:
    facts = replace(FACTS, symbol=Symbol(symbol), **changed)
    return Part(alert_id=f"{symbol.lower()}-identity", facts=facts, lines=lines, held=held)


def line(symbol: str, rule: Rule, **changed: object) -> Line:
    return Line(facts=replace(FACTS, symbol=Symbol(symbol), **changed), rule=rule)


def bundle(*parts: Part, form: Form = Form.EMBEDS, note: str = "") -> Bundle:
    return Bundle(root=parts[0].alert_id, form=form, parts=parts, note=note)


@pytest.mark.parametrize("phrase", [FACTS.phrase, LONG_NAMES])
def test_ten_embeds_stay_within_a_message(phrase: str) -> None:
    cards = bundle_cards(bundle(*(part(f"S{i}", phrase=phrase) for i in range(10))))
    embeds = [to_embed(card) for card in cards]
    assert len(embeds) == 10
    assert sum(len(embed) for embed in embeds) <= 6000


def test_each_embed_has_the_mark_of_its_own_alert() -> None:
    cards = bundle_cards(bundle(part("AAA"), part("BBB")))
    assert [card.footer.rsplit("#")[1] for card in cards] == ["aaa-id", "bbb-id"]


def test_clones_are_named_and_marked_where_they_fared_differently() -> None:
    same = bundle_cards(bundle(part("SPY", line("VOO", Rule.CLONE), line("IVV", Rule.CLONE))))
    assert "The same index: VOO and IVV." in same[0].body
    rejected = line("VOO", Rule.CLONE, state=State.REJECTED)
    mixed = bundle_cards(bundle(part("SPY", rejected, line("IVV", Rule.CLONE))))
    assert "The same index: VOO ✕ and IVV ◆." in mixed[0].body


def test_a_twin_is_not_named_twice() -> None:
    card = bundle_cards(bundle(part("SPY", line("SPY", Rule.TWIN))))[0]
    assert "same index" not in card.body


def test_a_list_of_hundreds_names_their_symbols_and_counts_them() -> None:
    symbols = [f"S{i:03}" for i in range(300)]
    (card,) = bundle_cards(bundle(*map(part, symbols), form=Form.LIST))
    assert card.title == "300 alerts at once"
    assert "**New 52-week high** (300)" in card.body
    assert all(symbol in card.body for symbol in symbols)
    assert len(to_embed(card).description or "") <= 4096


def test_a_list_that_does_not_fit_says_so() -> None:
    symbols = [f"LONGSYMBOL{i:04}" for i in range(1000)]
    (card,) = bundle_cards(bundle(*map(part, symbols), form=Form.LIST))
    assert "(1000)" in card.body
    assert card.body.endswith("…\nand more")
    assert len(to_embed(card)) <= 6000


def test_a_digest_says_why_it_held_and_ends_with_the_roots_mark() -> None:
    held = [part("AAA", held=Rule.QUIET_HOURS), part("BBB", held=Rule.BUDGET)]
    (card,) = bundle_cards(bundle(*held, form=Form.DIGEST))
    assert card.title == "Digest: 2 alerts"
    assert "quiet hours; held, because the channel had got its messages" in card.verdict
    assert card.footer.endswith("#aaa-id")


def test_a_note_stands_below() -> None:
    card = bundle_cards(bundle(part("AAA"), note="The last one of this hour."))[-1]
    assert card.body.endswith("-# The last one of this hour.")
