"""The weekly scorecard in a channel and a watchlist by direct message, as time goes by."""

import asyncio
import re
from contextlib import suppress

import pytest

from tests.cogs.test_quiet import said, sub
from tests.playground.person import Json, Person, option

pytestmark = pytest.mark.asyncio(loop_scope="session")


def titled(messages: list[Json], words: str) -> list[Json]:
    """Messages of which nobody is the only reader, with an embed of such a title."""
    return [
        message
        for message in messages
        if not message["flags"] & 64
        and any((embed.get("title") or "").startswith(words) for embed in message["embeds"])
    ]


async def arrives(person: Person, channel: str, words: str) -> Json:
    for _ in range(9):
        if found := titled(await person.messages(channel), words):
            return found[-1]
        with suppress(asyncio.TimeoutError):
            await person.wait("message_create", lambda m: m["channel_id"] == channel)
    raise AssertionError(f"no message with {words}")


async def test_a_scorecard_and_a_watchlist_come_when_their_time_has_come(
    admin: Person, member: Person
) -> None:
    general, direct = await admin.channel("general"), await member.direct_channel()
    refused = await said(member, "scorecard", sub("on"))
    assert "You need the Manage Channels permission" in refused
    assert "gets a scorecard after the last close" in await said(admin, "scorecard", sub("on"))
    await said(
        member, "watchlist", sub("create", option("name", "daily"), option("symbols", "SPY QQQ"))
    )
    daily = option("name", "daily")
    assert "after each close" in await said(member, "watchlist", sub("digest", daily))
    for _ in range(6):  # a week and more
        await admin.ask("POST", "/market", action="step")
    listed = await arrives(member, direct, "daily · 2 symbols")
    assert "`/watchlist digest stop:True`" in listed["embeds"][0]["description"]
    card = (await arrives(admin, general, "Scorecard, "))["embeds"][0]
    assert {field["name"] for field in card["fields"]} >= {"This week"}
    assert len(titled(await admin.messages(general), "Scorecard, ")) <= 2
    assert "no longer sent" in await said(
        member, "watchlist", sub("digest", option("stop", True, 5), daily)
    )
    await said(member, "watchlist", sub("delete", daily))
    assert "gets no weekly scorecard" in await said(admin, "scorecard", sub("off"))
    shown = await admin.use("scorecard", general, sub("show"))
    assert shown["message"]["embeds"][0]["title"].startswith("Scorecard, ")


async def test_alerts_bring_briefs_along_where_that_is_wanted(admin: Person) -> None:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    room = (await admin.ask("POST", f"/guilds/{guild}/channels", name="briefed"))["id"]
    made = await said(admin, "subscribe", option("what", "us-etfs"), channel="briefed")
    (number,) = re.findall(r"Subscribed: #(\d+)", made)
    chosen = sub("edit", option("number", int(number), 4), option("brief", True, 5))
    assert "with a brief attached" in await said(admin, "subscriptions", chosen)
    notes: list[Json] = []
    for _ in range(8):
        await admin.ask("POST", "/market", action="step")
        with suppress(asyncio.TimeoutError):
            await admin.wait("message_create", lambda m: m["channel_id"] == room)
        seen = [a for m in await admin.messages(room) for a in m["attachments"]]
        if notes := [each for each in seen if each["filename"].startswith("brief-")]:
            break
    async with admin.http.get(notes[0]["url"]) as answer:
        text = await answer.text()
    assert text.startswith("# ")
    assert "## " in text
    await said(admin, "subscriptions", sub("remove", option("number", int(number), 4)))
    await admin.ask("DELETE", f"/channels/{room}")
