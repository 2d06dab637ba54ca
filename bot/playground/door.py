"""The door of the REST API: faults, token, rate limits, reading, writing, the log.

Behind it the handlers are plain functions. discord.py takes a 429 without `Via` for a ban and
compares Content-Type with exactly `application/json`; both are so at Discord.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web

from bot.playground import refusals
from bot.playground.calls import Call, Handler, Json, Reply, Upload
from bot.playground.faults import Fault
from bot.playground.log import Exchange
from bot.playground.refusals import Problem, Refusal
from bot.playground.rules import FILE_BYTES, REQUEST_BYTES
from bot.playground.stage import Stage

API = "/api/v10"
BY_TOKEN = re.compile(r"/(interactions|webhooks)/\d+/[^/]+")
MAJOR = ("channel", "guild", "webhook")
UPLOAD_NAME = re.compile(r"files\[(\w+)\]")
WebHandler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Lets requests of the bot in."""

    def __init__(self, stage: Stage, *, token: str) -> None:
        self._stage = stage
        self._token = token

    def guard(self, template: str, handler: Handler) -> WebHandler:
        """The web handler of one route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(API)
            fault = self._stage.faults.strike("rest", method=request.method, path=path)
            if fault is None:
                return self._answer(await self._carry_out(request, template, handler))
            return await self._struck(request, template, handler, fault=fault)

        return handle

    async def _struck(
        self, request: web.Request, template: str, handler: Handler, *, fault: Fault
    ) -> web.StreamResponse:
        if fault.act == "cut_before":
            return _cut(request)
        if fault.act == "status":
            return self._answer(await self._refused(request, template, fault))
        if fault.act == "delay":
            await asyncio.sleep(fault.seconds)
        answer = await self._carry_out(request, template, handler)
        if fault.act == "cut_after":
            return _cut(request)
        if fault.act == "garbage":
            headers = {"Content-Type": "text/html"}
            return web.Response(body=b"<html>\x00 no JSON here", headers=headers)
        return self._answer(answer)

    async def _refused(
        self, request: web.Request, template: str, fault: Fault
    ) -> tuple[Exchange, dict[str, str]]:
        retry_after = fault.seconds or 1.0 if fault.status == 429 else None
        refusal = Refusal(
            fault.status, fault.code, message="A fault was asked for", retry_after=retry_after
        )

        def refuse(_: Call) -> Reply:
            raise refusal

        return await self._carry_out(request, template, refuse)

    async def _carry_out(
        self, request: web.Request, template: str, handler: Handler
    ) -> tuple[Exchange, dict[str, str]]:
        """Run one request to its answer and write it into the log."""
        stage, now = self._stage, self._stage.state.timer.now()
        path = request.path.removeprefix(API)
        headers: dict[str, str] = {}
        body: Any = None
        try:
            body, uploads = await _read(request)
            self._authorize(request, path)
            headers = self._limited(request, template)
            call = Call(
                method=request.method,
                path=path,
                part=request.match_info,
                query=request.query,
                body=body,
                uploads=uploads,
            )
            reply = handler(call)
        except Refusal as refusal:
            reply = Reply(body=refusal.body(), status=refusal.status)
            headers = refusal_headers(refusal, headers)
        exchange = Exchange(
            n=stage.log.total + 1,
            moment=now,
            method=request.method,
            path=path,
            body=body,
            multipart=request.content_type == "multipart/form-data",
            status=reply.status,
            response=b"" if reply.status == 204 else json.dumps(reply.body).encode(),
        )
        stage.log.add(exchange)
        return exchange, headers

    def _authorize(self, request: web.Request, path: str) -> None:
        if BY_TOKEN.match(path):
            return
        if request.headers.get("Authorization") != f"Bot {self._token}":
            raise refusals.unauthorized()

    def _limited(self, request: web.Request, template: str) -> dict[str, str]:
        major = "".join(request.match_info.get(name, "") for name in MAJOR)
        major += request.match_info.get("token", "")
        now = self._stage.state.timer.now()
        verdict = self._stage.limits.check(request.method, template, major=major, now=now)
        if verdict.retry_after is None:
            return verdict.headers
        raise LimitReached(
            verdict.headers, retry_after=verdict.retry_after, everywhere=verdict.everywhere
        )

    def _answer(self, answered: tuple[Exchange, dict[str, str]]) -> web.Response:
        exchange, headers = answered
        if exchange.status == 204:
            return web.Response(status=204, headers=headers)
        headers = headers | {"Content-Type": "application/json"}
        return web.Response(status=exchange.status, body=exchange.response, headers=headers)


class LimitReached(Refusal):
    """A 429 with the headers that tell the client how long to wait."""

    def __init__(self, headers: dict[str, str], *, retry_after: float, everywhere: bool) -> None:
        super().__init__(429, 0, message="You are being rate limited.", retry_after=retry_after)
        self.headers = headers
        self.everywhere = everywhere

    def body(self) -> Json:
        return {
            "message": self.message,
            "retry_after": self.retry_after,
            "global": self.everywhere,
        }


def refusal_headers(refusal: Refusal, headers: dict[str, str]) -> dict[str, str]:
    told = dict(headers) or {"Via": "1.1 playground"}
    if refusal.retry_after is None:
        return told
    told |= {"Retry-After": str(max(1, round(refusal.retry_after))), "X-RateLimit-Scope": "user"}
    if isinstance(refusal, LimitReached):
        told |= refusal.headers
        if refusal.everywhere:
            told["X-RateLimit-Scope"] = "global"
    return told


def unknown_route(call: Call) -> Reply:
    raise Refusal(404, 0, message="404: Not Found")


async def _read(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    if not request.can_read_body:
        return None, ()
    return _parse(await request.read()), ()


async def _read_multipart(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    body: Any = {}
    uploads: list[Upload] = []
    received = 0
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader):
            continue
        data = bytes(await part.read())
        received += len(data)
        name = part.name or ""
        if name == "payload_json":
            body = _parse(data)
        elif found := UPLOAD_NAME.fullmatch(name):
            filename = part.filename or "file"
            uploads.append(Upload(key=found.group(1), filename=filename, data=data))
        if len(data) > FILE_BYTES or received > REQUEST_BYTES:
            raise Refusal(413, 40005, message="Request entity too large")
    return body, tuple(uploads)


def _parse(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        raise Refusal(400, 50109, message="The request body contains invalid JSON.") from None


def require_object(call: Call) -> Json:
    """The body as an object. Raises Refusal for anything else."""
    if not isinstance(call.body, dict):
        problem = Problem(
            path="", code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType"
        )
        raise refusals.invalid_form(problem)
    return call.body


def _cut(request: web.Request) -> web.Response:
    """Break the connection; the answer given back reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
