"""What happens with an alert now: sent, held until a moment, or not sent, and by which rule. Pure.

The rules, strongest first: a mute drops; the way a subscription is delivered (at the close, in
the digest), the channel's quiet hours and its budget hold. A hold that ends inside quiet hours
lasts until they end. Edits make no sound, so they are never held and never muted: a message
that stands in a channel keeps telling the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.alerts.schedule import QuietHours, next_digest, next_hour, quiet_until, settled_close
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.signals.model import Kind

BUDGET = 20
"""Messages an hour that a channel gets at once unless it chose otherwise."""
MOST_BUDGET = 500
PUBLISHED_AN_HOUR = 10
"""Messages that Discord lets a channel publish to its followers, by bot authors' word."""
FEED_BUDGET = PUBLISHED_AN_HOUR - 1
"""Of a channel that publishes: one is left for the digest of what the hour before had too many."""


class Delivery(StrEnum):
    """When a subscription's alerts are shown."""

    INSTANT = "instant"
    CLOSE = "close"
    DIGEST = "digest"


class Rule(StrEnum):
    """Why an alert was not a message of its own, sent at once. Stored with the alert."""

    GROUPED = "grouped"
    STORM = "storm"
    TWIN = "twin"
    CLONE = "clone"
    MARKET = "market"
    MUTED = "muted"
    UNSEEN = "unseen"
    CLOSE = "close"
    DIGEST = "digest"
    QUIET_HOURS = "quiet hours"
    BUDGET = "budget"


WORDS: Mapping[Rule, str] = {
    Rule.GROUPED: "shown together with the other alerts of the same pass",
    Rule.STORM: "shown in a summary, because one pass had too many alerts for this channel",
    Rule.TWIN: "the same as the alert of another subscription of this channel",
    Rule.CLONE: "a line of the alert of a fund that follows the same index",
    Rule.MARKET: "a line of the benchmark’s alert, which did the same in the same pass",
    Rule.MUTED: "muted in this channel",
    Rule.UNSEEN: "the message it follows up was not shown",
    Rule.CLOSE: "held until the close, as its subscription asks",
    Rule.DIGEST: "held for the digest, as its subscription asks",
    Rule.QUIET_HOURS: "held during the channel’s quiet hours",
    Rule.BUDGET: "held, because the channel had got its messages of the hour",
}
"""What `/why` says about each rule."""


@dataclass(frozen=True, kw_only=True)
class Mute:
    """None stands for every symbol, or every kind."""

    symbol: Symbol | None
    kind: Kind | None
    until: datetime

    def covers(self, symbol: Symbol, kind: Kind, now: datetime) -> bool:
        return now < self.until and self.symbol in (None, symbol) and self.kind in (None, kind)


@dataclass(frozen=True, kw_only=True)
class Channel:
    """How a channel wants to be told. `sent` is how many messages it got in the last hour."""

    zone: ZoneInfo
    quiet: QuietHours | None = None
    digest: tuple[str, ...] = ()
    budget: int = BUDGET
    mutes: tuple[Mute, ...] = ()
    sent: int = 0


@dataclass(frozen=True, kw_only=True)
class Fate:
    """Sent now without a rule; held until `held_until`; otherwise dropped for `rule`."""

    rule: Rule | None = None
    held_until: datetime | None = None

    @property
    def goes_now(self) -> bool:
        return self.rule is None


NOW = Fate()


def fate(
    symbol: Symbol,
    kind: Kind,
    delivery: Delivery,
    *,
    channel: Channel,
    now: datetime,
    sessions: Sessions,
) -> Fate:
    """What happens with an alert that makes a sound, its channel's budget left aside."""
    if any(mute.covers(symbol, kind, now) for mute in channel.mutes):
        return Fate(rule=Rule.MUTED)
    if delivery is Delivery.DIGEST:
        return hold(Rule.DIGEST, next_digest(channel.digest, channel.zone, now, sessions), channel)
    closes = settled_close(sessions, now)
    if delivery is Delivery.CLOSE and closes is not None:
        return hold(Rule.CLOSE, closes, channel)
    ends = quiet_until(channel.quiet, channel.zone, now)
    return NOW if ends is None else Fate(rule=Rule.QUIET_HOURS, held_until=ends)


def hold(rule: Rule, until: datetime, channel: Channel) -> Fate:
    """Held until a moment, or until the quiet hours around that moment end."""
    ends = quiet_until(channel.quiet, channel.zone, until)
    return Fate(rule=rule, held_until=ends or until)


def over_budget(channel: Channel, now: datetime) -> Fate:
    """Held until the next full hour."""
    return hold(Rule.BUDGET, next_hour(channel.zone, now), channel)


def budget_of(chosen: int | None, *, feed: bool) -> int:
    """Messages an hour of a channel; of a feed no more than can be published."""
    budget = chosen or BUDGET
    return min(budget, FEED_BUDGET) if feed else budget


def affordable(channel: Channel, messages: int) -> int:
    """How many of so many messages the channel may still get this hour."""
    return max(0, min(messages, channel.budget - channel.sent))


def covering(mutes: Sequence[Mute], symbol: Symbol, kind: Kind, now: datetime) -> Mute | None:
    """The mute that ends last among those that cover a signal."""
    found = [mute for mute in mutes if mute.covers(symbol, kind, now)]
    return max(found, key=lambda mute: mute.until, default=None)
