"""`/setup` from a fresh server to the first subscription, used by people in the playground."""

import re

import pytest

from tests.cogs.test_controls import components, pick
from tests.cogs.test_own_data import words
from tests.playground.person import Json, Person, option

pytestmark = pytest.mark.asyncio(loop_scope="session")

RIGHTS = {
    "View Channel": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
}
"""Discord’s own bits, from its documentation of permissions."""
MANAGE_CHANNELS = 1 << 4


async def guild_of(person: Person) -> Json:
    guild: Json = (await person.ask("GET", "/state"))["guilds"][0]
    return guild


async def new_channel(person: Person, name: str) -> str:
    guild = await guild_of(person)
    made = await person.ask("POST", f"/guilds/{guild['id']}/channels", name=name)
    return str(made["id"])


async def deny_bot(person: Person, channel: str, bits: int) -> None:
    bot = (await person.ask("GET", "/state"))["bot"]["user"]["id"]
    denied = [{"id": bot, "type": 1, "deny": str(bits)}] if bits else []
    await person.ask("POST", f"/channels/{channel}/overwrites", overwrites=denied)


async def form(person: Person, channel: str, *, at: str = "general") -> Json:
    place = await person.channel(at)
    record = await person.use("setup", place, option("channel", channel, 7))
    assert record["state"] == "answered", record
    message: Json = record["message"]
    assert message["flags"] & 64
    return message


def labels(message: Json) -> list[str]:
    return [button["label"] for button in components(message, 2)]


def chosen(message: Json) -> list[str]:
    return [
        one["label"]
        for menu in components(message, 3)
        for one in menu["options"]
        if one.get("default")
    ]


async def choose(person: Person, message: Json, menu: int, label: str) -> Json:
    """The form after a pick; its words may stay the same."""
    await pick(person, message, menu, label)
    update: Json = await person.wait(
        "message_update", lambda m: m["id"] == message["id"] and chosen(m)[menu] == label
    )
    return update


async def pressed(person: Person, message: Json, label: str, said: str) -> Json:
    """The message once it says these words."""
    button = next(b for b in components(message, 2) if b["label"] == label)
    await person.press(message, button["custom_id"])
    update: Json = await person.wait(
        "message_update", lambda m: m["id"] == message["id"] and said in words(m)
    )
    return update


async def refused(person: Person, message: Json, label: str, said: str) -> None:
    """The button is answered with these words, beside the message."""
    button = next(b for b in components(message, 2) if b["label"] == label)
    await person.press(message, button["custom_id"])
    told = await person.wait("message_create", lambda m: said in m["content"])
    assert told["flags"] & 64


async def posts(person: Person, channel: str) -> list[Json]:
    return [m for m in await person.messages(channel) if m["embeds"]]


async def test_the_first_run_posts_a_test_alert_subscribes_and_can_be_run_again(
    admin: Person,
) -> None:
    channel = await new_channel(admin, "first-run")
    message = await form(admin, channel)
    assert "is ready" in words(message)
    assert chosen(message)[0] == "#first-run"
    message = await choose(admin, message, 1, "size · " + universe_title(message, "size"))
    message = await choose(admin, message, 3, "Quiet 22:00-07:00")
    assert chosen(message)[1].startswith("size · ")
    assert not await posts(admin, channel)

    done = await pressed(admin, message, "Start", f"<#{channel}> receives")
    assert "22:00-07:00" in words(done)
    (test,) = await posts(admin, channel)
    assert test["embeds"][0]["title"].startswith("Test · ")
    assert "not a new alert" in words(test)
    assert test["id"] in words(done)
    async with admin.http.get(test["embeds"][0]["image"]["url"]) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")

    again = await form(admin, channel)
    assert "It already receives" in words(again)
    assert chosen(again)[3] == "Quiet 22:00-07:00"
    again = await choose(admin, again, 1, "size · " + universe_title(again, "size"))
    twice = await pressed(admin, again, "Start", "already received")
    assert not [label for label in labels(twice) if label.startswith("Undo")]

    await pressed(admin, twice, "Delete the test post", "is deleted")
    assert [one["id"] for one in await posts(admin, channel)] == [test["id"]]
    undo = next(label for label in labels(done) if label.startswith("Undo"))
    number = re.findall(r"#(\d+)", undo)[0]
    await pressed(admin, done, undo, f"Removed #{number}")


