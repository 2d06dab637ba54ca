"""The public board: what was seen today, what is followed up, breadth, setups, the scorecard.

Read-only. Pages are composed of the same answers as commands, kept for a minute, and at most two
are being composed at a time, so that visitors cost the alerts nothing. No page asks anything of
anybody else, and none runs a script.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.cards.model import Picture
from bot.errors import DataError, RetryableError, UserError
from bot.services import Services
from bot.web.board_pages import Composer, Page
from bot.web.templates import render

KEPT_SECONDS = 60.0
MOST_PAGES, MOST_PICTURES = 200, 400
AT_ONCE = 2
"""Pages composed at the same time."""
WAITING = 16
"""Visitors who wait for a page to be composed; more are asked to come back."""
FILES = Path(__file__).parent / "pages"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
THEMES = ("dark", "light")
COOKIE = "highwater-theme"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class _Kept:
    page: Page
    until: float


class Busy(RetryableError):
    """Too many pages are being composed."""


class Board:
    """Serves `/board` and what lies below it."""

    def __init__(self, services: Services) -> None:
        self._composer = Composer(services)
        self._pages: OrderedDict[str, _Kept] = OrderedDict()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting = 0

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/", self._root),
            web.get("/board", self._board),
            web.get("/board/symbol", self._search),
            web.get("/board/symbol/{symbol}", self._symbol),
            web.get("/board/picture/{name:[0-9a-f]{24}}.png", self._picture),
            web.get("/board/theme/{theme:dark|light}", self._theme),
            web.get("/board/board.css", _file("board.css", "text/css")),
            web.get("/board/mark.svg", _file("mark.svg", "image/svg+xml")),
        ]

    async def _root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/board")

    async def _board(self, request: web.Request) -> web.Response:
        return await self._answer(request, "", self._composer.board)

    async def _search(self, request: web.Request) -> web.StreamResponse:
        wanted = request.query.get("q", "").strip()[:40] or "-"
        raise web.HTTPFound(f"/board/symbol/{quote(wanted, safe='')}")

    async def _symbol(self, request: web.Request) -> web.Response:
        wanted = request.match_info["symbol"]
        return await self._answer(
            request, wanted.upper()[:40], lambda: self._composer.symbol(wanted)
        )

    async def _answer(
        self, request: web.Request, key: str, compose: Callable[[], Awaitable[Page]]
    ) -> web.Response:
        status = 200
        try:
            page = await self._kept(key, compose)
        except UserError as error:
            status, page = 404, self._composer.trouble("Not here", str(error))
        except (DataError, RetryableError) as error:
            status, page = 503, self._composer.trouble("Not now", str(error))
        theme = request.cookies.get(COOKIE, THEMES[0])
        theme = theme if theme in THEMES else THEMES[0]
        text = render(page, theme=theme, address=self._address)
        return _cached(request, text.encode(), "text/html", status=status)

    async def _kept(self, key: str, compose: Callable[[], Awaitable[Page]]) -> Page:
        """The page as composed within the last minute, by one visitor for all."""
        now = asyncio.get_running_loop().time
        kept = self._pages.get(key)
        if kept is not None and now() < kept.until:
            return kept.page
        if self._waiting >= WAITING:
            raise Busy("Many visitors are here at once. Try again in a minute.")
        self._waiting += 1
        try:
            async with self._locks.setdefault(key, asyncio.Lock()), self._turns:
                kept = self._pages.get(key)
                if kept is None or now() >= kept.until:
                    kept = _Kept(page=await compose(), until=now() + KEPT_SECONDS)
                    self._pages[key] = kept
                    self._pages.move_to_end(key)
                while len(self._pages) > MOST_PAGES:
                    self._pages.popitem(last=False)
                return kept.page
        finally:
            self._waiting -= 1
            self._locks.pop(key, None)

    def _address(self, picture: Picture) -> str:
        """Where the picture can be fetched while it is remembered."""
        name = hashlib.sha256(picture.png).hexdigest()[:24]
        self._pictures[name] = picture.png
        self._pictures.move_to_end(name)
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)
        return f"/board/picture/{name}.png"

    async def _picture(self, request: web.Request) -> web.Response:
        png = self._pictures.get(request.match_info["name"])
        if png is None:
            raise web.HTTPNotFound(text="This picture is not kept any more; reload its page.")
        return _cached(request, png, "image/png", seconds=A_YEAR)

    async def _theme(self, request: web.Request) -> web.StreamResponse:
        answer = web.HTTPFound("/board")
        answer.set_cookie(
            COOKIE, request.match_info["theme"], max_age=A_YEAR, httponly=True, samesite="Lax"
        )
        raise answer


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    data = (FILES / name).read_bytes()

    async def serve(request: web.Request) -> web.Response:
        return _cached(request, data, kind, seconds=3600)

    return serve


def _cached(
    request: web.Request, body: bytes, kind: str, *, status: int = 200, seconds: int = 60
) -> web.Response:
    """With an entity tag, so that a visitor who has it already is sent nothing."""
    tag = hashlib.sha256(body).hexdigest()[:24]
    headers = {
        **HEADERS,
        "Cache-Control": f"private, max-age={seconds}" if status == 200 else "no-store",
        "ETag": f'"{tag}"',
        "Vary": "Cookie",
    }
    if status == 200 and tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    charset = None if kind == "image/png" else "utf-8"
    return web.Response(
        body=body, status=status, headers=headers, content_type=kind, charset=charset
    )
