"""The control API: the playground as its page and tests see and change it (PROTOCOL.md)."""

from typing import Any

from aiohttp import web

from bot.playground import messages, rules
from bot.playground.calls import Json
from bot.playground.control_guilds import GuildControl
from bot.playground.control_interactions import InteractionControl
from bot.playground.control_requests import (
    ControlError,
    ControlHandler,
    eyes,
    guarded,
    read_object,
    seen_channel,
    uploads,
)
from bot.playground.control_world import WorldControl
from bot.playground.messages import Draft
from bot.playground.permissions import Permission
from bot.playground.refusals import invalid_form
from bot.playground.stage import Stage

PAGE = 50
LARGEST_PAGE = 200


class Control:
    def __init__(self, stage: Stage, *, synthetic: str) -> None:
        self._stage = stage
        self._state = stage.state
        self._synthetic = synthetic
        self._interactions = InteractionControl(stage)
        self._world = WorldControl(stage)
        self._guilds = GuildControl(stage)

    def routes(self) -> list[web.RouteDef]:
        handlers: list[tuple[str, str, ControlHandler]] = [
            ("GET", "/state", self.state),
            ("GET", "/channels/{channel}/messages", self.messages),
            ("POST", "/channels/{channel}/messages", self.post),
            ("POST", "/dms", self.open_direct),
            ("GET", "/commands", self.commands),
            ("GET", "/events", self.events),
            ("GET", "/log", self.log),
            ("POST", "/interactions", self._interactions.start),
            ("GET", "/interactions/{interaction}", self._interactions.show),
            *self._world.handlers(),
            *self._guilds.handlers(),
        ]
        routes = [
            web.route(method, f"/control{path}", guarded(handler))
            for method, path, handler in handlers
        ]
        return [*routes, web.route("*", "/control/{rest:.*}", guarded(_nowhere))]

    async def state(self, request: web.Request) -> web.Response:
        state = self._state
        viewer = eyes(state, request.query["as"]) if "as" in request.query else None
        shown = {
            "bot": {"user": state.bot, "connected": self._stage.gateway.connected},
            "members": [self._person(each) for each in state.people()],
            "guilds": [self._guild(each, viewer) for each in state.guilds.values()],
            "me": state.default_member_id,
            "synthetic": self._synthetic,
        }
        return web.json_response(shown)

    def _person(self, user: Json) -> Json:
        held = [members.get(user["id"], {}) for members in self._state.members.values()]
        roles = [role for member in held for role in member.get("roles", [])]
        return {"user": user, "title": self._state.titles.get(user["id"], ""), "roles": roles}

    def _guild(self, guild: Json, viewer: str | None) -> Json:
        channels = self._state.channels_of(guild["id"])
        if viewer is not None:
            channels = [
                each | {"permissions": str(self._state.permissions_in(each, viewer))}
                for each in channels
                if self._state.may_view(each, viewer)
            ]
        return {key: guild[key] for key in ("id", "name", "roles")} | {"channels": channels}

    async def messages(self, request: web.Request) -> web.Response:
        viewer = eyes(self._state, request.query.get("as"))
        channel = seen_channel(self._state, request.match_info["channel"], user_id=viewer)
        limit = _number(request.query.get("limit", str(PAGE)), "limit")
        before = request.query.get("before")
        below = _number(before, "before") if before else None
        shown = [
            each.message
            for each in self._state.entries(channel["id"])
            if not each.hidden_from(viewer) and (below is None or int(each.id) < below)
        ]
        return web.json_response(shown[-max(1, min(limit, LARGEST_PAGE)) :])

    async def post(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        author = eyes(self._state, body.get("as"))
        channel = seen_channel(self._state, request.match_info["channel"], user_id=author)
        if not self._state.permissions_in(channel, author) & Permission.SEND_MESSAGES:
            raise ControlError(403, "this member may not write in that channel")
        brought = uploads(body.get("files"))
        text = {"content": str(body.get("content") or "")}
        problems = rules.of_message(text, brought)
        if problems:
            raise invalid_form(*problems)
        draft = Draft(author=self._state.users[author], body=text, uploads=brought)
        entry = messages.post(self._state, channel, draft)
        self._stage.message_created(entry)
        return web.json_response(entry.message)

    async def open_direct(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        channel = self._state.direct_channel(eyes(self._state, body.get("as")))
        return web.json_response(channel)

    async def commands(self, request: web.Request) -> web.Response:
        viewer = eyes(self._state, request.query.get("as"))
        channel_id = request.query.get("channel", "")
        channel = seen_channel(self._state, channel_id, user_id=viewer)
        return web.json_response(self._stage.commands.usable(viewer, channel))

    async def events(self, request: web.Request) -> web.StreamResponse:
        viewer = eyes(self._state, request.query.get("as"))
        connected = {"connected": self._stage.gateway.connected}
        return await self._stage.audience.handle(
            request, user_id=viewer, first={"type": "bot", "data": connected}
        )

    async def log(self, request: web.Request) -> web.Response:
        since = _number(request.query.get("since", "0"), "since")
        log = self._stage.log
        shown = {
            "requests": [each.record() for each in log.requests if each.n > since],
            "violations": [each.record() for each in log.violations],
            "invalid_requests": log.invalid_requests,
            "identifies": self._stage.gateway.starts.identifies,
            "refused_identifies": self._stage.gateway.starts.refused,
        }
        return web.json_response(shown)


async def _nowhere(request: web.Request) -> web.StreamResponse:
    raise ControlError(404, f"there is no {request.method} {request.path}; see PROTOCOL.md")


def _number(text: Any, name: str) -> int:
    if not str(text).isdecimal():
        raise ControlError(400, f"{name!r} must be a whole number")
    return int(text)
