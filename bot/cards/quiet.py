"""Cards about quiet hours, digests and mutes. Pure."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.alerts.quiet.rules import budget_of
from bot.alerts.schedule import CLOSE
from bot.alerts.subscriptions import describe
from bot.cards.format import joined, plural, timestamp
from bot.cards.model import Card, Field
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage.channels import ChannelRecord, MuteRecord, WayRecord
from storage.subscriptions import SubscriptionRecord

KNOWN = {kind.value for kind in KINDS}


def mute_words(record: MuteRecord) -> str:
    """“SPY”, “New 52-week high”, “everything”."""
    if record.symbol is not None:
        return record.symbol
    if record.kind is None:
        return "everything"
    return KINDS[Kind(record.kind)].title if record.kind in KNOWN else record.kind


def mutes_card(records: Sequence[MuteRecord]) -> Card:
    if not records:
        return Card(title="Mutes", verdict="Nothing is muted in this server.")
    ordered = sorted(records, key=lambda record: (record.channel_id, record.until, record.id))
    rows = []
    for channel_id, group in groupby(ordered, key=lambda record: record.channel_id):
        rows.append(f"**<#{channel_id}>**")
        rows += [f"`#{one.id}` {mute_words(one)} until {timestamp(one.until)}" for one in group]
    return Card(
        title="Mutes",
        verdict=f"{plural(len(records), 'mute')} in this server. `/mute remove` ends one.",
        body="\n".join(rows),
    )


def chosen_card(
    record: ChannelRecord,
    subscriptions: Sequence[SubscriptionRecord],
    ways: Mapping[int, WayRecord],
    *,
    default_zone: str,
    published: Mapping[str, int] = {},
) -> Card:
    """What a channel chose about being told; `published` counts a feed's messages by state."""
    zone = record.zone or f"{default_zone} (the default; `/settings server` changes it)"
    budget = budget_of(record.budget, feed=record.feed)
    quiet = f"{record.quiet}: alerts are held, then one digest comes" if record.quiet else "none"
    rows = [
        f"`#{one.id}` {describe(one)}: {ways[one.id].delivery}"
        + (", with a brief" if ways[one.id].brief else "")
        for one in subscriptions
        if one.id in ways
    ]
    return Card(
        title="How this channel is told",
        verdict=f"<#{record.channel_id}> is told at once, except as said here.",
        body="\n".join(rows),
        fields=(
            Field(name="Quiet hours", value=quiet),
            Field(name="Digests", value=_times(record.digest)),
            Field(name="Time zone", value=zone),
            Field(name="Budget", value=f"{budget} messages an hour, then a digest"),
            *_followers(record, published),
        ),
    )


def _followers(record: ChannelRecord, published: Mapping[str, int]) -> tuple[Field, ...]:
    if not record.feed:
        return ()
    words = f"every alert is published: {published.get('published', 0)} so far"
    if waiting := published.get("pending", 0):
        words += f", {waiting} waiting"
    if missed := published.get("missed", 0):
        words += f", {missed} left unpublished"
    return (Field(name="Followers", value=words),)


def _times(times: Sequence[str]) -> str:
    words = ["after the close" if time == CLOSE else time for time in times or (CLOSE,)]
    return f"{joined(words)}, for subscriptions delivered as a digest"
