"""The playground: a wire-level Discord on loopback, with a page to look at it.

The unmodified discord.py client of the real program connects here instead of to Discord, so the
demo, the tests of the whole program and the bench for faults all run the code that production
runs.
"""

from pathlib import Path
from typing import Final

from aiohttp import web

from bot.playground import files, world
from bot.playground.audience import Audience
from bot.playground.calls import Route
from bot.playground.commands import Commands
from bot.playground.control import Control
from bot.playground.door import API, Door, unknown_route
from bot.playground.gateway import Gateway
from bot.playground.ids import Ids
from bot.playground.interactions import Interactions
from bot.playground.limits import Limits
from bot.playground.log import Log
from bot.playground.market import MarketControl
from bot.playground.origins import is_loopback, only_from_here
from bot.playground.rest_account import Account
from bot.playground.rest_commands import CommandRoutes
from bot.playground.rest_feeds import Feeds
from bot.playground.rest_guilds import Guilds
from bot.playground.rest_interactions import Answers
from bot.playground.rest_messages import Messages
from bot.playground.rest_webhooks import Webhooks
from bot.playground.rules import REQUEST_BYTES
from bot.playground.stage import Stage
from bot.playground.state import State
from bot.playground.timing import Timer

TOKEN: Final = "playground-token"  # noqa: S105 (opens nothing but this server on loopback)
SEED = 1
PAGE = Path(__file__).parent / "page"
GATEWAY_PATHS = ("/gateway", "/gateway/")
STOP_SECONDS = 1.0
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class Playground:
    """The server.

    >>> playground = Playground()
    >>> await playground.start()
    >>> playground.url
    'http://127.0.0.1:41234/'
    >>> await playground.stop()

    `synthetic` is a notice about invented data that the page shows, "" for none. Raises
    ValueError for a host that is not loopback.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str = TOKEN,
        seed: int = SEED,
        synthetic: str = "",
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"the playground listens on loopback only, not on {host!r}")
        self.token = token
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        timer = Timer()
        state = State(timer=timer, ids=Ids(timer, seed=seed))
        world.furnish(state)
        gateway = Gateway(state, token=token)
        audience = Audience(state)
        self._stage = Stage(
            state=state,
            gateway=gateway,
            audience=audience,
            commands=Commands(state),
            interactions=Interactions(state, gateway, audience=audience),
        )
        self._control = Control(self._stage, synthetic=synthetic)
        gateway.on_change = self._bot_changed

    @property
    def url(self) -> str:
        """The page."""
        return f"http://{self._authority}/"

    @property
    def api_base(self) -> str:
        """For `discord.http.Route.BASE`."""
        return f"http://{self._authority}{API}"

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`."""
        return f"ws://{self._authority}{GATEWAY_PATHS[0]}"

    @property
    def cdn_base(self) -> str:
        """For `discord.asset.Asset.BASE`."""
        return f"http://{self._authority}/cdn"

    @property
    def log(self) -> Log:
        """The requests of the bot and the rules it broke."""
        return self._stage.log

    @property
    def identifies(self) -> int:
        """How often a client has identified (Discord allows 1,000 a day)."""
        return self._stage.gateway.starts.identifies

    @property
    def interactions(self) -> Interactions:
        """What members did with the bot."""
        return self._stage.interactions

    @property
    def limits(self) -> Limits:
        """The rate limits that hold; change their attributes to change them."""
        return self._stage.limits

    @property
    def market(self) -> MarketControl | None:
        """The host program's market clock."""
        return self._stage.market

    @market.setter
    def market(self, control: MarketControl | None) -> None:
        self._stage.market = control

    async def market_changed(self) -> None:
        """Tell the pages the market's state."""
        if self._stage.market is not None:
            self._stage.audience.tell("market", await self._stage.market.status())

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=2 * REQUEST_BYTES, middlewares=[only_from_here])
        app.add_routes(self._routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = int(runner.addresses[0][1])
        self._stage.state.base_url = f"http://{self._authority}"
        self._stage.gateway.url = self.gateway_url

    async def stop(self) -> None:
        """Close all connections and stop listening; harmless when not running."""
        if self._runner is None:
            return
        self._stage.interactions.close()
        self._stage.gateway.close()
        self._stage.audience.close()
        await self._runner.cleanup()
        self._runner = None

    @property
    def _authority(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    def _bot_changed(self) -> None:
        self._stage.audience.tell("bot", {"connected": self._stage.gateway.connected})

    def _routes(self) -> list[web.RouteDef]:
        door, stage = Door(self._stage, token=self.token), self._stage
        handlers: list[Route] = []
        for part in (Account, Guilds, Messages, Feeds, CommandRoutes, Answers, Webhooks):
            handlers += part(stage).routes()
        rest = [
            web.route(method, API + template, door.guard(template, handler))
            for method, template, handler in handlers
        ]
        rest.append(web.route("*", API + "/{rest:.*}", door.guard("/{rest}", unknown_route)))
        return [
            *rest,
            *(web.get(path, stage.gateway.handle) for path in GATEWAY_PATHS),
            *self._control.routes(),
            web.get("/cdn/attachments/{channel}/{attachment}/{name}", self._attachment),
            web.get(r"/cdn/embed/avatars/{number:\d+}.png", _avatar),
            web.get("/", _index),
            web.get("/page/{file}", _page_file),
        ]

    async def _attachment(self, request: web.Request) -> web.Response:
        stored = self._stage.state.files.find(request.match_info["attachment"])
        if stored is None:
            raise web.HTTPNotFound
        headers = {
            "Content-Type": stored.content_type,
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=stored.data, headers=headers)


async def _avatar(request: web.Request) -> web.Response:
    body = files.default_avatar(int(request.match_info["number"][:3]))
    return web.Response(body=body, content_type="image/png")


async def _index(_: web.Request) -> web.StreamResponse:
    return _file("index.html")


async def _page_file(request: web.Request) -> web.StreamResponse:
    return _file(request.match_info["file"])


def _file(name: str) -> web.StreamResponse:
    """A file of the page; names with a path in them find nothing."""
    path = PAGE / name
    if path.parent != PAGE or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers=PAGE_HEADERS)
