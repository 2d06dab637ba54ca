"""Gateway sessions: they outlive their connections, so that a client can resume."""

import secrets
from collections import deque
from typing import Any

from bot.playground import codes
from bot.playground.calls import Json
from bot.playground.state import State
from bot.playground.wire import Link, encode

REPLAY = 5_000  # dispatches a session remembers for a resume


class Session:
    """One shard's session."""

    def __init__(self, *, shard: tuple[int, int], intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.seq = 0
        self.link: Link | None = None
        self.replay: deque[tuple[int, bytes]] = deque(maxlen=REPLAY)

    def hears_guild(self, guild_id: str | None) -> bool:
        """Direct messages go to shard 0, guilds to (id >> 22) % shards."""
        number, count = self.shard
        return number == (0 if guild_id is None else (int(guild_id) >> 22) % count)

    def dispatch(self, event: str, data: Any) -> None:
        self.seq += 1
        payload = encode(codes.DISPATCH, data, event=event, seq=self.seq)
        self.replay.append((self.seq, payload))
        if self.link is not None:
            self.link.send_encoded(payload)

    def can_replay_from(self, seq: int) -> bool:
        oldest = self.replay[0][0] if self.replay else self.seq + 1
        return oldest - 1 <= seq <= self.seq


def ready(state: State, session: Session, *, guilds: list[Json], url: str) -> Json:
    """What a session is told first; `url` is where it can be resumed."""
    return {
        "v": 10,
        "user": state.bot | {"verified": True, "mfa_enabled": False, "email": None},
        "guilds": [{"id": each["id"], "unavailable": True} for each in guilds],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": url,
        "shard": list(session.shard),
        "application": {"id": state.application_id, "flags": 0},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "_trace": [],
    }


def is_shard(shard: Any) -> bool:
    """Whether this is [number, count] of a possible shard."""
    if not isinstance(shard, list) or [type(each) for each in shard] != [int, int]:
        return False
    return bool(0 <= shard[0] < shard[1])
