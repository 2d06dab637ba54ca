"""Messages over the real client: nonces, replies, edits, files, history, webhooks."""

import aiohttp
import discord
import pytest

from bot.playground.server import Playground
from tests.playground.person import Person
from tests.playground.sample_bot import PIXEL, Layout, SampleBot, picture

HOUR = 3_600
MANAGE_WEBHOOKS = 1 << 29


@pytest.fixture
def channel(bot: SampleBot, alerts: str) -> discord.TextChannel:
    found = bot.get_channel(int(alerts))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_nonce_shows_a_message_once_in_its_window(
    channel: discord.TextChannel, admin: Person
) -> None:
    first = await channel.send("IVOO broke out", nonce="one")
    again = await channel.send("IVOO broke out", nonce="one")
    assert again.id == first.id
    elsewhere = await channel.guild.text_channels[1].send("IVOO broke out", nonce="one")
    assert elsewhere.id == first.id  # nonces belong to the author, not to the channel
    await admin.ask("POST", "/time", advance=181)
    late = await channel.send("IVOO broke out", nonce="one")
    assert late.id != first.id
    assert len(await admin.messages(str(channel.id))) == 2


async def test_the_window_of_nonces_can_be_set(channel: discord.TextChannel, admin: Person) -> None:
    await admin.ask("POST", "/limits", nonce_seconds=60)
    first = await channel.send("once", nonce="one")
    await admin.ask("POST", "/time", advance=61)
    assert (await channel.send("once", nonce="one")).id != first.id


async def test_a_nonce_that_is_too_long_is_refused(channel: discord.TextChannel) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send("x", nonce="n" * 26)
    assert refused.value.code == 50035


async def test_a_reply_shows_what_it_answers(channel: discord.TextChannel, admin: Person) -> None:
    alert = await channel.send("◆ IVOO made a new 52-week high")
    reply = await channel.send("✓ IVOO held", reference=alert.to_reference())
    assert reply.reference is not None
    assert reply.reference.message_id == alert.id
    shown = (await admin.messages(str(channel.id)))[-1]
    assert (shown["type"], shown["referenced_message"]["content"]) == (19, alert.content)
    await alert.delete()
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send("late", reference=alert.to_reference())
    assert "Unknown message" in refused.value.text
    kept = await channel.send("late", reference=alert.to_reference(fail_if_not_exists=False))
    assert kept.reference is None


async def test_an_edit_keeps_what_it_does_not_name(
    channel: discord.TextChannel, admin: Person
) -> None:
    embed = discord.Embed(title="IVOO").set_image(url="attachment://chart.png")
    message = await channel.send("first", embed=embed, file=picture())
    url = message.embeds[0].image.url
    await message.edit(content="second")
    shown = (await admin.messages(str(channel.id)))[0]
    assert (shown["content"], shown["embeds"][0]["image"]["url"]) == ("second", url)
    assert shown["edited_timestamp"] is not None
    fresh = discord.Embed(title="SPY").set_image(url="attachment://new.png")
    edited = await message.edit(embed=fresh, attachments=[picture("new.png")])
    assert edited.embeds[0].image.url.endswith("/new.png")


async def test_a_removed_file_is_gone(
    channel: discord.TextChannel, http: aiohttp.ClientSession
) -> None:
    message = await channel.send(file=picture())
    url = message.attachments[0].url
    async with http.get(url) as answer:
        assert await answer.read() == PIXEL
    await message.delete()
    async with http.get(url) as answer:
        assert answer.status == 404


async def test_history_is_newest_first_and_paged(channel: discord.TextChannel) -> None:
    sent = [await channel.send(f"message {number}") for number in range(4)]
    assert [each.id async for each in channel.history(limit=3)] == [
        each.id for each in reversed(sent[1:])
    ]
    earlier = [each.id async for each in channel.history(before=sent[2], limit=10)]
    assert earlier == [sent[1].id, sent[0].id]
    later = [each.id async for each in channel.history(after=sent[1], oldest_first=True)]
    assert later == [sent[2].id, sent[3].id]
    around = {each.id async for each in channel.history(around=sent[1], limit=3)}
    assert around == {each.id for each in sent[:3]}


