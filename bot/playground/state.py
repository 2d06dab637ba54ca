"""All that the stand-in remembers: users, guilds, channels, messages, in Discord's own shapes.

Discord objects stay the JSON that Discord sends; only what Discord never shows (to whom an
ephemeral message belongs, which files hang on a message) has a record of its own.
"""

from dataclasses import dataclass, field

from bot.playground import permissions, refusals
from bot.playground.calls import Json
from bot.playground.files import Files
from bot.playground.ids import Ids
from bot.playground.permissions import Permission
from bot.playground.timing import Timer

MESSAGES_A_CHANNEL = 2_000  # older ones are forgotten
NONCES = 20_000
DIRECT = 1  # channel type of a DM
TEXT = 0
ANNOUNCEMENT = 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


@dataclass(kw_only=True)
class Entry:
    """A stored message. `files` are all its attachments, also those that an embed shows; `copies`
    is what followers of its channel were shown of it."""

    message: Json
    addressee: str | None = None
    files: list[Json] = field(default_factory=list)
    copies: list["Entry"] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.message["id"])

    @property
    def channel_id(self) -> str:
        return str(self.message["channel_id"])

    def hidden_from(self, user_id: str) -> bool:
        return self.addressee is not None and self.addressee != user_id


class State:
    """The world. Lookups that find nothing raise the Refusal that Discord answers."""

    def __init__(self, *, timer: Timer, ids: Ids) -> None:
        self.timer = timer
        self.ids = ids
        self.files = Files()
        self.base_url = ""
        self.bot_id = ""
        self.application_id = ""
        self.default_member_id = ""
        self.users: dict[str, Json] = {}
        self.titles: dict[str, str] = {}
        self.guilds: dict[str, Json] = {}
        self.members: dict[str, dict[str, Json]] = {}
        self.channels: dict[str, Json] = {}
        self.webhooks: dict[str, Json] = {}
        self._entries: dict[str, dict[str, Entry]] = {}
        self._nonces: dict[tuple[str, str], tuple[str, str, float]] = {}

    @property
    def bot(self) -> Json:
        return self.users[self.bot_id]

    def user(self, user_id: str) -> Json:
        if user_id not in self.users:
            raise refusals.unknown(10013, "User")
        return self.users[user_id]

    def people(self) -> list[Json]:
        """Everyone but the bot."""
        return [each for each in self.users.values() if each["id"] != self.bot_id]

    def guild(self, guild_id: str) -> Json:
        if guild_id not in self.guilds:
            raise refusals.unknown(10004, "Guild")
        return self.guilds[guild_id]

    def member(self, guild_id: str, user_id: str) -> Json:
        if user_id not in self.members.get(guild_id, {}):
            raise refusals.unknown(10007, "Member")
        return self.members[guild_id][user_id]

    def has_joined(self, guild_id: str) -> bool:
        """Whether the bot is a member of a guild."""
        return self.bot_id in self.members.get(guild_id, {})

    def joined_guilds(self) -> list[Json]:
        return [each for each in self.guilds.values() if self.has_joined(each["id"])]

    def channel(self, channel_id: str) -> Json:
        if channel_id not in self.channels:
            raise refusals.unknown_channel()
        return self.channels[channel_id]

    def channels_of(self, guild_id: str) -> list[Json]:
        return [each for each in self.channels.values() if each.get("guild_id") == guild_id]

    def direct_channel(self, user_id: str) -> Json:
        """The DM between the bot and this user, opened where there is none yet."""
        recipient = self.user(user_id)
        for channel in self.channels.values():
            if channel["type"] == DIRECT and channel["recipients"][0]["id"] == user_id:
                return channel
        channel = {
            "id": self.ids.fresh(),
            "type": DIRECT,
            "flags": 0,
            "last_message_id": None,
            "recipients": [recipient],
        }
        self.channels[channel["id"]] = channel
        return channel

    def permissions_in(self, channel: Json, user_id: str) -> int:
        """What a user may do in a channel; nothing where they are no member."""
        if channel["type"] == DIRECT:
            taking_part = user_id in (self.bot_id, channel["recipients"][0]["id"])
            return permissions.DIRECT_MESSAGE if taking_part else 0
        member = self.members.get(channel["guild_id"], {}).get(user_id)
        if member is None:
            return 0
        place = self.channels.get(channel.get("parent_id") or "", channel)
        guild = self.guild(channel["guild_id"])
        return permissions.in_channel(guild, place, user_id=user_id, roles=member["roles"])

    def may_view(self, channel: Json, user_id: str) -> bool:
        return bool(self.permissions_in(channel, user_id) & Permission.VIEW_CHANNEL)

    def entries(self, channel_id: str) -> list[Entry]:
        """The messages of a channel, oldest first."""
        return list(self._entries.get(channel_id, {}).values())

    def entry(self, channel_id: str, message_id: str) -> Entry:
        found = self._entries.get(channel_id, {}).get(message_id)
        if found is None:
            raise refusals.unknown_message()
        return found

    def holds(self, entry: Entry) -> bool:
        """Whether a message still is there."""
        return self._entries.get(entry.channel_id, {}).get(entry.id) is entry

    def add_entry(self, entry: Entry) -> None:
        stored = self._entries.setdefault(entry.channel_id, {})
        stored[entry.id] = entry
        self.channels[entry.channel_id]["last_message_id"] = entry.id
        while len(stored) > MESSAGES_A_CHANNEL:
            self.drop_entry(stored[next(iter(stored))])

    def drop_entry(self, entry: Entry) -> None:
        self._entries.get(entry.channel_id, {}).pop(entry.id, None)
        for attached in entry.files:
            self.files.discard(attached["id"])

    def drop_channel(self, channel_id: str) -> Json:
        self.channel(channel_id)
        for entry in self.entries(channel_id):
            self.drop_entry(entry)
        self._entries.pop(channel_id, None)
        self.webhooks = {
            each: hook for each, hook in self.webhooks.items() if hook["channel_id"] != channel_id
        }
        return self.channels.pop(channel_id)

    def remember_nonce(self, author_id: str, nonce: str, entry: Entry) -> None:
        """Discord keeps nonces per author, not per channel."""
        self._nonces.pop((author_id, nonce), None)
        self._nonces[author_id, nonce] = (entry.channel_id, entry.id, self.timer.now())
        if len(self._nonces) > NONCES:
            del self._nonces[next(iter(self._nonces))]

    def posted_with_nonce(self, author_id: str, nonce: str, *, seconds: float) -> Entry | None:
        """The message this author posted with this nonce within the last `seconds`."""
        known = self._nonces.get((author_id, nonce))
        if known is None or self.timer.now() - known[2] > seconds:
            return None
        return self._entries.get(known[0], {}).get(known[1])
