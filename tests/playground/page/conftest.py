"""One playground, bot and browser for all tests of the page; the bot's log-in costs seconds."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page

from tests.playground.page.stage import Theatre, raised


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def theatre() -> AsyncIterator[Theatre]:
    async with raised() as theatre:
        yield theatre


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def desk(theatre: Theatre) -> AsyncIterator[Page]:
    """A page of desk width, the same one for all tests."""
    async with theatre.page() as page:
        yield page


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def neighbour(theatre: Theatre) -> AsyncIterator[Page]:
    """The page of somebody else, who acts as the moderator."""
    async with theatre.page() as page:
        await page.get_by_label("Acting as").select_option("Moderator")
        yield page


@pytest_asyncio.fixture(loop_scope="package")
async def channel(theatre: Theatre, desk: Page) -> str:
    """A channel of the test's own, open on the desk page."""
    return await theatre.enter_new_channel(desk)


@pytest_asyncio.fixture(loop_scope="package")
async def page(desk: Page, channel: str) -> Page:
    """The desk page on a channel of the test's own, the cursor in the box."""
    return desk
