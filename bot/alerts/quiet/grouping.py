"""From what a pass owes to messages: which alerts share one, wait, or are not sent. Pure.

One pass gives a channel one message at the most, with an embed for each alert or, beyond ten,
a summary. Inside it, funds that follow the same index are lines of the one that trades most,
and a sector's alert is a line of the benchmark's own of the same kind, unless its subscription
names the sector's symbol itself: who lists symbols wants each of them. Each alert stays a row
of its own, whose later stages edit the message that shows it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.alerts.quiet.lines import Circle, Top, alike, lines
from bot.alerts.quiet.rules import (
    WORDS,
    Channel,
    Delivery,
    Fate,
    Rule,
    affordable,
    covering,
    fate,
    over_budget,
)
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.signals.model import Kind
from storage.alerts import NewAlert
from storage.quieted import Quieted, QuietedRecord

EMBEDS = 10
"""Embeds a message may have; a pass with more alerts for a channel becomes a summary."""
ENDED = ("dropped", "expired")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An alert as it is to be written; with `dropped`, not to be sent for that reason."""

    alert: NewAlert
    quieted: QuietedRecord | None = None
    dropped: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a subscription is delivered. `named`: it lists its symbols one by one."""

    delivery: Delivery = Delivery.INSTANT
    role_id: int | None = None
    named: bool = False


@dataclass(frozen=True, kw_only=True)
class View:
    """What is known when a pass is written down: channels by id, ways by subscription, the
    alerts that are followed up by id, and what each channel was told earlier."""

    now: datetime
    sessions: Sessions
    circle: Circle
    channels: Mapping[int, Channel]
    ways: Mapping[int, Way] = field(default_factory=dict)
    openings: Mapping[str, Quieted] = field(default_factory=dict)
    earlier: Mapping[int, Sequence[Quieted]] = field(default_factory=dict)

    def way(self, alert: NewAlert) -> Way:
        return self.ways.get(alert.subscription_id, Way())

    def fate(self, alert: NewAlert) -> Fate:
        return fate(
            Symbol(alert.facts["symbol"]),
            Kind(alert.facts["kind"]),
            self.way(alert).delivery,
            channel=self.channels[alert.channel_id],
            now=self.now,
            sessions=self.sessions,
        )

    def opening(self, alert: NewAlert) -> Quieted | None:
        return self.openings.get(alert.target or "")


def arrange(owed: Sequence[NewAlert], view: View) -> list[Plan]:
    """The plan of every alert, in the order they were given."""
    together: dict[int, list[NewAlert]] = defaultdict(list)
    for alert in owed:
        together[alert.channel_id].append(alert)
    plans = {
        plan.alert.id: plan
        for channel_id, group in together.items()
        for plan in _channel(group, view.channels[channel_id], view)
    }
    return [plans[alert.id] for alert in owed]


def _channel(group: Sequence[NewAlert], channel: Channel, view: View) -> list[Plan]:
    unseen = [a for a in group if a.act != "post" and _is_unseen(view.opening(a))]
    waiting = [a for a in group if a.act != "post" and _is_held(view.opening(a))]
    told = [a for a in group if a not in unseen and a not in waiting]
    edits = [a for a in told if a.act == "edit"]
    aloud = [(a, view.fate(a)) for a in told if a.act != "edit"]
    at_once = [a for a, then in aloud if then.goes_now]
    posts = _posts([a for a in at_once if a.act == "post"], channel, view)
    opened = any(p.quieted is None or p.quieted.held_until is None for p in posts)
    channel = replace(channel, sent=channel.sent + opened)
    return [
        *posts,
        *_edits(edits, view),
        *_replies([a for a in at_once if a.act == "reply"], channel, view),
        *(_stopped(a, then, channel, view) for a, then in aloud if not then.goes_now),
        *(Plan(alert=a) for a in waiting),
        *(_dropped(a, Rule.UNSEEN, WORDS[Rule.UNSEEN]) for a in unseen),
    ]


def _is_unseen(opening: Quieted | None) -> bool:
    return opening is not None and opening.alert.state in ENDED


def _is_held(opening: Quieted | None) -> bool:
    """A held opening is released together with whatever follows it up until then."""
    quieted = None if opening is None else opening.quieted
    return quieted is not None and quieted.held_until is not None and not _is_unseen(opening)


def _posts(posts: Sequence[NewAlert], channel: Channel, view: View) -> list[Plan]:
    """One message for all of them, or none when the channel has had its share."""
    if not posts:
        return []
    joining = {a.id: speaker for a in posts if (speaker := _speaker(a, view)) is not None}
    rest = [a for a in posts if a.id not in joining]
    plans = [_joined(a, joining[a.id]) for a in posts if a.id in joining]
    if rest and not affordable(channel, 1):
        return plans + [_held(a, over_budget(channel, view.now)) for a in rest]
    under = lines([_top(a, view) for a in rest], view.circle)
    leads = [a for a in rest if a.id not in under]
    form = "list" if len(leads) > EMBEDS else "embeds"
    alone = Rule.STORM if form == "list" else Rule.GROUPED if len(leads) > 1 else None
    note = _last_one(channel) if channel.sent + 1 == channel.budget else None
    for alert in rest:
        top, rule = under.get(alert.id, (None, alone))
        root = leads[0].id
        record = replace(
            _plain(alert),
            rule=rule,
            bundle=root if len(rest) > 1 else None,
            paid_with=None if alert.id == root else root,
            under=top,
            form=form if len(rest) > 1 else None,
            note=note if alert.id == root else None,
            role_id=view.way(alert).role_id,
        )
        plans.append(Plan(alert=alert, quieted=None if record == _plain(alert) else record))
    return plans


def _top(alert: NewAlert, view: View) -> Top:
    return Top(alert=alert, named=view.way(alert).named)


def _speaker(alert: NewAlert, view: View) -> Quieted | None:
    """The alert shown earlier in this session that this one is only a line of."""
    for earlier in view.earlier.get(alert.channel_id, ()):
        quieted = earlier.quieted
        alone = quieted is None or (quieted.under is None and quieted.held_until is None)
        if alone and alike(earlier.alert, alert, view.circle):
            return earlier
    return None


def _joined(alert: NewAlert, speaker: Quieted) -> Plan:
    """A later clone is an edit of the message that already speaks for it."""
    top = speaker.alert
    root = speaker.quieted.bundle if speaker.quieted is not None else None
    record = replace(_plain(alert), rule=Rule.CLONE, bundle=root or top.id, under=top.id)
    return Plan(alert=replace(alert, act="edit", target=top.id, expires_at=None), quieted=record)


def _edits(edits: Sequence[NewAlert], view: View) -> list[Plan]:
    """One edit for each message."""
    plans = []
    for group in _by_message(edits, view).values():
        plans.append(Plan(alert=group[0]))
        for alert in group[1:]:
            record = replace(_plain(alert), rule=Rule.GROUPED, paid_with=group[0].id)
            plans.append(Plan(alert=alert, quieted=record))
    return plans


def _replies(replies: Sequence[NewAlert], channel: Channel, view: View) -> list[Plan]:
    """One reply to each message, as far as the channel's budget goes."""
    groups = list(_by_message(replies, view).values())
    allowed = affordable(channel, len(groups))
    plans = []
    for group in groups[:allowed]:
        under = lines([_top(alert, view) for alert in group], view.circle, market=False)
        for alert in group if len(group) > 1 else ():
            top, rule = under.get(alert.id, (None, Rule.GROUPED))
            lead = None if alert is group[0] else group[0].id
            record = replace(_plain(alert), rule=rule, paid_with=lead, under=top, form="list")
            plans.append(Plan(alert=alert, quieted=record))
        plans += [Plan(alert=alert) for alert in group if len(group) == 1]
    late = over_budget(channel, view.now)
    return plans + [_held(alert, late) for group in groups[allowed:] for alert in group]


