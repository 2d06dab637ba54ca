"""Pictures on request, drawn in other processes so that the event loop never waits for one.

The pool is small and bounded: at most `workers` pictures are being drawn and `WAITING` wait.
A picture is an extra: whatever goes wrong becomes PictureFailed, and the text goes out without
it. Recent pictures are kept, since the same chart is usually asked for several times.
"""

import asyncio
import hashlib
import multiprocessing
import pickle
from collections import OrderedDict
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Self

from bot.charts import worker
from bot.charts.specs import Spec
from bot.errors import DataError
from bot.notation import current

TIMEOUT = 10.0
"""Seconds for one picture: a hundred times the usual, on a busy one-core machine."""
START_TIMEOUT = 60.0
"""Seconds for a drawing process to start; the very first start writes a font cache."""
WAITING = 32
"""Pictures that may wait; whoever comes later gets their text without one."""
KEPT = 128
"""Recent pictures kept, about 20 kB each."""
DRAWING_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""A drawing can fail in as many ways as there are data; none may hold the text back."""


class PictureFailed(DataError):
    """There is no picture this time; the text can go out without it."""


class Renderer:
    """Draws specs as PNGs; `start` it once, `close` it at the end.

    Usable as an async context manager.
    """

    def __init__(self, workers: int = 1, *, timeout: float = TIMEOUT) -> None:
        self._workers = workers
        self._timeout = timeout
        self._pool: ProcessPoolExecutor | None = None
        self._building = asyncio.Lock()
        self._turns = asyncio.Semaphore(workers)
        self._waiting = 0
        self._closed = False
        self._pictures: OrderedDict[bytes, bytes] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start and warm the drawing processes. Raises PictureFailed when they do not start."""
        try:
            await self._ready_pool()
        except BrokenExecutor as error:
            raise PictureFailed("The drawing process does not start.") from error

    async def draw(self, spec: Spec) -> bytes:
        """The picture of `spec` as PNG bytes, numbers as its reader writes them.

        Raises PictureFailed when drawing fails, takes longer than the time limit, or too many
        pictures wait already.
        """
        key = _key(spec)
        if (kept := self._recent(key)) is not None:
            return kept
        if self._waiting >= WAITING:
            raise PictureFailed("Too many pictures are waiting to be drawn.")
        self._waiting += 1
        try:
            async with self._turns:
                # Someone may have asked for the same picture and got it in the meantime.
                kept = self._recent(key)
                return kept if kept is not None else self._keep(key, await self._drawn(spec))
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Stop the drawing processes; a picture in the making is finished first."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool:
            await asyncio.to_thread(pool.shutdown, wait=True)

    async def _drawn(self, spec: Spec) -> bytes:
        """Draw now, in a new pool if the old one broke under our hands."""
        try:
            return await self._attempt(spec)
        except BrokenExecutor:
            pass
        try:
            return await self._attempt(spec)
        except BrokenExecutor as error:
            raise PictureFailed("The drawing process broke down.") from error

    async def _attempt(self, spec: Spec) -> bytes:
        pool = await self._ready_pool()
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.wrap_future(pool.submit(worker.draw, spec, current()))
        except TimeoutError as error:
            self._drop(pool)
            raise PictureFailed("The picture took too long to draw.") from error
        except BrokenExecutor:
            self._drop(pool)
            raise
        except DRAWING_ERRORS as error:
            raise PictureFailed(f"The picture could not be drawn: {error}") from error

    async def _ready_pool(self) -> ProcessPoolExecutor:
        async with self._building:
            if self._closed:
                raise PictureFailed("No more pictures are drawn.")
            if self._pool is None:
                pool = _new_pool(self._workers)
                try:
                    async with asyncio.timeout(START_TIMEOUT):
                        await asyncio.to_thread(_warm, pool, self._workers)
                except TimeoutError as error:
                    _kill(pool)
                    raise PictureFailed("The drawing process does not start.") from error
                self._pool = pool
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        """Give up a pool whose process hangs or died; the next picture starts another."""
        if self._pool is pool:
            self._pool = None
        _kill(pool)

    def _recent(self, key: bytes) -> bytes | None:
        if key in self._pictures:
            self._pictures.move_to_end(key)
        return self._pictures.get(key)

    def _keep(self, key: bytes, png: bytes) -> bytes:
        self._pictures[key] = png
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return png


def _key(spec: Spec) -> bytes:
    """The same for specs with the same content, read by people who write numbers alike."""
    return hashlib.blake2b(pickle.dumps((spec, current())), digest_size=16).digest()


def _new_pool(workers: int) -> ProcessPoolExecutor:
    spawning = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawning, initializer=worker.prepare)


def _warm(pool: ProcessPoolExecutor, workers: int) -> None:
    """Wait until the processes are prepared. Raises BrokenExecutor when one dies on the way."""
    for started in [pool.submit(worker.ready) for _ in range(workers)]:
        started.result(timeout=START_TIMEOUT)


def _kill(pool: ProcessPoolExecutor) -> None:
    """End a pool's processes at once, as `kill_workers` of Python 3.14 does."""
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(wait=False)
