"""Around the messages: members, channels, market bar, themes, phone width, tour, lost server."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.playground.server import Playground
from tests.playground.page.stage import Theatre

pytestmark = pytest.mark.asyncio(loop_scope="package")

PAGE_FOLDER = Path(__file__).parents[3] / "bot" / "playground" / "page"
CONTRAST = Path(__file__).with_name("contrast.js").read_text()
AA_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3


async def act_as(page: Page, name: str) -> None:
    await page.get_by_label("Acting as").select_option(name)
    await expect(page.get_by_label("Acting as").locator("option:checked")).to_have_text(name)


async def test_each_member_sees_their_own_channels_and_commands(desk: Page) -> None:
    channels = desk.get_by_role("navigation", name="Channels").get_by_role("button")
    commands = desk.locator("#suggestion-list").get_by_role("option")
    for name, may_manage in (("Member", False), ("Moderator", True), ("Admin", True)):
        await act_as(desk, name)
        await expect(channels.filter(has_text="staff")).to_have_count(int(may_manage))
        await desk.locator("#composer-text").fill("/")
        await expect(commands.filter(has_text="/high")).to_have_count(1)
        await expect(commands.filter(has_text="/manage")).to_have_count(int(may_manage))
        await desk.locator("#composer-text").fill("")


async def test_a_message_elsewhere_marks_its_channel_unread(theatre: Theatre, desk: Page) -> None:
    here = await theatre.enter_new_channel(desk)
    await theatre.enter_new_channel(desk)
    state = await theatre.control("GET", "/state")
    member = state["members"][2]["user"]["id"]
    body = {"as": member, "content": "psst"}
    await theatre.control("POST", f"/channels/{here}/messages", body)
    link = desk.locator(f"[data-id='{here}']")
    await expect(link).to_contain_text("1 unread")
    await link.click()
    await expect(link).not_to_contain_text("unread")
    await expect(desk.locator(".message .content")).to_have_text("psst")


async def test_commands_work_in_direct_messages(desk: Page) -> None:
    await (
        desk.get_by_role("navigation", name="Channels")
        .get_by_role("button", name="Highwater")
        .click()
    )
    await expect(
        desk.get_by_role("heading", name="Highwater", exact=True, level=2).first
    ).to_be_visible()
    await expect(desk.locator("#composer-text")).to_be_focused()
    await desk.keyboard.type("/high SPY")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".message .content")).to_have_text("high SPY 252 price")


async def test_the_market_bar_shows_and_moves_the_clock(desk: Page) -> None:
    bar = desk.get_by_role("region", name="Market clock")
    await expect(bar).to_contain_text("Fri 17 Apr 2026")
    await expect(bar).to_contain_text("10:41 New York")
    await expect(bar.get_by_label("Synthetic data. Prices are invented.")).to_be_visible()
    await expect(bar).to_contain_text("Bot connected")
    await bar.get_by_role("button", name="Play the market").click()
    await bar.get_by_role("button", name="Pause the market").click()
    await expect(bar.get_by_role("button", name="Play the market")).to_be_visible()
    await bar.get_by_role("button", name="Play one session").click()
    await expect(bar).to_contain_text("Mon 20 Apr 2026")
    await bar.get_by_label("Speed of the market clock").select_option("60")
    await expect(bar.get_by_label("Speed of the market clock")).to_have_value("60")


async def test_text_has_enough_contrast_in_both_themes_and_the_choice_is_kept(
    theatre: Theatre,
) -> None:
    channel = await theatre.new_channel("contrast")
    async with theatre.page(channel) as page:
        await page.locator("#composer-text").focus()
        texts = ("@everyone `code` https://example.com <t:1776436860:R>", "/card", "/panel")
        for count, text in enumerate(texts, start=1):
            await page.keyboard.type(text)
            await page.keyboard.press("Enter")
            await expect(page.locator(".message")).to_have_count(count)
        await page.keyboard.type("/hi")
        for theme in ("dark", "light"):
            await expect(page.locator(f"[data-theme={theme}]")).to_have_count(1)
            found = await page.evaluate(CONTRAST)
            assert len(found) > 40
            assert [each for each in found if each["ratio"] < AA_CONTRAST] == [], theme
            await page.get_by_role("button", name="Light or dark").click()
        await page.get_by_role("button", name="Light or dark").click()
        await page.reload()
        await expect(page.locator("[data-theme=light]")).to_have_count(1)


async def test_a_phone_scrolls_down_only_and_keeps_channels_in_a_drawer(theatre: Theatre) -> None:
    channel = await theatre.new_channel("phone")
    async with theatre.page(channel, width=380, height=740) as page:
        await page.locator("#composer-text").fill("/card")
        await page.keyboard.press("Enter")
        await expect(page.locator(".embed")).to_be_visible()
        for selector in ("document.documentElement", "document.querySelector('#timeline')"):
            wide, shown = await page.evaluate(f"[{selector}.scrollWidth, {selector}.clientWidth]")
            assert wide <= shown, selector
        link = page.locator(".channel-link", has_text="general")
        await expect(link).not_to_be_visible()
        await page.get_by_role("button", name="Channels and members").click()
        await expect(page.locator(".channel-link.current")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(link).not_to_be_visible()
        await page.get_by_role("button", name="Channels and members").click()
        await link.click()
        await expect(page.get_by_role("heading", name="Welcome to #general")).to_be_visible()
        await expect(link).not_to_be_visible()


async def test_the_tour_comes_once_and_a_first_command_is_offered(theatre: Theatre) -> None:
    channel = await theatre.new_channel("tour")
    async with theatre.page(channel, tour=True) as page:
        tour = page.get_by_role("dialog")
        for title in ("A Discord server of your own", "Ask with a slash", "Move the market"):
            await expect(tour.get_by_role("heading")).to_have_text(title)
            await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(tour).to_have_count(0)
        await page.get_by_role("button", name="/high IVOO").click()
        await page.keyboard.press("Enter")
        await expect(page.locator(".message .content")).to_have_text("high IVOO 252 price")
        await page.reload()
        await expect(page.locator(".message .content")).to_be_visible()
        await expect(tour).to_have_count(0)


async def test_a_lost_server_is_reported_and_found_again(theatre: Theatre) -> None:
    first = Playground()
    await first.start()
    port = int(first.url.rstrip("/").rsplit(":", 1)[1])
    second = Playground(port=port)
    try:
        async with replace(theatre, playground=first).page() as page:
            line = page.locator("#state-line")
            await expect(line).to_contain_text("The bot is not connected yet")
            await first.stop()
            await expect(line).to_contain_text("The playground server is gone")
            await second.start()
            await page.get_by_role("button", name="Try now").click()
            await expect(line).to_contain_text("The bot is not connected yet")
            await page.locator("#composer-text").fill("still here")
            await page.keyboard.press("Enter")
            await expect(page.locator(".message .content")).to_have_text("still here")
    finally:
        await first.stop()
        await second.stop()


@pytest.mark.parametrize("path", sorted(PAGE_FOLDER.iterdir()), ids=lambda path: path.name)
async def test_no_file_of_the_page_parses_data_as_html_or_asks_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)
    assert not re.search(r"""<[^>]*\s(style|on\w+)\s*=|<style|<script(?![^>]*\ssrc=)""", text)
    addresses = re.findall(r"https?://[\w.-]+", text)
    assert set(addresses) <= {"http://www.w3.org"}
