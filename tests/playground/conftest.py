"""A playground on a free port, real bots connected to it, and people who use them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import discord
import pytest
import yarl

from bot.playground.server import Playground
from tests.playground.person import Person
from tests.playground.sample_bot import SampleBot

StartBot = Callable[..., Awaitable[SampleBot]]
Enter = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def playground(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playground]:
    """Running, and where discord.py believes Discord to be."""
    server = Playground()
    await server.start()
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)
    gateway = yarl.URL(server.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    monkeypatch.setattr(discord.asset.Asset, "BASE", server.cdn_base)
    yield server
    await server.stop()


@asynccontextmanager
async def running(bot: SampleBot, token: str) -> AsyncIterator[SampleBot]:
    """A bot that is ready."""
    task = None
    try:
        await bot.login(token)
        task = bot.loop.create_task(bot.connect())
        await bot.wait_until_ready()
        yield bot
    finally:
        await bot.close()
        if task is not None:
            await task


@pytest.fixture
async def start_bot(playground: Playground) -> AsyncIterator[StartBot]:
    async with AsyncExitStack() as stack:

        async def start(**options: int) -> SampleBot:
            bot = SampleBot(**options)
            return await stack.enter_async_context(running(bot, playground.token))

        yield start


@pytest.fixture
async def bot(start_bot: StartBot) -> SampleBot:
    return await start_bot()


@pytest.fixture
async def http(playground: Playground) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(playground.url) as session:
        yield session


@pytest.fixture
async def enter(http: aiohttp.ClientSession) -> AsyncIterator[Enter]:
    people: list[Person] = []

    async def enter_as(username: str) -> Person:
        people.append(await Person.enter(http, username))
        return people[-1]

    yield enter_as
    for person in people:
        await person.socket.close()


@pytest.fixture
async def admin(enter: Enter) -> Person:
    return await enter("admin")


@pytest.fixture
async def member(enter: Enter) -> Person:
    return await enter("member")


@pytest.fixture
async def alerts(admin: Person) -> str:
    return await admin.channel("alerts")
