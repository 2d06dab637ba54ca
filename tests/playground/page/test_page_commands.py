"""The command box of the page: typed commands, suggestions, chips, validation."""

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="package")


def offered(page: Page) -> Locator:
    return page.locator("#suggestion-list").get_by_role("option")


async def say(page: Page, text: str) -> None:
    """Type and press Enter, with the keyboard alone."""
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/high IVOO", "high IVOO 252 price"),
        ("/high IVOO 20 total", "high IVOO 20 total"),
        ("/high IVOO basis:Total return days:30", "high IVOO 30 total"),
        ("/high symbol:SPY", "high SPY 252 price"),
        ("/high IVOO total", "high IVOO 252 total"),
        ("/high SPY QQQ 20", "high SPY QQQ 20 price"),
        ('/high symbol:"mid caps" 20', "high mid caps 20 price"),
        ("/watchlist add SPY IJH", "mine: SPY IJH"),
        ("/watchlist add SPY IJH name:core", "core: SPY IJH"),
    ],
)
async def test_a_command_typed_as_plain_text_runs(page: Page, typed: str, answer: str) -> None:
    await say(page, typed)
    await expect(page.locator(".message .content")).to_have_text(answer)
    await expect(page.locator(".reference")).to_contain_text("Admin used")


async def test_a_slash_lists_commands_and_subcommands_with_descriptions(page: Page) -> None:
    await page.keyboard.type("/")
    options = offered(page)
    await expect(options.filter(has_text="/high")).to_contain_text("Distance to the 52-week high")
    await expect(options.filter(has_text="/watchlist add")).to_contain_text("Add symbols to a list")
    await page.keyboard.type("watch")
    await expect(options).to_have_count(2)


async def test_keys_alone_choose_a_command_a_suggestion_and_send(page: Page) -> None:
    await page.keyboard.type("/hig")
    await page.keyboard.press("Tab")
    symbol = page.get_by_role("combobox", name="symbol")
    await expect(symbol).to_be_focused()
    await page.keyboard.type("i")
    options = offered(page)
    await expect(options).to_have_text(
        ["IVOO · Vanguard S&P Mid-Cap 400", "IJH · iShares Core S&P Mid-Cap"]
    )
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(symbol).to_have_value("IJH · iShares Core S&P Mid-Cap")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message .content")).to_have_text("high IJH 252 price")
    await expect(page.locator("#composer-text")).to_be_focused()


async def test_words_typed_in_plain_text_are_completed_by_the_bot(page: Page) -> None:
    await page.keyboard.type("/high iv")
    await expect(offered(page)).to_have_text("IVOO · Vanguard S&P Mid-Cap 400")
    await page.keyboard.press("Tab")
    await expect(page.locator("#composer-text")).to_have_value("/high IVOO ")
    await expect(page.locator(".usage-current")).to_have_text("[days]")


async def test_an_optional_option_is_added_as_a_chip_and_offers_its_choices(page: Page) -> None:
    await page.keyboard.type("/high")
    await page.keyboard.press("Tab")
    await page.keyboard.type("SPY")
    await page.get_by_role("button", name="basis").click()
    await expect(offered(page)).to_have_text(["Price", "Total return"])
    await page.keyboard.type("tot")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message .content")).to_have_text("high SPY 252 total")


@pytest.mark.parametrize(
    ("typed", "option", "sentence"),
    [
        ("/high days:3", "symbol", "symbol is required: ticker or fund name"),
        ("/high IVOO 500", "days", "days must be a whole number from 1 up to 400."),
        ("/high IVOO 2.5", "days", "days must be a whole number from 1 up to 400."),
        ("/high IVOO 20 dividends", "basis", "basis takes one of these: Price, Total return."),
    ],
)
async def test_a_wrong_option_is_marked_and_explained(
    page: Page, typed: str, option: str, sentence: str
) -> None:
    await say(page, typed)
    await expect(page.get_by_role("alert").first).to_have_text(sentence)
    field = page.get_by_role("combobox", name=option)
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(".message")).to_have_count(0)


async def test_a_file_goes_along_with_a_command(page: Page) -> None:
    await say(page, "/watchlist import")
    file = page.get_by_label("file")
    await expect(file).to_be_focused()
    await page.keyboard.press("Escape")
    await say(page, "/watchlist import")
    await file.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": b"IVOO,IJH"})
    await page.get_by_role("button", name="Send the command").click()
    await expect(page.locator(".message .content")).to_have_text("mine.csv: IVOO,IJH")


async def test_an_unknown_command_is_not_posted(page: Page) -> None:
    await say(page, "/nothing")
    await expect(page.get_by_role("alert").first).to_contain_text("no command /nothing")
    await expect(page.locator(".message")).to_have_count(0)


async def test_escape_leaves_a_chosen_command(page: Page) -> None:
    await page.keyboard.type("/high")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("group", name="Command high")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("#composer-text")).to_have_value("")


async def test_plain_text_is_posted_as_the_acting_member(page: Page) -> None:
    await say(page, "hello there")
    await expect(page.locator(".message .author")).to_have_text("Admin")
    await expect(page.locator(".message .content")).to_have_text("hello there")


async def test_the_last_words_come_back_with_arrow_up(page: Page) -> None:
    await say(page, "/high SPY")
    await expect(page.locator(".message")).to_have_count(1)
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message")).to_have_count(2)
