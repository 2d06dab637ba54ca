"""Two gateways with two shards each, as processes: who answers, and what outlives them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import psycopg
import pytest

from tests.alerts.stage import quiet_year, write_prices
from tests.playground.person import Json, Person, option
from tests.postgres import Server
from tests.program.runner import Program, environment, playground, started

LISTING: Json = {"name": "list", "type": 1, "options": []}
RUN = ("bot", "run", "--role", "gateway", "--source", "folder", "--data", "prices", "--shards")


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    async with playground(tmp_path) as addresses:
        yield addresses


async def a_channel_of_each_shard(admin: Person) -> list[str]:
    """Of four; guilds are founded until each shard has one."""
    found: dict[int, str] = {}
    while len(found) < 4:
        guild = await admin.ask("POST", "/guilds", name="Another")
        channel = next(each for each in guild["channels"] if each["name"] == "general")
        found.setdefault(int(guild["id"]) // 2**22 % 4, channel["id"])
    return [found[shard] for shard in range(4)]


def upgrade(address: str) -> None:
    """What the first part of a later version does to the database."""
    with psycopg.connect(address) as connection:
        for table in ("subscriptions", "alerts", "episodes", "facts"):
            column = "later BIGINT NOT NULL DEFAULT 0"
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}".encode())
        connection.execute("INSERT INTO migrations (name) VALUES ('m999_later')")


def served(process: Program) -> str:
    """Where its pages are; those of its time as a stand-by were before."""
    return [line for line in process.lines if "health, metrics" in line][-1].split()[-1]


async def listed(admin: Person, channel: str) -> str:
    record = await admin.use("subscriptions", channel, LISTING)
    assert record["state"] == "answered", record
    return str(record["message"])


async def test_each_answers_its_own_servers_once_and_nothing_acknowledged_is_lost(
    tmp_path: Path, postgres: Server, discord: dict[str, str]
) -> None:
    write_prices(tmp_path / "prices", {"QQQ": quiet_year(103)}, first="2022-01-03")
    address = postgres.fresh("schema")
    env = environment(
        tmp_path,
        DATABASE_URL=address,
        DISCORD_TOKEN=discord["token"],
        HIGHWATER_DISCORD_API_BASE=discord["api_base"],
        HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
        HIGHWATER_WEB_PORT="0",
    )
    async with aiohttp.ClientSession(discord["url"]) as http:
        admin = await Person.enter(http, "admin")
        rules = {"identify_seconds": 5, "max_concurrency": 2, "shards": 4}
        await admin.ask("POST", "/limits", **rules)
        channels = await a_channel_of_each_shard(admin)
        async with AsyncExitStack() as stack:

            async def start(shards: str) -> Program:
                process = started(*RUN, shards, env=env, cwd=tmp_path)
                return await stack.enter_async_context(process)

            low, high = await start("0-1/4"), await start("2-3/4")
            await low.says("holding the shards 0-1/4")
            await high.says("holding the shards 2-3/4")
            next_low, next_high = await start("0-1/4"), await start("2-3/4")
            await low.says("connected to Discord as")
            await high.says("connected to Discord as")
            pages = served(high)
            async with http.get(f"{pages}/readyz") as answer:
                assert (answer.status, await answer.json()) == (200, {"ready": True, "missing": []})
            async with http.get(f"{pages}/metrics") as answer:
                text = await answer.text()
            assert 'highwater_role{role="gateway",shards="2-3/4"} 1.0' in text
            state = await admin.ask("GET", "/state")
            shards = [int(guild["id"]) // 2**22 % 4 for guild in state["guilds"]]
            assert f"highwater_servers {sum(shard >= 2 for shard in shards)}.0" in text
            for channel in channels:
                subscribed = await admin.use("subscribe", channel, option("what", "QQQ"))
                assert subscribed["state"] == "answered", subscribed
            await next_low.says("holds the shards 0-1/4, and this one is for 0-1/4; standing by")
            await next_high.says("holds the shards 2-3/4, and this one is for 2-3/4; standing by")

            async with http.get(f"{served(next_high)}/readyz") as answer:
                assert answer.status == 503
            async with http.get(f"{served(next_high)}/healthz") as answer:
                assert answer.status == 200

            high.process.kill()
            assert await high.ends() == -9
            orphan = await admin.use("subscriptions", channels[2], LISTING)
            assert orphan["state"] == "failed"  # nobody else answers for that shard
            assert await low.stop() == 0
            await next_low.says("connected to Discord as")
            assert "QQQ" in await listed(admin, channels[0])
            await next_high.says("connected to Discord as")
            upgrade(address)
            for channel in channels:
                assert "QQQ" in await listed(admin, channel)
            more = await admin.use("subscribe", channels[1], option("what", "SPY"))
            assert more["state"] == "answered", more
            assert "SPY" in await listed(admin, channels[1])
            assert await next_low.stop() == 0
            assert await next_high.stop() == 0
        log = await admin.ask("GET", "/log")
        await admin.socket.close()
    assert (log["refused_identifies"], log["violations"]) == (0, [])
    answers = [each["path"] for each in log["requests"] if each["path"].endswith("/callback")]
    assert len(answers) == len(set(answers)) == 11
    for process in (low, high, next_low, next_high):
        assert not [line for line in process.lines if "Traceback" in line], process.lines
