"""A server's first minutes: a welcome, a setup across a restart, private questions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.playground.person import Json, Person, option
from tests.program.runner import Program, environment, playground, started

SEND = 1 << 11
"""Discord’s bit of Send Messages."""


@pytest_asyncio.fixture
async def discord(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    async with playground(tmp_path) as addresses:
        yield addresses


@pytest_asyncio.fixture
async def admin(discord: dict[str, str]) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession(base_url=discord["url"]) as session:
        person = await Person.enter(session, "admin")
        yield person
        await person.socket.close()


@asynccontextmanager
async def running(discord: dict[str, str], folder: Path) -> AsyncIterator[Program]:
    """The bot over the demo market, connected to the playground."""
    env = environment(
        folder,
        DISCORD_TOKEN=discord["token"],
        HIGHWATER_SOURCE="demo",
        HIGHWATER_DISCORD_API_BASE=discord["api_base"],
        HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
        HIGHWATER_WEB_PORT="0",
    )
    async with started("bot", "run", env=env, cwd=folder) as program:
        await program.says("connected to Discord as")
        yield program
        assert await program.stop() == 0
        assert not [line for line in program.lines if "Traceback" in line or "ERROR" in line]


def said(message: Json) -> str:
    return str(message["content"]) + str(message["embeds"])


async def welcomes(admin: Person, guild: Json) -> list[str]:
    """The names of the channels that a welcome stands in, once for each."""
    return [
        channel["name"]
        for channel in guild["channels"]
        for message in await admin.messages(channel["id"])
        if "Hello, I am Highwater" in said(message)
    ]


async def test_a_server_is_welcomed_once_in_the_first_channel_that_takes_it(
    discord: dict[str, str], admin: Person, tmp_path: Path
) -> None:
    def hello(message: Json) -> bool:
        return "Hello, I am Highwater" in said(message)

    async with running(discord, tmp_path):
        guild = await admin.ask("POST", "/guilds", name="A new server")
        message = await admin.wait("message_create", hello)
        assert "`/setup`" in said(message)
        assert not message["mention_everyone"]
        (place,) = await welcomes(admin, guild)
        first = next(c for c in guild["channels"] if c["name"] == place)

        # Cut off, the bot identifies anew and is told of all its servers again.
        fault = {"where": "gateway", "act": "drop", "code": 4009}
        await admin.ask("POST", "/faults", **fault, times=1)
        await admin.wait("bot", lambda state: not state["connected"])
        await admin.wait("bot", lambda state: state["connected"])
        other = await admin.ask("POST", "/guilds", name="Another one")
        await admin.wait("message_create", hello)
        assert len(await welcomes(admin, guild)) == len(await welcomes(admin, other)) == 1

        # Taken out and in again it is welcomed as new, in a channel where it may write.
        bot = (await admin.ask("GET", "/state"))["bot"]["user"]["id"]
        denied = [{"id": bot, "type": 1, "deny": str(SEND)}]
        await admin.ask("POST", f"/channels/{first['id']}/overwrites", overwrites=denied)
        member = f"/guilds/{guild['id']}/members/{bot}"
        await admin.ask("DELETE", member)
        await admin.ask("PUT", member)
        again = await admin.wait("message_create", hello)
        assert again["channel_id"] != first["id"]
    async with running(discord, tmp_path):
        third = await admin.ask("POST", "/guilds", name="A third")
        await admin.wait("message_create", hello)
        assert [len(await welcomes(admin, each)) for each in (guild, other, third)] == [2, 1, 1]


async def test_setup_goes_on_after_a_restart_in_the_middle(
    discord: dict[str, str], admin: Person, tmp_path: Path
) -> None:
    alerts = await admin.channel("alerts")
    async with running(discord, tmp_path):
        record = await admin.use("setup", alerts, option("channel", alerts, 7))
        form = record["message"]
        assert "is ready" in said(form)
    async with running(discord, tmp_path):
        start = form["components"][-1]["components"][0]
        assert start["label"] == "Start"
        await admin.press(form, start["custom_id"])
        done = await admin.wait("message_update", lambda m: "is set up" in said(m))
        assert f"<#{alerts}> receives" in said(done)
        assert any("Test · " in said(message) for message in await admin.messages(alerts))


async def test_the_tickers_of_a_message_are_shown_to_the_one_who_asked(
    discord: dict[str, str], admin: Person, tmp_path: Path
) -> None:
    general = await admin.channel("general")
    async with running(discord, tmp_path):
        for words, expected in (
            ("What do you make of $ivoo and SPY?", ("IVOO", "SPY")),
            ("Good morning!", ("I see no ticker",)),
        ):
            posted = await admin.say(general, words)
            name = "Tickers in this message"
            command = await admin.command(name, general)
            interaction = await admin.start(
                "message_command", general, command=command["id"], name=name, target=posted["id"]
            )
            message = (await admin.settled(interaction))["message"]
            assert message["flags"] & 64
            assert all(word in said(message) for word in expected)


async def test_lookups_work_in_a_direct_message_and_setup_does_not_appear_there(
    discord: dict[str, str], admin: Person, tmp_path: Path
) -> None:
    async with running(discord, tmp_path):
        direct = await admin.direct_channel()
        record = await admin.use("high", direct, option("symbol", "IVOO"))
        assert record["message"]["embeds"][0]["title"].startswith("IVOO")
        query = {"as": admin.id, "channel": direct}
        names = {command["name"] for command in await admin.ask("GET", "/commands", **query)}
        assert {"high", "settings", "help", "alert"} <= names
        assert not names & {"setup", "subscribe", "subscriptions", "mute", "quiet", "digest"}
        mine = {"name": "me", "type": 1, "options": [option("basis", "total")]}
        record = await admin.use("settings", direct, mine)
        assert "is now total" in said(record["message"])
