"""REST: guilds, members, roles, channels and threads."""

from typing import Any

from bot.playground import refusals, world
from bot.playground.calls import NOTHING, Call, Json, Reply, Route
from bot.playground.door import require_object
from bot.playground.permissions import Permission
from bot.playground.refusals import Problem
from bot.playground.stage import Stage
from bot.playground.state import ANNOUNCEMENT, DIRECT, TEXT
from bot.playground.timing import iso

PUBLIC_THREAD = 11
CHANNEL_FIELDS = ("name", "type", "topic", "nsfw", "position", "rate_limit_per_user", "parent_id")
NAME_LENGTH = 100


class Guilds:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def routes(self) -> list[Route]:
        return [
            ("GET", "/guilds/{guild}", self.guild),
            ("GET", "/guilds/{guild}/channels", self.channels),
            ("GET", "/guilds/{guild}/roles", self.roles),
            ("GET", "/guilds/{guild}/roles/{role}", self.role),
            ("GET", "/guilds/{guild}/members", self.members),
            ("GET", "/guilds/{guild}/members/{user}", self.member),
            ("GET", "/channels/{channel}", self.channel),
            ("PATCH", "/channels/{channel}", self.edit_channel),
            ("DELETE", "/channels/{channel}", self.delete_channel),
            ("POST", "/channels/{channel}/typing", self.typing),
            ("POST", "/channels/{channel}/threads", self.start_thread),
            ("POST", "/channels/{channel}/messages/{message}/threads", self.start_thread),
        ]

    def guild(self, call: Call) -> Reply:
        guild = self._joined(call)
        if not call.asks("with_counts"):
            return Reply(body=guild)
        count = len(self._state.members[guild["id"]])
        counts = {"approximate_member_count": count, "approximate_presence_count": count}
        return Reply(body=guild | counts)

    def channels(self, call: Call) -> Reply:
        guild = self._joined(call)
        listed = self._state.channels_of(guild["id"])
        return Reply(body=[each for each in listed if not world.is_thread(each)])

    def roles(self, call: Call) -> Reply:
        return Reply(body=self._joined(call)["roles"])

    def role(self, call: Call) -> Reply:
        for role in self._joined(call)["roles"]:
            if role["id"] == call.part["role"]:
                return Reply(body=role)
        raise refusals.unknown(10011, "Role")

    def members(self, call: Call) -> Reply:
        """Discord gives the list only to bots with the privileged members intent."""
        self._joined(call)
        raise refusals.missing_access()

    def member(self, call: Call) -> Reply:
        guild = self._joined(call)
        return Reply(body=self._state.member(guild["id"], call.part["user"]))

    def channel(self, call: Call) -> Reply:
        return Reply(body=self._visible(call))

    def edit_channel(self, call: Call) -> Reply:
        channel = self._managed(call)
        body = require_object(call)
        if body.get("type", channel["type"]) != channel["type"]:
            self._demand_convertible(channel["type"], body["type"])
        channel |= {key: body[key] for key in CHANNEL_FIELDS if key in body}
        self._stage.channel_changed("updated", channel)
        return Reply(body=channel)

    def _demand_convertible(self, kind: int, wanted: Any) -> None:
        """Text and announcement channels turn into each other, nothing else does."""
        if (kind, wanted) not in ((TEXT, ANNOUNCEMENT), (ANNOUNCEMENT, TEXT)):
            problem = Problem(path="type", message="This channel cannot become of that type")
            raise refusals.invalid_form(problem)

    def delete_channel(self, call: Call) -> Reply:
        channel = self._managed(call)
        self._state.drop_channel(channel["id"])
        self._stage.channel_changed("deleted", channel)
        return Reply(body=channel)

    def typing(self, call: Call) -> Reply:
        self._visible(call)
        return NOTHING

    def start_thread(self, call: Call) -> Reply:
        parent, body = self._visible(call), require_object(call)
        if parent["type"] == DIRECT:
            raise refusals.Refusal(400, 50024, message="Cannot execute action on this channel type")
        rights = self._state.permissions_in(parent, self._state.bot_id)
        if not rights & Permission.CREATE_THREADS:
            raise refusals.missing_permissions()
        from_message = call.part.get("message")
        if from_message:
            self._state.entry(parent["id"], from_message)
        thread = world.add_channel(
            self._state,
            self._state.guild(parent["guild_id"]),
            channel_id=from_message or self._state.ids.fresh(),
            name=str(body.get("name") or "thread")[:NAME_LENGTH],
            kind=PUBLIC_THREAD,
        )
        thread |= self._thread_fields(parent, body)
        self._stage.gateway.dispatch(
            "THREAD_CREATE", thread | {"newly_created": True}, guild_id=parent["guild_id"], intent=1
        )
        self._stage.audience.tell("channel_update", {"change": "created", "channel": thread})
        return Reply(body=thread, status=201)

    def _thread_fields(self, parent: Json, body: Json) -> Json:
        now = iso(self._state.timer.now())
        metadata = {
            "archived": False,
            "auto_archive_duration": body.get("auto_archive_duration") or 1_440,
            "archive_timestamp": now,
            "create_timestamp": now,
            "locked": False,
        }
        counts = {"message_count": 0, "member_count": 1, "total_message_sent": 0}
        owned = {"parent_id": parent["id"], "owner_id": self._state.bot_id}
        return counts | owned | {"thread_metadata": metadata}

    def _joined(self, call: Call) -> Json:
        guild = self._state.guild(call.part["guild"])
        if not self._state.has_joined(guild["id"]):
            raise refusals.missing_access()
        return guild

    def _visible(self, call: Call) -> Json:
        channel = self._state.channel(call.part["channel"])
        if not self._state.may_view(channel, self._state.bot_id):
            raise refusals.missing_access()
        return channel

    def _managed(self, call: Call) -> Json:
        channel = self._visible(call)
        rights = self._state.permissions_in(channel, self._state.bot_id)
        if not rights & Permission.MANAGE_CHANNELS:
            raise refusals.missing_permissions()
        return channel
