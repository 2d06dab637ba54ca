"""REST: announcement channels, which publish messages and are followed."""

from bot.playground import feeds, refusals
from bot.playground.calls import Call, Json, Reply, Route
from bot.playground.door import require_object
from bot.playground.messages import DEFAULT_TYPE
from bot.playground.permissions import Permission
from bot.playground.refusals import Problem, Refusal
from bot.playground.stage import Stage


class Feeds:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def routes(self) -> list[Route]:
        return [
            ("POST", "/channels/{channel}/messages/{message}/crosspost", self.crosspost),
            ("POST", "/channels/{channel}/followers", self.follow),
        ]

    def crosspost(self, call: Call) -> Reply:
        """Own messages need Send Messages, others Manage Messages too; 10 an hour a channel."""
        channel, rights = self._visible(call.part["channel"])
        feeds.demand_announcements(channel)
        entry = self._state.entry(channel["id"], call.part["message"])
        needed = Permission.SEND_MESSAGES
        if entry.message["author"]["id"] != self._state.bot_id:
            needed |= Permission.MANAGE_MESSAGES
        if rights & needed != needed:
            raise refusals.missing_permissions()
        if entry.message["type"] != DEFAULT_TYPE:
            raise Refusal(400, 50068, message="Invalid message type")
        if entry.message["flags"] & feeds.CROSSPOSTED:
            raise Refusal(400, 40033, message="This message has already been crossposted")
        if (wait := self._stage.limits.crosspost(channel["id"])) is not None:
            raise refusals.too_many_writes(wait)
        copies = feeds.publish(self._state, entry)
        self._stage.message_updated(entry)
        for copy in copies:
            self._stage.message_created(copy)
        return Reply(body=entry.message)

    def follow(self, call: Call) -> Reply:
        """Needs Manage Webhooks where the copies are to be shown."""
        source, _ = self._visible(call.part["channel"])
        wanted = require_object(call).get("webhook_channel_id")
        if wanted is None:
            raise refusals.invalid_form(
                Problem(
                    path="webhook_channel_id",
                    code="BASE_TYPE_REQUIRED",
                    message="This field is required",
                )
            )
        target, rights = self._visible(str(wanted))
        if not rights & Permission.MANAGE_WEBHOOKS or "guild_id" not in target:
            raise refusals.missing_permissions()
        webhook = feeds.follow(self._state, source, target, user=self._state.bot)
        return Reply(body={"channel_id": source["id"], "webhook_id": webhook["id"]})

    def _visible(self, channel_id: str) -> tuple[Json, int]:
        channel = self._state.channel(channel_id)
        rights = self._state.permissions_in(channel, self._state.bot_id)
        if not rights & Permission.VIEW_CHANNEL:
            raise refusals.missing_access()
        return channel, rights
