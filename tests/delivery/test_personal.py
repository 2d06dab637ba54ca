"""Users' own alerts through the real client: to the right person, once, mentioning nobody else."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.alerts.facts import Provenance
from bot.alerts.personal.book import Personal, Wanted, Where
from bot.alerts.personal.facts import STAGE, personal_alert_id, personal_facts
from bot.alerts.personal.model import Fired, Rule
from bot.alerts.personal.rows import rule_of
from bot.alerts.personal.words import parse_condition
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.personal_sink import PersonalSink
from bot.market.model import Symbol
from storage import alerts, personal, subscriptions
from storage.alerts import NewAlert
from storage.personal import PersonalRecord
from tests.delivery.conftest import FACTS, Post
from tests.delivery.test_deliverer import fault


@dataclass
class Desk:
    """One member's alerts, and a deliverer that knows how to pay them."""

    post: Post
    user: int
    deliverer: Deliverer
    personal: Personal

    async def fired(self, where: Where | None = None) -> tuple[PersonalRecord, str]:
        """An alert that came true, and the id of the message it owes."""
        rule = Rule(symbol=Symbol("IVOO"), condition=parse_condition("above 120"))
        wanted = Wanted(rule=rule, where=where or Where(), note="*mine* @everyone")
        record = await self.personal.add(self.user, wanted)
        now = self.post.clock.now()
        fired = Fired(
            session=FACTS.session,
            at=now,
            level=120.0,
            price=120.5,
            last=120.25,
            prior_close=118.0,
            closed=False,
            late=False,
        )
        facts = personal_facts(
            record,
            rule_of(record.rule),
            fired,
            name="",
            seen_at=now,
            provenance=Provenance(source="Folder", delay_minutes=0, synthetic=False),
        )
        owed = NewAlert(
            id=personal_alert_id(record.id, 1),
            subscription_id=0,
            episode_id=personal.about(record.id),
            stage=STAGE,
            act="post",
            target=None,
            guild_id=record.rule.guild_id,
            channel_id=record.rule.channel_id or self.user,
            facts=facts.to_json(),
            created_at=now,
            market_time=now,
            expires_at=now + timedelta(hours=24),
        )
        await self.post.db.write(lambda c: alerts.enqueue(c, [owed]))
        return record, owed.id

    async def direct_messages(self) -> list[discord.Message]:
        channel = await self.post.client.create_dm(discord.Object(self.user))
        return [message async for message in channel.history(limit=50, oldest_first=True)]

    async def standing(self, record: PersonalRecord) -> PersonalRecord:
        return await self.personal.find(record.id, user_id=self.user)


@pytest.fixture
async def desk(post: Post) -> Desk:
    async def no_picture(facts: Any) -> None:
        return None

    guild = post.client.guilds[0]
    assert guild.owner_id is not None
    return Desk(
        post=post,
        user=guild.owner_id,
        deliverer=Deliverer.of(
            db=post.db,
            sink=PersonalSink(
                DiscordSink(lambda: post.client, draw=no_picture), lambda: post.client
            ),
            wall=post.clock,
            pace=Pace(1000.0, 1000),
        ),
        personal=Personal(db=post.db, wall=post.clock, clock=post.clock),
    )


async def test_a_direct_message_reaches_its_user(desk: Desk) -> None:
    _, identity = await desk.fired()
    assert await desk.deliverer.run_once() == 1
    (message,) = await desk.direct_messages()
    (embed,) = message.embeds
    assert embed.title == "IVOO crossed above 120.00"
    assert (embed.description or "").startswith("Last 120.25, after 120.50, above 120.00.")
    assert "Your note: \\*mine\\* \\@everyone" in (embed.description or "")
    assert (message.content, message.mention_everyone, message.mentions) == ("", False, [])
    assert (embed.footer.text or "").endswith(f"#{identity[:6]}")
    buttons = [child for row in message.components for child in row.children]  # type: ignore[union-attr]
    assert [button.label for button in buttons] == ["Chart", "High", "Watch"]  # type: ignore[union-attr]


async def test_in_a_channel_its_user_is_mentioned_and_nobody_else(desk: Desk) -> None:
    where = Where(guild_id=desk.post.guild, channel_id=desk.post.channels["general"])
    await desk.fired(where)
    assert await desk.deliverer.run_once() == 1
    (message,) = await desk.post.shown("general")
    assert message.content == f"<@{desk.user}>"
    assert [user.id for user in message.mentions] == [desk.user]
    assert not message.mention_everyone


async def test_a_direct_message_cut_after_discord_took_it_shows_once(desk: Desk) -> None:
    _, identity = await desk.fired()
    await fault(desk.post, method="POST", path="/messages", act="cut_after")
    await desk.deliverer.run_once()
    desk.post.clock.skipped += timedelta(seconds=10)
    await desk.deliverer.run_once()
    assert (await desk.post.row(identity)).state == "sent"
    assert len(await desk.direct_messages()) == 1


@pytest.mark.parametrize("path", ["/users/@me/channels", "/messages"])
async def test_a_user_who_takes_no_direct_messages_is_told_later_and_asked_no_more(
    desk: Desk, path: str
) -> None:
    number = await desk.post.subscribe("alerts")
    record, identity = await desk.fired()
    await fault(desk.post, method="POST", path=path, act="status", status=403, code=50007)
    assert await desk.deliverer.run_once() == 0
    assert (await desk.post.row(identity)).state == "dropped"
    blocked = await desk.standing(record)
    assert blocked.state == "blocked"
    assert "does not let me send you direct messages" in (blocked.reason or "")
    assert [news.id for news in await desk.personal.take_news(desk.user)] == [record.id]
    assert await desk.personal.take_news(desk.user) == []
    beside = await desk.post.db.read(lambda c: subscriptions.get(c, number))
    assert beside is not None
    assert beside.state == "active"


async def test_a_channel_that_refuses_blocks_the_alert_and_not_the_channels_subscriptions(
    desk: Desk,
) -> None:
    number = await desk.post.subscribe("staff")
    where = Where(guild_id=desk.post.guild, channel_id=desk.post.channels["staff"])
    record, _ = await desk.fired(where)
    await desk.deliverer.run_once()
    assert (await desk.standing(record)).state == "blocked"
    beside = await desk.post.db.read(lambda c: subscriptions.get(c, number))
    assert beside is not None
    assert beside.state == "active"


async def test_an_outage_is_waited_out_and_blocks_nobody(desk: Desk) -> None:
    record, _ = await desk.fired()
    await fault(desk.post, method="POST", path="/messages", act="status", status=503, times=1)
    await desk.deliverer.run_once()
    desk.post.clock.skipped += timedelta(seconds=5)
    await desk.deliverer.run_once()
    assert len(await desk.direct_messages()) == 1
    assert (await desk.standing(record)).state == "active"


async def test_alerts_of_channels_are_passed_on(desk: Desk) -> None:
    number = await desk.post.subscribe("alerts")
    await desk.post.owe(number, "alerts")
    assert await desk.deliverer.run_once() == 1
    assert len(await desk.post.shown("alerts")) == 1


async def test_leaving_a_server_blocks_the_alerts_that_are_told_there(desk: Desk) -> None:
    where = Where(guild_id=desk.post.guild, channel_id=desk.post.channels["general"])
    record, _ = await desk.fired(where)
    elsewhere, _ = await desk.fired()
    reason = "I am no longer in the server where it is told"
    await desk.post.db.write(lambda c: personal.leave_guild(c, desk.post.guild, reason=reason))
    assert (await desk.standing(record)).state == "blocked"
    assert (await desk.standing(elsewhere)).state == "active"
