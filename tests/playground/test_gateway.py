"""Connections of the real client: compression, shards, resumes, refusals."""

import asyncio
import json
import zlib

import aiohttp
import discord
import pytest

from bot.playground import codes, gateway
from bot.playground.server import Playground
from tests.playground.person import Person, option
from tests.playground.sample_bot import SampleBot

CLIENTS_OWN = discord.utils._ActiveDecompressionContext  # zstd where the client has it
GUILDS_INTENT = 1
PATIENCE_SECONDS = 10.0


class ZlibStream:
    """What a client without zstd decompresses with."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    def decompress(self, data: bytes) -> str:
        return self._stream.decompress(data).decode()


class RawClient:
    """A gateway client that does nothing by itself."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compression: str) -> None:
        self.socket = socket
        self._stream = ZlibStream() if compression == "zlib-stream" else CLIENTS_OWN()

    async def send(self, opcode: int, data: object) -> None:
        await self.socket.send_json({"op": opcode, "d": data})

    async def receive(self) -> dict[str, object]:
        data = (await self.socket.receive(PATIENCE_SECONDS)).data
        return json.loads(self._stream.decompress(data) if isinstance(data, bytes) else data)

    async def closed_with(self) -> int | None:
        await self.socket.receive(PATIENCE_SECONDS)
        return self.socket.close_code


def identify(token: str, **more: object) -> dict[str, object]:
    return {"token": token, "intents": GUILDS_INTENT, "properties": {}, **more}


async def connect(
    http: aiohttp.ClientSession, playground: Playground, compression: str = ""
) -> RawClient:
    query = {"v": "10", "encoding": "json"} | ({"compress": compression} if compression else {})
    client = RawClient(await http.ws_connect(playground.gateway_url, params=query), compression)
    assert (await client.receive())["op"] == 10
    return client


async def test_the_bot_sees_its_guild_and_its_permissions(bot: SampleBot) -> None:
    guild = bot.guilds[0]
    assert guild.name == "Highwater Playground"
    assert [each.name for each in guild.text_channels] == ["alerts", "general", "staff"]
    alerts, _, staff = guild.text_channels
    granted = alerts.permissions_for(guild.me)
    assert granted.view_channel
    assert granted.send_messages
    assert granted.embed_links
    assert granted.attach_files
    assert granted.read_message_history
    assert not granted.manage_channels
    assert not staff.permissions_for(guild.me).view_channel
    assert bot.application_id != bot.user.id


async def test_ids_are_the_same_at_every_start_and_differ_by_seed() -> None:
    first, again, other = await _ids(1), await _ids(1), await _ids(2)
    assert first == again
    assert not first & other


async def _ids(seed: int) -> set[str]:
    server = Playground(seed=seed)
    await server.start()
    async with aiohttp.ClientSession(server.url) as http, http.get("/control/state") as answer:
        state = await answer.json()
    await server.stop()
    guild = state["guilds"][0]
    return {guild["id"], state["me"], *(each["id"] for each in guild["channels"])}


async def test_a_wrong_token_is_refused_everywhere(
    playground: Playground, http: aiohttp.ClientSession
) -> None:
    client = SampleBot()
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify("wrong"))
    assert await raw.closed_with() == 4004


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"intents": 1 << 15}, 4014),
        ({"intents": None}, 4013),
        ({"shard": [2, 2]}, 4010),
        ({"shard": "first"}, 4010),
        ({"token": None}, 4004),
    ],
)
async def test_a_bad_identify_is_closed_with_its_code(
    playground: Playground, http: aiohttp.ClientSession, change: dict[str, object], code: int
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token) | change)
    assert await raw.closed_with() == code


async def test_payloads_out_of_order_are_closed_with_their_code(
    playground: Playground, http: aiohttp.ClientSession
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.REQUEST_MEMBERS, {})
    assert await raw.closed_with() == 4003
    raw = await connect(http, playground)
    await raw.socket.send_str("no json")
    assert await raw.closed_with() == 4002
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, [])
    assert await raw.closed_with() == 4002
    raw = await connect(http, playground)
    await raw.send(99, {})
    assert await raw.closed_with() == 4001
    raw = await connect(http, playground)
    for _ in range(gateway.SENDS_A_MINUTE + 1):
        await raw.send(codes.HEARTBEAT, None)
    answers = [(await raw.receive())["op"] for _ in range(gateway.SENDS_A_MINUTE)]
    assert set(answers) == {codes.HEARTBEAT_ACK}
    assert await raw.closed_with() == 4008


