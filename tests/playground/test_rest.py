"""The rest of the REST API that a bot of this kind may use."""

import io

import aiohttp
import discord
import pytest
from discord import ui

from bot.playground.files import png_pixels
from bot.playground.server import Playground
from tests.playground.person import Person, option
from tests.playground.sample_bot import SampleBot, picture

MANAGE_CHANNELS = 1 << 4


async def test_commands_are_added_edited_and_removed_one_by_one(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    path = (bot.application_id, {"name": "brief", "description": "A note"})
    made = await bot.http.upsert_global_command(*path)
    again = await bot.http.upsert_global_command(*path)
    assert again["id"] == made["id"]
    command = await bot.tree.fetch_command(int(made["id"]))
    edited = await command.edit(description="A one-page note")
    assert edited.description == "A one-page note"
    assert (await admin.command("brief", alerts))["description"] == "A one-page note"
    await edited.delete()
    with pytest.raises(discord.NotFound) as gone:
        await bot.tree.fetch_command(int(made["id"]))
    assert gone.value.code == 10063
    with pytest.raises(discord.Forbidden) as foreign:
        await bot.http.get_global_commands(1)
    assert foreign.value.code == 20012


async def test_every_kind_of_option_is_resolved(
    bot: SampleBot, admin: Person, member: Person, alerts: str
) -> None:
    role = str(bot.guilds[0].roles[-1].id)
    given = {
        "person": (member.id, 6),
        "role": (role, 8),
        "either": (role, 9),
        "channel": (alerts, 7),
        "flag": (True, 5),
        "ratio": (0.5, 10),
    }
    options = [option(name, *value) for name, value in given.items()]
    record = await admin.use("every", alerts, *options)
    assert record["message"]["content"] == "member Moderators Moderators alerts True 0.5"
    options[2] = option("either", member.id, 9)
    record = await admin.use("every", alerts, *options)
    assert record["message"]["content"] == "member Moderators member alerts True 0.5"


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("person", "1", "names nobody"),
        ("role", "1", "no role 1"),
        ("either", "1", "no role 1"),
        ("channel", "1", "no channel 1"),
        ("flag", "yes", "true or false"),
        ("ratio", 1.5, "0.0…1.0"),
        ("ratio", "half", "a number"),
    ],
)
async def test_an_option_that_does_not_fit_is_refused(
    bot: SampleBot, admin: Person, alerts: str, name: str, value: object, complaint: str
) -> None:
    role = str(bot.guilds[0].roles[-1].id)
    good = {"person": admin.id, "role": role, "either": role, "channel": alerts}
    given = {**good, "flag": True, "ratio": 0.5, name: value}
    command = await admin.command("every", alerts)
    options = [option(key, each) for key, each in given.items()]
    status, answer = await admin.interact("command", alerts, command=command["id"], options=options)
    assert status == 400
    assert complaint in answer["error"]


async def test_answers_are_taken_back(bot: SampleBot, admin: Person, alerts: str) -> None:
    interaction = await admin.use("regret", alerts)
    last = await admin.wait("message_create", lambda each: each["content"] == "first, third")
    assert [each["id"] for each in await admin.messages(alerts)] == [last["id"]]
    record = await admin.ask("GET", f"/interactions/{interaction['id']}")
    assert record["message"] is None
    assert [each["content"] for each in record["followups"]] == ["first, third"]


async def test_channels_are_managed_only_with_the_permission(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    channel = bot.get_channel(int(alerts))
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.edit(topic="signals")
    assert refused.value.code == 50013
    allowed = {"id": str(bot.user.id), "type": 1, "allow": str(MANAGE_CHANNELS), "deny": "0"}
    await admin.ask("POST", f"/channels/{alerts}/overwrites", overwrites=[allowed])
    assert (await channel.edit(topic="signals")).topic == "signals"
    await channel.delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel.send("hello")
    assert gone.value.code == 10003


async def test_guilds_roles_and_people_are_found(bot: SampleBot, admin: Person) -> None:
    listed = [each async for each in bot.fetch_guilds()]
    guild = listed[0]
    assert (guild.name, guild.approximate_member_count) == ("Highwater Playground", 4)
    full = bot.guilds[0]
    role = await full.fetch_role(full.roles[-1].id)
    assert role.permissions.manage_channels
    member = await full.fetch_member(int(admin.id))
    assert member == full.owner or member.id == full.owner_id
    with pytest.raises(discord.NotFound) as nobody:
        await full.fetch_member(1)
    assert nobody.value.code == 10007
    with pytest.raises(discord.NotFound) as unknown:
        await bot.fetch_user(1)
    assert unknown.value.code == 10013


async def test_members_are_listed_only_over_the_gateway(bot: SampleBot, admin: Person) -> None:
    guild = bot.guilds[0]
    found = await guild.query_members(user_ids=[int(admin.id), 1])
    assert [each.name for each in found] == ["admin"]


async def test_typing_and_reacting(bot: SampleBot, alerts: str) -> None:
    channel = bot.get_channel(int(alerts))
    assert isinstance(channel, discord.TextChannel)
    async with channel.typing():
        message = await channel.send("x")
    await message.add_reaction("✅")


async def test_sections_and_files_of_layouts_are_shown(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    view = ui.LayoutView()
    view.add_item(ui.Section("A picture", accessory=ui.Thumbnail("attachment://chart.png")))
    view.add_item(ui.File("attachment://list.csv"))
    table = discord.File(__file__, "list.csv")
    await bot.get_channel(int(alerts)).send(view=view, files=[picture(), table])
    section, file = (await admin.messages(alerts))[0]["components"]
    assert section["accessory"]["media"]["url"].endswith("/chart.png")
    assert section["accessory"]["media"]["width"] == 1
    assert (file["name"], file["file"]["url"].endswith("/list.csv")) == ("list.csv", True)
    view.add_item(ui.File("attachment://missing.csv"))
    with pytest.raises(discord.HTTPException, match=r"missing\.csv was not found"):
        await bot.get_channel(int(alerts)).send(view=view, files=[picture(), picture("list.csv")])


async def test_faces_are_served(
    bot: SampleBot, playground: Playground, http: aiohttp.ClientSession
) -> None:
    avatar = await bot.user.display_avatar.read()
    assert png_pixels(avatar) == (64, 64)
    async with http.get("/cdn/attachments/1/1/none.png") as answer:
        assert answer.status == 404


async def test_a_file_that_is_too_large_is_refused(bot: SampleBot, alerts: str) -> None:
    channel = bot.get_channel(int(alerts))
    fits, larger = (io.BytesIO(bytes(10 * 2**20 + extra)) for extra in (0, 1))
    assert (await channel.send(file=discord.File(fits, "fits"))).attachments[0].size == 10 * 2**20
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send(file=discord.File(larger, "larger"))
    assert (refused.value.status, refused.value.code) == (413, 40005)
