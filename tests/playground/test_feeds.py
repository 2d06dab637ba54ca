"""Announcement channels as the real client meets them: published once, shown to all followers."""

from collections.abc import AsyncIterator

import discord
import pytest

from bot.playground.server import Playground
from tests.playground.discord_spec import DESCRIPTION, Description
from tests.playground.person import Json, Person
from tests.playground.sample_bot import Layout, SampleBot, picture

MANAGE_WEBHOOKS, MANAGE_MESSAGES, MANAGE_CHANNELS = 1 << 29, 1 << 13, 1 << 4
SEND_MESSAGES = 1 << 11


@pytest.fixture
async def news(bot: SampleBot, admin: Person) -> discord.TextChannel:
    made = await admin.ask("POST", f"/guilds/{bot.guilds[0].id}/channels", name="news", type=5)
    channel = await bot.fetch_channel(int(made["id"]))
    assert isinstance(channel, discord.TextChannel)
    assert channel.is_news()
    return channel


async def follower(admin: Person, news: discord.TextChannel) -> str:
    """A channel of another server, without the bot, that follows."""
    guild = await admin.ask("POST", "/guilds", name="Elsewhere")
    target = next(each["id"] for each in guild["channels"] if each["name"] == "general")
    await admin.ask("POST", f"/channels/{news.id}/followers", channel=target)
    return str(target)


async def allow(admin: Person, channel: discord.TextChannel, allow: int, deny: int = 0) -> None:
    everyone: Json = {"id": str(channel.guild.id), "allow": str(allow), "deny": str(deny)}
    await admin.ask("POST", f"/channels/{channel.id}/overwrites", overwrites=[everyone])


async def test_a_published_message_is_shown_to_every_follower_and_only_once(
    news: discord.TextChannel, admin: Person
) -> None:
    first, second = await follower(admin, news), await follower(admin, news)
    message = await news.send("a new high", embed=discord.Embed(title="IVOO"), file=picture())
    assert await admin.messages(first) == []
    await message.publish()
    assert (await news.fetch_message(message.id)).flags.crossposted
    for channel in (first, second):
        (copy,) = await admin.messages(channel)
        assert (copy["content"], copy["embeds"][0]["title"]) == ("a new high", "IVOO")
        assert copy["attachments"][0]["filename"] == "chart.png"
        assert copy["author"]["username"] == "Highwater Playground #news"
        assert copy["message_reference"]["message_id"] == str(message.id)
        assert discord.MessageFlags._from_value(copy["flags"]).is_crossposted
    with pytest.raises(discord.HTTPException) as refused:
        await message.publish()
    assert (refused.value.status, refused.value.code) == (400, 40033)
    assert len(await admin.messages(first)) == 1


async def test_followers_hear_nothing_of_what_was_posted_before_they_came(
    news: discord.TextChannel, admin: Person
) -> None:
    message = await news.send("old")
    await message.publish()
    late = await follower(admin, news)
    await message.edit(content="old, edited")
    assert await admin.messages(late) == []


async def test_edits_reach_the_copies_and_a_deletion_empties_them(
    news: discord.TextChannel, admin: Person
) -> None:
    channel = await follower(admin, news)
    message = await news.send("open")
    await message.publish()
    await message.edit(content="confirmed")
    (copy,) = await admin.messages(channel)
    assert copy["content"] == "confirmed"
    assert copy["edited_timestamp"] is not None
    await message.delete()
    (shell,) = await admin.messages(channel)
    assert shell["content"] == "[Original Message Deleted]"
    assert discord.MessageFlags._from_value(shell["flags"]).source_message_deleted


async def test_a_copy_that_its_own_server_deleted_stays_deleted(
    bot: SampleBot, news: discord.TextChannel, admin: Person
) -> None:
    channel = await follower(admin, news)
    message = await news.send("open")
    await message.publish()
    await admin.ask("DELETE", f"/channels/{channel}")
    assert (await message.edit(content="confirmed")).content == "confirmed"


