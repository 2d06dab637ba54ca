"""Who is owed a message? Pure: subscriptions and what happened in, alerts out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.alerts.facts import AlertFacts, Stage, alert_ids
from bot.market.model import Symbol
from bot.signals.model import Kind
from storage.alerts import NewAlert, Opening
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


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """An opening and all that it is owed to, in order: one record, however many they are."""

    facts: AlertFacts
    body: Mapping[str, Any]
    at: datetime
    to: Sequence[SubscriptionRecord]

    @property
    def expires(self) -> datetime:
        return self.at + TIME_TO_LIVE

    def posts(self) -> list[NewAlert]:
        """An alert for each that it is owed to."""
        ids = alert_ids([one.id for one in self.to], self.facts.episode_id, Stage.OPENED)
        return [_post(identity, one, self) for identity, one in zip(ids, self.to, strict=True)]


def announcements(
    wishes: Sequence[Wish], opened: Sequence[AlertFacts], *, at: datetime
) -> list[Announcement]:
    """Who is owed a message about episodes that just opened, in the order they opened.

    Where a subscription wants two kinds of which one implies the other, and both opened on
    one symbol in one session, only the stronger one is a message.
    """
    return [
        Announcement(
            facts=facts,
            body=facts.to_json(),
            at=at,
            to=[
                wish.subscription
                for wish in wishes
                if wish.wants(facts) and not _implied(wish, facts, opened)
            ],
        )
        for facts in opened
    ]


def _implied(wish: Wish, facts: AlertFacts, opened: Collection[AlertFacts]) -> bool:
    stronger = IMPLIED.get(facts.kind)
    return stronger in wish.kinds and any(
        other.kind is stronger and other.symbol == facts.symbol and other.session == facts.session
        for other in opened
    )


def _post(identity: str, subscription: SubscriptionRecord, announced: Announcement) -> NewAlert:
    facts = announced.facts
    return NewAlert(
        id=identity,
        subscription_id=subscription.id,
        episode_id=facts.episode_id,
        stage=Stage.OPENED,
        act="post",
        target=None,
        guild_id=subscription.guild_id,
        channel_id=subscription.channel_id,
        facts=announced.body,
        created_at=announced.at,
        market_time=facts.seen_at,
        expires_at=announced.expires,
    )


ACTS = {
    Stage.CLOSED: "edit",
    Stage.ENDED: "reply",
    Stage.GRADED_5: "edit",
    Stage.GRADED_20: "edit",
}
"""How a later stage shows: the close and the grades edit the message, the end replies to it."""


def follow_ups(openings: Sequence[Opening], facts: AlertFacts, *, at: datetime) -> list[NewAlert]:
    """The messages that follow up those which `openings` announced."""
    said = facts.to_json()
    to = [opening.subscription_id for opening in openings]
    return [
        NewAlert(
            id=identity,
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
        for opening, identity in zip(
            openings, alert_ids(to, facts.episode_id, facts.stage), strict=True
        )
    ]
