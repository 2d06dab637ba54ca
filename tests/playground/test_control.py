"""The control API: who may talk to it, what it shows, how it refuses; and the process."""

import asyncio
import json
import signal
import sys
from typing import Any

import aiohttp
import pytest

from bot.playground.server import Playground
from tests.playground.person import Person, upload
from tests.playground.sample_bot import PIXEL

PATIENCE_SECONDS = 10.0
ELSEWHERE = "http://attacker.example"


class Turntable:
    """A market clock that remembers what it was told."""

    def __init__(self) -> None:
        self.playing = False

    async def status(self) -> dict[str, Any]:
        return {"now": "2026-04-17T14:00:00+00:00", "playing": self.playing}

    async def command(self, action: str, value: Any) -> dict[str, Any]:
        if action == "speed":
            raise ValueError("this clock has one speed")
        self.playing = action == "play"
        return await self.status()


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "192.168.1.2", "example.org", "::", "127.0.0.1.nip.io"]
)
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        Playground(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_every_loopback_name_works(host: str) -> None:
    server = Playground(host)
    await server.start()
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}control/state") as answer:
        assert answer.status == 200
    await server.stop()
    await server.stop()


@pytest.mark.parametrize("path", ["/control/state", "/api/v10/users/@me", "/gateway", "/"])
async def test_a_rebound_name_reaches_nothing(
    playground: Playground, http: aiohttp.ClientSession, path: str
) -> None:
    port = playground.url.rsplit(":", 1)[1].strip("/")
    async with http.get(path, headers={"Host": f"attacker.example:{port}"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_a_page_from_elsewhere_reaches_nothing(
    playground: Playground, http: aiohttp.ClientSession, admin: Person, origin: str
) -> None:
    headers = {"Origin": origin}
    async with http.post("/control/dms", json={}, headers=headers) as answer:
        assert answer.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect("/control/events", headers=headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_from_elsewhere_leads_to_the_page_alone(
    http: aiohttp.ClientSession, site: str
) -> None:
    headers = {"Sec-Fetch-Site": site}
    async with http.get("/", headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    async with http.get("/control/state", headers=headers) as answer:
        assert answer.status == 403


async def test_its_own_page_is_let_in(playground: Playground, http: aiohttp.ClientSession) -> None:
    headers = {"Origin": playground.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    async with http.post("/control/dms", json={}, headers=headers) as answer:
        assert answer.status == 200


async def test_the_page_and_its_files_are_served(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
    for path in ("/page/none.js", "/page/..%2Fserver.py", "/page/%2Fetc%2Fpasswd", "/page/."):
        async with http.get(path) as answer:
            assert answer.status == 404


async def test_the_world_is_as_described(playground: Playground, admin: Person) -> None:
    state = await admin.ask("GET", "/state")
    assert [each["user"]["global_name"] for each in state["members"]] == [
        "Admin",
        "Moderator",
        "Member",
    ]
    assert state["me"] == admin.id
    assert state["synthetic"] == ""
    assert state["bot"]["connected"] is False
    assert state["bot"]["user"]["bot"] is True
    guild = state["guilds"][0]
    assert guild["name"] == "Highwater Playground"
    assert [each["name"] for each in guild["channels"]] == ["alerts", "general", "staff"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/state", {"as": "1"}, 404),
        ("GET", "/channels/1/messages", {}, 404),
        ("GET", "/market", {}, 404),
        ("GET", "/interactions/1", {}, 404),
        ("GET", "/log", {"since": "x"}, 400),
        ("POST", "/market", {"action": "rewind"}, 400),
        ("POST", "/interactions", {"channel": "1", "kind": "command"}, 404),
        ("POST", "/time", {"advance": -1}, 400),
        ("POST", "/limits", {"messages": 5}, 400),
        ("POST", "/guilds/1/channels", {"name": "x"}, 404),
    ],
)
async def test_what_cannot_be_done_is_explained(
    admin: Person, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    found, answer = await admin.request(method, path, **body)
    assert found == status
    assert answer["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"'])
async def test_a_body_that_is_no_object_is_refused(
    http: aiohttp.ClientSession, body: bytes
) -> None:
    for path in ("/control/dms", "/control/interactions", "/control/faults"):
        async with http.post(path, data=body) as answer:
            assert answer.status == 400


async def test_a_member_posts_a_file(
    admin: Person, alerts: str, http: aiohttp.ClientSession
) -> None:
    message = await admin.say(alerts, "look", files=[upload("chart.png", PIXEL)])
    shown = message["attachments"][0]
    assert (shown["filename"], shown["width"], shown["size"]) == ("chart.png", 1, len(PIXEL))
    async with http.get(shown["url"]) as answer:
        assert await answer.read() == PIXEL
    status, _ = await admin.request(
        "POST", f"/channels/{alerts}/messages", content="x", files=[{"filename": "a", "data": "%"}]
    )
    assert status == 400
    status, answer = await admin.request(
        "POST", f"/channels/{alerts}/messages", content="x" * 2_001
    )
    assert (status, "2000" in answer["error"]) == (400, True)


async def test_messages_are_paged_from_the_newest(admin: Person, alerts: str) -> None:
    said = [(await admin.say(alerts, str(number)))["id"] for number in range(5)]
    path = f"/channels/{alerts}/messages"
    assert [each["id"] for each in await admin.ask("GET", path, limit="2")] == said[3:]
    earlier = await admin.ask("GET", path, limit="2", before=said[3])
    assert [each["id"] for each in earlier] == said[1:3]


async def test_the_market_clock_is_turned_and_shown(playground: Playground, admin: Person) -> None:
    playground.market = Turntable()
    assert (await admin.ask("GET", "/market"))["playing"] is False
    assert (await admin.ask("POST", "/market", action="play"))["playing"] is True
    assert (await admin.wait("market"))["playing"] is True
    status, answer = await admin.request("POST", "/market", action="speed", value=2)
    assert (status, answer["error"]) == (400, "this clock has one speed")
    await playground.market_changed()
    assert (await admin.wait("market"))["playing"] is True


async def test_changes_of_channels_are_told(admin: Person, member: Person, alerts: str) -> None:
    guild_id = (await admin.ask("GET", "/state"))["guilds"][0]["id"]
    created = await admin.ask("POST", f"/guilds/{guild_id}/channels", name="setups")
    told = await member.wait("channel_update")
    assert (told["change"], told["channel"]["id"]) == ("created", created["id"])
    await admin.ask("DELETE", f"/channels/{alerts}")
    told = await member.wait("channel_update")
    assert (told["change"], told["channel"]["id"]) == ("deleted", alerts)
    assert (await member.request("GET", f"/channels/{alerts}/messages"))[0] == 404


async def test_roles_decide_what_a_member_sees(admin: Person, member: Person) -> None:
    guild = (await admin.ask("GET", "/state"))["guilds"][0]
    moderators = next(each["id"] for each in guild["roles"] if each["name"] == "Moderators")
    path = f"/guilds/{guild['id']}/members/{member.id}/roles"
    assert (await admin.request("POST", path, roles=["1"]))[0] == 400
    await admin.ask("POST", path, roles=[moderators])
    state = await member.ask("GET", "/state", **{"as": member.id})
    assert [each["name"] for each in state["guilds"][0]["channels"]][-1] == "staff"


async def test_a_body_of_null_is_refused_by_the_rest_api(
    playground: Playground, http: aiohttp.ClientSession, alerts: str
) -> None:
    headers = {"Authorization": f"Bot {playground.token}", "Content-Type": "application/json"}
    path = f"/api/v10/channels/{alerts}/messages"
    for body, code in ((b"null", 50035), (b"[1]", 50035), (b"{", 50109), (b"", 50035)):
        async with http.post(path, data=body, headers=headers) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, code)
    async with http.get("/api/v10/no/such/thing", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, 0)
    async with http.get("/api/v10/users/@me") as answer:
        assert (answer.status, (await answer.json())["message"]) == (401, "401: Unauthorized")


async def test_the_process_prints_its_address_and_ends_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.playground", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        told = json.loads(await process.stdout.readline())
        async with aiohttp.ClientSession() as http:
            headers = {"Authorization": f"Bot {told['token']}"}
            async with http.get(f"{told['api_base']}/users/@me", headers=headers) as answer:
                assert (await answer.json())["username"] == "Highwater"
            async with http.get(f"{told['api_base']}/gateway", headers=headers) as answer:
                assert (await answer.json())["url"] == told["gateway_url"]
            async with http.get(f"{told['url']}control/state") as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
