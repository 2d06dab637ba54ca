"""Alerts as text that people can keep, edit and bring back: CSV or JSON, one alert a row. Pure.

What is exported is imported as the same rules. An import is read as a whole: any row that does
not fit is named, and then nothing of it is used.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.personal.book import PER_USER, Wanted, Where
from bot.alerts.personal.model import USUAL_REARM, On, Rule
from bot.alerts.personal.rows import rule_of
from bot.alerts.personal.words import (
    EXCHANGE_ZONE,
    number,
    parse_condition,
    parse_expiry,
    parse_on,
    parse_rearm,
    parse_repeat,
    parse_span,
    shown,
    usual_repeat,
    written,
    written_span,
)
from bot.errors import UserError
from bot.market.model import Symbol
from storage.personal import PersonalRecord

COLUMNS = ("symbol", "when", "repeat", "on", "rearm", "cooldown", "expires", "to", "note")
LONGEST_NOTE = 200
LONGEST_FILE = 100_000
"""Characters; 50 alerts with notes take a tenth of that."""
NAMED = 5
"""Faulty rows that an answer names."""


def wanted_of(
    fields: Mapping[str, str], *, now: datetime, here: Where | None, zone: ZoneInfo = EXCHANGE_ZONE
) -> Wanted:
    """What somebody asks for in words; absent and empty fields take their usual values.

    `here` is where “to: here” means, None where it cannot be; an expiry’s date ends in `zone`.
    Raises UserError.
    """
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    condition = parse_condition(given.get("when", ""))
    repeat = given.get("repeat")
    rule = Rule(
        symbol=Symbol(given.get("symbol", "")),
        condition=condition,
        repeat=usual_repeat(condition) if repeat is None else parse_repeat(repeat),
        on=parse_on(given.get("on", On.TOUCH)),
        rearm=parse_rearm(given["rearm"]) if "rearm" in given else USUAL_REARM,
        cooldown=parse_span(given.get("cooldown", "none"), name="cooldown"),
        expires=parse_expiry(given.get("expires", "never"), now, zone=zone),
    )
    note = given.get("note", "")
    if len(note) > LONGEST_NOTE:
        raise UserError(f"The note is too long; {LONGEST_NOTE} characters fit.")
    return Wanted(rule=rule, where=_place(given.get("to", "dm"), here), note=note)


def fields_of(record: PersonalRecord) -> dict[str, str]:
    """The words that `wanted_of` reads as this alert."""
    rule = rule_of(record.rule)
    return {
        "symbol": str(rule.symbol),
        "when": written(rule.condition),
        "repeat": rule.repeat.value,
        "on": rule.on.value,
        "rearm": f"{number(100 * rule.rearm)}%",
        "cooldown": written_span(rule.cooldown),
        "expires": "never" if rule.expires is None else rule.expires.isoformat(),
        "to": "dm" if record.rule.guild_id == 0 else "here",
        "note": record.rule.note,
    }


def to_csv(records: Iterable[PersonalRecord]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(fields_of(record) for record in records)
    return text.getvalue()


def to_json(records: Iterable[PersonalRecord]) -> str:
    return json.dumps([fields_of(record) for record in records], indent=2, ensure_ascii=False)


def read(
    text: str, *, now: datetime, here: Where | None, zone: ZoneInfo = EXCHANGE_ZONE
) -> list[Wanted]:
    """The alerts of a CSV or JSON text, each once. Raises UserError that names the faulty rows."""
    if len(text) > LONGEST_FILE:
        raise UserError("The file is too large; 100,000 characters fit.")
    text = text.lstrip("\ufeff").strip()
    rows = _json_rows(text) if text.startswith(("[", "{")) else _csv_rows(text)
    if not rows:
        raise UserError("There is no alert in it. `/alert export` shows what it has to look like.")
    if len(rows) > PER_USER:
        raise UserError(f"There are {len(rows)} alerts in it; you may have {PER_USER}.")
    found: list[Wanted] = []
    faults: list[str] = []
    for position, row in enumerate(rows, start=1):
        try:
            found.append(wanted_of(row, now=now, here=here, zone=zone))
        except UserError as error:
            faults.append(f"Row {position}: {error}")
    if faults:
        more = f"\nand {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise UserError("Nothing was imported.\n" + "\n".join(faults[:NAMED]) + more)
    return list(dict.fromkeys(found))


def _place(text: str, here: Where | None) -> Where:
    if text.lower() == "dm":
        return Where()
    if text.lower() != "here":
        raise UserError(f"“{shown(text)}” is no place. Write `dm` or `here`.")
    if here is None:
        raise UserError("“here” works in a server’s channel only; write `dm`.")
    return here


def _csv_rows(text: str) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(text), restkey="too many", restval="", strict=True)
        names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        _check_names(names)
        return [_csv_row(names, list(row.values()), row) for row in reader]
    except csv.Error as error:
        raise UserError(f"That is no CSV I can read: {error}.") from error


def _csv_row(names: Sequence[str], values: Sequence[Any], row: Mapping[str, Any]) -> dict[str, str]:
    if "too many" in row:
        raise UserError(
            f"A row has more than its {len(names)} columns. Put quotes around texts with commas."
        )
    return dict(zip(names, values, strict=True))


def _json_rows(text: str) -> list[dict[str, str]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"That is no JSON I can read: {shown(str(error))}.") from error
    rows = rows.get("alerts") if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError("The JSON has to be a list of alerts, as `/alert export` writes it.")
    for row in rows:
        _check_names(list(row))
        if not all(isinstance(value, str) for value in row.values()):
            raise UserError("All values in the JSON have to be texts, in quotes.")
    return rows


def _check_names(names: Sequence[str]) -> None:
    unknown = [shown(name) for name in names if name not in COLUMNS]
    if unknown or not {"symbol", "when"} <= set(names):
        raise UserError(
            f"The columns have to be among {', '.join(COLUMNS)}, with symbol and when. "
            + (f"I do not know {', '.join(unknown[:5])}." if unknown else "")
        )
