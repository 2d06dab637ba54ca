"""Cards of personal alerts: the message of one that came true, and answers about them. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.alerts.facts import short_id
from bot.alerts.personal.book import PER_USER, WAITING, describe
from bot.alerts.personal.facts import PersonalFacts
from bot.alerts.personal.model import EPISODES, MOVES, On, Repeat, What
from bot.alerts.personal.rows import rule_of
from bot.alerts.personal.words import written, written_span
from bot.cards.format import day_text, escape, percent, plural, price_text, timestamp
from bot.cards.model import Card, Document, Tone
from bot.signals.model import Direction
from storage.personal import DIRECT, PersonalRecord

MARKS = {"active": "●", "paused": "◆", "fired": "✓", "expired": "✕", "blocked": "✕"}
REPEATS = {
    Repeat.ONCE: "once",
    Repeat.EPISODE: "every episode",
    Repeat.AGAIN: "again after every return",
}
FALLS = (What.BELOW, What.DOWN, What.RECORD_LOW)
NOTE = 30
"""Characters of a note in a list, so that all lines fit."""
PAGE = 40
"""Alerts that a list shows; with 50 waiting at the most the rest are finished ones."""


def personal_card(facts: PersonalFacts, *, alert_id: str) -> Card:
    """The message of an alert that came true. Its footer ends with what it is found by."""
    return Card(
        title=headline(facts),
        verdict=_verdict(facts),
        tone=_tone(facts),
        body="\n".join(_body(facts)),
        footer=_footer(facts, alert_id),
    )


def headline(facts: PersonalFacts) -> str:
    """IVOO crossed above 120.00 / moved +5.2 % / made a new 52-week high / failed its breakout."""
    symbol, level = facts.symbol, price_text(facts.level)
    if facts.what is What.FAILED:
        began = "" if facts.began is None else f" of {day_text(facts.began)}"
        return f"{symbol}’s breakout{began} failed"
    if facts.what is What.SIGNAL:
        return f"{symbol} {facts.phrase}: {price_text(facts.price)}"
    if facts.what is What.TOUCH:
        return f"{symbol} reached {level}"
    if facts.what is What.RECORD_LOW:
        return f"{symbol} made a new all-time low: {price_text(facts.price)}"
    if facts.what in MOVES:
        base = facts.reference or facts.prior_close or facts.level
        since = "" if facts.reference is None else f" from {price_text(facts.reference)}"
        return f"{symbol} moved {percent(facts.price / base - 1)}{since}"
    verb = "closed" if facts.closed else "crossed"
    return f"{symbol} {verb} {facts.what} {level}"


def _verdict(facts: PersonalFacts) -> str:
    if facts.what is What.FAILED:
        return f"It closed back below {price_text(facts.level)}, the price that undoes it."
    side = "below" if facts.what in FALLS or facts.direction is Direction.DOWN else "above"
    word = "Close" if facts.closed else "Last"
    if facts.what in MOVES:
        return f"{word} {price_text(facts.last)}; the move begins at {price_text(facts.level)}."
    if facts.what is What.TOUCH:
        return f"{word} {price_text(facts.last)}."
    return (
        f"{word} {price_text(facts.last)}, after {price_text(facts.price)}, {side} "
        f"{price_text(facts.level)}."
    )


def _body(facts: PersonalFacts) -> list[str]:
    lines = []
    if facts.prior_close is not None and facts.what is not What.FAILED:
        change = percent(facts.last / facts.prior_close - 1)
        lines.append(f"Prior close {price_text(facts.prior_close)}, since then {change}.")
    if facts.name:
        lines.append(escape(facts.name))
    if facts.note:
        lines.append(f"Your note: {escape(facts.note)}")
    if facts.late:
        lines.append("Late: this session was looked at after a later one had closed.")
    then = f"{_then(facts)} `/alert list` shows your alerts."
    return [*lines, f"-# For <@{facts.user_id}>: {facts.symbol} {facts.words}. {then}"]


def _then(facts: PersonalFacts) -> str:
    if facts.repeat is Repeat.ONCE:
        return f"This alert is done; `/alert resume {facts.personal_id}` starts it again."
    if facts.repeat is Repeat.EPISODE:
        return "It tells every episode."
    if facts.what in EPISODES:
        return "It tells every session in which this is so."
    return "It tells again after the price has come back."


def _tone(facts: PersonalFacts) -> Tone:
    if facts.what is What.FAILED or facts.direction is Direction.DOWN:
        return Tone.BAD
    if facts.what in (What.TOUCH, What.MOVE):
        return Tone.WATCH
    return Tone.BAD if facts.what in FALLS else Tone.GOOD


def _footer(facts: PersonalFacts, alert_id: str) -> str:
    state = "close" if facts.closed else "provisional"
    parts = [facts.provenance.source, f"session of {day_text(facts.session)}, {state}"]
    if facts.provenance.delay_minutes:
        parts.append(f"delayed {facts.provenance.delay_minutes} min")
    return " · ".join([*parts, f"#{short_id(alert_id)}"])


def sample_card(facts: PersonalFacts, *, real: bool) -> Card:
    """What an alert would send, plainly marked as a test; `real`: a case that happened."""
    card = personal_card(facts, alert_id="sample")
    origin = (
        "the most recent real case" if real else "made up as if the level were reached just now"
    )
    return Card(
        title=f"Test · {card.title}"[:256],
        verdict=card.verdict,
        tone=card.tone,
        body=f"{card.body}\n-# A test: {origin}, not an alert.",
        footer=card.footer.replace(" · #sample", ""),
    )


def added_card(record: PersonalRecord, *, price: float | None) -> Card:
    """What was added, how it behaves, and how to undo it."""
    level = record.rule.level
    standing = ""
    if price is not None and level is not None:
        away = percent(level / price - 1)
        standing = f" The last close is {price_text(price)}; the level lies {away} from it."
    return Card(
        title=f"Alert #{record.id}",
        verdict=f"{describe(record)}, {_manner(record)}.{standing}",
        tone=Tone.GOOD,
        body=(
            "The first look only learns where the price stands: a level that is already passed "
            "counts after the price has come back.\n"
            f"`/alert test {record.id}` shows the message, `/alert remove {record.id}` undoes this."
        ),
    )


def list_card(records: Sequence[PersonalRecord], *, now: datetime) -> Card:
    if not records:
        return Card(
            title="Your alerts",
            verdict="You have none. `/alert add IVOO above 120` makes one.",
        )
    waiting = [record for record in records if record.state in WAITING]
    finished = [record for record in records if record.state not in WAITING]
    shown = [*waiting, *reversed(finished)][:PAGE]
    lines = [_line(record, now) for record in shown]
    if len(records) > len(shown):
        lines.append(f"-# and {len(records) - len(shown)} more; `/alert export` has all")
    return Card(
        title="Your alerts",
        verdict=f"{plural(len(waiting), 'alert')} of at most {PER_USER} waiting.",
        body="\n".join(lines),
    )


def blocked_card(records: Sequence[PersonalRecord]) -> Card:
    """What a user has to know of alerts whose messages were refused."""
    lines = [f"`#{record.id}` {describe(record)}: {record.reason}." for record in records]
    return Card(
        title="Alerts that could not reach you",
        verdict=f"{plural(len(records), 'alert')} of yours wait until you start them again.",
        tone=Tone.BAD,
        body="\n".join([*lines[:PAGE], "`/alert resume` starts one, `/alert edit` moves it."]),
    )


def export_card(records: Sequence[PersonalRecord], document: Document) -> Card:
    return Card(
        title="Your alerts",
        verdict=f"{plural(len(records), 'alert')} in {document.filename}, for `/alert import`.",
        documents=(document,),
    )


def _line(record: PersonalRecord, now: datetime) -> str:
    rule = rule_of(record.rule)
    parts = [f"{MARKS[record.state]} `#{record.id}` **{rule.symbol}** {written(rule.condition)}"]
    parts.append(_manner(record))
    if record.snoozed_until is not None and record.snoozed_until > now:
        parts.append(f"snoozed until {timestamp(record.snoozed_until)}")
    elif record.state != "active":
        parts.append(f"{record.state}: {record.reason}" if record.reason else record.state)
    if record.fired_at is not None:
        parts.append(f"last told {timestamp(record.fired_at, 'R')}")
    if record.rule.note:
        parts.append(escape(record.rule.note[:NOTE]))
    return " · ".join(parts)


def _manner(record: PersonalRecord) -> str:
    """“once, at touch, by direct message, until …”."""
    rule = rule_of(record.rule)
    repeats = REPEATS[rule.repeat]
    if rule.repeat is Repeat.AGAIN and rule.condition.what in EPISODES:
        repeats = "every session in which it is so"
    parts = [repeats, "at touch" if rule.on is On.TOUCH else "on closes"]
    if rule.repeat is Repeat.AGAIN and rule.cooldown:
        parts.append(f"at most every {written_span(rule.cooldown)}")
    direct = record.rule.guild_id == DIRECT
    parts.append("by direct message" if direct else f"in <#{record.rule.channel_id}>")
    if rule.expires is not None:
        parts.append(f"until {timestamp(rule.expires)}")
    return ", ".join(parts)
