"""A small real bot on the unmodified discord.py client, with a bit of everything."""

import asyncio
import io

import discord
from discord import app_commands, ui
from discord.ext import commands

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "789c6360000002000001e221bc330000000049454e44ae426082"
)
READY_SECONDS = 0.02


def picture(name: str = "chart.png") -> discord.File:
    return discord.File(io.BytesIO(PIXEL), name)


class Refresh(ui.DynamicItem[ui.Button[ui.View]], template=r"refresh:(?P<symbol>[A-Z]+)"):
    """A button whose meaning is in its id: it outlives the process."""

    def __init__(self, symbol: str) -> None:
        super().__init__(ui.Button(label=f"Refresh {symbol}", custom_id=f"refresh:{symbol}"))
        self.symbol = symbol

    @classmethod
    async def from_custom_id(cls, interaction, item, match):  # type: ignore[no-untyped-def]
        return cls(match["symbol"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"refreshed {self.symbol}")


class Form(ui.Modal, title="Price alert"):
    price = ui.TextInput["Form"](label="Price", custom_id="price", max_length=10)

    side = ui.Label["Form"](
        text="Side",
        component=ui.Select(
            custom_id="side",
            options=[discord.SelectOption(label="above"), discord.SelectOption(label="below")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        side = self.side.component.values[0]  # type: ignore[attr-defined]
        await interaction.response.send_message(f"alert {side} {self.price.value}", ephemeral=True)


class Layout(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        container = ui.Container["Layout"](accent_colour=0x26A69A)
        container.add_item(ui.TextDisplay("## SPY"))
        container.add_item(ui.Separator())
        container.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://chart.png")))
        container.add_item(ui.ActionRow(Refresh("SPY")))
        self.add_item(container)


class Choose(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(
        custom_id="kind",
        options=[discord.SelectOption(label="High"), discord.SelectOption(label="Low")],
    )
    async def choose(self, interaction: discord.Interaction, select: ui.Select["Choose"]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"chose {select.values[0]}", ephemeral=True)

    @ui.select(cls=ui.ChannelSelect, custom_id="where")
    async def where(
        self, interaction: discord.Interaction, select: ui.ChannelSelect["Choose"]
    ) -> None:
        await interaction.response.send_message(f"in {select.values[0].name}", ephemeral=True)


class SampleBot(commands.AutoShardedBot):
    def __init__(self, *, shards: int = 1) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True, dm_messages=True, guild_messages=True),
            max_messages=None,
            guild_ready_timeout=READY_SECONDS,
            shard_count=shards,
            chunk_guilds_at_startup=False,
        )
        self.resumed = asyncio.Event()
        self.told: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.channel_deleted = asyncio.Event()
        self.joined: asyncio.Queue[int] = asyncio.Queue()
        self.left: asyncio.Queue[int] = asyncio.Queue()
        self.failures: list[str] = []

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Refresh)
        self.add_view(Choose())
        for command in COMMANDS:
            self.tree.add_command(command)
        self.tree.error(self.on_command_failure)
        await self.tree.sync()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.resumed.set()

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.told.put_nowait(message)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self.channel_deleted.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.put_nowait(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.left.put_nowait(guild.id)

    async def on_command_failure(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        self.failures.append(str(error))
        await interaction.response.send_message("it failed", ephemeral=True)


@app_commands.command(description="Last price of a symbol")
@app_commands.describe(symbol="Ticker", days="Sessions to look back")
async def quote(
    interaction: discord.Interaction, symbol: str, days: app_commands.Range[int, 1, 365] = 30
) -> None:
    view = ui.View(timeout=None)
    view.add_item(Refresh(symbol))
    await interaction.response.send_message(f"{symbol} over {days}", view=view)


@quote.autocomplete("symbol")
async def symbols(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    known = ("SPY", "SOXX", "QQQ")
    fitting = [each for each in known if each.startswith(typed.upper())]
    return [app_commands.Choice(name=each, value=each) for each in fitting]


@app_commands.command(description="A picture, drawn in peace")
async def chart(interaction: discord.Interaction, symbol: str) -> None:
    await interaction.response.defer(thinking=True)
    embed = discord.Embed(title=symbol).set_image(url="attachment://chart.png")
    await interaction.edit_original_response(embed=embed, attachments=[picture()])
    await interaction.followup.send(view=Layout(), file=picture())


@app_commands.command(description="Opens a form")
async def form(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Form())


@app_commands.command(description="Offers a choice")
async def choose(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("choose", view=Choose(), ephemeral=True)


@app_commands.command(description="Fails")
async def fail(interaction: discord.Interaction) -> None:
    raise RuntimeError("no data")


@app_commands.command(description="Says nothing")
async def silent(interaction: discord.Interaction) -> None:
    return


@app_commands.command(description="Answers twice over the wire")
async def twice(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("first")
    again = discord.InteractionResponse["SampleBot"](interaction)
    try:
        await again.send_message("second")
    except discord.HTTPException as error:
        await interaction.edit_original_response(content=f"{error.status} {error.code}")


@app_commands.command(description="Only for you")
async def whisper(interaction: discord.Interaction, file: discord.Attachment | None = None) -> None:
    await interaction.response.defer(ephemeral=True)
    content = (await file.read()).decode() if file else "psst"
    await interaction.followup.send(content)
    await interaction.followup.send("more", ephemeral=True)


@app_commands.context_menu(name="Explain")
async def explain(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"about {message.content}", ephemeral=True)


watch = app_commands.Group(
    name="watch",
    description="Watchlists",
    guild_only=True,
    default_permissions=discord.Permissions(manage_channels=True),
)


@watch.command(name="add", description="Add a symbol for a member")
@app_commands.choices(side=[app_commands.Choice(name="Long", value="long")])
async def watch_add(
    interaction: discord.Interaction, member: discord.Member, side: app_commands.Choice[str]
) -> None:
    may = interaction.permissions.manage_channels
    await interaction.response.send_message(f"{member.display_name} {side.value} {may}")


@app_commands.command(description="Every kind of option")
async def every(
    interaction: discord.Interaction,
    person: discord.User,
    role: discord.Role,
    either: discord.Member | discord.Role,
    channel: discord.TextChannel,
    flag: bool,
    ratio: app_commands.Range[float, 0.0, 1.0],
) -> None:
    named = (person.name, role.name, either.name, channel.name, flag, ratio)
    await interaction.response.send_message(" ".join(map(str, named)))


@app_commands.command(description="Answers that are taken back")
async def regret(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("first")
    original = await interaction.original_response()
    followup = await interaction.followup.send("second", wait=True)
    await followup.edit(content="third")
    kept = await interaction.followup.fetch_message(followup.id)
    await interaction.delete_original_response()
    await followup.delete()
    await interaction.followup.send(f"{original.content}, {kept.content}")


COMMANDS = (
    quote,
    chart,
    form,
    choose,
    fail,
    silent,
    twice,
    whisper,
    explain,
    watch,
    every,
    regret,
)
