"""Faults on request: each one as the real client feels it."""

import aiohttp
import discord
import pytest

from bot.playground.server import Playground
from tests.playground.person import Person
from tests.playground.sample_bot import SampleBot


@pytest.fixture
def channel(bot: SampleBot, alerts: str) -> discord.TextChannel:
    found = bot.get_channel(int(alerts))
    assert isinstance(found, discord.TextChannel)
    return found


async def arm(admin: Person, act: str, **more: object) -> None:
    fault = {"where": "rest", "method": "POST", "path": "/messages$", "act": act, **more}
    await admin.ask("POST", "/faults", **fault)


async def test_cut_before_does_nothing(channel: discord.TextChannel, admin: Person) -> None:
    await arm(admin, "cut_before")
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    assert await admin.messages(str(channel.id)) == []
    await channel.send("arrived")


async def test_cut_after_posts_and_the_nonce_finds_it_again(
    channel: discord.TextChannel, admin: Person
) -> None:
    await arm(admin, "cut_after")
    with pytest.raises(aiohttp.ClientError):
        await channel.send("IVOO broke out", nonce="one")
    posted = await admin.wait("message_create")
    again = await channel.send("IVOO broke out", nonce="one")
    assert str(again.id) == posted["id"]
    assert len(await admin.messages(str(channel.id))) == 1


async def test_a_500_is_retried_by_the_client_and_a_503_is_not(
    playground: Playground, channel: discord.TextChannel, admin: Person
) -> None:
    await arm(admin, "status", status=503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("unavailable")
    await arm(admin, "status", status=403, code=50013)
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("forbidden")
    assert refused.value.code == 50013
    assert [each.status for each in playground.log.requests][-2:] == [503, 403]


async def test_garbage_is_no_message(channel: discord.TextChannel, admin: Person) -> None:
    await arm(admin, "garbage")
    with pytest.raises(TypeError):
        await channel.send("garbled")
    assert [each["content"] for each in await admin.messages(str(channel.id))] == ["garbled"]


async def test_a_delay_holds_back_the_answer(
    channel: discord.TextChannel, admin: Person, playground: Playground
) -> None:
    await arm(admin, "delay", seconds=0.1)
    started = channel._state.loop.time()
    await channel.send("slow")
    assert channel._state.loop.time() - started >= 0.1


async def test_faults_strike_so_many_times_and_can_be_disarmed(
    channel: discord.TextChannel, admin: Person
) -> None:
    await arm(admin, "cut_before", times=5)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await channel.send("lost")
    await admin.ask("DELETE", "/faults")
    await channel.send("arrived")


async def test_a_dispatch_without_its_fields_ends_the_client(
    playground: Playground, admin: Person
) -> None:
    client = SampleBot()
    await client.login(playground.token)
    running = client.loop.create_task(client.connect())
    await client.wait_until_ready()
    await admin.ask("POST", "/faults", where="gateway", act="garbage")
    with pytest.raises(KeyError):
        await running
    await client.close()


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"where": "moon", "act": "drop"}, "'where'"),
        ({"where": "rest", "act": "drop"}, "'act'"),
        ({"where": "rest", "act": "status", "path": "("}, "cannot be read"),
        ({"where": "rest", "act": "delay", "seconds": -1}, "'seconds'"),
        ({"where": "rest", "act": "status", "status": 99}, "'status'"),
    ],
)
async def test_a_senseless_fault_is_refused(
    admin: Person, fault: dict[str, object], complaint: str
) -> None:
    status, answer = await admin.request("POST", "/faults", **fault)
    assert status == 400
    assert complaint in answer["error"]
