"""A message of several alerts, read back from their rows whenever it is sent or edited.

An edit replaces everything a message shows, so whoever edits it for one alert draws all of
them, each as it stands in its newest row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.alerts.facts import AlertFacts
from bot.alerts.quiet.rules import Rule
from storage import alerts, quieted
from storage.alerts import AlertRecord
from storage.connection import Connection
from storage.quieted import Quieted


class Form(StrEnum):
    """How a bundle looks: an embed for each alert, a list in one, or a digest, which is a list
    that answers to no message."""

    EMBEDS = "embeds"
    LIST = "list"
    DIGEST = "digest"


@dataclass(frozen=True, kw_only=True)
class Line:
    """An alert that is only named under another, and why."""

    facts: AlertFacts
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Part:
    """An alert with those under it. `held`: the rule that held it back until now."""

    alert_id: str
    facts: AlertFacts
    lines: tuple[Line, ...] = ()
    held: Rule | None = None


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """`root` is the id of the alert whose message it is; `note` stands below everything. One
    without parts has nothing to show any more."""

    root: str
    form: Form
    parts: tuple[Part, ...]
    note: str = ""
    roles: tuple[int, ...] = ()


HOLDS = (Rule.CLOSE, Rule.DIGEST, Rule.QUIET_HOURS, Rule.BUDGET)


def read(connection: Connection, alert: AlertRecord) -> Bundle | None:
    """What the message of `alert` shows; None when it shows just this alert, unchanged, and a
    bundle without parts when the alert was withdrawn since it was claimed: whoever pays its
    companions now would show them again.

    Raises pydantic.ValidationError when a row was not written by this program.
    """
    if alerts.is_withdrawn(connection, alert.id):
        return Bundle(root=alert.id, form=Form.EMBEDS, parts=())
    known = quieted.of(connection, [alert.id, alert.target or ""])
    own, target = known.get(alert.id), known.get(alert.target or "")
    if alert.act == "edit":
        root = (target.bundle if target is not None else None) or alert.target or alert.id
        shown = quieted.shown_by(connection, root)
    elif own is None:
        return None
    elif alert.act == "reply" and own.bundle is None:
        root, shown = alert.id, quieted.paid_together(connection, alert)
    else:
        root, shown = alert.id, quieted.shown_by(connection, alert.id)
    if len(shown) < 2 and all(one.quieted is None for one in shown):
        return None
    return _bundle(root, shown)


def _bundle(root: str, shown: Sequence[Quieted]) -> Bundle:
    first = next((one.quieted for one in shown if one.alert.id == root), None)
    tops = {one.alert.id for one in shown if one.quieted is None or one.quieted.under is None}
    parts = [_part(one, shown) for one in shown if one.alert.id in tops]
    roles = {one.quieted.role_id for one in shown if one.quieted is not None} - {None}
    return Bundle(
        root=root,
        form=Form((first.form if first is not None else None) or Form.EMBEDS),
        parts=tuple(parts),
        note=(first.note if first is not None else None) or "",
        roles=tuple(sorted(role for role in roles if role is not None)),
    )


def _part(one: Quieted, shown: Sequence[Quieted]) -> Part:
    rule = one.quieted.rule if one.quieted is not None else None
    under = [
        Line(
            facts=AlertFacts.from_json(other.alert.facts), rule=Rule(other.quieted.rule or "clone")
        )
        for other in shown
        if other.quieted is not None and other.quieted.under == one.alert.id
    ]
    return Part(
        alert_id=one.alert.id,
        facts=AlertFacts.from_json(one.alert.facts),
        lines=tuple(under),
        held=Rule(rule) if rule in HOLDS else None,
    )