def _by_message(alerts: Sequence[NewAlert], view: View) -> dict[str, list[NewAlert]]:
    found: dict[str, list[NewAlert]] = defaultdict(list)
    for alert in alerts:
        opening = view.opening(alert)
        quieted = None if opening is None else opening.quieted
        root = quieted.bundle if quieted is not None else None
        found[root or alert.target or alert.id].append(alert)
    return found


def _stopped(alert: NewAlert, then: Fate, channel: Channel, view: View) -> Plan:
    if then.held_until is not None:
        return _held(alert, then)
    symbol, kind = Symbol(alert.facts["symbol"]), Kind(alert.facts["kind"])
    mute = covering(channel.mutes, symbol, kind, view.now)
    until = "" if mute is None else f" until {mute.until.astimezone(channel.zone):%Y-%m-%d %H:%M}"
    return _dropped(alert, Rule.MUTED, WORDS[Rule.MUTED] + until)


def _held(alert: NewAlert, then: Fate) -> Plan:
    return Plan(
        alert=alert, quieted=replace(_plain(alert), rule=then.rule, held_until=then.held_until)
    )


def _dropped(alert: NewAlert, rule: Rule, reason: str) -> Plan:
    return Plan(alert=alert, quieted=replace(_plain(alert), rule=rule), dropped=reason)


def _last_one(channel: Channel) -> str:
    return (
        f"This channel has now had its messages of this hour ({channel.budget}). What comes next "
        "waits for the full hour and arrives as one digest; `/quiet set` changes the budget."
    )


def _plain(alert: NewAlert) -> QuietedRecord:
    return QuietedRecord(alert_id=alert.id, channel_id=alert.channel_id)
