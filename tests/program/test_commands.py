"""The whole program as a process, used by members of the playground: no part of it is replaced."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.playground.person import Json, Person, option
from tests.program.runner import Program, environment, started

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """`highwater run` without a token, its market paused after the head start."""
    folder = tmp_path_factory.mktemp("program")
    env = environment(folder, HIGHWATER_WEB_PORT="0", HIGHWATER_REPLAY_SPEED="0.5")
    async with started("bot", "run", env=env, cwd=folder) as running:
        yield running
        assert await running.stop() == 0
        assert not [line for line in running.lines if "Traceback" in line or "ERROR" in line]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(program: Program) -> AsyncIterator[aiohttp.ClientSession]:
    line = await program.says("playground: ")
    address = re.search(r"http://\S+", line)
    assert address is not None
    async with aiohttp.ClientSession(base_url=address[0]) as session:
        yield session


@pytest_asyncio.fixture(loop_scope="module")
async def admin(http: aiohttp.ClientSession) -> AsyncIterator[Person]:
    person = await Person.enter(http, "admin")
    yield person
    await person.socket.close()


@pytest_asyncio.fixture(loop_scope="module")
async def member(http: aiohttp.ClientSession) -> AsyncIterator[Person]:
    person = await Person.enter(http, "member")
    yield person
    await person.socket.close()


async def answer(person: Person, name: str, *options: Json, channel: str = "general") -> Json:
    record = await person.use(name, await person.channel(channel), *options)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    return message


def sub(name: str, *options: Json) -> Json:
    return {"name": name, "type": 1, "options": list(options)}


async def test_alerts_are_in_the_subscribed_channel_soon_after_the_start(admin: Person) -> None:
    channel = await admin.channel("alerts")
    async with asyncio.timeout(60):
        while not (posts := [m for m in await admin.messages(channel) if m["embeds"]]):
            await admin.wait("message_create")
    title = posts[0]["embeds"][0]["title"]
    assert re.match(r"[◆●✕] \S+ made a new (52-week|all-time) high: ", title)
    assert posts[0]["embeds"][0]["image"]["url"]
    assert "Demo market (synthetic)" in posts[0]["embeds"][0]["footer"]["text"]


async def test_high_answers_with_a_card_and_a_chart(admin: Person) -> None:
    message = await answer(admin, "high", option("symbol", "IVOO"))
    embed = message["embeds"][0]
    assert embed["title"].startswith("IVOO · Vanguard S&P Mid-Cap 400 ETF")
    names = [field["name"] for field in embed["fields"]]
    assert {"Prior close", "52-week range", "Volume", "All-time high"} <= set(names)
    assert "split-adjusted, without dividends" in embed["footer"]["text"]
    async with admin.http.get(embed["image"]["url"]) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")


async def test_the_chart_has_an_alt_text(admin: Person) -> None:
    message = await answer(admin, "chart", option("symbol", "spy"), option("range", "1y"))
    assert "252 sessions" in message["embeds"][0]["description"]
    described = str(message["attachments"]) + str(message["embeds"][0]["image"])
    assert "SPY, 252 candles, daily" in described


@pytest.mark.parametrize(
    "hostile",
    [
        "../../x",
        "📈",
        "A" * 500,
        "SPY?range=1d",
        "<@&1>",
        "'; DROP TABLE alerts;--",
        "‮SPY",
        "@everyone",
    ],
)
async def test_a_hostile_symbol_is_refused_in_private_with_what_to_write(
    admin: Person, hostile: str
) -> None:
    message = await answer(admin, "high", option("symbol", hostile))
    assert "is not a ticker symbol" in message["content"]
    assert message["flags"] & 64
    assert not message.get("mention_everyone")
    assert not message["mention_roles"]


async def test_an_unknown_symbol_is_answered_with_what_to_do(admin: Person) -> None:
    message = await answer(admin, "high", option("symbol", "ZZZZZ"))
    text = message["content"]
    assert "ZZZZZ" in text
    assert not message["embeds"]


async def test_symbols_complete_by_ticker_and_by_name(admin: Person) -> None:
    channel = await admin.channel("general")
    command = await admin.command("high", channel)

    async def choices(typed: str) -> list[Any]:
        status, found = await admin.interact(
            "autocomplete",
            channel,
            command=command["id"],
            name="high",
            options=[option("symbol", typed, focused=True)],
        )
        assert status == 200
        return [choice["value"] for choice in found["choices"]]

    assert (await choices("ivo"))[0] == "IVOO"
    assert "IVOO" in await choices("mid-cap 400")
    assert len(await choices("")) <= 25


async def test_a_member_sees_no_subscribe_command(member: Person) -> None:
    query = {"as": member.id, "channel": await member.channel("general")}
    names = {command["name"] for command in await member.ask("GET", "/commands", **query)}
    assert "high" in names
    assert not names & {"subscribe", "subscriptions"}


async def test_subscriptions_are_made_listed_paused_tested_and_removed(admin: Person) -> None:
    made = await answer(admin, "subscribe", option("what", "SPY, $qqq iwm"))
    title = made["embeds"][0]["title"]
    number = int(re.findall(r"#(\d+)", title)[0])
    assert "(3 symbols)" in made["embeds"][0]["description"]
    assert made["flags"] & 64

    again = await answer(admin, "subscribe", option("what", "iwm qqq spy"))
    assert f"already has just this subscription: #{number}" in again["content"]

    listed = await answer(admin, "subscriptions", sub("list"))
    assert f"`#{number}`" in listed["embeds"][0]["description"]

    for verb, word in (("pause", "Paused"), ("resume", "Resumed")):
        done = await answer(admin, "subscriptions", sub(verb, option("number", number, 4)))
        assert done["embeds"][0]["description"].startswith(f"{word} #{number}")

    tested = await answer(admin, "subscriptions", sub("test", option("number", number, 4)))
    assert re.search(r"Test · |nothing to show", str(tested["embeds"][0]))

    gone = await answer(admin, "subscriptions", sub("remove", option("number", number, 4)))
    assert gone["embeds"][0]["description"].startswith(f"Removed #{number}")
    missing = await answer(admin, "subscriptions", sub("remove", option("number", number, 4)))
    assert "no subscription" in missing["content"]


async def test_a_universe_that_does_not_exist_is_answered_with_those_that_do(
    admin: Person,
) -> None:
    message = await answer(admin, "subscribe", option("what", "🚀🚀🚀"))
    assert "not a ticker symbol" in message["content"] or "universe" in message["content"]


async def test_a_channel_where_the_bot_may_not_post_is_refused_by_name(admin: Person) -> None:
    staff = await admin.channel("staff")
    message = await answer(admin, "subscribe", option("what", "size"), option("channel", staff, 7))
    assert "View Channel" in message["content"]
    listed = await answer(admin, "subscriptions", sub("list"))
    assert staff not in str(listed["embeds"])


async def test_status_and_help_answer_in_private(admin: Person) -> None:
    for name in ("status", "help"):
        message = await answer(admin, name)
        assert message["flags"] & 64
        assert message["embeds"][0]["fields"]


async def test_the_bot_broke_none_of_discords_rules(admin: Person) -> None:
    log = await admin.ask("GET", "/log")
    assert log["violations"] == []


async def test_the_buttons_of_an_alert_answer_whoever_presses_them_in_private(
    member: Person, admin: Person
) -> None:
    channel = await admin.channel("alerts")
    post = next(m for m in await member.messages(channel) if m["components"])
    answers = {}
    for button in post["components"][0]["components"]:
        record = await member.press(post, button["custom_id"])
        assert record["state"] == "answered", (button["label"], record)
        message = record["message"]
        assert message["flags"] & 64
        answers[button["label"]] = message
    assert list(answers) == ["Chart", "High", "Why", "Watch", "Mute for a day"]
    assert answers["Why"]["embeds"][0]["title"].startswith("Why #")
    assert answers["Watch"]["embeds"]
    assert "Manage Channels" in str(answers["Mute for a day"])
    record = await admin.press(post, button["custom_id"])
    assert "Muted here" in str(record["message"])
