"""Personal alerts between their rows and the records that decide."""

from dataclasses import replace
from datetime import date, timedelta

from pydantic import TypeAdapter

from bot.alerts.personal.model import (
    Condition,
    Memory,
    On,
    Repeat,
    Rule,
    What,
    rescaled,
    rescaled_condition,
)
from bot.alerts.personal.words import EXCHANGE_ZONE
from bot.market.model import Symbol
from bot.signals.model import Kind
from storage import personal
from storage.connection import Connection
from storage.personal import PersonalRecord, PersonalRule

_MEMORY = TypeAdapter(Memory)


def rule_of(row: PersonalRule) -> Rule:
    """Raises ValueError for a row that this program does not understand."""
    return Rule(
        symbol=Symbol(row.symbol),
        condition=Condition(
            what=What(row.what),
            level=row.level,
            change=row.change,
            reference=row.reference,
            kind=None if row.kind is None else Kind(row.kind),
        ),
        repeat=Repeat(row.repeat),
        on=On(row.prices),
        rearm=row.rearm,
        cooldown=timedelta(seconds=row.cooldown_seconds),
        expires=row.expires_at,
    )


def row_of(rule: Rule, *, guild_id: int, channel_id: int, note: str) -> PersonalRule:
    condition = rule.condition
    return PersonalRule(
        symbol=rule.symbol,
        what=condition.what.value,
        level=condition.level,
        change=condition.change,
        reference=condition.reference,
        kind=None if condition.kind is None else condition.kind.value,
        repeat=rule.repeat.value,
        prices=rule.on.value,
        rearm=rule.rearm,
        cooldown_seconds=int(rule.cooldown.total_seconds()),
        expires_at=rule.expires,
        guild_id=guild_id,
        channel_id=channel_id,
        note=note,
    )


def memory_of(record: PersonalRecord) -> Memory | None:
    """Raises ValueError for a row that this program does not understand."""
    return None if record.memory is None else _MEMORY.validate_python(dict(record.memory))


def with_memory(record: PersonalRecord, memory: Memory | None) -> PersonalRecord:
    dumped = None if memory is None else _MEMORY.dump_python(memory, mode="json")
    return replace(record, memory=dumped)


def rescale_all(connection: Connection, symbol: Symbol, ratio: float, *, before: date) -> None:
    """Put the levels and the memory of all alerts on `symbol` into the prices after a split.

    A rule that was written on the day `before` or later is in the new prices already.
    """
    for record in personal.on_symbol(connection, symbol):
        if record.made_at.astimezone(EXCHANGE_ZONE).date() >= before:
            continue
        rule, memory = rule_of(record.rule), memory_of(record)
        condition = rescaled_condition(rule.condition, ratio)
        row = replace(record.rule, level=condition.level, reference=condition.reference)
        seen = with_memory(record, None if memory is None else rescaled(memory, ratio))
        personal.rescale(connection, record.id, row, seen.memory)
