"""Everything that passes between the real client and the playground obeys Discord's description."""

import discord
import pytest

from bot.playground.server import Playground
from tests.playground.discord_spec import DESCRIPTION, Description
from tests.playground.person import Person, option
from tests.playground.sample_bot import Layout, SampleBot, picture

pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason=f"Discord's description is not at {DESCRIPTION}"
)
MANAGE_WEBHOOKS = 1 << 29


async def everything_with_messages(bot: SampleBot, admin: Person, alerts: str) -> None:
    channel = await bot.fetch_channel(int(alerts))
    assert isinstance(channel, discord.TextChannel)
    embed = discord.Embed(title="IVOO", url="https://example.org", timestamp=discord.utils.utcnow())
    embed.set_footer(text="Yahoo").set_author(name="Highwater").add_field(name="Last", value="1")
    embed.set_image(url="attachment://chart.png").set_thumbnail(url="https://example.org/t.png")
    message = await channel.send("first", embed=embed, file=picture(), nonce="one")
    await message.edit(content="second", attachments=[picture("other.png")])
    await message.reply("third", allowed_mentions=discord.AllowedMentions.none())
    await channel.send(view=Layout(), file=picture())
    await channel.fetch_message(message.id)
    await channel.typing()
    assert len([each async for each in channel.history()]) == 3
    await message.create_thread(name="thread")
    await message.delete()
    await (await bot.fetch_user(int(admin.id))).send("in private")


async def everything_with_interactions(bot: SampleBot, admin: Person, alerts: str) -> None:
    quoted = await admin.use("quote", alerts, option("symbol", "SPY"))
    await admin.press(quoted["message"], "refresh:SPY")
    command = await admin.command("quote", alerts)
    typing = [option("symbol", "s", focused=True)]
    await admin.interact("autocomplete", alerts, command=command["id"], options=typing)
    await admin.use("chart", alerts, option("symbol", "SPY"))
    await admin.wait("message_create", lambda each: bool(each["flags"] & 1 << 15))
    await admin.use("whisper", alerts)
    await admin.wait("message_create", lambda each: each["content"] == "more")
    chosen = await admin.use("choose", alerts)
    await admin.press(chosen["message"], "kind", values=["High"])
    await admin.wait("message_create", lambda each: each["content"] == "chose High")
    await admin.use("regret", alerts)
    await admin.wait("message_create", lambda each: each["content"] == "first, third")
    form = await admin.use("form", alerts)
    modal = await admin.wait("modal")
    fields = {"custom_id": modal["custom_id"], "values": {"price": "1", "side": "above"}}
    await admin.settled(await admin.start("modal", alerts, interaction=form["id"], **fields))


async def everything_with_guilds(bot: SampleBot, admin: Person, alerts: str) -> None:
    guild = await bot.fetch_guild(bot.guilds[0].id)
    await guild.fetch_channels()
    await guild.fetch_roles()
    await guild.fetch_member(bot.user.id)
    await bot.application_info()
    await guild.fetch_role(guild.id)
    assert len([each async for each in bot.fetch_guilds()]) == 1
    await bot.tree.fetch_commands()
    brief = {"name": "brief", "description": "A note"}
    made = await bot.http.upsert_global_command(bot.application_id, brief)
    command = await bot.tree.fetch_command(int(made["id"]))
    await (await command.edit(description="A longer note")).delete()
    await bot.tree.sync(guild=bot.guilds[0])
    everyone = {"id": str(guild.id), "type": 0, "allow": str(MANAGE_WEBHOOKS), "deny": "0"}
    await admin.ask("POST", f"/channels/{alerts}/overwrites", overwrites=[everyone])
    channel = bot.guilds[0].get_channel(int(alerts))
    assert isinstance(channel, discord.TextChannel)
    webhook = await channel.create_webhook(name="feed")
    posted = await webhook.send("from afar", file=picture(), wait=True)
    await posted.edit(content="changed")
    await posted.delete()
    await channel.webhooks()
    await bot.fetch_webhook(webhook.id)
    await webhook.delete()
    with pytest.raises(discord.NotFound):
        await bot.fetch_channel(1)
    with pytest.raises(discord.HTTPException):
        await channel.send("x" * 2_001)


async def test_requests_and_answers_obey_discords_description(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str
) -> None:
    await everything_with_messages(bot, admin, alerts)
    await everything_with_interactions(bot, admin, alerts)
    await everything_with_guilds(bot, admin, alerts)
    description = Description()
    faults = [fault for each in playground.log.requests for fault in description.faults(each)]
    assert faults == []
    assert len(playground.log.requests) > 50


async def test_the_description_notices_a_wrong_answer(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str
) -> None:
    description = Description()
    channel = await bot.fetch_channel(int(alerts))
    assert isinstance(channel, discord.TextChannel)
    await channel.send("x")
    posted = playground.log.requests[-1]
    assert description.faults(posted) == []
    broken = type(posted)(
        **{**vars(posted), "response": posted.response.replace(b'"channel_id"', b'"chan_id"')}
    )
    assert description.faults(broken)
