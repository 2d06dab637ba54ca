"""The Discord client: intents, extensions, one error handler; it holds the services.

discord.py has no public option for another server, so pointing it at a stand-in on this
machine sets the three addresses it keeps in class attributes, all together.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType
from discord.asset import Asset
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import DatabaseAway, DiscordRefused, HighwaterError, Unreachable, UserError
from bot.services import Services
from bot.settings import Settings
from storage import facts
from storage.errors import StorageAway

log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.controls",
    "cogs.lookup",
    "cogs.relative",
    "cogs.breadth",
    "cogs.setups",
    "cogs.record",
    "cogs.scorecard",
    "cogs.news",
    "cogs.onboarding",
    "cogs.welcome",
    "cogs.tickers",
    "cogs.subscriptions",
    "cogs.universes",
    "cogs.quiet",
    "cogs.alerts",
    "cogs.watchlists",
    "cogs.portfolio",
    "cogs.settings",
    "cogs.privacy",
    "cogs.accountability",
    "cogs.about",
)
"""The cogs, loaded in this order."""
GUILDS_REMOTE, GUILDS_LOCAL = 2.0, 0.2
"""Seconds without another server arriving after which all are there; a stand-in has few."""
LONGEST_WAIT = 60.0
"""Seconds that discord.py itself waits for a rate limit; it tells of a longer one, of which Discord
has some for feeds, so that nothing else waits with it."""
COMMANDS_FACT = "commands sent to Discord"
UNREACHABLE = (
    aiohttp.ClientError,
    OSError,
    discord.HTTPException,
    discord.RateLimited,
    discord.GatewayNotFound,
)
UNEXPECTED = "Something went wrong on my side. It is logged; please try again in a minute."


discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # no voice, no warning


def is_discord() -> bool:
    """Whether discord.py talks to Discord itself and not to a stand-in on this machine."""
    return urlsplit(Route.BASE).hostname == "discord.com"


def point_at(*, api_base: str, gateway: str, cdn: str | None = None) -> None:
    """Send discord.py to another server for the rest of this process."""
    Route.BASE = api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    if cdn is not None:
        Asset.BASE = cdn


def point_as_set(settings: Settings) -> None:
    """Send discord.py to where the settings have Discord."""
    if not settings.is_real_discord:
        point_at(api_base=settings.discord_api_base, gateway=settings.discord_gateway)


@dataclass(frozen=True, kw_only=True)
class Portion:
    """The shards that a client holds: those `numbers` of `total`. `slot(shard)` returns when that
    one may identify."""

    numbers: range
    total: int
    slot: Callable[[int], Awaitable[None]]


class Highwater(commands.AutoShardedBot):
    """Slash commands only, so no privileged intent and no message cache."""

    def __init__(
        self,
        services: Services,
        *,
        became_ready: asyncio.Event,
        portion: Portion | None = None,
    ) -> None:
        held: dict[str, Any] = {}
        if portion is not None:
            held = {"shard_ids": list(portion.numbers), "shard_count": portion.total}
        super().__init__(
            **held,
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_WAIT,
            guild_ready_timeout=GUILDS_REMOTE if is_discord() else GUILDS_LOCAL,
            tree_cls=Tree,
        )
        self.services = services
        self._became_ready = became_ready
        self._portion = portion
        self.running: set[asyncio.Task[Any]] = set()
        self.draining = False

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        application = self.application
        people = application is not None and application.user_integration_config is not None
        settle_reach(self.tree, people=people)
        await self._sync_commands()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if self._portion is None or shard_id is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self._portion.slot(shard_id)

    async def on_ready(self) -> None:
        log.info("connected to Discord as %s, in %d server(s)", self.user, len(self.guilds))
        self._became_ready.set()

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        log.info("removed from guild %d: its data are deleted", guild.id)
        await self.services.subscriptions.forget_guild(guild.id)

    @property
    def away(self) -> list[int]:
        """The shards that have no connection now, of those that were asked for."""
        held = self._portion.numbers if self._portion else range(self.shard_count or 0)
        return [n for n in held if n not in self.shards or self.shards[n].is_closed()]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Marks the current task as one that a stop waits for."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  commands always run in a task
        self.running.add(task)
        try:
            yield
        finally:
            self.running.discard(task)

    async def drain(self, seconds: float) -> None:
        """Wait for running commands, at most `seconds`."""
        self.draining = True
        waiting = [task for task in self.running if task is not asyncio.current_task()]
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)

    async def _sync_commands(self) -> None:
        """Tell Discord the commands, when they changed since it was last told."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        text = json.dumps([Route.BASE, self.application_id, payload], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = await self.services.db.read(lambda c: facts.get(c, COMMANDS_FACT))
        if known == digest:
            return
        while True:
            try:
                await self.tree.sync()
                break
            except discord.RateLimited as limit:
                log.warning("Discord takes changed commands in %.0f s only", limit.retry_after)
                await asyncio.sleep(limit.retry_after)
        await self.services.db.write(lambda c: facts.put(c, COMMANDS_FACT, digest))
        log.info("told Discord about %d commands", len(payload))