async def test_pings_are_those_that_are_allowed(
    channel: discord.TextChannel, admin: Person
) -> None:
    role = channel.guild.roles[-1]
    text = f"<@{admin.id}> <@&{role.id}> @everyone"
    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    await channel.send(text, allowed_mentions=discord.AllowedMentions.all())
    silent, loud = await admin.messages(str(channel.id))
    assert (silent["mentions"], silent["mention_roles"]) == ([], [])
    assert [each["id"] for each in loud["mentions"]] == [admin.id]
    assert loud["mention_roles"] == []  # not mentionable, and the bot may not mention all
    assert not loud["mention_everyone"]


async def test_an_edit_of_an_old_message_is_limited(
    playground: Playground, channel: discord.TextChannel, admin: Person
) -> None:
    message = await channel.send("first")
    await admin.ask("POST", "/time", advance=HOUR + 1)
    await admin.ask("POST", "/limits", old_edits=[2, 0.2])
    for number in range(3):
        await message.edit(content=f"edit {number}")
    edits = [each for each in playground.log.requests if each.method == "PATCH"]
    assert [each.status for each in edits] == [200, 200, 429, 200]
    assert edits[2].answer()["code"] == 30046


async def test_the_oldest_messages_are_forgotten(
    playground: Playground, admin: Person, alerts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.state.MESSAGES_A_CHANNEL", 3)
    for number in range(5):
        await admin.say(alerts, str(number))
    assert [each["content"] for each in await admin.messages(alerts)] == ["2", "3", "4"]


async def test_empty_and_unknown_messages_are_refused(
    bot: SampleBot, channel: discord.TextChannel
) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send(" ")
    assert refused.value.code == 50006
    with pytest.raises(discord.NotFound) as missing:
        await channel.fetch_message(1)
    assert missing.value.code == 10008
    with pytest.raises(discord.NotFound) as gone:
        await bot.fetch_channel(1)
    assert gone.value.code == 10003


async def test_only_own_messages_can_be_edited(
    bot: SampleBot, channel: discord.TextChannel, admin: Person
) -> None:
    said = await admin.say(str(channel.id), "mine")
    message = channel.get_partial_message(int(said["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await message.edit(content="yours")
    assert refused.value.code == 50005
    with pytest.raises(discord.Forbidden) as kept:
        await message.delete()
    assert kept.value.code == 50013


async def test_a_webhook_posts_under_its_own_name(
    channel: discord.TextChannel, admin: Person
) -> None:
    with pytest.raises(discord.Forbidden):
        await channel.create_webhook(name="feed")
    guild_id = str(channel.guild.id)
    everyone = {"id": guild_id, "type": 0, "allow": str(MANAGE_WEBHOOKS), "deny": "0"}
    await admin.ask("POST", f"/channels/{channel.id}/overwrites", overwrites=[everyone])
    webhook = await channel.create_webhook(name="feed")
    posted = await webhook.send("from afar", username="Ticker", file=picture(), wait=True)
    assert posted.author.name == "Ticker"
    await posted.edit(content="changed")
    assert (await admin.messages(str(channel.id)))[0]["content"] == "changed"
    await webhook.delete()
    with pytest.raises(discord.NotFound):
        await webhook.send("gone")


async def test_a_thread_starts_at_a_message(channel: discord.TextChannel) -> None:
    message = await channel.send("IVOO")
    thread = await message.create_thread(name="IVOO")
    assert thread.parent_id == channel.id
    assert (await thread.send("in the thread")).channel.id == thread.id


async def test_a_layout_stays_a_layout(
    channel: discord.TextChannel, http: aiohttp.ClientSession, playground: Playground
) -> None:
    message = await channel.send(view=Layout(), file=picture())
    assert message.flags.components_v2
    path = f"/api/v10/channels/{channel.id}/messages/{message.id}"
    headers = {"Authorization": f"Bot {playground.token}"}
    text = {"components": [{"type": 10, "content": "## QQQ"}]}
    async with http.patch(path, json=text, headers=headers) as answer:
        assert (await answer.json())["flags"] == 1 << 15
    async with http.patch(path, json={"content": "plain"}, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 50035)
