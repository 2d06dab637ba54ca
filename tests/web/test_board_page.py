"""The board in a real browser: keyboard, phone width, accessibility, both themes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from tests.accessibility import violations
from tests.playground.page.stage import ARGUMENTS, CHROMIUM
from tests.web.conftest import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page() -> AsyncIterator[Page]:
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield await browser.new_page()
        await browser.close()


async def test_axe_finds_nothing_on_any_page_in_either_theme(page: Page, stand: Stand) -> None:
    for theme in ("dark", "light"):
        await page.goto(f"{stand.url}/board/theme/{theme}")
        await expect(page.locator(f"[data-theme={theme}]")).to_have_count(1)
        for path in ("/board", "/board/symbol/SPY", "/board/symbol/zzzz"):
            await page.goto(f"{stand.url}{path}")
            assert await violations(page) == [], (theme, path)


async def test_it_is_used_with_the_keyboard_alone(page: Page, stand: Stand) -> None:
    await page.goto(f"{stand.url}/board")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="To the content")).to_be_focused()
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(page.get_by_label("Symbol", exact=True)).to_be_focused()
    await page.keyboard.type("iwm")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("IWM · ")
    await expect(page.locator(".card img").first).to_be_visible()


async def test_a_phone_scrolls_down_only(page: Page, stand: Stand) -> None:
    await page.set_viewport_size({"width": 380, "height": 740})
    for path in ("/board", "/board/symbol/SPY"):
        await page.goto(f"{stand.url}{path}")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 380, path
