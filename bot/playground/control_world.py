"""Control requests that change the world around the bot: people, channels, faults, limits, time."""

import math
from typing import Any

from aiohttp import web

from bot.playground import faults, world
from bot.playground.calls import Json
from bot.playground.control_requests import ControlError, ControlHandler, read_object
from bot.playground.faults import BadFault
from bot.playground.limits import Rate
from bot.playground.market import MarketControl
from bot.playground.stage import Stage
from bot.playground.state import ANNOUNCEMENT, TEXT
from bot.playground.timing import iso

ACTIONS = ("play", "pause", "step", "speed")
CHANNEL_KINDS = (TEXT, ANNOUNCEMENT)
NAME_LENGTH = 100
FARTHEST_ADVANCE_SECONDS = 366 * 86_400.0


class WorldControl:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def handlers(self) -> list[tuple[str, str, ControlHandler]]:
        return [
            ("GET", "/market", self.market),
            ("POST", "/market", self.turn_market),
            ("POST", "/faults", self.arm),
            ("DELETE", "/faults", self.disarm),
            ("POST", "/time", self.advance),
            ("POST", "/limits", self.set_limits),
            ("POST", "/guilds/{guild}/members/{user}/roles", self.set_roles),
            ("POST", "/guilds/{guild}/channels", self.create_channel),
            ("POST", "/channels/{channel}/overwrites", self.set_overwrites),
            ("DELETE", "/channels/{channel}", self.delete_channel),
        ]

    async def market(self, _: web.Request) -> web.Response:
        return web.json_response(await self._market().status())

    async def turn_market(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        if body.get("action") not in ACTIONS:
            raise ControlError(400, f"'action' must be one of: {', '.join(ACTIONS)}")
        try:
            status = await self._market().command(body["action"], body.get("value"))
        except ValueError as error:
            raise ControlError(400, str(error)) from error
        self._stage.audience.tell("market", status)
        return web.json_response(status)

    async def arm(self, request: web.Request) -> web.Response:
        try:
            fault = faults.parse(await read_object(request))
        except BadFault as error:
            raise ControlError(400, str(error)) from error
        if fault.where == "gateway":
            self._stage.gateway.strike(fault)
        else:
            self._stage.faults.arm(fault)
        return web.json_response({"armed": True})

    async def disarm(self, _: web.Request) -> web.Response:
        self._stage.faults.disarm()
        self._stage.gateway.relent()
        return web.json_response({"armed": False})

    async def advance(self, request: web.Request) -> web.Response:
        seconds = _positive((await read_object(request)).get("advance"), "advance")
        self._state.timer.advance(min(seconds, FARTHEST_ADVANCE_SECONDS))
        return web.json_response({"now": iso(self._state.timer.now())})

    async def set_limits(self, request: web.Request) -> web.Response:
        body, limits = await read_object(request), self._stage.limits
        if "messages" in body:
            limits.messages = _rate(body["messages"], "messages")
        if "old_edits" in body:
            limits.old_edits = _rate(body["old_edits"], "old_edits")
        if "global" in body:
            limits.global_requests = int(_positive(body["global"], "global"))
        if "nonce_seconds" in body:
            limits.nonce_seconds = _positive(body["nonce_seconds"], "nonce_seconds")
        shown = {
            "messages": [limits.messages.requests, limits.messages.seconds],
            "global": limits.global_requests,
            "nonce_seconds": limits.nonce_seconds,
            "old_edits": [limits.old_edits.requests, limits.old_edits.seconds],
        }
        return web.json_response(shown)

    async def set_roles(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        member = self._state.member(guild["id"], request.match_info["user"])
        roles = (await read_object(request)).get("roles")
        known = {each["id"] for each in guild["roles"]} - {guild["id"]}
        if not isinstance(roles, list) or not {str(each) for each in roles} <= known:
            raise ControlError(400, "'roles' must be a list of role ids of this guild")
        member["roles"] = [str(each) for each in roles]
        self._stage.member_changed(guild["id"], member)
        return web.json_response(member)

    async def create_channel(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        body = await read_object(request)
        name, kind = str(body.get("name") or "").strip(), body.get("type", TEXT)
        if not 1 <= len(name) <= NAME_LENGTH or kind not in CHANNEL_KINDS:
            raise ControlError(400, f"a channel needs a 'name' of 1 to {NAME_LENGTH} characters")
        channel = world.add_channel(
            self._state, guild, channel_id=self._state.ids.fresh(), name=name, kind=kind
        )
        self._stage.channel_changed("created", channel)
        return web.json_response(channel)

    async def set_overwrites(self, request: web.Request) -> web.Response:
        channel = self._guild_channel(request)
        listed = (await read_object(request)).get("overwrites")
        if not isinstance(listed, list):
            raise ControlError(400, "'overwrites' must be a list")
        channel["permission_overwrites"] = [_overwrite(each) for each in listed]
        self._stage.channel_changed("updated", channel)
        return web.json_response(channel)

    async def delete_channel(self, request: web.Request) -> web.Response:
        channel = self._state.drop_channel(self._guild_channel(request)["id"])
        self._stage.channel_changed("deleted", channel)
        return web.json_response(channel)

    def _guild_channel(self, request: web.Request) -> Json:
        channel = self._state.channel(request.match_info["channel"])
        if "guild_id" not in channel:
            raise ControlError(400, "that is no channel of a guild")
        return channel

    def _market(self) -> MarketControl:
        if self._stage.market is None:
            raise ControlError(404, "the host program has no market clock to turn")
        return self._stage.market


def _positive(value: Any, name: str) -> float:
    number = float(value) if isinstance(value, int | float) else math.nan
    if not 0 < number < math.inf:
        raise ControlError(400, f"{name!r} must be a positive number")
    return number


def _rate(value: Any, name: str) -> Rate:
    if not isinstance(value, list) or len(value) != 2:
        raise ControlError(400, f"{name!r} must be [requests, seconds]")
    return Rate(requests=int(_positive(value[0], name)), seconds=_positive(value[1], name))


def _overwrite(given: Any) -> Json:
    try:
        kind = int(given.get("type", 0))
        allow, deny = int(given.get("allow") or 0), int(given.get("deny") or 0)
        return world.overwrite(str(int(given["id"])), kind=kind, allow=allow, deny=deny)
    except (AttributeError, KeyError, TypeError, ValueError):
        message = "an overwrite is {id, type: 0 role or 1 member, allow, deny}"
        raise ControlError(400, message) from None
