"""Messages on the page: cards, components, modals, ephemeral answers, edits, hostile text."""

import discord
import pytest
from playwright.async_api import Page, expect

from tests.playground.page.stage import SCRIPT, Theatre

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def say(page: Page, text: str) -> None:
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def test_a_card_shows_its_parts_and_hostile_text_stays_text(page: Page) -> None:
    await say(page, "/card")
    card = page.locator(".embed")
    await expect(card.locator(".embed-title")).to_have_text(f"IVOO {SCRIPT}")
    await expect(card.locator(".embed-description strong")).to_have_text("New")
    rows = card.locator(".field-row")
    assert [await rows.nth(at).locator(".field").count() for at in range(3)] == [3, 1, 1]
    link = card.get_by_role("link", name="source")
    await expect(link).to_have_attribute("href", "https://example.com/a")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert (
        await card.evaluate("card => getComputedStyle(card).borderLeftColor") == "rgb(38, 166, 154)"
    )
    assert await page.evaluate("window.broken") is None


async def test_a_picture_has_alt_text_and_opens_large(page: Page) -> None:
    await say(page, "/card")
    await page.get_by_role("img", name="Six months of candles").click()
    large = page.get_by_role("dialog", name="Picture")
    await expect(large.locator("figcaption")).to_have_text("Six months of candles")
    await page.keyboard.press("Escape")
    await expect(large).to_have_count(0)


async def test_a_file_is_offered_as_a_download(page: Page) -> None:
    await say(page, "/export")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download record.csv").click()
    download = await started.value
    assert download.suggested_filename == "record.csv"
    assert (await download.path()).read_text() == "symbol\nIVOO\n"


async def test_a_layout_of_components_is_drawn_and_its_button_works(page: Page) -> None:
    await say(page, "/layout")
    container = page.locator(".embed.container")
    await expect(container.get_by_role("heading", name="Breadth")).to_be_visible()
    await expect(container.locator("strong")).to_have_text("31")
    await container.get_by_role("button", name="Refresh").click()
    await expect(page.locator(".ephemeral .content")).to_have_text("Refreshed")


async def test_a_link_button_opens_its_address_elsewhere(page: Page) -> None:
    await say(page, "/panel")
    link = page.get_by_role("link", name="Manual")
    await expect(link).to_have_attribute("href", "https://example.com/manual")
    await expect(link).to_have_attribute("target", "_blank")


async def test_hostile_messages_of_members_stay_text(page: Page) -> None:
    await say(page, f'{SCRIPT} [x](javascript:alert(1)) <https://a.example/"onclick="b>')
    content = page.locator(".message .content")
    await expect(content).to_contain_text("<img src=x")
    await expect(content).to_contain_text("[x](javascript:alert(1))")
    assert await content.locator("img, script").count() == 0
    hrefs = await content.locator("a").evaluate_all("links => links.map((link) => link.protocol)")
    assert hrefs == ["https:"]
    assert await page.evaluate("window.broken") is None


async def test_a_button_edits_the_message_live_for_everyone(
    page: Page, neighbour: Page, channel: str
) -> None:
    await neighbour.locator(f"[data-id='{channel}']").click()
    await say(page, "/panel")
    await page.get_by_role("button", name="Count").click()
    for each in (page, neighbour):
        await expect(each.locator(".message .content")).to_have_text("Pressed 1 times(edited)")
    await expect(page.get_by_role("button", name="Count")).to_be_focused()


async def test_a_select_with_several_choices_works_by_keyboard(page: Page) -> None:
    await say(page, "/panel")
    await page.get_by_role("button", name="Which kinds?").focus()
    for key in ("Enter", "Space", "ArrowDown", "ArrowDown", "Space", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator(".message .content").last).to_have_text("Chosen: High, Breadth")


