"""What control requests are made of: their errors, whose eyes they use, the files they bring."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from bot.playground.calls import Json, Upload
from bot.playground.refusals import Refusal
from bot.playground.state import State

ControlHandler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlError(Exception):
    """A control request that cannot be done; the text says what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def guarded(handler: ControlHandler) -> ControlHandler:
    """Turn errors into `{"error": …}`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except Refusal as refusal:
            described = "; ".join(f"{each.path}: {each.message}" for each in refusal.problems)
            message = f"{refusal.message}: {described}" if described else refusal.message
            return web.json_response({"error": message}, status=refusal.status)

    return handle


async def read_object(request: web.Request) -> Json:
    """The JSON body. Raises ControlError unless it is an object."""
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise ControlError(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError(400, "the body must be a JSON object")
    return body


def eyes(state: State, named: Any) -> str:
    """The member that `as` names, or the default one. Raises ControlError."""
    user_id = str(named or state.default_member_id)
    if user_id not in state.users or user_id == state.bot_id:
        raise ControlError(404, f"'as' names no member: {user_id}")
    return user_id


def seen_channel(state: State, channel_id: str, *, user_id: str) -> Json:
    """A channel this member may view. Raises ControlError."""
    channel = state.channels.get(channel_id)
    if channel is None:
        raise ControlError(404, f"there is no channel {channel_id!r}")
    if not state.may_view(channel, user_id):
        raise ControlError(403, "this member may not view that channel")
    return channel


def uploads(described: Any) -> tuple[Upload, ...]:
    """The `files` of a request. Raises ControlError."""
    read = []
    try:
        for index, each in enumerate(described or []):
            data = base64.b64decode(each["data"], validate=True)
            read.append(Upload(key=str(index), filename=str(each["filename"]), data=data))
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError):
        raise ControlError(400, "'files' must be a list of {filename, data: base64}") from None
    return tuple(read)
