"""Announcement channels: who follows them, and the copies that their followers are shown.

A follower is a webhook of its own kind in the channel that receives. A copy shows what its original
shows, follows its edits and outlives its deletion as an empty shell, as Discord has it; it has no
components, pings nobody, and its files are the original's.
"""

from bot.playground.calls import Json
from bot.playground.refusals import Refusal
from bot.playground.state import ANNOUNCEMENT, Entry, State

CROSSPOSTED, IS_CROSSPOST, SOURCE_DELETED = 1 << 0, 1 << 1, 1 << 3
FOLLOWER = 2  # type of webhook
WEBHOOKS_A_CHANNEL = 15
SHOWN = ("content", "embeds", "attachments", "edited_timestamp")
GONE = "[Original Message Deleted]"


def demand_announcements(channel: Json) -> None:
    """Raises Refusal for a channel that cannot be followed."""
    if channel["type"] != ANNOUNCEMENT:
        raise Refusal(400, 50024, message="Cannot execute action on this channel type")


def demand_room(state: State, channel_id: str) -> None:
    """Raises Refusal when a channel has all the webhooks it may have."""
    of_channel = [hook for hook in state.webhooks.values() if hook["channel_id"] == channel_id]
    if len(of_channel) >= WEBHOOKS_A_CHANNEL:
        message = f"Maximum number of webhooks reached ({WEBHOOKS_A_CHANNEL})"
        raise Refusal(400, 30007, message=message)


def follow(state: State, source: Json, target: Json, *, user: Json) -> Json:
    """Let `target` receive what is published in `source`; the webhook that brings it."""
    demand_announcements(source)
    demand_room(state, target["id"])
    guild = state.guild(source["guild_id"])
    webhook = {
        "id": state.ids.fresh(),
        "type": FOLLOWER,
        "guild_id": target["guild_id"],
        "channel_id": target["id"],
        "user": user,
        "name": f"{guild['name']} #{source['name']}",
        "avatar": None,
        "application_id": None,
        "source_guild": {"id": guild["id"], "name": guild["name"], "icon": guild["icon"]},
        "source_channel": {"id": source["id"], "name": source["name"]},
    }
    state.webhooks[webhook["id"]] = webhook
    return webhook


def followers(state: State, channel_id: str) -> list[Json]:
    """The webhooks that follow a channel."""
    hooks = (hook for hook in state.webhooks.values() if hook["type"] == FOLLOWER)
    return [hook for hook in hooks if hook["source_channel"]["id"] == channel_id]


def publish(state: State, entry: Entry) -> list[Entry]:
    """Mark a message as published and copy it to all followers; the copies."""
    entry.message = entry.message | {"flags": entry.message["flags"] | CROSSPOSTED}
    entry.copies = [_copy(state, entry, hook) for hook in followers(state, entry.channel_id)]
    return list(entry.copies)


def mirrored(state: State, entry: Entry) -> list[Entry]:
    """The copies of a message that changed, changed with it."""
    for copy in (found := _standing(state, entry)):
        copy.message = copy.message | {name: entry.message[name] for name in SHOWN}
    return found


def orphaned(state: State, entry: Entry) -> list[Entry]:
    """The copies of a message that is gone, emptied."""
    for copy in (found := _standing(state, entry)):
        empty = {"content": GONE, "embeds": [], "attachments": []}
        copy.message = copy.message | empty | {"flags": copy.message["flags"] | SOURCE_DELETED}
    return found


def _standing(state: State, entry: Entry) -> list[Entry]:
    return [copy for copy in entry.copies if state.holds(copy)]


def author_of(webhook: Json, name: str = "") -> Json:
    """Who speaks through a webhook, by `name` or its own."""
    return {
        "id": webhook["id"],
        "username": name or webhook["name"],
        "avatar": None,
        "discriminator": "0000",
        "bot": True,
        "public_flags": 0,
        "flags": 0,
        "global_name": None,
        "primary_guild": None,
    }


def _copy(state: State, entry: Entry, hook: Json) -> Entry:
    original = entry.message
    message: Json = {
        "id": state.ids.fresh(),
        "channel_id": hook["channel_id"],
        "author": author_of(hook),
        "timestamp": original["timestamp"],
        "tts": False,
        "components": [],
        "pinned": False,
        "type": 0,
        "flags": IS_CROSSPOST,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "webhook_id": hook["id"],
        "message_reference": {
            "type": 0,
            "channel_id": original["channel_id"],
            "message_id": original["id"],
            "guild_id": state.channel(original["channel_id"])["guild_id"],
        },
    } | {name: original[name] for name in SHOWN}
    copy = Entry(message=message)
    state.add_entry(copy)
    return copy
