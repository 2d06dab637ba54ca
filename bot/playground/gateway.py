"""The gateway: sessions that outlive their connections, dispatches numbered and replayed.

Opcodes, close codes and the intents of each event as in Discord's documentation, "Gateway".
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground import codes
from bot.playground.calls import Json
from bot.playground.faults import Fault
from bot.playground.sessions import Session, is_shard, ready
from bot.playground.starts import Starts
from bot.playground.state import State
from bot.playground.wire import Link
from bot.playground.world import gateway_guild

HEARTBEAT_MS = 41_250
SESSIONS = 64
SENDS_A_MINUTE = 120
LARGEST_PAYLOAD = 4_096
CLIENT_SAID_GOODBYE = (1000, 1001)


class Gateway:
    """All sessions of the bot."""

    def __init__(self, state: State, *, token: str) -> None:
        self.url = ""
        self.starts = Starts()
        self.on_change: Callable[[], None] = lambda: None
        self._state = state
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._links: set[Link] = set()
        self._cuts_left = 0
        self._cut_code = 0

    @property
    def connected(self) -> bool:
        return any(session.link is not None for session in self._sessions.values())

    def dispatch(self, event: str, data: Any, *, guild_id: str | None, intent: int = 0) -> None:
        """Tell every session that hears this guild (None: direct messages) and has the intent."""
        for session in self._hearing(guild_id):
            if not intent or session.intents & intent:
                session.dispatch(event, data)

    def dispatch_message(self, event: str, message: Json, *, guild_id: str | None) -> None:
        """A message, with its texts only for those who may read them."""
        own = message.get("author", {}).get("id") == self._state.bot_id
        named = any(each["id"] == self._state.bot_id for each in message.get("mentions", []))
        hidden: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
        intent = codes.GUILD_MESSAGES if guild_id else codes.DIRECT_MESSAGES
        for session in self._hearing(guild_id):
            if not session.intents & intent:
                continue
            readable = own or named or guild_id is None or session.intents & codes.MESSAGE_CONTENT
            session.dispatch(event, message if readable else message | hidden)

    def deliver(self, event: str, data: Any, *, guild_id: str | None) -> bool:
        """Tell one session only (interactions); False when there is none."""
        hearing = self._hearing(guild_id)
        hearing.sort(key=lambda session: session.link is not None)
        if not hearing:
            return False
        hearing[-1].dispatch(event, data)
        return True

    def strike(self, fault: Fault) -> None:
        """Make a gateway fault happen now."""
        links = [each.link for each in self._sessions.values() if each.link is not None]
        if fault.act == "drop":
            self._cuts_left, self._cut_code = fault.times - 1, fault.code
        for link in links:
            if fault.act == "drop":
                self._cut(link)
            elif fault.act == "delay":
                link.held_until = asyncio.get_running_loop().time() + fault.seconds
            elif fault.act == "garbage":
                link.send(codes.DISPATCH, {}, event="CHANNEL_UPDATE")
            elif fault.code == codes.INVALID_SESSION:
                self._sessions.clear()
                link.send(codes.INVALID_SESSION, False)
            else:
                link.send(fault.code or codes.RECONNECT)
        self.on_change()

    def relent(self) -> None:
        """Disarm what is left of a gateway fault."""
        self._cuts_left = 0
        for link in self._links:
            link.held_until = 0.0

    def close(self) -> None:
        for link in self._links:
            link.close(1001)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=LARGEST_PAYLOAD, compress=False)
        await socket.prepare(request)
        link = Link(socket, compression=request.query.get("compress", ""))
        link.attach(request.transport)
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(link.write())
                await self._converse(link, request.query.get("v", ""))
                link.finish()
        finally:
            self._links.discard(link)
            self._ended(link)
        return socket

    async def _converse(self, link: Link, version: str) -> None:
        if self._cuts_left > 0:
            self._cuts_left -= 1
            self._cut(link)
            return
        if version != "10":
            link.close(codes.INVALID_VERSION)
            return
        link.send(codes.HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        recent: deque[float] = deque(maxlen=SENDS_A_MINUTE + 1)
        async for message in link.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            recent.append(asyncio.get_running_loop().time())
            if len(recent) > SENDS_A_MINUTE and recent[-1] - recent[0] < 60:
                link.close(codes.TOO_FAST)
                return
            code = self._receive(link, message.data)
            if code:
                link.close(code)
                return

    def _receive(self, link: Link, text: str) -> int:
        """Act on one payload; the close code it deserves, or 0."""
        try:
            payload = json.loads(text)
            opcode, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return codes.DECODE_ERROR
        if opcode in codes.WITH_FIELDS and not isinstance(data, dict):
            return codes.DECODE_ERROR
        session = self._session_of(link)
        if opcode == codes.HEARTBEAT:
            link.send(codes.HEARTBEAT_ACK)
            return 0
        if opcode == codes.IDENTIFY:
            return codes.ALREADY_AUTHENTICATED if session else self._identify(link, data)
        if opcode == codes.RESUME:
            return codes.ALREADY_AUTHENTICATED if session else self._resume(link, data)
        if opcode not in (codes.PRESENCE, codes.VOICE, codes.REQUEST_MEMBERS):
            return codes.UNKNOWN_OPCODE
        if session is None:
            return codes.NOT_AUTHENTICATED
        if opcode == codes.REQUEST_MEMBERS:
            self._send_members(session, data)
        return 0

    def _identify(self, link: Link, data: Json) -> int:
        if data.get("token") != self._token:
            return codes.WRONG_TOKEN
        shard = data.get("shard") or [0, 1]
        if not is_shard(shard):
            return codes.INVALID_SHARD
        if not isinstance(data.get("intents"), int):
            return codes.INVALID_INTENTS
        if data["intents"] & codes.PRIVILEGED:
            return codes.DISALLOWED_INTENTS
        if not self.starts.allow(shard[0]):
            link.send(codes.INVALID_SESSION, False)
            return 0
        session = Session(shard=(shard[0], shard[1]), intents=data["intents"])
        session.link = link
        self._forget_abandoned(session.shard)
        self._sessions[session.id] = session
        self._greet(session)
        self.on_change()
        return 0

    def _greet(self, session: Session) -> None:
        guilds = [each for each in self._state.joined_guilds() if session.hears_guild(each["id"])]
        session.dispatch("READY", ready(self._state, session, guilds=guilds, url=self.url))
        if session.intents & codes.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", gateway_guild(self._state, guild))

    def _resume(self, link: Link, data: Json) -> int:
        if data.get("token") != self._token:
            return codes.WRONG_TOKEN
        session = self._sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is None or not isinstance(seq, int) or not session.can_replay_from(seq):
            link.send(codes.INVALID_SESSION, False)
            return 0
        session.link = link
        for number, payload in session.replay:
            if number > seq:
                link.send_encoded(payload)
        session.dispatch("RESUMED", {"_trace": []})
        self.on_change()
        return 0

    def _send_members(self, session: Session, data: Json) -> None:
        members = self._state.members.get(str(data.get("guild_id")), {})
        wanted = data.get("user_ids")
        listed = wanted if isinstance(wanted, list) else [wanted] if wanted else list(members)
        chunk = {
            "guild_id": str(data.get("guild_id")),
            "members": [members[str(each)] for each in listed if str(each) in members],
            "not_found": [str(each) for each in listed if str(each) not in members],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": data.get("nonce"),
        }
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def _hearing(self, guild_id: str | None) -> list[Session]:
        if guild_id is not None and not self._state.has_joined(guild_id):
            return []
        return [each for each in self._sessions.values() if each.hears_guild(guild_id)]

    def _session_of(self, link: Link) -> Session | None:
        return next((each for each in self._sessions.values() if each.link is link), None)

    def _forget_abandoned(self, shard: tuple[int, int]) -> None:
        for session in list(self._sessions.values()):
            same_shards = session.shard[1] == shard[1] and session.shard != shard
            if session.link is None and not same_shards:
                del self._sessions[session.id]
        while len(self._sessions) >= SESSIONS:
            del self._sessions[next(iter(self._sessions))]

    def _cut(self, link: Link) -> None:
        for session in self._sessions.values():
            if session.link is link:
                session.link = None
        if self._cut_code:
            link.close(self._cut_code)
        else:
            link.cut()

    def _ended(self, link: Link) -> None:
        session = self._session_of(link)
        if session is not None:
            session.link = None
            if link.socket.close_code in CLIENT_SAID_GOODBYE:
                del self._sessions[session.id]
        self.on_change()
