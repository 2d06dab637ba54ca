"""`/mute`, `/quiet`, `/digest` and `/subscriptions edit`, used by people in the playground."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.playground.person import Json, Person, option

MANAGE_CHANNELS = 1 << 4
pytestmark = pytest.mark.asyncio(loop_scope="session")


def sub(name: str, *options: Json) -> Json:
    return {"name": name, "type": 1, "options": list(options)}


async def said(person: Person, name: str, *options: Json, channel: str = "general") -> str:
    """The private answer's words."""
    record = await person.use(name, await person.channel(channel), *options)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    assert message["flags"] & 64, "only the one who asked should see it"
    return str(message["content"]) + str(message["embeds"])


async def test_a_symbol_is_muted_listed_and_let_speak_again(admin: Person) -> None:
    muted = await said(admin, "mute", sub("add", option("what", "SPY"), option("until", "2d")))
    assert "Muted here: SPY until <t:" in muted
    number = muted.split("/mute remove ")[1].split("`")[0]
    assert f"`#{number}` SPY until" in await said(admin, "mute", sub("list"))
    ended = await said(admin, "mute", sub("remove", option("number", int(number), 4)))
    assert "No longer muted: SPY" in ended
    assert "Nothing is muted" in await said(admin, "mute", sub("list"))


async def test_a_mute_that_means_nothing_is_answered_with_what_to_write(admin: Person) -> None:
    answer = await said(admin, "mute", sub("add", option("what", "SPY"), option("until", "soon")))
    assert "soon" in answer
    assert "There is no mute #99" in await said(
        admin, "mute", sub("remove", option("number", 99, 4))
    )


async def test_quiet_hours_a_zone_and_digest_times_are_chosen_and_shown(admin: Person) -> None:
    hours = sub("set", option("hours", "22-7"), option("zone", "europe/berlin"))
    assert "22:00-07:00" in await said(admin, "quiet", hours)
    times = sub("set", option("times", "close 9"))
    assert "09:00 and after the close" in await said(admin, "digest", times)
    shown = await said(admin, "quiet", sub("show"))
    assert "Europe/Berlin" in shown
    assert "22:00-07:00" in shown
    assert "22:00-07:00" not in await said(admin, "quiet", sub("off"))
    nothing = await said(admin, "quiet", sub("set", option("hours", "late")))
    assert "Quiet hours look like 22:00-07:00" in nothing


async def test_a_subscription_is_delivered_another_way(admin: Person) -> None:
    made = await said(admin, "subscribe", option("what", "GLD TLT"))
    number = int(re.findall(r"Subscribed: #(\d+)", made)[0])
    way = sub("edit", option("number", number, 4), option("delivery", "close"))
    assert "told after the close" in await said(admin, "subscriptions", way)
    assert ": close" in await said(admin, "quiet", sub("show"))


async def test_a_member_sees_none_of_these_commands(member: Person) -> None:
    query = {"as": member.id, "channel": await member.channel("general")}
    names = {command["name"] for command in await member.ask("GET", "/commands", **query)}
    assert not names & {"mute", "quiet", "digest", "feed", "subscriptions"}


@pytest_asyncio.fixture(loop_scope="session")
async def moderator(http: aiohttp.ClientSession) -> AsyncIterator[Person]:
    person = await Person.enter(http, "moderator")
    yield person
    await person.socket.close()


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(admin: Person, moderator: Person) -> AsyncIterator[str]:
    """A channel that the moderator, who manages all others, may not manage."""
    guild = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    made = await admin.ask("POST", f"/guilds/{guild}/channels", name="guarded")
    denied = {"id": moderator.id, "type": 1, "deny": str(MANAGE_CHANNELS)}
    await admin.ask("POST", f"/channels/{made['id']}/overwrites", overwrites=[denied])
    yield "guarded"
    await admin.ask("DELETE", f"/channels/{made['id']}")


async def test_what_a_channel_receives_is_changed_by_those_who_manage_that_channel(
    admin: Person, moderator: Person, guarded: str
) -> None:
    made = await said(admin, "subscribe", option("what", "GLD SLV"), channel=guarded)
    number = option("number", int(re.findall(r"Subscribed: #(\d+)", made)[0]), 4)
    muted = await said(admin, "mute", sub("add", option("what", "SPY")), channel=guarded)
    mute = option("number", int(muted.split("/mute remove ")[1].split("`")[0]), 4)
    changes: list[tuple[str, Json, str]] = [
        ("subscriptions", sub("edit", number, option("delivery", "close")), "told after the close"),
        ("subscriptions", sub("pause", number), "Paused"),
        ("subscriptions", sub("resume", number), "Resumed"),
        ("mute", sub("remove", mute), "No longer muted"),
        ("subscriptions", sub("remove", number), "Removed"),
    ]
    channel = await admin.channel(guarded)
    for name, change, _ in changes:
        refused = await said(moderator, name, change)
        assert f"Manage Channels permission in <#{channel}>" in refused
    for name, change, done in changes:
        assert done in await said(admin, name, change)


async def test_who_manages_the_other_channel_may_change_it_from_here(
    admin: Person, moderator: Person
) -> None:
    made = await said(admin, "subscribe", option("what", "GLD DIA"), channel="alerts")
    number = option("number", int(re.findall(r"Subscribed: #(\d+)", made)[0]), 4)
    assert "Removed" in await said(moderator, "subscriptions", sub("remove", number))
