"""`/feed`, used by people in the playground: from the command to what followers see."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cogs.test_own_data import press, words
from tests.cogs.test_quiet import sub
from tests.playground.person import Json, Person, option

EMBED_LINKS = 1 << 14
PRIVATE = 1 << 6
CHANNEL = 7
CROSSPOSTED, IS_CROSSPOST = 1 << 0, 1 << 1
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(person: Person, channel: str, name: str, *options: Json) -> Json:
    record = await person.use(name, channel, *options)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    assert message["flags"] & PRIVATE
    return message


@pytest_asyncio.fixture(loop_scope="session")
async def news(admin: Person) -> AsyncIterator[str]:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    made = await admin.ask("POST", f"/guilds/{guild}/channels", name="news", type=5)
    yield made["id"]
    await admin.ask("DELETE", f"/channels/{made['id']}")


async def test_a_channel_nobody_can_follow_is_told_what_to_do(admin: Person) -> None:
    general = await admin.channel("general")
    answer = words(await said(admin, general, "feed", sub("on")))
    assert f"<#{general}> is no announcement channel, so no server can follow it." in answer
    assert "Make it one in its settings" in answer
    assert "Followers" not in words(await said(admin, general, "quiet", sub("show")))


async def test_a_feed_is_begun_shown_undone_and_ended(admin: Person, news: str) -> None:
    await said(admin, news, "subscribe", option("what", "GLD"))
    begun = await said(admin, news, "feed", sub("on"))
    assert f"<#{news}> is a feed" in words(begun)
    shown = words(await said(admin, news, "quiet", sub("show")))
    assert "every alert is published: 0 so far" in shown
    assert "9 messages an hour, then a digest" in shown
    listed = words(await said(admin, news, "subscriptions", sub("list")))
    assert f"**<#{news}>** · a feed, published to its followers" in listed
    assert f"<#{news}> is no feed" in words(await press(admin, begun, "Undo"))
    assert "20 messages an hour" in words(await said(admin, news, "quiet", sub("show")))
    assert "is no feed" in words(await said(admin, news, "feed", sub("off")))


async def test_what_the_program_posts_in_a_feed_is_shown_where_it_is_followed(
    admin: Person, news: str
) -> None:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    follower = (await admin.ask("POST", f"/guilds/{guild}/channels", name="elsewhere"))["id"]
    await admin.ask("POST", f"/channels/{news}/followers", channel=follower)
    for kind in ("donchian_20", "low_52w"):  # wherever the market stands, one of them comes
        await said(admin, news, "subscribe", option("what", "us-etfs"), option("kind", kind))
    await said(admin, news, "feed", sub("on"))
    for _ in range(6):
        await admin.ask("POST", "/market", action="step")
    copy = await admin.wait("message_create", lambda each: each["flags"] == IS_CROSSPOST)
    assert copy["channel_id"] == follower
    original = copy["message_reference"]["message_id"]
    posted = {each["id"]: each for each in await admin.messages(news)}
    assert posted[original]["flags"] & CROSSPOSTED
    assert "so far" in words(await said(admin, news, "quiet", sub("show")))
    await admin.ask("DELETE", f"/channels/{follower}")


async def test_a_feed_is_begun_from_another_channel_whose_own_settings_stay(
    admin: Person, news: str
) -> None:
    general = await admin.channel("general")
    answer = await said(admin, general, "feed", sub("on", option("channel", news, CHANNEL)))
    assert f"<#{news}> is a feed" in words(answer)
    assert answer["components"] == []  # An undo from here would mean this channel.
    assert "Followers" in words(await said(admin, news, "quiet", sub("show")))
    assert "Followers" not in words(await said(admin, general, "quiet", sub("show")))


async def test_where_the_bot_may_not_post_it_says_which_permission_it_lacks(
    admin: Person, news: str
) -> None:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    denied = {"id": guild, "deny": str(EMBED_LINKS)}
    await admin.ask("POST", f"/channels/{news}/overwrites", overwrites=[denied])
    answer = words(await said(admin, news, "feed", sub("on")))
    assert f"I cannot publish in <#{news}>: I lack Embed Links there." in answer
