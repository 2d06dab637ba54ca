"""REST: messages of channels, with the permissions that each step needs."""

from bot.playground import messages, refusals, rules
from bot.playground.calls import NOTHING, Call, Json, Reply, Route, Upload
from bot.playground.door import require_object
from bot.playground.feeds import CROSSPOSTED
from bot.playground.ids import created_at
from bot.playground.limits import HOUR
from bot.playground.messages import Draft
from bot.playground.permissions import Permission
from bot.playground.refusals import Problem, Refusal
from bot.playground.stage import Stage
from bot.playground.state import EPHEMERAL, Entry
from bot.playground.world import is_thread

PAGE = 50
LARGEST_PAGE = 100


class Messages:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def routes(self) -> list[Route]:
        one = "/channels/{channel}/messages/{message}"
        return [
            ("GET", "/channels/{channel}/messages", self.history),
            ("POST", "/channels/{channel}/messages", self.create),
            ("GET", one, self.get),
            ("PATCH", one, self.edit),
            ("DELETE", one, self.delete),
            ("PUT", f"{one}/reactions/{{emoji}}/@me", self.react),
        ]

    def history(self, call: Call) -> Reply:
        channel, rights = self._place(call)
        if not rights & Permission.READ_HISTORY:
            return Reply(body=[])
        limit = _page_size(call)
        listed = [
            each.message
            for each in self._state.entries(channel["id"])
            if not each.message["flags"] & EPHEMERAL
        ]
        return Reply(body=_window(listed, call, limit)[::-1])

    def get(self, call: Call) -> Reply:
        _, rights = self._place(call)
        if not rights & Permission.READ_HISTORY:
            raise refusals.missing_permissions()
        return Reply(body=self._entry(call).message)

    def create(self, call: Call) -> Reply:
        channel, rights = self._place(call)
        body = require_object(call)
        self._stage.demand(f"POST {call.path}", rules.of_message(body, call.uploads))
        sending = Permission.SEND_IN_THREADS if is_thread(channel) else Permission.SEND_MESSAGES
        _demand_rights(rights, body, needed=sending | _for_files(call.uploads))
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce"):
            seconds = self._stage.limits.nonce_seconds
            known = self._state.posted_with_nonce(self._state.bot_id, nonce, seconds=seconds)
            if known is not None:
                return Reply(body=known.message)
        draft = Draft(author=self._state.bot, body=body, uploads=call.uploads)
        entry = messages.post(self._state, channel, draft)
        if nonce:
            self._state.remember_nonce(self._state.bot_id, nonce, entry)
        self._stage.message_created(entry)
        return Reply(body=entry.message)

    def edit(self, call: Call) -> Reply:
        _, rights = self._place(call)
        entry, body = self._entry(call), dict(require_object(call))
        problems = rules.of_edit(body, call.uploads, flags=entry.message["flags"])
        self._stage.demand(f"PATCH {call.path}", problems)
        self._demand_own(entry)
        self._demand_young(entry)
        self._demand_seldom(entry)
        if _for_files(call.uploads) & ~rights:
            raise refusals.missing_permissions()
        if body.get("embeds") and not rights & Permission.EMBED_LINKS:
            body["embeds"] = []
        messages.edit(self._state, entry, body=body, uploads=call.uploads)
        self._stage.message_updated(entry)
        return Reply(body=entry.message)

    def delete(self, call: Call) -> Reply:
        _, rights = self._place(call)
        entry = self._entry(call)
        own = entry.message["author"]["id"] == self._state.bot_id
        if not own and not rights & Permission.MANAGE_MESSAGES:
            raise refusals.missing_permissions()
        self._stage.delete_message(entry)
        return NOTHING

    def react(self, call: Call) -> Reply:
        _, rights = self._place(call)
        self._entry(call)
        if not rights & Permission.ADD_REACTIONS:
            raise refusals.missing_permissions()
        return NOTHING

    def _place(self, call: Call) -> tuple[Json, int]:
        """The channel and what the bot may do there. Raises Refusal when it may not see it."""
        channel = self._state.channel(call.part["channel"])
        rights = self._state.permissions_in(channel, self._state.bot_id)
        if not rights & Permission.VIEW_CHANNEL:
            raise refusals.missing_access()
        return channel, rights

    def _entry(self, call: Call) -> Entry:
        entry = self._state.entry(call.part["channel"], call.part["message"])
        if entry.message["flags"] & EPHEMERAL:
            raise refusals.unknown_message()
        return entry

    def _demand_own(self, entry: Entry) -> None:
        if entry.message["author"]["id"] != self._state.bot_id:
            raise Refusal(403, 50005, message="Cannot edit a message authored by another user")

    def _demand_young(self, entry: Entry) -> None:
        if self._state.timer.now() - created_at(entry.id) <= HOUR:
            return
        wait = self._stage.limits.old_edit(entry.channel_id)
        if wait is not None:
            raise Refusal(
                429,
                30046,
                message="Maximum number of edits to messages older than 1 hour reached. "
                "Try again later.",
                retry_after=wait,
            )

    def _demand_seldom(self, entry: Entry) -> None:
        """An edit of a published message is one for all followers."""
        if entry.message["flags"] & CROSSPOSTED:
            wait = self._stage.limits.published_edit(entry.id)
            if wait is not None:
                raise refusals.too_many_writes(wait)


def _for_files(uploads: tuple[Upload, ...]) -> int:
    return int(Permission.ATTACH_FILES) if uploads else 0


def _demand_rights(rights: int, body: Json, *, needed: int) -> None:
    if body.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if rights & needed != needed:
        raise refusals.missing_permissions()
    if body.get("message_reference") and not rights & Permission.READ_HISTORY:
        message = "Cannot reply without permission to read message history"
        raise Refusal(400, 160002, message=message)


def _page_size(call: Call) -> int:
    text = call.query.get("limit", str(PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        message = f"int value should be between 1 and {LARGEST_PAGE}."
        raise refusals.invalid_form(Problem(path="limit", code="NUMBER_TYPE_MAX", message=message))
    return int(text)


def _window(listed: list[Json], call: Call, limit: int) -> list[Json]:
    """The part of a channel, oldest first, that before, after or around ask for."""
    for name in ("around", "after", "before"):
        if not call.query.get(name, "0").isdecimal():
            problem = Problem(path=name, code="NUMBER_TYPE_COERCE", message="Not a snowflake.")
            raise refusals.invalid_form(problem)
    if around := call.query.get("around"):
        later = [each for each in listed if int(each["id"]) > int(around)]
        earlier = [each for each in listed if int(each["id"]) <= int(around)]
        half = limit // 2
        return earlier[-(limit - half) :] + later[:half]
    if after := call.query.get("after"):
        return [each for each in listed if int(each["id"]) > int(after)][:limit]
    if before := call.query.get("before"):
        listed = [each for each in listed if int(each["id"]) < int(before)]
    return listed[-limit:]
