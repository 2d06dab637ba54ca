"""REST: webhooks of channels; those of interactions share their addresses."""

import re
import secrets
from collections.abc import Callable

from bot.playground import messages, refusals, rules
from bot.playground.calls import NOTHING, Call, Json, Reply, Route
from bot.playground.door import API, require_object
from bot.playground.feeds import author_of, demand_room
from bot.playground.messages import Draft
from bot.playground.permissions import Permission
from bot.playground.refusals import Problem
from bot.playground.rest_interactions import InteractionWebhook
from bot.playground.stage import Stage
from bot.playground.state import Entry

NAME_LENGTH = 80
FORBIDDEN_NAME = re.compile(r"clyde|discord", re.IGNORECASE)


class Webhooks:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state
        self._answers = InteractionWebhook(stage)

    def routes(self) -> list[Route]:
        own_address = "/webhooks/{webhook}/{token}"
        one = own_address + "/messages/{message}"
        answers = self._answers
        return [
            ("GET", "/channels/{channel}/webhooks", self.listed),
            ("POST", "/channels/{channel}/webhooks", self.create),
            ("GET", "/webhooks/{webhook}", self.get),
            ("DELETE", "/webhooks/{webhook}", self.remove),
            ("GET", own_address, self.get_by_token),
            ("POST", own_address, self._split(self.execute, answers.follow_up)),
            ("GET", one, self._split(self.get_message, answers.get)),
            ("PATCH", one, self._split(self.edit_message, answers.edit)),
            ("DELETE", one, self._split(self.delete_message, answers.delete)),
        ]

    def listed(self, call: Call) -> Reply:
        channel = self._managed(call.part["channel"])
        return Reply(body=self._of(channel["id"]))

    def create(self, call: Call) -> Reply:
        channel, body = self._managed(call.part["channel"]), require_object(call)
        demand_room(self._state, channel["id"])
        name = str(body.get("name") or "")
        if not 1 <= len(name) <= NAME_LENGTH or FORBIDDEN_NAME.search(name):
            raise refusals.invalid_form(Problem(path="name", message="This name is not allowed"))
        webhook_id, token = self._state.ids.fresh(), secrets.token_urlsafe(32)
        webhook = {
            "id": webhook_id,
            "type": 1,
            "guild_id": channel["guild_id"],
            "channel_id": channel["id"],
            "user": self._state.bot,
            "name": name,
            "avatar": None,
            "token": token,
            "application_id": self._state.application_id,
            "url": f"{self._state.base_url}{API}/webhooks/{webhook_id}/{token}",
        }
        self._state.webhooks[webhook_id] = webhook
        return Reply(body=webhook)

    def get(self, call: Call) -> Reply:
        webhook = self._known(call)
        self._managed(webhook["channel_id"])
        return Reply(body=webhook)

    def remove(self, call: Call) -> Reply:
        webhook = self._known(call)
        self._managed(webhook["channel_id"])
        del self._state.webhooks[webhook["id"]]
        return NOTHING

    def get_by_token(self, call: Call) -> Reply:
        webhook = self._authentic(call)
        return Reply(body={key: value for key, value in webhook.items() if key != "user"})

    def execute(self, call: Call) -> Reply:
        webhook, body = self._authentic(call), require_object(call)
        self._stage.demand("webhook", rules.of_message(body, call.uploads))
        author = author_of(webhook, body.get("username") or "")
        extra = {"webhook_id": webhook["id"], "application_id": webhook["application_id"]}
        draft = Draft(author=author, body=body, uploads=call.uploads, extra=extra)
        channel = self._state.channel(call.query.get("thread_id") or webhook["channel_id"])
        entry = messages.post(self._state, channel, draft)
        self._stage.message_created(entry)
        return Reply(body=entry.message) if call.asks("wait") else NOTHING

    def get_message(self, call: Call) -> Reply:
        return Reply(body=self._entry(call).message)

    def edit_message(self, call: Call) -> Reply:
        entry, body = self._entry(call), require_object(call)
        problems = rules.of_edit(body, call.uploads, flags=entry.message["flags"])
        self._stage.demand("webhook edit", problems)
        messages.edit(self._state, entry, body=body, uploads=call.uploads)
        self._stage.message_updated(entry)
        return Reply(body=entry.message)

    def delete_message(self, call: Call) -> Reply:
        self._stage.delete_message(self._entry(call))
        return NOTHING

    def _split(
        self, channel_webhook: Callable[[Call], Reply], interaction: Callable[[Call], Reply]
    ) -> Callable[[Call], Reply]:
        """The application's own id as webhook id means the webhook of an interaction."""

        def handle(call: Call) -> Reply:
            own = call.part["webhook"] == self._state.application_id
            return interaction(call) if own else channel_webhook(call)

        return handle

    def _of(self, channel_id: str) -> list[Json]:
        hooks = self._state.webhooks.values()
        return [each for each in hooks if each["channel_id"] == channel_id]

    def _managed(self, channel_id: str) -> Json:
        channel = self._state.channel(channel_id)
        rights = self._state.permissions_in(channel, self._state.bot_id)
        if not rights & Permission.MANAGE_WEBHOOKS or "guild_id" not in channel:
            raise refusals.missing_permissions()
        return channel

    def _known(self, call: Call) -> Json:
        webhook = self._state.webhooks.get(call.part["webhook"])
        if webhook is None:
            raise refusals.unknown_webhook()
        return webhook

    def _authentic(self, call: Call) -> Json:
        webhook = self._known(call)
        if webhook.get("token") != call.part["token"]:
            raise refusals.invalid_webhook_token()
        return webhook

    def _entry(self, call: Call) -> Entry:
        webhook = self._authentic(call)
        entry = self._state.entry(webhook["channel_id"], call.part["message"])
        if entry.message.get("webhook_id") != webhook["id"]:
            raise refusals.unknown_message()
        return entry
