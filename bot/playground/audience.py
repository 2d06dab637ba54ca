"""The people who watch: control connections, each with the eyes of one member."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import web

from bot.playground.calls import Json
from bot.playground.state import Entry, State

QUEUED = 10_000  # events; a page that lags further behind must load anew


class Viewer:
    """One control connection."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.events: asyncio.Queue[Json | None] = asyncio.Queue()


class Audience:
    """Sends each event to those who may see it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._viewers: set[Viewer] = set()

    def tell(self, kind: str, data: Json, *, only: str | None = None) -> None:
        """An event for everyone, or for one member alone."""
        self._send(kind, data, lambda viewer: only is None or viewer.user_id == only)

    def tell_message(self, kind: str, entry: Entry, *, data: Json | None = None) -> None:
        """Something happened to a message; `data` where it is not the message itself."""
        channel = self._state.channels.get(entry.channel_id)
        if channel is None:
            return
        self._send(
            kind,
            entry.message if data is None else data,
            lambda viewer: (
                not entry.hidden_from(viewer.user_id)
                and self._state.may_view(channel, viewer.user_id)
            ),
        )

    def close(self) -> None:
        for viewer in self._viewers:
            viewer.events.put_nowait(None)

    async def handle(
        self, request: web.Request, *, user_id: str, first: Json
    ) -> web.WebSocketResponse:
        """Stream events to one control connection until it ends."""
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        viewer = Viewer(user_id)
        viewer.events.put_nowait(first)
        self._viewers.add(viewer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_write(socket, viewer))
                async for _ in socket:
                    pass  # the page only listens; reading notices the end
                viewer.events.put_nowait(None)
        finally:
            self._viewers.discard(viewer)
        return socket

    def _send(self, kind: str, data: Json, sees: Callable[[Viewer], bool]) -> None:
        for viewer in self._viewers:
            if sees(viewer):
                viewer.events.put_nowait({"type": kind, "data": data})
                if viewer.events.qsize() > QUEUED:
                    viewer.events.put_nowait(None)


async def _write(socket: web.WebSocketResponse, viewer: Viewer) -> None:
    while (event := await viewer.events.get()) is not None:
        try:
            await socket.send_str(json.dumps(event))
        except ConnectionError:
            return
    await socket.close(code=1001)
