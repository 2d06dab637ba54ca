"""Who is owed a message? Pure: subscriptions and what happened in, alerts out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.alerts.facts import AlertFacts, Stage, alert_id
from bot.market.model import Symbol
from bot.signals.model import Kind
from storage.alerts import NewAlert
from storage.subscriptions import SubscriptionRecord

TIME_TO_LIVE = timedelta(hours=24)
"""An opening that could not be sent for this long is no news any more."""

IMPLIED: Mapping[Kind, Kind] = {Kind.HIGH_52_WEEKS: Kind.ALL_TIME_HIGH}
"""A kind that says nothing new beside the other one: an all-time high is a 52-week high."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A subscription with its universe resolved to symbols."""

    subscription: SubscriptionRecord
    kinds: frozenset[Kind]
    symbols: frozenset[Symbol]

    def wants(self, facts: AlertFacts) -> bool:
        return facts.kind in self.kinds and facts.symbol in self.symbols


def openings(
    wishes: Sequence[Wish], opened: Sequence[AlertFacts], *, at: datetime
) -> list[NewAlert]:
    """The messages owed for episodes that just opened, in the order they opened.

    Where a subscription wants two kinds of which one implies the other, and both opened on
    one symbol in one session, only the stronger one is a message.
    """
    expires = at + TIME_TO_LIVE
    return [
        _post(wish.subscription, facts, body, at, expires)
        for facts in opened
        for body in [facts.to_json()]
        for wish in wishes
        if wish.wants(facts) and not _implied(wish, facts, opened)
    ]


def _implied(wish: Wish, facts: AlertFacts, opened: Collection[AlertFacts]) -> bool:
    stronger = IMPLIED.get(facts.kind)
    return stronger in wish.kinds and any(
        other.kind is stronger and other.symbol == facts.symbol and other.session == facts.session
        for other in opened
    )


def _post(
    subscription: SubscriptionRecord,
    facts: AlertFacts,
    body: Mapping[str, Any],
    at: datetime,
    expires: datetime,
) -> NewAlert:
    return NewAlert(
        id=alert_id(subscription.id, facts.episode_id, Stage.OPENED),
        subscription_id=subscription.id,
        episode_id=facts.episode_id,
        stage=Stage.OPENED,
        act="post",
        target=None,
        guild_id=subscription.guild_id,
        channel_id=subscription.channel_id,
        facts=body,
        created_at=at,
        market_time=facts.seen_at,
        expires_at=expires,
    )


ACTS = {
    Stage.CLOSED: "edit",
    Stage.ENDED: "reply",
    Stage.GRADED_5: "edit",
    Stage.GRADED_20: "edit",
}
"""How a later stage shows: the close and the grades edit the message, the end replies to it."""


def follow_ups(openings: Sequence[NewAlert], facts: AlertFacts, *, at: datetime) -> list[NewAlert]:
    """The messages that follow up those which `openings` announced."""
    said = facts.to_json()
    return [
        NewAlert(
            id=alert_id(opening.subscription_id, facts.episode_id, facts.stage),
            subscription_id=opening.subscription_id,
            episode_id=facts.episode_id,
            stage=facts.stage,
            act=ACTS[facts.stage],
            target=opening.id,
            guild_id=opening.guild_id,
            channel_id=opening.channel_id,
            facts=said,
            created_at=at,
            market_time=facts.seen_at,
        )
        for opening in openings
    ]
