"""The whole program on PostgreSQL, as an operator runs it."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psycopg
import pytest

from tests.alerts.stage import quiet_year, write_prices
from tests.playground.person import Json, Person, option
from tests.postgres import Server, running
from tests.program.runner import environment, finished, playground, started

LISTING: Json = {"name": "list", "type": 1, "options": []}


@pytest.fixture
def server() -> Iterator[Server]:
    """One that may be crashed."""
    with running() as own:
        yield own


def said(record: Json) -> str:
    assert record["state"] == "answered", record
    return str(record["message"]["content"]) + str(record["message"]["embeds"])


async def test_it_outlives_a_crash_of_the_server_and_another_takes_over_when_it_is_killed(
    tmp_path: Path, server: Server
) -> None:
    closes = {symbol: quiet_year(103) for symbol in ("SPY", "QQQ")}
    write_prices(tmp_path / "prices", closes, first="2022-01-03")
    address = server.fresh("template1")
    async with playground(tmp_path) as discord:
        env = environment(
            tmp_path,
            DATABASE_URL=address,
            DISCORD_TOKEN=discord["token"],
            HIGHWATER_DISCORD_API_BASE=discord["api_base"],
            HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
            HIGHWATER_WEB_PORT="0",
        )
        arguments = ("bot", "run", "--source", "folder", "--data", "prices")
        async with aiohttp.ClientSession(base_url=discord["url"]) as http:
            admin = await Person.enter(http, "admin")
            channel = await admin.channel("general")
            async with started(*arguments, env=env, cwd=tmp_path) as program:
                await program.says("connected to Discord as")
                assert "QQQ" in said(await admin.use("subscribe", channel, option("what", "QQQ")))

                server.stop(signal.SIGQUIT)
                server.start()
                async with asyncio.timeout(30):
                    while "QQQ" not in str(
                        (await admin.use("subscriptions", channel, LISTING))["message"]
                    ):
                        pass
                assert not [line for line in program.lines if "Traceback" in line], program.lines

                async with started(*arguments, env=env, cwd=tmp_path) as other:
                    await other.says("standing by to take over")
                    program.process.kill()
                    await other.says("connected to Discord as")
                    assert "QQQ" in said(await admin.use("subscriptions", channel, LISTING))
                    assert await other.stop() == 0
            await admin.socket.close()
    assert not (tmp_path / "data" / "highwater.db").exists()
    with psycopg.connect(address) as connection:
        (histories,) = connection.execute("SELECT count(*) FROM histories").fetchone() or (0,)
    assert histories


async def test_a_server_that_is_not_there_ends_with_69_and_no_password(tmp_path: Path) -> None:
    env = environment(
        tmp_path,
        DATABASE_URL="postgresql://hw:a-very-secret-word@127.0.0.1:1/highwater",
        DISCORD_TOKEN="any-token-at-all",
        HIGHWATER_SOURCE="demo",
    )
    code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 69, output
    assert "postgresql://127.0.0.1:1/highwater cannot be reached" in output
    assert "a-very-secret-word" not in output
    assert "Traceback" not in output
    code, output = await finished("bot", "backup", "copy.db", env=env, cwd=tmp_path)
    assert code == 1
    assert "pg_dump" in output
