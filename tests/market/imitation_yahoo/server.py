"""The imitation itself: a TLS server for every host, and the proxy that leads to it."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.market.sources.door import Network
from tests.market.imitation_yahoo import answers, certificate, nasdaq
from tests.market.imitation_yahoo.faults import TEXTS, Failure, Faults
from tests.market.imitation_yahoo.prices import Listing
from tests.market.imitation_yahoo.streamer import Streamer

CRUMB = "iMiTaTi0n"
COOKIE = "d=imitation&S=imitation"
CONSENT = (
    '<html><form method="post"><input type="hidden" name="csrfToken" value="token">'
    '<input type="hidden" name="sessionId" value="session"></form></html>'
)
NEEDS_CRUMB = ("/v7/", "/v10/", "/v1/finance/screener")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that reached the server."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    cookies: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(kw_only=True)
class World:
    """What the imitation knows: the present moment, its listings, recorded charts as bytes."""

    now: datetime
    listings: dict[str, Listing] = field(default_factory=dict)
    nasdaq: dict[str, Listing] = field(default_factory=dict)
    recorded: dict[str, bytes] = field(default_factory=dict)
    crumb: str = CRUMB
    searches: int = 0


class ImitationYahoo:
    """Use as a context manager; runs in a thread of its own until it ends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.seen: list[Seen] = []
        self._certificate, self._tls = certificate.make()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="imitation")
        self.streamer = Streamer(self._loop)
        self._released = asyncio.Event()
        self._tunnels: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._port = self._proxy_port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self._proxy_port}"

    def network(self, *, timeout: float = 5.0) -> Network:
        """The way in for a source."""
        return Network(proxy=self.proxy, certificates=self._certificate, timeout=timeout)

    def count(self, path: str = "/") -> int:
        """How many requests for data with that beginning have arrived."""
        return sum(request.path.startswith(path) for request in self.data_requests())

    def data_requests(self) -> Iterator[Seen]:
        """The requests without those for cookie and crumb."""
        for request in tuple(self.seen):
            formality = "getcrumb" in request.path or "onsent" in request.path
            if not formality and request.path != "/":
                yield request

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._proxy = await asyncio.start_server(self._tunnel, "127.0.0.1", 0)
        self._proxy_port = self._proxy.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._released.set()
        self._proxy.close()
        for writer in tuple(self._tunnels.values()):
            writer.transport.abort()
        await asyncio.gather(*self._tunnels)
        await self._runner.cleanup()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tunnels[task] = writer
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                inside = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await asyncio.gather(copy(reader, inside[1]), copy(inside[0], writer))
        finally:
            writer.close()
            del self._tunnels[task]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        seen = Seen(
            method=request.method,
            host=request.host,
            path=request.path,
            query=dict(request.query),
            cookies=dict(request.cookies),
            headers=dict(request.headers),
            body=json.loads(text) if text.startswith("{") else text,
        )
        self.seen.append(seen)
        fault = self.faults.next_for(request.path)
        if fault is not None:
            return await self._fail(request, fault.failure, fault.retry_after)
        if request.host == "streamer.finance.yahoo.com":
            return await self.streamer.serve(request)
        if seen.path.startswith(NEEDS_CRUMB) and seen.query.get("crumb") != self.world.crumb:
            return await self._fail(request, Failure.BAD_CRUMB, None)
        return self._answer(seen)

    def _answer(self, seen: Seen) -> web.Response:
        handlers: dict[str, Callable[[Seen], web.Response]] = {
            "fc.yahoo.com": cookie,
            "guce.yahoo.com": consent,
            "consent.yahoo.com": consent,
            "api.nasdaq.com": self._nasdaq,
        }
        return handlers.get(seen.host, self._data)(seen)

    def _data(self, seen: Seen) -> web.Response:
        world, listings = self.world, self.world.listings
        symbol = seen.path.rsplit("/", 1)[-1]
        if seen.path == "/v1/test/getcrumb":
            return web.Response(text=world.crumb)
        if seen.path.startswith("/v8/finance/chart/") and symbol in world.recorded:
            return web.Response(body=world.recorded[symbol], content_type="application/json")
        if seen.path.startswith("/v8/finance/chart/"):
            return reply(*answers.chart(listings.get(symbol), seen.query, world.now))
        if seen.path == "/v7/finance/quote":
            asked = seen.query["symbols"].split(",")[:99]
            known = [listings[symbol] for symbol in asked if symbol in listings]
            return reply(200, answers.quotes(known, world.now))
        if seen.path.startswith("/v10/finance/quoteSummary/"):
            return reply(*answers.summary(listings.get(symbol), symbol))
        if seen.path == "/v1/finance/screener":
            body = seen.body
            kind = [item for item in listings.values() if item.kind == body["quoteType"]]
            return reply(200, answers.page(kind, body["offset"], body["size"], world.now))
        if seen.path == "/xhr/ncp":
            config = seen.body["serviceConfig"]
            return reply(200, answers.news(config["s"][0], config["snippetCount"], world.now))
        if seen.path == "/v1/finance/search":
            world.searches += 1
            found = answers.search(seen.query["q"], list(listings.values()), world.searches)
            return reply(200, found)
        return reply(404, {"finance": {"result": None, "error": answers.NOT_FOUND}})

    def _nasdaq(self, seen: Seen) -> web.Response:
        *_, symbol, part = seen.path.split("/")
        listing = self.world.nasdaq.get(symbol)
        return reply(200, nasdaq.answer(listing, part, seen.query, self.world.now))

    async def _fail(
        self, request: web.Request, failure: Failure, retry_after: int | None
    ) -> web.StreamResponse:
        if failure in TEXTS:
            status, text, content_type = TEXTS[failure]
            headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
            return web.Response(
                status=status, text=text, content_type=content_type, headers=headers
            )
        if failure is Failure.TRUNCATED:
            return await truncated(request)
        if failure is Failure.SILENCE:
            await self._released.wait()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


async def truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"chart":{"result":[{"meta":{"currency":"USD"')
    assert request.transport is not None
    request.transport.abort()
    return response


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def reply(status: int, body: Any) -> web.Response:
    return web.json_response(body, status=status)


def cookie(seen: Seen) -> web.Response:
    """fc.yahoo.com: not found, and a cookie all the same."""
    response = web.Response(status=404)
    response.headers["Set-Cookie"] = (
        f"A3={COOKIE}; Max-Age=31557600; Domain=.yahoo.com; Path=/; SameSite=None; Secure"
    )
    return response


def consent(seen: Seen) -> web.Response:
    return web.Response(text=CONSENT, content_type="text/html")
