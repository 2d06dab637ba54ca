"""Many servers at once: fairness, mass refusals, restarts, two deliverers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.alerts.facts import Stage, alert_id
from bot.delivery.audit import ChannelAudit
from bot.delivery.breaker import InvalidRequests
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink, counting
from bot.delivery.limiter import Pace
from bot.delivery.sink import Posted
from bot.errors import DiscordRefused
from storage import alerts, claims, subscriptions
from storage.alerts import AlertRecord, NewAlert
from tests.delivery.conftest import FACTS, Post, closed

BODY = FACTS.to_json()


async def control(post: Post, method: str, where_to: str, /, **body: Any) -> Any:
    async with aiohttp.ClientSession() as http:
        url = f"{post.server.url}control{where_to}"
        async with http.request(method, url, json=body or None) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()


async def found(post: Post, name: str, *channels: str) -> tuple[int, list[int]]:
    """A new server with channels of these names besides its own; its id and theirs."""
    guild = await control(post, "POST", "/guilds", name=name)
    made = [
        await control(post, "POST", f"/guilds/{guild['id']}/channels", name=each)
        for each in channels
    ]
    return int(guild["id"]), [int(each["id"]) for each in made]


async def subscribe(post: Post, guild: int, channel: int) -> int:
    record = await post.db.write(
        lambda c: subscriptions.add(
            c,
            guild_id=guild,
            channel_id=channel,
            kinds=["high_52w"],
            universe=None,
            symbols=["IVOO"],
            created_by=1,
            at=post.clock.now(),
        )
    )
    return record.id


def alert(post: Post, number: int, guild: int, channel: int, episode: str = "e1") -> NewAlert:
    return NewAlert(
        id=alert_id(number, episode, Stage.OPENED),
        subscription_id=number,
        episode_id=episode,
        stage=Stage.OPENED,
        act="post",
        target=None,
        guild_id=guild,
        channel_id=channel,
        facts=BODY,
        created_at=post.clock.now(),
        market_time=FACTS.seen_at,
        expires_at=post.clock.now() + timedelta(hours=24),
    )


async def owe_each(post: Post, places: list[tuple[int, int]], count: int = 1) -> list[int]:
    """`count` alerts for each (guild, channel); the numbers of their new subscriptions."""
    numbers = [await subscribe(post, guild, channel) for guild, channel in places]
    owed = [
        alert(post, number, guild, channel, f"e{i}")
        for number, (guild, channel) in zip(numbers, places, strict=True)
        for i in range(count)
    ]
    await post.db.write(lambda c: alerts.enqueue(c, owed))
    return numbers


async def servers(post: Post, count: int) -> list[tuple[int, int]]:
    places = []
    for i in range(count):
        guild, channels = await found(post, f"server {i}", "signals")
        places.append((guild, channels[0]))
    return places


def sink(post: Post) -> DiscordSink:
    return DiscordSink(lambda: post.client, draw=no_picture)


async def no_picture(facts: object) -> None:
    return None


def deliverer(post: Post, **options: Any) -> Deliverer:
    given = {"sink": sink(post), "pace": Pace(10_000.0, 1_000)} | options
    return Deliverer.of(db=post.db, wall=post.clock, **given)


async def states(post: Post) -> dict[str, int]:
    return await post.db.read(alerts.counts)


async def kept(post: Post) -> dict[str, int]:
    rows = await post.db.read(
        lambda c: c.execute("SELECT state, count(*) FROM subscriptions GROUP BY state").fetchall()
    )
    return dict(rows)


class Watched(DiscordSink):
    """The real sink, and the order in which it was asked."""

    def __init__(self, post: Post) -> None:
        super().__init__(lambda: post.client, draw=no_picture)
        self.servers: list[int] = []

    async def post(self, alert: AlertRecord) -> Posted:
        self.servers.append(alert.guild_id)
        return await super().post(alert)


@pytest.fixture
def roomy(post: Post) -> Post:
    """Without rate limits on the other side."""
    post.server.limits.messages = replace(post.server.limits.messages, requests=100_000)
    post.server.limits.global_requests = 100_000
    return post


async def test_a_server_that_is_owed_hundreds_delays_nobody(roomy: Post) -> None:
    crowd = [roomy.channels["alerts"], roomy.channels["general"]]
    await owe_each(roomy, [(roomy.guild, channel) for channel in crowd], 300)
    small = await servers(roomy, 4)
    await owe_each(roomy, small)
    watched = Watched(roomy)
    assert await deliverer(roomy, sink=watched).run_once() == 604
    assert max(watched.servers.index(guild) for guild, _ in small) < 30


@pytest.mark.parametrize("how", ["forbidden", "gone"])
async def test_when_all_servers_refuse_at_once_every_subscription_is_kept(
    roomy: Post, how: str
) -> None:
    places = await servers(roomy, 8)
    await owe_each(roomy, places, 3)
    for guild, channel in places:
        if how == "gone":
            await control(roomy, "DELETE", f"/channels/{channel}")
        else:
            nobody = [{"id": str(guild), "type": 0, "deny": str(1 << 10)}]
            path = f"/channels/{channel}/overwrites"
            await control(roomy, "POST", path, overwrites=nobody)
    paying = deliverer(roomy)
    await paying.run_once()
    assert "Too many servers" in paying.pulse.halted
    assert (await states(roomy), await kept(roomy)) == ({"pending": 24}, {"active": 8})
    assert roomy.server.log.invalid_requests <= 8
    await paying.run_once()
    assert (await states(roomy)) == {"pending": 24}


async def test_a_refused_token_keeps_every_row_and_subscription(roomy: Post) -> None:
    await owe_each(roomy, await servers(roomy, 5), 4)
    refuse = {"where": "rest", "path": r"/messages$", "act": "status"}
    await control(roomy, "POST", "/faults", **refuse, status=401, times=1000)
    with pytest.raises(DiscordRefused, match="DISCORD_TOKEN"):
        await deliverer(roomy).run_once()
    assert (await states(roomy), await kept(roomy)) == ({"pending": 20}, {"active": 5})
    assert roomy.server.log.invalid_requests <= 5


async def test_a_deleted_channel_is_dropped_once_and_its_server_is_told(roomy: Post) -> None:
    guild, channels = await found(roomy, "server", "signals", "other")
    await owe_each(roomy, [(guild, channels[0])], 7)
    await subscribe(roomy, guild, channels[1])
    await control(roomy, "DELETE", f"/channels/{channels[0]}")
    paying = deliverer(roomy, tell=sink(roomy).tell)
    await paying.run_once()
    await paying.run_once()
    assert (await states(roomy), await kept(roomy)) == ({"dropped": 7}, {"active": 1})
    told = [m async for m in roomy.client.get_partial_messageable(channels[1]).history()]
    assert [message.content.split(":")[0] for message in told] == [
        f"I have ended the subscriptions of <#{channels[0]}>"
    ]
    audit = await roomy.db.read(lambda c: c.execute("SELECT action FROM audit").fetchall())
    assert audit == [("unsubscribed by the program",)]


async def test_the_audit_finds_channels_that_nobody_owes_anything(roomy: Post) -> None:
    guild, (gone, closed_to_us, fine) = await found(roomy, "server", "one", "two", "three")
    numbers = [await subscribe(roomy, guild, channel) for channel in (gone, closed_to_us, fine)]
    paying = deliverer(roomy)
    audit = ChannelAudit(
        db=roomy.db, wall=roomy.clock, look=sink(roomy).look, refusals=paying.refusals
    )
    nobody = [{"id": str(guild), "type": 0, "deny": str(1 << 11)}]
    await control(roomy, "POST", f"/channels/{closed_to_us}/overwrites", overwrites=nobody)
    await control(roomy, "DELETE", f"/channels/{gone}")
    await roomy.client.fetch_channel(fine)
    assert await audit.run_once() == 2
    found_now = [
        await roomy.db.read(lambda c, n=number: subscriptions.get(c, n))  # type: ignore[misc]
        for number in numbers
    ]
    assert [record and record.state for record in found_now] == [None, "blocked", "active"]
    await control(roomy, "POST", f"/channels/{closed_to_us}/overwrites", overwrites=[])
    await roomy.client.fetch_channel(fine)
    assert await audit.run_once() == 0
    assert await kept(roomy) == {"active": 2}


async def test_the_audit_of_a_part_looks_only_at_its_own_servers(roomy: Post) -> None:
    mine, (gone,) = await found(roomy, "mine", "one")
    other, (gone_too,) = await found(roomy, "other", "two")
    await subscribe(roomy, mine, gone)
    await subscribe(roomy, other, gone_too)
    for channel in (gone, gone_too):
        await control(roomy, "DELETE", f"/channels/{channel}")
    audit = ChannelAudit(
        db=roomy.db,
        wall=roomy.clock,
        look=sink(roomy).look,
        refusals=deliverer(roomy).refusals,
        ours=lambda guild_id: guild_id == mine,
    )
    assert await audit.run_once() == 1
    left = await roomy.db.read(subscriptions.active)
    assert [record.channel_id for record in left] == [gone_too]


class Ends(DiscordSink):
    """The real sink of a process that ends after so many sends."""

    def __init__(self, post: Post, after: int) -> None:
        super().__init__(lambda: post.client, draw=no_picture)
        self.left = after
        self.sending = 0

    async def post(self, alert: AlertRecord) -> Posted:
        self.left -= 1
        last = self.left < 0
        self.sending += 1
        posted = await super().post(alert)
        self.sending -= 1
        if last:
            # Nobody hears of this one: the process is gone before it is written down.
            await asyncio.Event().wait()
        return posted


async def test_a_restart_in_the_middle_of_a_thousand_channels_pays_each_once(roomy: Post) -> None:
    guild = (await found(roomy, "big"))[0]
    state = roomy.server._stage.state
    channels = []
    for i in range(1_000):
        made = await control(roomy, "POST", f"/guilds/{guild}/channels", name=f"c{i}")
        channels.append(int(made["id"]))
    number = await subscribe(roomy, guild, channels[0])
    owed = [alert(roomy, number, guild, channel, f"{channel}") for channel in channels]
    await roomy.db.write(lambda c: alerts.enqueue(c, owed))
    ends = Ends(roomy, 500)
    first = asyncio.get_running_loop().create_task(deliverer(roomy, sink=ends).run_once())
    # The client lives on, and discord.py hangs for good when a request of its is cut off, so the
    # end comes while none is on its way.
    while (await states(roomy)).get("sent", 0) < 480 or ends.left >= 0 or ends.sending:
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await roomy.db.write(claims.release_all)
    await deliverer(roomy).run_once()
    assert await states(roomy) == {"sent": 1_000}
    assert {len(state.entries(str(channel))) for channel in channels} == {1}


async def test_two_deliverers_on_one_outbox_send_each_alert_once(roomy: Post) -> None:
    places = await servers(roomy, 6)
    await owe_each(roomy, places, 20)
    both = deliverer(roomy), deliverer(roomy)
    paid = await asyncio.gather(*(each.run_once() for each in both))
    assert sum(paid) == 120
    state = roomy.server._stage.state
    assert [len(state.entries(str(channel))) for _, channel in places] == [20] * 6


async def test_the_rows_of_a_process_that_is_gone_are_taken_over_when_its_lease_ends(
    roomy: Post,
) -> None:
    await owe_each(roomy, await servers(roomy, 1))
    now = roomy.clock.now()

    def claim_and_die(connection: Any) -> None:
        due = claims.due_channels(connection, now=now)
        claims.claim(connection, due, now=now, lease_until=now + timedelta(minutes=10), each=5)

    await roomy.db.write(claim_and_die)
    assert await deliverer(roomy).run_once() == 0
    roomy.clock.skipped += timedelta(minutes=11)
    assert await deliverer(roomy).run_once() == 1


async def test_a_clock_that_is_set_back_delays_nothing(roomy: Post) -> None:
    await owe_each(roomy, await servers(roomy, 1))
    busy = {"where": "rest", "path": r"/messages$", "act": "status"}
    await control(roomy, "POST", "/faults", **busy, status=503)
    paying = deliverer(roomy)
    assert await paying.run_once() == 0
    roomy.clock.skipped -= timedelta(days=1)
    assert await paying.run_once() == 1


async def test_an_edit_that_a_newer_one_has_overtaken_is_not_sent(post: Post) -> None:
    number = await post.subscribe("alerts")
    await post.owe(number, "alerts")
    await post.deliverer.run_once()
    older = await post.owe(number, "alerts", closed())
    newer = replace(
        alert(post, number, post.guild, post.channels["alerts"]),
        id="newer",
        stage=Stage.GRADED_5,
        act="edit",
        target=alert_id(number, "e1", Stage.OPENED),
        facts=replace(closed(close=125.0), stage=Stage.GRADED_5).to_json(),
    )
    await post.db.write(lambda c: alerts.enqueue(c, [newer]))
    assert await post.deliverer.run_once() == 1
    assert ((await post.row(older)).state, (await post.row("newer")).state) == ("dropped", "sent")
    assert "125.00" in ((await post.shown("alerts"))[0].embeds[0].description or "")


async def test_old_messages_are_edited_slowly_and_discord_never_has_to_refuse(roomy: Post) -> None:
    number = await roomy.subscribe("alerts")
    for i in range(5):
        await roomy.owe(number, "alerts", replace(FACTS, episode_id=f"e{i}"))
    await roomy.deliverer.run_once()
    await control(roomy, "POST", "/time", advance=7_200)
    roomy.clock.skipped += timedelta(hours=2)
    for i in range(5):
        await roomy.owe(number, "alerts", replace(closed(), episode_id=f"e{i}"))
    before = roomy.server.log.invalid_requests
    assert await roomy.deliverer.run_once() == 2
    assert roomy.server.log.invalid_requests == before
    assert (await states(roomy))["pending"] == 3


class Hangs(DiscordSink):
    """The real sink, whose posts wait for a word."""

    def __init__(self, post: Post) -> None:
        super().__init__(lambda: post.client, draw=no_picture)
        self.go_on = asyncio.Event()

    async def post(self, alert: AlertRecord) -> Posted:
        await self.go_on.wait()
        return await super().post(alert)


async def test_a_send_that_hangs_is_reported_and_waited_for(roomy: Post) -> None:
    await owe_each(roomy, await servers(roomy, 2))
    hanging = Hangs(roomy)
    paying = deliverer(roomy, sink=hanging, stuck_after=timedelta(milliseconds=10))
    running = asyncio.get_running_loop().create_task(paying.run_once())
    while paying.pulse.stuck_since is None:
        await asyncio.sleep(0)
    assert (paying.pulse.lanes, paying.pulse.last_paid) == (2, None)
    hanging.go_on.set()
    assert await running == 2
    assert paying.pulse.stuck_since is None
    assert paying.pulse.last_paid is not None


async def test_before_discord_bans_us_we_pause(roomy: Post) -> None:
    await owe_each(roomy, await servers(roomy, 2))
    invalid = InvalidRequests(budget=1)
    invalid.note(429, asyncio.get_running_loop().time())
    paying = deliverer(roomy, invalid=invalid)
    assert await paying.run_once() == 0
    assert "refused too many requests" in paying.pulse.halted
    assert await states(roomy) == {"pending": 2}


async def test_what_discord_bans_for_is_counted_at_the_client(roomy: Post) -> None:
    invalid = InvalidRequests(budget=10)
    client = discord.Client(intents=discord.Intents.none(), http_trace=counting(invalid))
    await client.login(roomy.server.token)
    channel = client.get_partial_messageable(roomy.channels["staff"])
    with pytest.raises(discord.Forbidden):
        await channel.send("x")
    assert invalid.left(asyncio.get_running_loop().time()) == 9
    await client.close()


async def test_facts_that_many_channels_share_are_stored_once(roomy: Post) -> None:
    await owe_each(roomy, await servers(roomy, 3), 2)
    sheets = await roomy.db.read(lambda c: c.execute("SELECT count(*) FROM sheets").fetchone()[0])
    assert sheets == 1
    row = await roomy.row(alert_id(1, "e0", Stage.OPENED))
    assert row.facts == BODY
