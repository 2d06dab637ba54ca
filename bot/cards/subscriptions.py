"""Cards about subscriptions. Pure."""

from collections.abc import Collection, Sequence
from itertools import groupby

from bot.alerts.facts import AlertFacts
from bot.alerts.subscriptions import describe
from bot.cards.alert import alert_card
from bot.cards.format import plural
from bot.cards.model import Card, Tone
from storage.subscriptions import SubscriptionRecord

WORDS = {"active": "●", "paused": "◆ paused:", "blocked": "✕ blocked:"}


def subscribed_card(record: SubscriptionRecord, *, count: int) -> Card:
    """What was subscribed, and how to see or undo it."""
    return Card(
        title=f"Subscribed: #{record.id}",
        verdict=f"<#{record.channel_id}> receives {describe(record)} ({plural(count, 'symbol')}).",
        tone=Tone.GOOD,
        body=(
            "The first scan only learns where the symbols stand, so nothing is posted for what "
            "happened before.\n"
            f"`/subscriptions test {record.id}` shows what an alert looks like, "
            f"`/subscriptions remove {record.id}` undoes this."
        ),
    )


def list_card(records: Sequence[SubscriptionRecord], feeds: Collection[int] = ()) -> Card:
    """All of a server, by channel; `feeds` are the channels whose alerts are published."""
    if not records:
        return Card(
            title="Subscriptions",
            verdict="This server has none. `/subscribe` in a channel makes the first.",
        )
    ordered = sorted(records, key=lambda record: (record.channel_id, record.id))
    blocks = []
    for channel_id, group in groupby(ordered, key=lambda record: record.channel_id):
        feed = " · a feed, published to its followers" if channel_id in feeds else ""
        blocks.append(f"**<#{channel_id}>**{feed}")
        blocks += [_line(record) for record in group]
    return Card(
        title="Subscriptions",
        verdict=f"{plural(len(records), 'subscription')} in this server.",
        body="\n".join(blocks),
    )


def _line(record: SubscriptionRecord) -> str:
    reason = f" ({record.reason})" if record.state == "blocked" and record.reason else ""
    return f"{WORDS[record.state]} `#{record.id}` {describe(record)}{reason}"


def sample_card(facts: AlertFacts) -> Card:
    """A real past case, plainly marked as a test."""
    card = alert_card(facts, alert_id="sample")
    return Card(
        title=f"Test · {card.title}"[:256],
        verdict=card.verdict,
        tone=card.tone,
        body=f"{card.body}\n-# A test: the most recent real case, not a new alert.",
        footer=card.footer.replace(" · #sample", ""),
    )
