"""`/mute`, `/quiet`, `/digest` and `/subscriptions edit`, used by people in the playground."""

import re

import pytest

from tests.playground.person import Json, Person, option

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
    assert not names & {"mute", "quiet", "digest", "subscriptions"}
