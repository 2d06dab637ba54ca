"""The program's HTTP server: `/healthz`, `/readyz`, `/metrics`, and the board where it is on."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from bot.web.health import Report
from bot.web.metrics import exposition

log = logging.getLogger(__name__)

TEXT = "text/plain; version=0.0.4; charset=utf-8"
STOP_SECONDS = 1.0

Look = Callable[[], Awaitable[Report]]


class HealthServer:
    """Serves what `look` reports, and `routes`. A port that is taken costs the pages only."""

    def __init__(
        self,
        look: Look,
        *,
        port: int,
        host: str = "127.0.0.1",
        routes: Sequence[web.RouteDef] = (),
    ) -> None:
        self._look = look
        self._routes = routes
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
                *self._routes,
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            log.warning("no health page on port %d: %s", self._port, error.strerror)
            await runner.cleanup()
            return
        self._runner = runner
        port = runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        log.info("health, metrics%s at %s", " and the board" if self._routes else "", self.url)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        """200 while everything makes progress, else 503, with the reasons."""
        found = (await self._look()).complaints()
        return _answer({"status": "failing" if found else "ok", "reasons": found}, bad=bool(found))

    async def _ready(self, request: web.Request) -> web.Response:
        """200 once every part of this process works."""
        missing = (await self._look()).missing()
        return _answer({"ready": not missing, "missing": missing}, bad=bool(missing))

    async def _metrics(self, request: web.Request) -> web.Response:
        text = exposition(await self._look())
        return web.Response(body=text, headers={"Content-Type": TEXT})


def _answer(body: dict[str, object], *, bad: bool) -> web.Response:
    return web.Response(
        text=json.dumps(body), status=503 if bad else 200, content_type="application/json"
    )
