"""The page's tests: a playground, a small discord.py bot in this process and a real Chromium."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from PIL import Image
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from bot.client import GUILDS_LOCAL
from bot.playground.market import MarketControl
from bot.playground.server import Playground

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 6_000
SYNTHETIC = "Prices are invented."
SYMBOLS = {"IVOO": "Vanguard S&P Mid-Cap 400", "IJH": "iShares Core S&P Mid-Cap", "SPY": "SPDR"}
SCRIPT = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


class Panel(discord.ui.View):
    """A button that edits, a select that answers, a button that opens a modal."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.presses = 0
        self.add_item(discord.ui.Button(label="Manual", url="https://example.com/manual"))

    @discord.ui.button(label="Count", style=discord.ButtonStyle.primary, custom_id="count")
    async def count(self, interaction: discord.Interaction, _: discord.ui.Button["Panel"]) -> None:
        self.presses += 1
        await interaction.response.edit_message(content=f"Pressed {self.presses} times")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button["Panel"]) -> None:
        await interaction.response.send_modal(PriceForm())

    @discord.ui.select(
        custom_id="kinds",
        placeholder="Which kinds?",
        max_values=2,
        options=[discord.SelectOption(label=each) for each in ("High", "Setup", "Breadth")],
    )
    async def kinds(
        self, interaction: discord.Interaction, select: discord.ui.Select["Panel"]
    ) -> None:
        await interaction.response.send_message(f"Chosen: {', '.join(select.values)}")


