"""Paying the outbox through the real client: once, in order, and to the end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.errors import DiscordRefused
from storage import subscriptions
from tests.delivery.conftest import FACTS, Post, closed, ended


async def fault(post: Post, **what: Any) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{post.server.url}control/faults"
        async with http.post(url, json={"where": "rest", "times": 1, **what}) as answer:
            assert answer.status < 300, await answer.text()


async def control(post: Post, method: str, path: str, **body: Any) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{post.server.url}control{path}"
        async with http.request(method, url, json=body or None) as answer:
            assert answer.status < 300, await answer.text()


async def test_an_alert_is_posted_edited_and_replied_to(post: Post) -> None:
    number = await post.subscribe("alerts")
    opening = await post.owe(number, "alerts")
    await post.owe(number, "alerts", closed())
    await post.owe(number, "alerts", ended())
    assert await post.deliverer.run_once() == 3
    message, reply = await post.shown("alerts")
    assert message.id == (await post.row(opening)).message_id
    title = message.embeds[0].title or ""
    assert title.startswith("● IVOO made a new 52-week high: 122.77, above 122.74 of 20 Feb 2026.")
    assert "Confirmed at the close: 123.44, 0.6 % above" in (message.embeds[0].description or "")
    assert message.edited_at is not None
    assert reply.reference is not None
    assert reply.reference.message_id == message.id
    text = "✓ IVOO held its breakout of 17 Apr 2026 for 5 sessions (lowest close 122.92)."
    assert reply.embeds[0].description == text


async def test_a_send_cut_after_discord_took_it_shows_once(post: Post) -> None:
    number = await post.subscribe("alerts")
    identity = await post.owe(number, "alerts")
    await fault(post, method="POST", path="/messages", act="cut_after")
    await post.deliverer.run_once()
    post.clock.skipped += timedelta(seconds=10)
    await post.deliverer.run_once()
    assert (await post.row(identity)).state == "sent"
    assert len(await post.shown("alerts")) == 1


async def test_an_old_attempt_of_unknown_outcome_is_looked_up_before_it_is_repeated(
    post: Post,
) -> None:
    number = await post.subscribe("alerts")
    identity = await post.owe(number, "alerts")
    for _ in range(6):
        await fault(post, method="POST", path="/messages", act="cut_after")
    await post.deliverer.run_once()
    assert (await post.row(identity)).state == "pending"
    await control(post, "DELETE", "/faults")
    post.clock.skipped += timedelta(minutes=30)
    await post.deliverer.run_once()
    row = await post.row(identity)
    messages = await post.shown("alerts")
    assert row.state == "sent"
    assert [m.id for m in messages] == [row.message_id]


async def test_an_outage_is_waited_out(post: Post) -> None:
    number = await post.subscribe("alerts")
    identity = await post.owe(number, "alerts")
    await fault(post, method="POST", path="/messages", act="status", status=503, times=1)
    await post.deliverer.run_once()
    row = await post.row(identity)
    assert (row.state, row.attempts) == ("pending", 1)
    post.clock.skipped += timedelta(seconds=3)
    assert await post.deliverer.run_once() == 1
    assert len(await post.shown("alerts")) == 1


async def test_a_deleted_channel_is_unsubscribed_at_once(post: Post) -> None:
    number = await post.subscribe("general")
    identity = await post.owe(number, "general")
    await control(post, "DELETE", f"/channels/{post.channels['general']}")
    assert await post.deliverer.run_once() == 0
    assert (await post.row(identity)).state == "dropped"
    assert await post.db.read(lambda c: subscriptions.get(c, number)) is None


async def test_a_forbidden_channel_is_blocked_and_tried_again_in_an_hour(post: Post) -> None:
    number = await post.subscribe("staff")
    identity = await post.owe(number, "staff")
    await post.deliverer.run_once()
    record = await post.db.read(lambda c: subscriptions.get(c, number))
    assert record is not None
    assert (record.state, record.failures) == ("blocked", 1)
    row = await post.row(identity)
    assert row.state == "pending"
    assert row.not_before - post.clock.now() > timedelta(minutes=59)


async def test_ten_alerts_for_a_forbidden_channel_count_as_one_refusal(post: Post) -> None:
    number = await post.subscribe("staff")
    for i in range(10):
        await post.owe(number, "staff", replace(FACTS, episode_id=f"e{i}"))
    await post.deliverer.run_once()
    record = await post.db.read(lambda c: subscriptions.get(c, number))
    assert record is not None
    assert (record.state, record.failures) == ("blocked", 1)


async def test_a_channel_that_lets_us_in_again_gets_what_it_was_owed(post: Post) -> None:
    number = await post.subscribe("staff")
    await post.owe(number, "staff")
    await post.deliverer.run_once()
    staff = post.channels["staff"]
    await control(post, "POST", f"/channels/{staff}/overwrites", overwrites=[])
    post.clock.skipped += timedelta(hours=1, minutes=1)
    assert await post.deliverer.run_once() == 1
    record = await post.db.read(lambda c: subscriptions.get(c, number))
    assert record is not None
    assert (record.state, record.failures) == ("active", 0)


async def test_a_refused_token_stops_everything_and_keeps_everything(post: Post) -> None:
    number = await post.subscribe("alerts")
    identity = await post.owe(number, "alerts")
    await fault(post, method="POST", path="/messages", act="status", status=401)
    with pytest.raises(DiscordRefused, match="valid DISCORD_TOKEN"):
        await post.deliverer.run_once()
    assert (await post.row(identity)).state == "pending"
    assert await post.db.read(lambda c: subscriptions.get(c, number)) is not None


async def test_old_news_expires_unsent(post: Post) -> None:
    number = await post.subscribe("alerts")
    identity = await post.owe(number, "alerts")
    post.clock.skipped += timedelta(hours=25)
    await post.deliverer.run_once()
    assert (await post.row(identity)).state == "expired"
    assert await post.shown("alerts") == []


async def test_a_follow_up_of_a_message_that_was_never_shown_is_dropped(post: Post) -> None:
    number = await post.subscribe("alerts")
    await post.owe(number, "alerts")
    post.clock.skipped += timedelta(hours=25)
    follow_up = await post.owe(number, "alerts", closed())
    await post.deliverer.run_once()
    await post.deliverer.run_once()
    row = await post.row(follow_up)
    assert (row.state, await post.shown("alerts")) == ("dropped", [])


async def test_a_deleted_message_is_not_edited_and_harms_nobody(post: Post) -> None:
    number = await post.subscribe("alerts")
    await post.owe(number, "alerts")
    await post.deliverer.run_once()
    await (await post.shown("alerts"))[0].delete()
    edit = await post.owe(number, "alerts", closed())
    await post.deliverer.run_once()
    assert (await post.row(edit)).state == "dropped"
    assert await post.db.read(lambda c: subscriptions.get(c, number)) is not None


async def test_every_alert_ends_in_one_state_and_every_attempt_is_recorded(post: Post) -> None:
    number = await post.subscribe("alerts")
    await post.owe(number, "alerts")
    await post.deliverer.run_once()
    rows = await post.db.read(
        lambda c: c.execute("SELECT attempt, outcome FROM deliveries").fetchall()
    )
    assert rows == [(1, "sent")]