def settle_reach(tree: app_commands.CommandTree[Any], *, people: bool) -> None:
    """Say where each command works: what belongs to a server there alone, all else in direct
    messages, too, and with `people`, for an application that allows it, wherever somebody
    brings it along in their own account."""
    tree.allowed_contexts = AppCommandContext(guild=True, dm_channel=True, private_channel=people)
    tree.allowed_installs = AppInstallationType(guild=True, user=people)
    for command in tree.get_commands():
        if not isinstance(command, app_commands.ContextMenu) and command.guild_only:
            command.allowed_contexts = AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            )
            command.allowed_installs = AppInstallationType(guild=True, user=False)


class Tree(app_commands.CommandTree[Highwater]):
    """The command tree with the one place where a command's errors are answered."""

    async def interaction_check(self, interaction: discord.Interaction[Highwater]) -> bool:
        if self.client.draining:
            await interaction.response.send_message(
                "I am restarting; please try again in a minute.", ephemeral=True
            )
        return not self.client.draining

    async def on_error(
        self, interaction: discord.Interaction[Highwater], error: app_commands.AppCommandError
    ) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
            cause = error.__cause__  # type: ignore[assignment]
        await say(interaction, in_words(cause, interaction))


def in_words(error: BaseException, interaction: discord.Interaction[Any]) -> str:
    """What the person who asked is told; only what is not their doing is logged."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, StorageAway | DatabaseAway):
        log.warning("/%s: %s", _name(interaction), error)
        return "My database cannot be reached just now; please try again in a minute."
    if isinstance(error, HighwaterError):
        log.warning("/%s: %s", _name(interaction), error)
        return str(error)
    if isinstance(error, app_commands.CheckFailure):
        return str(error) or "You may not use this command here."
    log.error("/%s failed", _name(interaction), exc_info=error)
    return UNEXPECTED


async def say(interaction: discord.Interaction[Any], text: str) -> None:
    """A short private answer, whether or not the command was already acknowledged."""
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(content=text, embeds=[], view=None)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError) as error:
        log.warning("could not answer /%s: %s", _name(interaction), error)


def _name(interaction: discord.Interaction[Any]) -> str:
    return interaction.command.qualified_name if interaction.command else "component"


async def connect(client: Highwater, token: str) -> None:
    """Log in and stay connected until the client is closed.

    Raises DiscordRefused for a wrong token, Unreachable when Discord cannot be reached at the
    start. Later interruptions are discord.py's to mend.
    """
    with _in_our_words():
        await client.start(token)


@asynccontextmanager
async def logged_in(token: str, trace: aiohttp.TraceConfig) -> AsyncIterator[discord.Client]:
    """A client for REST requests alone, which hears of nothing; every request passes `trace`.

    Raises like `connect`.
    """
    client = discord.Client(
        intents=discord.Intents(guilds=True),  # discord.py asks for them, though nothing is heard
        allowed_mentions=discord.AllowedMentions.none(),
        max_messages=None,
        max_ratelimit_timeout=LONGEST_WAIT,
        http_trace=trace,
    )
    try:
        with _in_our_words():
            await client.login(token)
        yield client
    finally:
        await client.close()


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise DiscordRefused(
            "Discord does not accept DISCORD_TOKEN. Copy the token again from the developer "
            "portal (Bot → Reset Token) into .env."
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise DiscordRefused(f"Discord refuses the connection: {error}") from error
    except UNREACHABLE as error:
        raise Unreachable(
            f"Discord cannot be reached ({type(error).__name__}: {error}). Check the network, "
            "then start again; nothing was lost."
        ) from error
