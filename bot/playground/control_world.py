"""Control requests about the world around the bot: market, faults, limits, time."""

import math
from typing import Any

from aiohttp import web

from bot.playground import faults
from bot.playground.control_requests import ControlError, ControlHandler, read_object
from bot.playground.faults import BadFault
from bot.playground.limits import Rate
from bot.playground.market import MarketControl
from bot.playground.stage import Stage
from bot.playground.timing import iso

ACTIONS = ("play", "pause", "step", "speed")
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
        starts = self._stage.gateway.starts
        if "messages" in body:
            limits.messages = _rate(body["messages"], "messages")
        if "old_edits" in body:
            limits.old_edits = _rate(body["old_edits"], "old_edits")
        if "crossposts" in body:
            limits.crossposts = _rate(body["crossposts"], "crossposts")
        if "published_edits" in body:
            limits.published_edits = _rate(body["published_edits"], "published_edits")
        if "global" in body:
            limits.global_requests = int(_positive(body["global"], "global"))
        if "nonce_seconds" in body:
            limits.nonce_seconds = _positive(body["nonce_seconds"], "nonce_seconds")
        if "identify_seconds" in body:
            starts.apart = _positive(body["identify_seconds"], "identify_seconds")
        if "max_concurrency" in body:
            starts.max_concurrency = math.ceil(
                _positive(body["max_concurrency"], "max_concurrency")
            )
        if "shards" in body:
            starts.shards = math.ceil(_positive(body["shards"], "shards"))
        shown = {
            "messages": [limits.messages.requests, limits.messages.seconds],
            "global": limits.global_requests,
            "nonce_seconds": limits.nonce_seconds,
            "old_edits": [limits.old_edits.requests, limits.old_edits.seconds],
            "crossposts": [limits.crossposts.requests, limits.crossposts.seconds],
            "published_edits": [limits.published_edits.requests, limits.published_edits.seconds],
            "identify_seconds": starts.apart,
            "max_concurrency": starts.max_concurrency,
            "shards": starts.shards,
        }
        return web.json_response(shown)

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
