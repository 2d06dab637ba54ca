"""One running program for all tests of the cogs: a real process, used through the playground."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.playground.person import Person
from tests.program.runner import Program, environment, started


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """`highwater run` without a token, its market paused after the head start."""
    folder = tmp_path_factory.mktemp("cogs")
    env = environment(folder, HIGHWATER_WEB_PORT="0", HIGHWATER_REPLAY_SPEED="0.01")
    async with started("bot", "run", env=env, cwd=folder) as running:
        yield running
        assert await running.stop() == 0
        assert not [line for line in running.lines if "Traceback" in line or "ERROR" in line]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def http(program: Program) -> AsyncIterator[aiohttp.ClientSession]:
    line = await program.says("playground: ")
    address = re.search(r"http://\S+", line)
    assert address is not None
    async with aiohttp.ClientSession(base_url=address[0]) as session:
        yield session


@pytest_asyncio.fixture(loop_scope="session")
async def admin(http: aiohttp.ClientSession) -> AsyncIterator[Person]:
    person = await Person.enter(http, "admin")
    yield person
    await person.socket.close()


@pytest_asyncio.fixture(loop_scope="session")
async def member(http: aiohttp.ClientSession) -> AsyncIterator[Person]:
    person = await Person.enter(http, "member")
    yield person
    await person.socket.close()
