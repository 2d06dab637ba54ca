"""The files of messages, kept in memory and served under /cdn as Discord's CDN does."""

import mimetypes
import struct
import zlib
from collections import OrderedDict
from dataclasses import dataclass

from bot.playground.calls import Json

CAPACITY_BYTES = 256 * 2**20  # all files together; the oldest go first
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
AVATAR_COLOURS = (0x5865F2, 0x747F8D, 0x43B581, 0xFAA61A, 0xF04747, 0xEB459E)
AVATAR_PIXELS = 64


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    filename: str
    content_type: str
    data: bytes


class Files:
    """Stored files by attachment id."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._bytes = 0

    def add(self, attachment_id: str, stored: StoredFile) -> None:
        self._files[attachment_id] = stored
        self._bytes += len(stored.data)
        while self._bytes > CAPACITY_BYTES and len(self._files) > 1:
            _, oldest = self._files.popitem(last=False)
            self._bytes -= len(oldest.data)

    def find(self, attachment_id: str) -> StoredFile | None:
        return self._files.get(attachment_id)

    def discard(self, attachment_id: str) -> None:
        stored = self._files.pop(attachment_id, None)
        if stored is not None:
            self._bytes -= len(stored.data)


def attachment(stored: StoredFile, *, attachment_id: str, url: str) -> Json:
    """Discord's attachment object for a stored file; pictures carry their size in pixels."""
    described: Json = {
        "id": attachment_id,
        "filename": stored.filename,
        "size": len(stored.data),
        "url": url,
        "proxy_url": url,
        "content_type": stored.content_type,
    }
    pixels = png_pixels(stored.data)
    if pixels is not None:
        described["width"], described["height"] = pixels
    return described


def content_type_of(filename: str) -> str:
    guessed, _ = mimetypes.guess_type(filename)
    return guessed or "application/octet-stream"


def png_pixels(data: bytes) -> tuple[int, int] | None:
    """Width and height from a PNG's first chunk, or None for anything else."""
    if len(data) < 24 or not data.startswith(PNG_SIGNATURE) or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def default_avatar(number: int) -> bytes:
    """A plain square PNG for people without a picture, as `/embed/avatars/{number}.png`."""
    colour = AVATAR_COLOURS[number % len(AVATAR_COLOURS)].to_bytes(3)
    rows = (b"\x00" + colour * AVATAR_PIXELS) * AVATAR_PIXELS
    header = struct.pack(">IIBBBBB", AVATAR_PIXELS, AVATAR_PIXELS, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return PNG_SIGNATURE + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
