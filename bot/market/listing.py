"""The directory in use, brought up to date once a day and swapped as a whole.

The program ships a small directory. Beside a live vendor it adds what Nasdaq Trader lists, one
file of a megabyte fetched at most once a day and kept in the data folder, so that a restart needs
no new one. Whatever goes wrong leaves the directory as it is.
"""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.clock import Clock
from bot.errors import DataError, SourceDown
from bot.market.nasdaq_directory import MOST_CHARACTERS, parse_nasdaq_traded
from bot.market.symbols import Directory

log = logging.getLogger(__name__)

URL = "https://www.nasdaqtrader.com/dynamic/SymDir/nasdaqtraded.txt"
FRESH = timedelta(hours=20)
"""The list is written anew every day."""
LOOK_EVERY = timedelta(hours=1)
"""How often to see whether it is old, and how soon a failed fetch is repeated."""
PATIENCE = aiohttp.ClientTimeout(total=60)
CHUNK = 1 << 16


class Listing:
    """Holds the directory. `file` is where the fetched list is kept; `clock` is everyone's."""

    def __init__(self, shipped: Directory, *, file: Path, clock: Clock, url: str = URL) -> None:
        self._shipped = shipped
        self._file = file
        self._clock = clock
        self._url = url
        self._shown_of: float | None = None
        self.directory = shipped

    async def run_once(self) -> bool:
        """Fetch the list when the kept one is old, show the newest there is; True on a swap.

        Raises SourceDown when it cannot be fetched, DataError when it is not the list; what was
        kept is shown all the same.
        """
        try:
            if await asyncio.to_thread(self._is_old):
                text = await self._fetched()
                await asyncio.to_thread(self._keep, text)
        finally:
            swapped = await asyncio.to_thread(self._show)
        return swapped

    async def refresh(self) -> None:
        """`run_once` for a loop: a list that cannot be had is worth a line in the log."""
        try:
            if await self.run_once():
                log.info("the symbol directory lists %d instruments", len(self.directory))
        except (SourceDown, DataError) as error:
            log.warning("%s", error)

    def _is_old(self) -> bool:
        written = self._written()
        return written is None or self._clock.now().timestamp() - written > FRESH.total_seconds()

    def _written(self) -> float | None:
        try:
            return self._file.stat().st_mtime
        except OSError:
            return None

    async def _fetched(self) -> str:
        """The list's text, checked. Raises SourceDown, DataError."""
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE, trust_env=True) as http,
                http.get(self._url) as answer,
            ):
                if answer.status != 200:
                    raise SourceDown(f"The symbol list is not to be had (HTTP {answer.status}).")
                text = await _limited(answer.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SourceDown(
                f"The symbol list is not to be had ({type(error).__name__})."
            ) from error
        await asyncio.to_thread(parse_nasdaq_traded, text)
        return text

    def _keep(self, text: str) -> None:
        """Written aside and renamed, so that a crash leaves the old list or the new one."""
        aside = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(text, encoding="utf-8")
            aside.replace(self._file)
        except OSError as error:
            raise DataError(f"The symbol list cannot be kept at {self._file}: {error}.") from error

    def _show(self) -> bool:
        written = self._written()
        if written is None or written == self._shown_of:
            return False
        try:
            listed = parse_nasdaq_traded(self._file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, DataError):
            self._file.unlink(missing_ok=True)  # damaged here: the next look fetches it again
            return False
        self.directory = self._shipped.with_instruments(listed)
        self._shown_of = written
        return True


async def _limited(stream: aiohttp.StreamReader) -> str:
    """All text of a body, which must not be endless. Raises DataError."""
    body = bytearray()
    async for chunk in stream.iter_chunked(CHUNK):
        body += chunk
        if len(body) > MOST_CHARACTERS:
            raise DataError("The symbol list is far larger than it can be; the old one stays.")
    return body.decode("utf-8", errors="replace")
