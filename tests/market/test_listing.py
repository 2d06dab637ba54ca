"""The list of symbols as it is fetched, from a server on loopback that misbehaves on request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.clock import LiveClock, ReplayClock
from bot.errors import DataError, SourceDown
from bot.market.listing import FRESH, Listing
from bot.market.symbols import Directory
from tests.market.test_nasdaq_directory import GOOD, listing

NEWER = listing("Y|NEWF|A Fund Listed Today ETF|P| |Y|100|N||NEWF|NEWF|N")


class Exchange:
    """What the server answers next, and how often it was asked."""

    def __init__(self) -> None:
        self.status, self.text, self.asked = 200, GOOD, 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, text=self.text)


@asynccontextmanager
async def exchange(folder: Path) -> AsyncIterator[tuple[Exchange, Listing, ReplayClock]]:
    said = Exchange()
    app = web.Application()
    app.router.add_get("/list.txt", said.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    clock = ReplayClock(LiveClock().now())
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/list.txt"
    shipped = Directory([])
    try:
        yield said, Listing(shipped, file=folder / "list.txt", clock=clock, url=url), clock
    finally:
        await runner.cleanup()


async def test_the_list_is_fetched_once_a_day_and_swapped_as_a_whole(tmp_path: Path) -> None:
    async with exchange(tmp_path) as (said, listed, clock):
        before = listed.directory
        assert await listed.run_once()
        assert [found.symbol for found in listed.directory.search("ambev")] == ["ABEV"]
        assert len(before) == 0
        for _ in range(20):
            assert not await listed.run_once()
        assert said.asked == 1
        said.text = NEWER
        clock.move_to(clock.now() + FRESH + timedelta(minutes=1))
        assert await listed.run_once()
        assert said.asked == 2
        assert listed.directory.get("NEWF") is not None


async def test_a_restart_shows_what_was_kept_without_asking(tmp_path: Path) -> None:
    async with exchange(tmp_path) as (said, listed, _):
        await listed.run_once()
        file = tmp_path / "list.txt"
        again = Listing(Directory([]), file=file, clock=LiveClock(), url="http://127.0.0.1:9/")
        assert await again.run_once()
        assert again.directory.get("IVOO") is not None
        assert said.asked == 1


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (503, "", SourceDown),
        (200, "<html>Will be right back</html>", DataError),
        (200, GOOD[:400], DataError),
        (200, "x" * 17_000_000, DataError),
    ],
)
async def test_what_is_not_the_list_leaves_the_old_one_in_use(
    tmp_path: Path, status: int, text: str, error: type[Exception]
) -> None:
    async with exchange(tmp_path) as (said, listed, clock):
        await listed.run_once()
        said.status, said.text = status, text
        clock.move_to(clock.now() + timedelta(days=1))
        with pytest.raises(error):
            await listed.run_once()
        await listed.refresh()
        assert listed.directory.get("IVOO") is not None
        said.status, said.text = 200, NEWER
        assert await listed.run_once()


async def test_without_a_network_an_old_list_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(GOOD)
    os.utime(file, (0, 0))
    alone = Listing(Directory([]), file=file, clock=LiveClock(), url="http://127.0.0.1:9/")
    with pytest.raises(SourceDown):
        await alone.run_once()
    assert alone.directory.get("IVOO") is not None


async def test_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    async with exchange(tmp_path) as (said, listed, _):
        (tmp_path / "list.txt").write_bytes(b"\xff\xfe half a list")
        assert not await listed.run_once()
        assert await listed.run_once()
        assert said.asked == 1