@pytest.mark.parametrize("compression", ["", "zlib-stream", CLIENTS_OWN.COMPRESSION_TYPE])
async def test_a_session_resumes_where_it_broke(
    playground: Playground,
    http: aiohttp.ClientSession,
    admin: Person,
    compression: str,
) -> None:
    raw = await connect(http, playground, compression)
    await raw.send(codes.IDENTIFY, identify(playground.token))
    ready, guild = await raw.receive(), await raw.receive()
    assert (ready["t"], guild["t"]) == ("READY", "GUILD_CREATE")
    await admin.ask("POST", "/faults", where="gateway", act="drop", times=1)
    assert await raw.closed_with() == 1006
    guild_id = guild["d"]["id"]
    created = await admin.ask("POST", f"/guilds/{guild_id}/channels", name="missed")
    raw = await connect(http, playground, compression)
    session = ready["d"]["session_id"]
    resume = {"token": playground.token, "session_id": session, "seq": guild["s"]}
    await raw.send(codes.RESUME, resume)
    missed, resumed = await raw.receive(), await raw.receive()
    assert (missed["t"], missed["d"]["id"]) == ("CHANNEL_CREATE", created["id"])
    assert (resumed["t"], resumed["s"]) == ("RESUMED", guild["s"] + 2)


async def test_a_connection_speaks_version_ten_and_identifies_once(
    playground: Playground, http: aiohttp.ClientSession
) -> None:
    old = RawClient(await http.ws_connect(playground.gateway_url, params={"v": "9"}), "")
    assert await old.closed_with() == 4012
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token))
    assert [(await raw.receive())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
    await raw.send(codes.IDENTIFY, identify(playground.token))
    assert await raw.closed_with() == 4005


async def test_dropped_connections_close_with_the_code_asked_for(
    playground: Playground, http: aiohttp.ClientSession, admin: Person
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token))
    assert [(await raw.receive())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
    await admin.ask("POST", "/faults", where="gateway", act="drop", code=4000, times=2)
    assert await raw.closed_with() == 4000
    socket = await http.ws_connect(playground.gateway_url, params={"v": "10"})
    assert await RawClient(socket, "").closed_with() == 4000
    await connect(http, playground)


async def test_a_deletion_tells_ids_alone(
    playground: Playground, http: aiohttp.ClientSession, admin: Person, alerts: str
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token) | {"intents": 1 << 9})
    assert (await raw.receive())["t"] == "READY"
    headers = {"Authorization": f"Bot {playground.token}"}
    path = f"/api/v10/channels/{alerts}/messages"
    async with http.post(path, json={"content": "oops"}, headers=headers) as answer:
        posted = await answer.json()
    async with http.delete(f"{path}/{posted['id']}", headers=headers) as answer:
        assert answer.status == 204
    created, deleted = await raw.receive(), await raw.receive()
    assert (created["t"], created["d"]["content"]) == ("MESSAGE_CREATE", "oops")
    assert deleted["t"] == "MESSAGE_DELETE"
    assert sorted(deleted["d"]) == ["channel_id", "guild_id", "id"]
    assert await admin.wait("message_delete") == {"id": posted["id"], "channel_id": alerts}


async def test_dispatches_are_held_back(
    playground: Playground, http: aiohttp.ClientSession, admin: Person, alerts: str
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token) | {"intents": 1 << 9})
    assert (await raw.receive())["t"] == "READY"
    before = asyncio.get_running_loop().time()
    await admin.ask("POST", "/faults", where="gateway", act="delay", seconds=0.1)
    await admin.say(alerts, "late")
    assert (await raw.receive())["t"] == "MESSAGE_CREATE"
    assert asyncio.get_running_loop().time() - before >= 0.1


async def test_an_unknown_session_must_identify_anew(
    playground: Playground, http: aiohttp.ClientSession
) -> None:
    raw = await connect(http, playground)
    lost = {"token": playground.token, "session_id": "lost", "seq": 1}
    await raw.send(codes.RESUME, lost)
    answer = await raw.receive()
    assert (answer["op"], answer["d"]) == (codes.INVALID_SESSION, False)


async def test_an_identify_that_comes_too_soon_after_another_of_its_bucket_is_no_session(
    playground: Playground, http: aiohttp.ClientSession, admin: Person
) -> None:
    await admin.ask("POST", "/limits", identify_seconds=5, max_concurrency=2, shards=4)
    headers = {"Authorization": f"Bot {playground.token}"}
    async with http.get("/api/v10/gateway/bot", headers=headers) as answer:
        asked = await answer.json()
    assert (asked["shards"], asked["session_start_limit"]["max_concurrency"]) == (4, 2)

    async def told(number: int) -> tuple[object, object]:
        raw = await connect(http, playground)
        await raw.send(codes.IDENTIFY, identify(playground.token, shard=[number, 4]))
        answer = await raw.receive()
        return answer["op"], answer["t"] if answer["op"] == codes.DISPATCH else answer["d"]

    assert [await told(number) for number in range(4)] == [
        (codes.DISPATCH, "READY"),
        (codes.DISPATCH, "READY"),
        (codes.INVALID_SESSION, False),
        (codes.INVALID_SESSION, False),
    ]
    log = await admin.ask("GET", "/log")
    assert (log["identifies"], log["refused_identifies"]) == (4, 2)