async def test_what_cannot_be_published_is_refused_with_discords_codes(
    bot: SampleBot, news: discord.TextChannel, admin: Person, alerts: str
) -> None:
    async def code(message: discord.Message) -> int:
        with pytest.raises(discord.HTTPException) as refused:
            await message.publish()
        return refused.value.code

    plain = bot.get_channel(int(alerts))
    assert isinstance(plain, discord.TextChannel)
    assert await code(await plain.send("no announcement")) == 50024
    message = await news.send("first")
    assert await code(await message.reply("an answer")) == 50068
    said = await admin.say(str(news.id), "a person's")
    assert await code(await news.fetch_message(int(said["id"]))) == 50013
    await allow(admin, news, MANAGE_MESSAGES)
    await (await news.fetch_message(int(said["id"]))).publish()
    await allow(admin, news, 0, deny=SEND_MESSAGES)
    assert await code(message) == 50013


@pytest.fixture
async def hasty(playground: Playground) -> AsyncIterator[discord.Client]:
    """A client that is told of long waits instead of waiting."""
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30.0)
    await client.login(playground.token)
    yield client
    await client.close()


async def test_ten_an_hour_are_published_and_the_eleventh_is_told_how_long_to_wait(
    playground: Playground, hasty: discord.Client, news: discord.TextChannel, admin: Person
) -> None:
    await admin.ask("POST", "/limits", messages=[100, 1])
    channel = hasty.get_partial_messageable(news.id)
    sent = [await channel.send(str(number)) for number in range(11)]
    for message in sent[:10]:
        await message.publish()
    with pytest.raises(discord.RateLimited) as late:
        await sent[10].publish()
    assert 3_500 < late.value.retry_after <= 3_600
    assert playground.log.requests[-1].answer()["code"] == 20028


async def test_a_published_message_is_edited_three_times_an_hour_and_others_at_will(
    hasty: discord.Client, news: discord.TextChannel, admin: Person
) -> None:
    await admin.ask("POST", "/limits", messages=[100, 1])
    channel = hasty.get_partial_messageable(news.id)
    published, plain = await channel.send("one"), await channel.send("two")
    await published.publish()
    for number in range(3):
        await published.edit(content=f"edit {number}")
    with pytest.raises(discord.RateLimited) as often:
        await published.edit(content="one too many")
    assert 3_500 < often.value.retry_after <= 3_600
    for number in range(5):
        await plain.edit(content=f"edit {number}")


async def test_a_bot_follows_where_it_may_manage_webhooks(
    bot: SampleBot, news: discord.TextChannel, admin: Person, alerts: str
) -> None:
    target = bot.get_channel(int(alerts))
    assert isinstance(target, discord.TextChannel)
    with pytest.raises(discord.Forbidden):
        await news.follow(destination=target)
    await allow(admin, target, MANAGE_WEBHOOKS)
    webhook = await news.follow(destination=target)
    await (await news.send("published")).publish()
    assert (await admin.messages(alerts))[-1]["content"] == "published"
    (listed,) = await target.webhooks()
    assert (listed.id, listed.type) == (webhook.id, discord.WebhookType.channel_follower)
    await bot.http.request(
        discord.http.Route("DELETE", "/webhooks/{webhook_id}", webhook_id=webhook.id)
    )
    await (await news.send("not any more")).publish()
    assert len(await admin.messages(alerts)) == 1


async def test_a_channel_turns_into_announcements_and_back_and_into_nothing_else(
    news: discord.TextChannel, admin: Person
) -> None:
    await allow(admin, news, MANAGE_CHANNELS)
    await news.edit(type=discord.ChannelType.text)
    with pytest.raises(discord.HTTPException) as refused:
        await (await news.send("x")).publish()
    assert refused.value.code == 50024
    await news.edit(type=discord.ChannelType.news)
    await (await news.send("y")).publish()
    route = discord.http.Route("PATCH", "/channels/{channel_id}", channel_id=news.id)
    with pytest.raises(discord.HTTPException) as impossible:
        await news._state.http.request(route, json={"type": 2})
    assert impossible.value.code == 50035


@pytest.mark.skipif(not DESCRIPTION.exists(), reason=f"no description at {DESCRIPTION}")
async def test_requests_and_answers_obey_discords_description(
    playground: Playground, news: discord.TextChannel, admin: Person, alerts: str
) -> None:
    target = news.guild.get_channel(int(alerts))
    assert isinstance(target, discord.TextChannel)
    await allow(admin, target, MANAGE_WEBHOOKS)
    await news.follow(destination=target)
    message = await news.send("x", file=picture())
    await message.publish()
    await message.edit(content="y")
    await (await news.send(view=Layout(), file=picture())).publish()
    await target.webhooks()
    assert len([each async for each in target.history()]) == 2
    description = Description()
    assert [f for each in playground.log.requests for f in description.faults(each)] == []
