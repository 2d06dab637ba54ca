"""Yahoo's streaming socket: protobuf messages in base64 in JSON, encoded by hand."""

import asyncio
import base64
import json
import queue
import struct
from typing import Any

from aiohttp import WSMsgType, web


class Streamer:
    """Sends what the test says to whoever is connected; methods may be called from any thread.

    `heard` holds every message of the clients, in order.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sockets: list[tuple[web.WebSocketResponse, web.Request]] = []
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self.connections = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=0.2)
        await socket.prepare(request)
        self._sockets.append((socket, request))
        self.connections += 1
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.heard.put(json.loads(message.data))
        finally:
            self._sockets.remove((socket, request))
        return socket

    def send(self, *frames: str) -> None:
        """Send text frames to every client."""
        self._run(self._send(frames))

    def close_cleanly(self) -> None:
        self._run(self._close())

    def abort(self) -> None:
        """Cut every connection without a word."""
        self._loop.call_soon_threadsafe(self._abort)

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=5)

    async def _send(self, frames: tuple[str, ...]) -> None:
        for socket, _ in list(self._sockets):
            for frame in frames:
                await socket.send_str(frame)

    async def _close(self) -> None:
        for socket, _ in list(self._sockets):
            await socket.close()

    def _abort(self) -> None:
        for _, request in list(self._sockets):
            if request.transport is not None:
                request.transport.abort()


def frame(
    symbol: str,
    price: float,
    milliseconds: int,
    *,
    market_hours: int = 1,
    high: float = 0.0,
    low: float = 0.0,
    volume: int = 0,
) -> str:
    """A pricing message; fields of 0 are left out, as protobuf does."""
    parts = [text(1, symbol), real(2, price), signed(3, milliseconds), text(5, "PCX")]
    if market_hours:
        parts.append(varint(7 << 3) + varint(market_hours))
    if volume:
        parts.append(signed(9, volume))
    parts += [real(number, value) for number, value in ((10, high), (11, low)) if value]
    message = base64.b64encode(b"".join(parts)).decode()
    return json.dumps({"type": "pricing", "message": message})


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def text(field: int, value: str) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value.encode()


def real(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


def signed(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value << 1 ^ value >> 63)