async def test_a_lost_session_cannot_be_resumed(
    playground: Playground, http: aiohttp.ClientSession, admin: Person
) -> None:
    raw = await connect(http, playground)
    await raw.send(codes.IDENTIFY, identify(playground.token))
    ready, guild = await raw.receive(), await raw.receive()
    await admin.ask("POST", "/faults", where="gateway", act="status", code=9)
    session = ready["d"]["session_id"]
    resume = {"token": playground.token, "session_id": session, "seq": guild["s"]}
    await raw.send(codes.RESUME, resume)
    answers = [await raw.receive() for _ in range(2)]
    assert [(each["op"], each["d"]) for each in answers] == [(9, False), (9, False)]
    await raw.send(codes.IDENTIFY, identify(playground.token))
    assert (await raw.receive())["t"] == "READY"


async def test_the_real_client_resumes_and_hears_what_it_missed(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    session = bot.shards[0]._parent.ws.session_id
    await admin.ask("POST", "/faults", where="gateway", act="drop", times=1)
    command = await admin.command("quote", alerts)
    missed = await admin.start(
        "command", alerts, command=command["id"], options=[option("symbol", "SPY")]
    )
    record = await admin.settled(missed)
    assert record["message"]["content"] == "SPY over 30"
    assert bot.shards[0]._parent.ws.session_id == session
    assert bot.resumed.is_set()


async def test_a_reconnect_request_keeps_the_session(
    playground: Playground, bot: SampleBot, admin: Person
) -> None:
    await admin.ask("POST", "/faults", where="gateway", act="status", code=7)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await bot.resumed.wait()
    assert playground.identifies == 1


async def test_shards_share_guilds_and_the_first_has_direct_messages(
    playground: Playground, http: aiohttp.ClientSession, admin: Person
) -> None:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]
    holder = (int(guild["id"]) >> 22) % 2
    assert holder != 0  # with this seed, so that the two kinds part ways
    shards = [await connect(http, playground) for _ in range(2)]
    for number, raw in enumerate(shards):
        intents = 1 << 9 | 1 << 12
        shard = identify(playground.token, shard=[number, 2]) | {"intents": intents}
        await raw.send(codes.IDENTIFY, shard)
        guilds = (await raw.receive())["d"]["guilds"]
        assert [each["id"] for each in guilds] == ([guild["id"]] if number == holder else [])
    await admin.say(guild["channels"][0]["id"], "to the guild")
    await admin.say(await admin.direct_channel(), "to the bot")
    assert (await shards[holder].receive())["t"] == "MESSAGE_CREATE"
    assert (await shards[0].receive())["d"]["content"] == "to the bot"


async def test_texts_of_others_are_hidden_without_the_intent(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    await admin.say(alerts, "a secret")
    await admin.say(alerts, f"hello <@{bot.user.id}>")
    await admin.say(await admin.direct_channel(), "just us")
    async with asyncio.timeout(PATIENCE_SECONDS):
        heard = [(await bot.told.get()).content for _ in range(3)]
    assert heard == ["", f"hello <@{bot.user.id}>", "just us"]


async def test_a_bot_that_is_taken_out_of_a_guild_loses_it(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    guild = bot.guilds[0]
    place = f"/guilds/{guild.id}/members/{bot.user.id}"
    channel = bot.get_channel(int(alerts))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await admin.ask("DELETE", place)
        assert await bot.left.get() == guild.id
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("hello")
        assert refused.value.code == 50001
        shown = await admin.ask("GET", "/commands", **{"as": admin.id, "channel": alerts})
        assert shown == []
        await admin.ask("PUT", place)
        assert await bot.joined.get() == guild.id
        other = await admin.ask("POST", "/guilds", name="Another")
        assert await bot.joined.get() == int(other["id"])
    assert len(bot.guilds) == 2
    record = await admin.use("quote", other["channels"][0]["id"], option("symbol", "SPY"))
    assert record["state"] == "answered"


async def test_a_deleted_channel_and_a_lost_role_are_heard_of(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    guild = bot.guilds[0]
    await admin.ask("POST", f"/guilds/{guild.id}/members/{bot.user.id}/roles", roles=[])
    await admin.ask("DELETE", f"/channels/{alerts}")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await bot.channel_deleted.wait()
    assert len(guild.me.roles) == 1
    assert [each.name for each in guild.text_channels] == ["general", "staff"]