def universe_title(message: Json, name: str) -> str:
    options = components(message, 3)[1]["options"]
    label = next(one["label"] for one in options if one["label"].startswith(f"{name} · "))
    return str(label.removeprefix(f"{name} · "))


@pytest.mark.parametrize("missing", RIGHTS)
async def test_each_missing_permission_is_named_and_nothing_starts_without_it(
    admin: Person, missing: str
) -> None:
    channel = await new_channel(admin, f"lacks-{missing.split()[0].lower()}")
    await deny_bot(admin, channel, RIGHTS[missing])
    message = await form(admin, channel)
    assert f"✕ **{missing}** is missing" in words(message)
    assert f"allow {missing}" in words(message)
    assert "Start" not in labels(message)
    assert not await posts(admin, channel)

    await deny_bot(admin, channel, 0)
    ready = await pressed(admin, message, "Check again", "is ready")
    assert "✕" not in words(ready)
    assert "Start" in labels(ready)


async def test_several_missing_permissions_are_each_named(admin: Person) -> None:
    channel = await new_channel(admin, "lacks-two")
    await deny_bot(admin, channel, RIGHTS["Embed Links"] | RIGHTS["Attach Files"])
    text = words(await form(admin, channel))
    assert "2 permissions are missing" in text
    assert "allow Embed Links and Attach Files" in text


async def test_a_right_taken_away_before_start_is_noticed(admin: Person) -> None:
    channel = await new_channel(admin, "changed-mind")
    message = await form(admin, channel)
    await deny_bot(admin, channel, RIGHTS["Attach Files"])
    await pressed(admin, message, "Start", "✕ **Attach Files** is missing")
    assert not await posts(admin, channel)


async def test_a_refusal_by_discord_itself_changes_nothing(admin: Person) -> None:
    channel = await new_channel(admin, "refused")
    message = await form(admin, channel)
    fault = {"where": "rest", "method": "POST", "path": f"/channels/{channel}/messages"}
    await admin.ask("POST", "/faults", **fault, act="status", status=403, code=50013, times=1)
    await refused(admin, message, "Start", "Nothing was changed")
    listed = await form(admin, channel)
    assert "It already receives" not in words(listed)


async def test_a_member_sees_no_setup(member: Person) -> None:
    query = {"as": member.id, "channel": await member.channel("general")}
    names = {command["name"] for command in await member.ask("GET", "/commands", **query)}
    assert "setup" not in names
    assert {"settings", "help"} <= names


async def test_rights_lost_while_the_form_is_open_are_checked_at_the_press(
    admin: Person,
) -> None:
    moderator = await Person.enter(admin.http, "moderator")
    guild = await guild_of(admin)
    channel = await new_channel(admin, "demoted")
    message = await form(moderator, channel)
    assert "Start" in labels(message)
    state = await admin.ask("GET", "/state")
    roles = next(m["roles"] for m in state["members"] if m["user"]["id"] == moderator.id)
    path = f"/guilds/{guild['id']}/members/{moderator.id}/roles"
    await admin.ask("POST", path, roles=[])
    await refused(moderator, message, "Start", "You need the Manage Channels")
    await admin.ask("POST", path, roles=roles)
    assert not await posts(admin, channel)
    await moderator.socket.close()


async def test_the_bot_broke_none_of_discords_rules(admin: Person) -> None:
    log = await admin.ask("GET", "/log")
    assert log["violations"] == []
