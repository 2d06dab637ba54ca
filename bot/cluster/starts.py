"""When a gateway's shards may identify: as Discord asks, and one after another in all processes.

Discord takes one IDENTIFY in 5 seconds for each bucket of shards, whichever process sends it, and
answers a sooner one with an invalid session. So each takes a slot through the database first.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from pydantic import BaseModel, PositiveInt, ValidationError

from bot.errors import DiscordRefused, Unreachable
from bot.settings import Settings
from storage import slots
from storage.database import Database
from storage.errors import StorageAway

log = logging.getLogger(__name__)

PATIENCE = aiohttp.ClientTimeout(total=20)
APART_SECONDS = 5.5
"""Discord's 5, and what may pass between the slot and the IDENTIFY's arrival."""
LATE_SECONDS = 0.4
"""Whoever wakes up later than this after the slot takes another."""
AGAIN_SECONDS = 2.0


class _Limit(BaseModel):
    remaining: int
    reset_after: int
    max_concurrency: PositiveInt


class _Answer(BaseModel):
    shards: PositiveInt
    session_start_limit: _Limit


@dataclass(frozen=True, kw_only=True)
class Starts:
    """What Discord asks of sessions that begin now: how many `shards` at all, how many `buckets`
    of them side by side; `left` more may begin before `renewed` has passed."""

    shards: int
    buckets: int
    left: int
    renewed: timedelta

    def refuse(self, wanted: int) -> None:
        """Raises Unreachable when so many may not begin: Discord would reset the token."""
        if self.left < wanted:
            raise Unreachable(
                f"Discord lets this bot begin {self.left} more sessions, and {wanted} are wanted. "
                f"Start again in {self.renewed}; look for what made it start so often."
            )


async def starts_of(settings: Settings, token: str) -> Starts:
    """What Discord asks of this bot. Raises DiscordRefused, Unreachable."""
    headers = {"Authorization": f"Bot {token}"}
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=PATIENCE) as http,
            http.get(f"{settings.discord_api_base}/gateway/bot") as answer,
        ):
            if answer.status == 401:
                raise DiscordRefused(
                    "Discord does not accept DISCORD_TOKEN. Copy the token again from the "
                    "developer portal (Bot → Reset Token) into .env."
                )
            answer.raise_for_status()
            found = _Answer.model_validate_json(await answer.read())
    except (aiohttp.ClientError, OSError, TimeoutError, ValidationError) as error:
        raise Unreachable(
            f"Discord cannot be asked how many shards it wants ({type(error).__name__}: {error}). "
            "Check the network, then start again; nothing was lost."
        ) from error
    limit = found.session_start_limit
    return Starts(
        shards=found.shards,
        buckets=limit.max_concurrency,
        left=limit.remaining,
        renewed=timedelta(seconds=limit.reset_after // 1000),
    )


class Slots:
    """Waits until a shard may identify. `buckets` is Discord's max_concurrency."""

    def __init__(self, db: Database, *, buckets: int, apart: float = APART_SECONDS) -> None:
        self._db = db
        self._buckets = buckets
        self._apart = apart

    async def wait(self, shard: int) -> None:
        """Returns when this shard may identify, which it then must do at once."""
        now = asyncio.get_running_loop().time
        name = f"identify {shard % self._buckets}"
        while True:
            try:
                seconds = await self._db.write(lambda c: slots.reserve(c, name, apart=self._apart))
            except StorageAway as error:
                log.warning("shard %d waits for the database to identify: %s", shard, error)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            due = now() + seconds
            await asyncio.sleep(seconds)
            if now() - due < LATE_SECONDS:
                return
