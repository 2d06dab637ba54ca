"""Permissions: Discord's arithmetic, and what the real client may not do without them."""

import discord
import pytest

from bot.playground import permissions
from bot.playground.permissions import ALL, Permission
from tests.playground.conftest import Enter
from tests.playground.person import Person, option
from tests.playground.sample_bot import SampleBot, picture

VIEW, SEND, EMBED, ATTACH = (
    int(Permission.VIEW_CHANNEL),
    int(Permission.SEND_MESSAGES),
    int(Permission.EMBED_LINKS),
    int(Permission.ATTACH_FILES),
)


def guild(**roles: int) -> dict[str, object]:
    listed = [{"id": name, "permissions": str(value)} for name, value in roles.items()]
    return {"id": "everyone", "owner_id": "owner", "roles": listed}


def overwrite(target: str, *, allow: int = 0, deny: int = 0) -> dict[str, object]:
    return {"id": target, "allow": str(allow), "deny": str(deny)}


@pytest.mark.parametrize(
    ("overwrites", "expected"),
    [
        ([], VIEW | SEND),
        ([overwrite("everyone", deny=SEND)], VIEW),
        ([overwrite("everyone", deny=SEND), overwrite("role", allow=SEND)], VIEW | SEND),
        ([overwrite("role", deny=SEND), overwrite("other", allow=SEND)], VIEW | SEND),
        ([overwrite("role", allow=SEND), overwrite("user", deny=SEND)], VIEW),
        ([overwrite("everyone", deny=VIEW)], 0),
        ([overwrite("user", allow=EMBED)], VIEW | SEND | EMBED),
        ([overwrite("user", allow=EMBED, deny=SEND)], VIEW),
    ],
)
def test_overwrites_add_up_in_discords_order(
    overwrites: list[dict[str, object]], expected: int
) -> None:
    found = permissions.in_channel(
        guild(everyone=VIEW, role=SEND, other=0),
        {"permission_overwrites": overwrites},
        user_id="user",
        roles=["role", "other"],
    )
    assert found == expected


def test_owners_and_administrators_may_do_everything() -> None:
    closed = {"permission_overwrites": [overwrite("everyone", deny=ALL)]}
    powers = guild(everyone=0, boss=int(Permission.ADMINISTRATOR))
    assert permissions.in_channel(powers, closed, user_id="owner", roles=[]) == ALL
    assert permissions.in_channel(powers, closed, user_id="user", roles=["boss"]) == ALL


def test_the_bits_are_those_of_the_real_client() -> None:
    real = discord.Permissions
    assert real(view_channel=True).value == Permission.VIEW_CHANNEL
    assert real(send_messages=True).value == Permission.SEND_MESSAGES
    assert real(embed_links=True).value == Permission.EMBED_LINKS
    assert real(attach_files=True).value == Permission.ATTACH_FILES
    assert real(read_message_history=True).value == Permission.READ_HISTORY
    assert real(mention_everyone=True).value == Permission.MENTION_EVERYONE
    assert real(manage_channels=True).value == Permission.MANAGE_CHANNELS
    assert real(manage_webhooks=True).value == Permission.MANAGE_WEBHOOKS
    assert real(use_application_commands=True).value == Permission.USE_COMMANDS
    assert real(create_public_threads=True).value == Permission.CREATE_THREADS
    assert real(administrator=True).value == Permission.ADMINISTRATOR


async def deny(admin: Person, bot: SampleBot, channel: str, bits: int) -> discord.TextChannel:
    """Take permissions from the bot in a channel; the channel as it still knows it."""
    found = bot.get_channel(int(channel))
    assert isinstance(found, discord.TextChannel)
    denied = {"id": str(bot.user.id), "type": 1, "allow": "0", "deny": str(bits)}
    await admin.ask("POST", f"/channels/{channel}/overwrites", overwrites=[denied])
    return found


async def test_a_hidden_channel_is_no_access(bot: SampleBot, admin: Person, alerts: str) -> None:
    channel = await deny(admin, bot, alerts, VIEW)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello")
    assert refused.value.code == 50001
    with pytest.raises(discord.Forbidden) as unseen:
        await bot.fetch_channel(channel.id)
    assert unseen.value.code == 50001


@pytest.mark.parametrize("bits", [SEND, EMBED, ATTACH])
async def test_a_missing_permission_refuses_the_message(
    bot: SampleBot, admin: Person, alerts: str, bits: int
) -> None:
    channel = await deny(admin, bot, alerts, bits)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello", embed=discord.Embed(title="IVOO"), file=picture())
    assert refused.value.code == 50013
    assert await admin.messages(alerts) == []


async def test_an_edit_without_embed_links_loses_its_embeds(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    channel = bot.get_channel(int(alerts))
    message = await channel.send("first", embed=discord.Embed(title="IVOO"))
    await deny(admin, bot, alerts, EMBED)
    edited = await message.edit(content="second", embed=discord.Embed(title="SPY"))
    assert (edited.content, edited.embeds) == ("second", [])


async def test_without_history_nothing_is_read_and_nothing_answered(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    message = await bot.get_channel(int(alerts)).send("first")
    channel = await deny(admin, bot, alerts, int(Permission.READ_HISTORY))
    assert [each async for each in channel.history()] == []
    with pytest.raises(discord.HTTPException) as refused:
        await message.reply("second")
    assert refused.value.code == 160002


async def test_an_interaction_answers_even_where_the_bot_may_not_send(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    await deny(admin, bot, alerts, SEND | EMBED)
    record = await admin.use("quote", alerts, option("symbol", "SPY"))
    assert record["state"] == "answered"


async def test_members_see_and_use_only_what_they_may(
    bot: SampleBot, admin: Person, member: Person, enter: Enter
) -> None:
    staff = await admin.channel("staff")
    moderator = await enter("moderator")
    for person, expected in ((admin, True), (moderator, True), (member, False)):
        state = await person.ask("GET", "/state", **{"as": person.id})
        seen = [each["name"] for each in state["guilds"][0]["channels"]]
        assert ("staff" in seen) is expected
    query = {"as": member.id}
    assert (await member.request("GET", f"/channels/{staff}/messages", **query))[0] == 403
    await moderator.say(staff, "between us")
    await admin.wait("message_create")
    general = await admin.channel("general")
    await moderator.say(general, "for all")
    assert (await member.wait("message_create"))["content"] == "for all"
