"""A member of the playground, as the page would act for one: over the control API alone."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import aiohttp

PATIENCE_SECONDS = 10.0

Json = dict[str, Any]


class Person:
    """Acts and watches through HTTP and the event socket."""

    def __init__(
        self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, user: Json
    ) -> None:
        self.http = http
        self.socket = socket
        self.user = user
        self.id: str = user["id"]
        self.seen: list[Json] = []

    @classmethod
    async def enter(cls, http: aiohttp.ClientSession, username: str) -> "Person":
        async with http.get("/control/state") as answer:
            members = (await answer.json())["members"]
        user = next(each["user"] for each in members if each["user"]["username"] == username)
        socket = await http.ws_connect(f"/control/events?as={user['id']}")
        return cls(http, socket, user)

    async def wait(self, kind: str, accepts: Callable[[Json], bool] = lambda _: True) -> Any:
        """The first event of this kind that is accepted and was not waited for before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for event in self.seen:
                    if event["type"] == kind and accepts(event["data"]):
                        self.seen.remove(event)
                        return event["data"]
                self.seen.append(await self.socket.receive_json())

    async def settled(self, interaction_id: str) -> Json:
        """The record of an interaction once it is answered or failed."""
        return await self.wait(
            "interaction",
            lambda record: (
                record["id"] == interaction_id and record["state"] in ("answered", "failed")
            ),
        )

    async def request(self, method: str, path: str, /, **body: Any) -> tuple[int, Any]:
        payload = {"json": body} if method != "GET" else {"params": body}
        async with self.http.request(method, f"/control{path}", **payload) as answer:
            return answer.status, await answer.json()

    async def ask(self, method: str, path: str, /, **body: Any) -> Any:
        status, answer = await self.request(method, path, **body)
        assert status < 300, (status, answer)
        return answer

    async def channel(self, name: str) -> str:
        state = await self.ask("GET", "/state")
        channels = state["guilds"][0]["channels"]
        return next(each["id"] for each in channels if each["name"] == name)

    async def direct_channel(self) -> str:
        return (await self.ask("POST", "/dms", **{"as": self.id}))["id"]

    async def messages(self, channel: str) -> list[Json]:
        return await self.ask("GET", f"/channels/{channel}/messages", **{"as": self.id})

    async def say(self, channel: str, content: str, **more: Any) -> Json:
        body = {"as": self.id, "content": content, **more}
        return await self.ask("POST", f"/channels/{channel}/messages", **body)

    async def command(self, name: str, channel: str) -> Json:
        query = {"as": self.id, "channel": channel}
        commands = await self.ask("GET", "/commands", **query)
        return next(each for each in commands if each["name"] == name)

    async def interact(self, kind: str, channel: str, **body: Any) -> tuple[int, Any]:
        body = {"as": self.id, "channel": channel, "kind": kind, **body}
        return await self.request("POST", "/interactions", **body)

    async def start(self, kind: str, channel: str, **body: Any) -> str:
        status, answer = await self.interact(kind, channel, **body)
        assert status == 202, answer
        return str(answer["id"])

    async def use(self, name: str, channel: str, *options: Json, **body: Any) -> Json:
        """Run a slash command and wait for its answer."""
        command = await self.command(name, channel)
        interaction = await self.start(
            "command", channel, command=command["id"], name=name, options=list(options), **body
        )
        return await self.settled(interaction)

    async def press(self, message: Json, custom_id: str, **body: Any) -> Json:
        interaction = await self.start(
            "component",
            message["channel_id"],
            message=message["id"],
            custom_id=custom_id,
            component_type=2,
            **body,
        )
        return await self.settled(interaction)


def option(name: str, value: Any, kind: int = 3, **more: Any) -> Json:
    return {"name": name, "type": kind, "value": value, **more}


def upload(filename: str, data: bytes) -> Json:
    return {"filename": filename, "data": base64.b64encode(data).decode()}