class PriceForm(discord.ui.Modal, title="New price alert"):
    price: discord.ui.TextInput["PriceForm"] = discord.ui.TextInput(label="Price", max_length=10)
    note: discord.ui.TextInput["PriceForm"] = discord.ui.TextInput(
        label="Note", style=discord.TextStyle.paragraph, required=False
    )

    side: discord.ui.Label["PriceForm"] = discord.ui.Label(
        text="Side",
        description="Where the price must go",
        component=discord.ui.Select(
            options=[discord.SelectOption(label=each) for each in ("Above", "Below")]
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        side = self.side.component
        assert isinstance(side, discord.ui.Select)
        said = f"{side.values[0]} {self.price.value}: {self.note.value}"
        await interaction.response.send_message(said, ephemeral=True)


class Layout(discord.ui.LayoutView):
    """The newer way to lay out a message: a container with text and a button."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        button: discord.ui.Button[Layout] = discord.ui.Button(label="Refresh", custom_id="refresh")
        button.callback = self.refresh  # type: ignore[method-assign]
        container: discord.ui.Container[Layout] = discord.ui.Container(accent_colour=0x26A69A)
        container.add_item(discord.ui.TextDisplay("## Breadth\n**31** new highs"))
        container.add_item(discord.ui.Separator())
        container.add_item(discord.ui.ActionRow(button))
        self.add_item(container)

    async def refresh(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Refreshed", ephemeral=True)


class SmallBot(discord.Client):
    """A bit of everything the page must show. `gate` holds back the deferred answer."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=GUILDS_LOCAL)
        self.tree = app_commands.CommandTree(self)
        self.gate = asyncio.Event()
        self.is_listening = asyncio.Event()
        for add in (_add_quotes, _add_views, _add_states):
            add(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.is_listening.set()


def _add_quotes(bot: SmallBot) -> None:
    @bot.tree.command(description="Distance to the 52-week high")
    @app_commands.describe(symbol="Ticker or fund name", days="Sessions", basis="Kind of prices")
    @app_commands.choices(
        basis=[
            app_commands.Choice(name="Price", value="price"),
            app_commands.Choice(name="Total return", value="total"),
        ]
    )
    async def high(
        interaction: discord.Interaction,
        symbol: str,
        days: app_commands.Range[int, 1, 400] = 252,
        basis: str = "price",
    ) -> None:
        await interaction.response.send_message(f"high {symbol} {days} {basis}")

    @high.autocomplete("symbol")
    async def symbols(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        fitting = {key: name for key, name in SYMBOLS.items() if key.startswith(typed.upper())}
        return [
            app_commands.Choice(name=f"{key} · {name}", value=key) for key, name in fitting.items()
        ]

    @bot.tree.command(description="A card with all its parts")
    async def card(interaction: discord.Interaction) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (500, 300), "#12161f").save(picture, "PNG")
        picture.seek(0)
        file = discord.File(picture, "chart.png", description="Six months of candles")
        await interaction.response.send_message(embed=_card(), file=file)


def _card() -> discord.Embed:
    embed = discord.Embed(title=f"IVOO {SCRIPT}", description="**New** `high`", colour=0x26A69A)
    embed.set_author(name="Highwater")
    for name in ("Prior close", "Range", "Volume", "From the high"):
        embed.add_field(name=name, value="120.97")
    embed.add_field(name="Basis", value="[source](https://example.com/a)", inline=False)
    embed.set_image(url="attachment://chart.png")
    embed.set_footer(text="Demo market")
    return embed


def _add_views(bot: SmallBot) -> None:
    @bot.tree.command(description="Buttons and a select")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Not pressed", view=Panel())

    @bot.tree.command(description="A layout of components")
    async def layout(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Layout())

    @bot.tree.command(description="A file to keep")
    async def export(interaction: discord.Interaction) -> None:
        file = discord.File(io.BytesIO(b"symbol\nIVOO\n"), "record.csv")
        await interaction.response.send_message("Here it is", file=file)

    @bot.tree.context_menu(name="Explain")
    async def explain(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Explained {message.id}", ephemeral=True)

    group = app_commands.Group(name="watchlist", description="Lists of symbols")

    @group.command(description="Add symbols to a list")
    @app_commands.describe(symbols="Tickers", name="Which list")
    async def add(interaction: discord.Interaction, symbols: str, name: str = "mine") -> None:
        await interaction.response.send_message(f"{name}: {symbols}")

    @group.command(name="import", description="Read a list from a file")
    @app_commands.describe(file="Text or CSV")
    async def read(interaction: discord.Interaction, file: discord.Attachment) -> None:
        text = (await file.read()).decode()
        await interaction.response.send_message(f"{file.filename}: {text}")

    bot.tree.add_command(group)


def _add_states(bot: SmallBot) -> None:
    @bot.tree.command(description="Think until told to answer")
    async def slow(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await bot.gate.wait()
        await interaction.edit_original_response(content="Done thinking")

    @bot.tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction) -> None:
        """Leave the interaction unanswered."""

    @bot.tree.command(description="For moderators")
    @app_commands.default_permissions(manage_channels=True)
    async def manage(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Managed")


class StoppedMarket:
    """A market clock that stands still and remembers what it was told."""

    def __init__(self) -> None:
        self.playing = False
        self.speed = 6
        self.day = 17

    async def status(self) -> dict[str, object]:
        return {
            "now": f"2026-04-{self.day}T14:41:00+00:00",
            "session": f"2026-04-{self.day}",
            "open": True,
            "speed": self.speed,
            "playing": self.playing,
            "source": "Demo market",
            "from": "2026-01-05T14:30:00+00:00",
            "to": "2026-10-01T20:00:00+00:00",
        }

    async def command(self, action: str, value: object) -> dict[str, object]:
        if action == "speed":
            self.speed = int(str(value))
        elif action == "step":
            self.day += 3
        else:
            self.playing = action == "play"
        return await self.status()


@dataclass(kw_only=True)
class Theatre:
    """All that a test of the page needs."""

    playground: Playground
    bot: SmallBot
    browser: Browser
    channels: int = 0

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the control API."""
        async with (
            aiohttp.ClientSession(self.playground.url) as session,
            session.request(method, f"/control{path}", json=body) as answer,
        ):
            assert answer.status < 400, await answer.text()
            return await answer.json()

    async def new_channel(self, name: str) -> str:
        """A fresh text channel; its id."""
        state = await self.control("GET", "/state")
        guild = state["guilds"][0]["id"]
        channel = await self.control("POST", f"/guilds/{guild}/channels", {"name": name})
        return str(channel["id"])

    async def enter_new_channel(self, page: Page) -> str:
        """Open a fresh channel on the page and put the cursor into its box; its id."""
        self.channels += 1
        name = f"room-{self.channels}"
        channel = await self.new_channel(name)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=name, exact=True).click()
        await page.get_by_role("heading", name=f"Welcome to #{name}").wait_for()
        await page.locator("#composer-text").focus()
        return channel

    @asynccontextmanager
    async def page(
        self, channel: str = "", *, width: int = 1280, height: int = 800, tour: bool = False
    ) -> AsyncIterator[Page]:
        """A visitor's page on a channel; fails when the page threw an error or asked elsewhere."""
        context = await self.browser.new_context(viewport={"width": width, "height": height})
        remembered = {"highwater.channel": channel} | ({} if tour else {"highwater.tour": "seen"})
        for key, value in remembered.items():
            await context.add_init_script(
                f"localStorage.getItem('{key}') ?? localStorage.setItem('{key}', '{value}')"
            )
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_fault(said) else None)
        page.on("request", lambda asked: self._note_alien(asked.url, errors))
        await page.goto(self.playground.url)
        await page.locator("#composer-text[placeholder*='Message']").wait_for()
        try:
            yield page
        finally:
            await context.close()
        assert errors == []

    def _note_alien(self, address: str, errors: list[str]) -> None:
        if not address.startswith((self.playground.url, "data:")):
            errors.append(f"asked {address}")


def _is_fault(said: ConsoleMessage) -> bool:
    """Errors of scripts and of the content security policy, not requests the server refused."""
    refused = ("Failed to load resource", "WebSocket connection")
    return said.type == "error" and not said.text.startswith(refused)


@asynccontextmanager
async def raised() -> AsyncIterator[Theatre]:
    """A playground with its bot connected and a browser; skips where there is no Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    playground = Playground(synthetic=SYNTHETIC)
    market: MarketControl = StoppedMarket()
    playground.market = market
    await playground.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.http.Route, "BASE", playground.api_base)
        gateway = yarl.URL(playground.gateway_url)
        patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        bot = SmallBot()
        running = asyncio.create_task(bot.start(playground.token))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=ARGUMENTS
            )
            await asyncio.wait_for(bot.is_listening.wait(), timeout=15)
            yield Theatre(playground=playground, bot=bot, browser=browser)
            await browser.close()
        await bot.close()
        with suppress(asyncio.CancelledError):
            await running
    await playground.stop()
