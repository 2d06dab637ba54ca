"""axe-core on the playground's page, with everything open that a page can show."""

import pytest
from playwright.async_api import expect

from tests.accessibility import violations
from tests.playground.page.stage import Theatre

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_axe_finds_nothing_in_either_theme(theatre: Theatre) -> None:
    channel = await theatre.new_channel("axe")
    async with theatre.page(channel) as page:
        await page.locator("#composer-text").focus()
        for count, text in enumerate(("**Hello** `you`", "/card", "/panel"), start=1):
            await page.keyboard.type(text)
            await page.keyboard.press("Enter")
            await expect(page.locator(".message")).to_have_count(count)
        await page.keyboard.type("/hi")
        await expect(page.get_by_role("listbox")).to_be_visible()
        for theme in ("dark", "light"):
            await expect(page.locator(f"[data-theme={theme}]")).to_have_count(1)
            assert await violations(page) == [], theme
            await page.get_by_role("button", name="Light or dark").click()


async def test_axe_finds_nothing_in_a_form_and_on_a_phone(theatre: Theatre) -> None:
    channel = await theatre.new_channel("axe-form")
    async with theatre.page(channel, width=380, height=740) as page:
        await page.locator("#composer-text").fill("/panel")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Channels and members").click()
        assert await violations(page) == []
