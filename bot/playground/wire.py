"""One gateway connection: a queue of payloads, written in order, compressed as the client asked.

Payloads are queued without waiting, so a slow or dead client never holds up a change of the world.
"""

import asyncio
import json
import sys
import zlib
from collections.abc import Callable
from typing import Any, TypeAlias

from aiohttp import web

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    import zstandard

Encoder: TypeAlias = Callable[[bytes], bytes]
QUEUED = 20_000  # payloads; a client that lags further behind is cut off


def zlib_stream() -> Encoder:
    compressor = zlib.compressobj()
    return lambda data: compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)


def zstd_stream() -> Encoder:
    if sys.version_info >= (3, 14):
        stream = zstd.ZstdCompressor()
        return lambda data: stream.compress(data, mode=zstd.ZstdCompressor.FLUSH_BLOCK)
    compressor = zstandard.ZstdCompressor().compressobj()

    def encode(data: bytes) -> bytes:
        head = compressor.compress(data)
        return bytes(head + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    return encode


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "zlib-stream": zlib_stream,
    "zstd-stream": zstd_stream,
}


def encode(
    opcode: int, data: Any = None, *, event: str | None = None, seq: int | None = None
) -> bytes:
    """A gateway payload."""
    payload = {"op": opcode, "d": data, "t": event, "s": seq}
    return json.dumps(payload, separators=(",", ":")).encode()


class Link:
    """A connection of the bot."""

    def __init__(self, socket: web.WebSocketResponse, *, compression: str) -> None:
        self.socket = socket
        self.held_until = 0.0  # loop time before which no dispatch goes out
        self._encode = ENCODERS[compression]() if compression in ENCODERS else None
        self._queue: asyncio.Queue[bytes | int | None] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None

    def attach(self, transport: Any) -> None:
        self._transport = transport

    def send(self, opcode: int, data: Any = None, *, event: str | None = None) -> None:
        self.send_encoded(encode(opcode, data, event=event))

    def send_encoded(self, payload: bytes) -> None:
        self._queue.put_nowait(payload)
        if self._queue.qsize() > QUEUED:
            self.cut()

    def close(self, code: int) -> None:
        """Close with a code, after all that is queued."""
        self._queue.put_nowait(code)

    def finish(self) -> None:
        """End the writer; nothing can be sent any more."""
        self._queue.put_nowait(None)

    def cut(self) -> None:
        """Break the connection without a word."""
        if self._transport is not None:
            self._transport.abort()
        self.finish()

    async def write(self) -> None:
        """Send what is queued until the connection ends."""
        loop = asyncio.get_running_loop()
        while (item := await self._queue.get()) is not None:
            if isinstance(item, int):
                await self.socket.close(code=item)
                return
            if self.held_until > loop.time():
                await asyncio.sleep(self.held_until - loop.time())
            try:
                if self._encode is None:
                    await self.socket.send_str(item.decode())
                else:
                    await self.socket.send_bytes(self._encode(item))
            except ConnectionError:
                return