async def test_a_modal_checks_its_fields_and_its_answer_is_private(
    page: Page, neighbour: Page, channel: str
) -> None:
    await neighbour.locator(f"[data-id='{channel}']").click()
    await say(page, "/panel")
    await page.get_by_role("button", name="Ask").click()
    modal = page.get_by_role("dialog", name="New price alert")
    await expect(modal.get_by_label("Price")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(modal.get_by_role("alert")).to_have_text("Price is required.")
    await page.keyboard.type("122.74")
    await modal.get_by_label("Note").fill("the February high")
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal.get_by_role("alert")).to_have_text("Side is required.")
    await modal.get_by_label("Side").select_option("Below")
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal).to_have_count(0)
    private = page.locator(".message.ephemeral")
    await expect(private).to_contain_text("Below 122.74: the February high")
    await expect(private).to_contain_text("Only you can see this")
    await expect(neighbour.locator(".message .content")).to_have_text("Not pressed")
    await expect(neighbour.locator(".message.ephemeral")).to_have_count(0)
    await private.get_by_role("button", name="Dismiss message").click()
    await expect(private).to_have_count(0)


async def test_a_deferred_answer_thinks_and_then_answers(theatre: Theatre, page: Page) -> None:
    theatre.bot.gate.clear()
    await say(page, "/slow")
    await expect(page.locator(".thinking")).to_have_text("Highwater is thinking…")
    theatre.bot.gate.set()
    await expect(page.locator(".message .content")).to_contain_text("Done thinking")
    await expect(page.locator(".thinking")).to_have_count(0)


async def test_a_bot_that_does_not_answer_is_reported_and_dismissed(page: Page) -> None:
    await say(page, "/silent")
    failure = page.locator(".pending-message .failure")
    await expect(failure).to_have_text("The application did not respond")
    await page.get_by_role("button", name="Dismiss message").click()
    await expect(failure).to_have_count(0)


async def test_a_message_command_runs_from_the_menu_by_keyboard(page: Page) -> None:
    await say(page, "look at this")
    message = page.locator(".message")
    await message.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Explain")).to_be_focused()
    await page.keyboard.press("Enter")
    number = await message.first.get_attribute("data-id")
    await expect(page.locator(".ephemeral .content")).to_have_text(f"Explained {number}")


async def test_a_reply_shows_what_it_answers_and_is_read_out(
    theatre: Theatre, page: Page, channel: str
) -> None:
    await say(page, "**which** high?")
    await expect(page.locator(".message")).to_have_count(1)
    place = theatre.bot.get_channel(int(channel))
    assert isinstance(place, discord.TextChannel)
    number = await page.locator(".message").get_attribute("data-id")
    reference = discord.MessageReference(message_id=int(str(number)), channel_id=place.id)
    sent = await place.send("The *52-week* one", reference=reference)
    await expect(page.locator("button.reference")).to_contain_text("which high?")
    await expect(page.locator("#announcer")).to_have_text("Highwater: The 52-week one")
    await sent.delete()
    await expect(page.locator(".message")).to_have_count(1)


async def test_an_answer_is_not_pushed_away_by_what_follows(
    theatre: Theatre, page: Page, channel: str
) -> None:
    await say(page, "/card")
    title = page.locator(".embed-title")
    await expect(title).to_be_in_viewport()
    member = (await theatre.control("GET", "/state"))["members"][2]["user"]["id"]
    for number in range(12):
        body = {"as": member, "content": f"noise {number}"}
        await theatre.control("POST", f"/channels/{channel}/messages", body)
    await expect(page.locator(".message")).to_have_count(13)
    await expect(title).to_be_in_viewport()
    await page.get_by_role("button", name="Newest messages").click()
    await expect(page.get_by_text("noise 11", exact=True)).to_be_in_viewport()


async def test_arrow_keys_walk_through_the_messages(page: Page) -> None:
    for text in ("first", "second", "third"):
        await say(page, text)
    rows = page.locator(".messages .message")
    await expect(rows).to_have_count(3)
    await rows.last.focus()
    await page.keyboard.press("ArrowUp")
    await expect(rows.nth(1)).to_be_focused()
    await page.keyboard.press("Home")
    await expect(rows.first).to_be_focused()


async def test_older_messages_load_when_one_scrolls_up(
    theatre: Theatre, page: Page, channel: str
) -> None:
    state = await theatre.control("GET", "/state")
    for number in range(60):
        body = {"as": state["me"], "content": f"line {number}"}
        await theatre.control("POST", f"/channels/{channel}/messages", body)
    await page.reload()
    await expect(page.get_by_text("line 59")).to_be_visible()
    await expect(page.locator(".message")).to_have_count(50)
    await page.locator("#timeline").evaluate("(timeline) => timeline.scrollTo(0, 0)")
    await expect(page.locator(".message")).to_have_count(60)
