"""Feeds: what is posted to an announcement channel is published to all who follow it, once."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.client import logged_in
from bot.delivery.breaker import InvalidRequests
from bot.delivery.discord_feed import publishing
from bot.delivery.discord_sink import counting
from bot.delivery.limiter import Pace
from bot.delivery.publisher import Publisher
from storage import channels, publications
from storage.channels import ChannelRecord
from tests.delivery.conftest import FACTS, Post, closed, ended

SEND_MESSAGES, MANAGE_CHANNELS = 1 << 11, 1 << 4


@dataclass
class Feed:
    """An announcement channel that is a feed, and a channel elsewhere that follows it."""

    post: Post
    publisher: Publisher
    http: aiohttp.ClientSession
    channel: int
    follower: int
    subscription: int

    async def control(self, method: str, path: str, /, **body: Any) -> Any:
        async with self.http.request(method, f"/control{path}", json=body or None) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def post_alerts(self, *numbers: int) -> None:
        for number in numbers:
            facts = replace(FACTS, episode_id=f"e{number}")
            await self.post.owe(self.subscription, "news", facts)
        await self.post.deliverer.run_once()

    async def shown(self) -> list[dict[str, Any]]:
        """What the followers see, oldest first."""
        path = f"/control/channels/{self.follower}/messages?limit=200"
        async with self.http.get(path) as answer:
            return list(await answer.json())

    async def states(self) -> dict[str, int]:
        return await self.post.db.read(publications.counts)

    def asked(self) -> int:
        """How often Discord was asked to publish something."""
        return sum(each.path.endswith("/crosspost") for each in self.post.server.log.requests)


@pytest.fixture
async def feed(post: Post) -> Any:
    async with aiohttp.ClientSession(post.server.url) as http:
        made = Feed(
            post=post,
            publisher=Publisher(
                db=post.db,
                wall=post.clock,
                publish=publishing(lambda: post.client),
                pace=Pace(1000.0, 1000),
            ),
            http=http,
            channel=0,
            follower=0,
            subscription=0,
        )
        await made.control("POST", "/limits", messages=[1000, 1])
        news = await made.control("POST", f"/guilds/{post.guild}/channels", name="news", type=5)
        made.channel = post.channels["news"] = int(news["id"])
        guild = await made.control("POST", "/guilds", name="Elsewhere")
        made.follower = int(guild["channels"][0]["id"])
        follow = f"/channels/{made.channel}/followers"
        await made.control("POST", follow, channel=str(made.follower))
        record = ChannelRecord(channel_id=made.channel, guild_id=post.guild, feed=True)
        await post.db.write(lambda c: channels.set_channel(c, record))
        made.subscription = await post.subscribe("news")
        yield made


async def test_an_alert_of_a_feed_reaches_its_followers_and_so_do_its_edits(feed: Feed) -> None:
    await feed.post.owe(feed.subscription, "news")
    await feed.post.deliverer.run_once()
    assert await feed.shown() == []
    assert await feed.publisher.run_once() == 1
    (copy,) = await feed.shown()
    assert copy["embeds"][0]["title"].startswith("◆ IVOO made a new 52-week high")
    await feed.post.owe(feed.subscription, "news", closed())
    await feed.post.deliverer.run_once()
    (copy,) = await feed.shown()
    assert copy["embeds"][0]["title"].startswith("● IVOO made a new 52-week high")
    assert "Confirmed at the close: 123.44" in copy["embeds"][0]["description"]


async def test_a_reply_stays_where_it_is_because_discord_publishes_none(feed: Feed) -> None:
    await feed.post.owe(feed.subscription, "news")
    await feed.post.owe(feed.subscription, "news", ended())
    await feed.post.deliverer.run_once()
    await feed.publisher.run_once()
    assert len(await feed.post.shown("news")) == 2
    assert len(await feed.shown()) == 1
    assert (await feed.states(), feed.asked()) == ({"published": 1}, 1)


async def test_a_channel_that_is_no_feed_publishes_nothing(feed: Feed) -> None:
    await feed.post.owe(await feed.post.subscribe("alerts"), "alerts")
    await feed.post.deliverer.run_once()
    assert await feed.publisher.run_once() == 0
    assert (await feed.states(), feed.asked()) == ({}, 0)


async def test_what_discord_did_and_we_did_not_hear_of_is_asked_again_and_shown_once(
    feed: Feed,
) -> None:
    await feed.post_alerts(1)
    await feed.control("POST", "/faults", where="rest", act="cut_after", path="crosspost$")
    assert await feed.publisher.run_once() == 0
    assert len(await feed.shown()) == 1
    feed.post.clock.skipped += timedelta(seconds=11)
    assert await feed.publisher.run_once() == 1
    assert [each.status for each in feed.post.server.log.requests][-1] == 400
    assert (await feed.states(), len(await feed.shown())) == ({"published": 1}, 1)


async def test_what_a_process_took_and_died_with_is_published_by_the_next(feed: Feed) -> None:
    await feed.post_alerts(1)
    now = feed.post.clock.now()
    lease = now + timedelta(minutes=5)
    taken = await feed.post.db.write(
        lambda c: publications.take(c, now=now, lease_until=lease, an_hour=10)
    )
    assert len(taken) == 1
    assert await feed.publisher.run_once() == 0
    feed.post.clock.skipped += timedelta(minutes=6)
    assert await feed.publisher.run_once() == 1
    assert len(await feed.shown()) == 1


async def test_ten_an_hour_are_published_and_what_finds_no_room_in_two_hours_never_is(
    feed: Feed,
) -> None:
    await feed.control("POST", "/limits", crossposts=[1000, 1])
    await feed.post_alerts(*range(25))
    assert len(await feed.post.shown("news")) == 25
    assert await feed.publisher.run_once() == 10
    feed.post.clock.skipped += timedelta(minutes=58)
    assert await feed.publisher.run_once() == 0
    feed.post.clock.skipped += timedelta(minutes=3)
    assert await feed.publisher.run_once() == 10
    feed.post.clock.skipped += timedelta(minutes=60)
    assert await feed.publisher.run_once() == 0
    assert await feed.states() == {"published": 20, "missed": 5}
    shown = [int(each["message_reference"]["message_id"]) for each in await feed.shown()]
    posted = [each.id for each in await feed.post.shown("news")]
    assert shown == posted[:20]


async def test_a_longer_wait_that_discord_asks_for_is_kept_and_holds_up_no_post(
    feed: Feed,
) -> None:
    await feed.control("POST", "/limits", crossposts=[1, 3600])
    await feed.post_alerts(1, 2)
    assert await feed.publisher.run_once() == 1
    asked = feed.asked()
    feed.post.clock.skipped += timedelta(minutes=30)
    await feed.post_alerts(3)
    assert len(await feed.post.shown("news")) == 3
    assert await feed.publisher.run_once() == 0
    assert feed.asked() == asked
    await feed.control("POST", "/limits", crossposts=[1000, 1])
    feed.post.clock.skipped += timedelta(minutes=31)
    assert await feed.publisher.run_once() == 2


async def test_an_edit_too_many_of_a_published_message_waits_and_nothing_else_does(
    feed: Feed,
) -> None:
    await feed.control("POST", "/limits", published_edits=[1, 1200])
    opening = await feed.post.owe(feed.subscription, "news")
    await feed.post.deliverer.run_once()
    await feed.publisher.run_once()
    message = (await feed.post.row(opening)).message_id
    assert message is not None
    place = feed.post.client.get_partial_messageable(feed.channel)
    await place.get_partial_message(message).edit(content="as others may")
    edit = await feed.post.owe(feed.subscription, "news", closed())
    await feed.post_alerts(2)
    assert len(await feed.post.shown("news")) == 2
    waiting = await feed.post.row(edit)
    assert (waiting.state, waiting.reason) == ("pending", "too many edits: rate limit, for 1200 s")
    await feed.control("POST", "/limits", published_edits=[10, 1200])
    feed.post.clock.skipped += timedelta(minutes=21)
    await feed.post.deliverer.run_once()
    assert (await feed.post.row(edit)).state == "sent"


async def test_a_channel_that_announces_no_more_is_no_feed_any_more(feed: Feed) -> None:
    await feed.post_alerts(1, 2)
    everyone = {"id": str(feed.post.guild), "allow": str(MANAGE_CHANNELS), "deny": "0"}
    await feed.control("POST", f"/channels/{feed.channel}/overwrites", overwrites=[everyone])
    news = await feed.post.client.fetch_channel(feed.channel)
    assert isinstance(news, discord.TextChannel)
    await news.edit(type=discord.ChannelType.text)
    await feed.publisher.run_once()
    await feed.publisher.run_once()
    assert (await feed.states(), feed.asked()) == ({"missed": 2}, 1)
    assert await feed.post.db.read(lambda c: channels.feeds_in_guild(c, feed.post.guild)) == set()
    said = await feed.post.db.read(lambda c: c.execute("SELECT action FROM audit").fetchall())
    assert ("feed ended",) in said


async def test_a_channel_that_forbids_it_is_asked_again_in_a_quarter_of_an_hour(
    feed: Feed,
) -> None:
    await feed.post_alerts(1, 2)
    place = f"/channels/{feed.channel}/overwrites"
    silent = {"id": str(feed.post.guild), "allow": "0", "deny": str(SEND_MESSAGES)}
    await feed.control("POST", place, overwrites=[silent])
    assert (await feed.publisher.run_once(), feed.asked()) == (0, 1)
    await feed.control("POST", place, overwrites=[])
    feed.post.clock.skipped += timedelta(minutes=14)
    assert (await feed.publisher.run_once(), feed.asked()) == (0, 1)
    feed.post.clock.skipped += timedelta(minutes=2)
    assert await feed.publisher.run_once() == 2


async def test_a_message_that_is_gone_is_left_and_the_next_one_published(feed: Feed) -> None:
    await feed.post_alerts(1, 2)
    first, _ = await feed.post.shown("news")
    await first.delete()
    assert await feed.publisher.run_once() == 1
    assert await feed.states() == {"missed": 1, "published": 1}


async def test_an_ended_feed_publishes_nothing_more_of_what_it_owed(feed: Feed) -> None:
    await feed.post_alerts(1)
    await feed.post.db.write(lambda c: channels.end_feed(c, feed.channel))
    assert (await feed.publisher.run_once(), feed.asked()) == (0, 0)
    assert await feed.states() == {"missed": 1}


async def test_a_client_without_a_gateway_is_told_of_a_long_limit_as_well(feed: Feed) -> None:
    await feed.control("POST", "/limits", crossposts=[1, 3600])
    await feed.post_alerts(1, 2)
    trace = counting(InvalidRequests())
    async with logged_in(feed.post.server.token, trace) as client, asyncio.timeout(20):
        publisher = Publisher(
            db=feed.post.db,
            wall=feed.post.clock,
            publish=publishing(lambda: client),
            pace=Pace(1000.0, 1000),
        )
        assert await publisher.run_once() == 1
    assert await feed.states() == {"published": 1, "pending": 1}


async def test_two_publishers_ask_for_each_message_once(feed: Feed) -> None:
    other = Publisher(
        db=feed.post.db,
        wall=feed.post.clock,
        publish=publishing(lambda: feed.post.client),
        pace=Pace(1000.0, 1000),
    )
    await feed.post_alerts(*range(8))
    paid = await asyncio.gather(feed.publisher.run_once(), other.run_once())
    assert (sum(paid), feed.asked(), len(await feed.shown())) == (8, 8, 8)


async def test_nothing_is_asked_while_discord_is_away(feed: Feed) -> None:
    await feed.post_alerts(1)
    away = Publisher(
        db=feed.post.db,
        wall=feed.post.clock,
        publish=publishing(lambda: feed.post.client),
        pace=Pace(),
        ready=lambda: False,
    )
    assert (await away.run_once(), feed.asked()) == (0, 0)
    assert await feed.publisher.run_once() == 1
