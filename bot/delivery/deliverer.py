"""The deliverer pays the outbox. It knows nothing of the scanner.

It surveys which channels are owed something, gives them turns (`Turns`), claims a few rows of
each and pays them in a lane of the channel's own: in order within a channel, side by side
between channels. A slow channel holds up its lane and nobody else. Lanes are never cancelled:
discord.py would hang every later request if one were, while it waits for a rate limit.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from bot.alerts.pulse import DeliveryPulse
from bot.clock import Clock
from bot.delivery.breaker import InvalidRequests
from bot.delivery.limiter import Pace, Pacing
from bot.delivery.payments import Payments
from bot.delivery.refusals import Refusals, Tell
from bot.delivery.sink import Sink
from bot.delivery.turns import Turns
from bot.errors import DiscordRefused
from storage import claims
from storage.claims import Claim, DueChannel, Part
from storage.database import Database
from storage.errors import StorageFailure

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""Longer than any send may take, discord.py's own retries and waits included."""
LANES = 64
"""Channels paid at the same time; half of them at the most for one server."""
A_TURN = 5
"""Messages a channel may have before others get their turn. Discord lets 5 in 5 s through."""
TAKE_OVER_SECONDS = 30.0
SURVEY_SECONDS = 0.5
SURVEY_SHARE = 20
"""A survey serves for at least half a second, and for 20 times as long as it took."""
TICK_SECONDS = 1.0
STUCK = timedelta(minutes=3)
"""A lane without progress for this long is reported."""

Ready = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one of several senders pays in one go: at most about `messages` of what a part of the
    outbox is owed, in so many `lanes`."""

    part: Part
    messages: int
    lanes: int


class Deliverer:
    """Pays what is due in `run_once()`. `ready` says whether Discord can be reached now,
    `invalid` counts what Discord bans for. `pulse` is kept up to date. `share` is what it pays
    where others pay the rest."""

    def __init__(
        self,
        payments: Payments,
        *,
        db: Database,
        wall: Clock,
        ready: Ready = lambda: True,
        invalid: InvalidRequests | None = None,
        stuck_after: timedelta = STUCK,
        pulse: DeliveryPulse | None = None,
        share: Share | None = None,
    ) -> None:
        self._payments = payments
        self._db = db
        self._wall = wall
        self._ready = ready
        self._stuck_after = stuck_after
        self._invalid = invalid or InvalidRequests()
        self._share = share
        self._most_lanes = share.lanes if share else LANES
        self._claimed = 0
        self._turns = Turns()
        self._plan: list[DueChannel] = []
        self._plan_until = self._take_over_at = float("-inf")
        self._lanes: dict[asyncio.Task[None], DueChannel] = {}
        self._moved: dict[int, float] = {}
        self._resting: dict[int, tuple[datetime, datetime]] = {}
        self._broken: StorageFailure | None = None
        self.pulse = pulse or DeliveryPulse()

    @classmethod
    def of(
        cls,
        *,
        db: Database,
        sink: Sink,
        wall: Clock,
        pace: Pacing | None = None,
        tell: Tell | None = None,
        **given: Any,
    ) -> Self:
        """One that pays through `sink` at its own pace. `tell` is how a server hears that a
        subscription was ended; the rest is the constructor's."""
        payments = Payments(db=db, sink=sink, wall=wall, pace=pace or Pace(), tell=tell)
        return cls(payments, db=db, wall=wall, **given)

    @property
    def last_paid(self) -> datetime | None:
        return self._payments.last_paid

    @property
    def paid(self) -> int:
        """How many messages have been sent."""
        return self._payments.paid

    @property
    def refusals(self) -> Refusals:
        """What is known of channels that refuse us, shared with whoever looks at channels."""
        return self._payments.refusals

    @property
    def has_had_its_share(self) -> bool:
        """Whether it stopped before nothing was due any more."""
        return self._share is not None and self._claimed >= self._share.messages

    @property
    def halted(self) -> str:
        """Why nothing may be sent now; "" when something may."""
        return self._halted()

    async def run_once(self) -> int:
        """Pay until nothing is due, or until its share is had; returns how many messages were sent.

        Raises DiscordRefused when the token is not accepted any more: every row and every
        subscription is kept. Raises StorageFailure.
        """
        before, self._broken = self._payments.paid, None
        self._plan_until = float("-inf")
        async with asyncio.TaskGroup() as group:
            while await self._start_lanes(group) or self._lanes:
                if not self._lanes:
                    continue
                done, _ = await asyncio.wait(
                    self._lanes, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for lane in done:
                    self._moved.pop(self._lanes.pop(lane).channel_id, None)
                self._watch()
        self._watch()
        if self._broken is not None:
            raise self._broken
        if self._payments.refused:
            raise DiscordRefused(self._payments.refused)
        return self._payments.paid - before

    async def _start_lanes(self, group: asyncio.TaskGroup) -> bool:
        """Claim for the free lanes; whether any was started, or there is another to try."""
        if self._halted() or self.has_had_its_share:
            return False
        part = self._share.part if self._share else None
        try:
            channels = await self._next_channels()
            if not channels:
                return False
            now = self._wall.now()
            queues = await self._db.write(
                lambda c: claims.claim(
                    c, channels, now=now, lease_until=now + LEASE, each=A_TURN, part=part
                ),
                alone=part is None,
            )
        except StorageFailure as error:
            # Raised once the lanes have ended: leaving now would cancel their requests.
            self._broken = error
            return False
        for channel, queue in zip(channels, queues, strict=True):
            self._turns.served(channel)
            self._claimed += len(queue)
            if queue:
                self._moved[channel.channel_id] = asyncio.get_running_loop().time()
                self._lanes[group.create_task(self._run_lane(channel, queue))] = channel
        # Where others have claims, what is due may give nothing; it is no use to ask at once again.
        return any(queues) or bool(self._plan)

    async def _next_channels(self) -> list[DueChannel]:
        """The channels whose turn it is, as many as lanes are free."""
        free = self._most_lanes - len(self._lanes)
        clock = asyncio.get_running_loop()
        if free <= 0:
            return []
        if not self._plan or clock.time() >= self._plan_until:
            await self._survey()
        busy = {lane.channel_id for lane in self._lanes.values()}
        lanes_of = [lane.guild_id for lane in self._lanes.values()]
        taken: list[DueChannel] = []
        left: list[DueChannel] = []
        for position, channel in enumerate(self._plan):
            if len(taken) == free:
                left += self._plan[position:]
                break
            crowded = lanes_of.count(channel.guild_id) >= max(1, self._most_lanes // 2)
            if channel.channel_id in busy or self._rests(channel):
                continue
            if crowded:
                left.append(channel)
                continue
            taken.append(channel)
            lanes_of.append(channel.guild_id)
        self._plan = left
        return taken

    async def _survey(self) -> None:
        loop = asyncio.get_running_loop()
        started, now = loop.time(), self._wall.now()
        if self._share is None and started >= self._take_over_at:
            self._take_over_at = started + TAKE_OVER_SECONDS
            taken = await self._db.write(lambda c: claims.take_over(c, now=now))
            if taken:
                log.warning("%d alert(s) of a process that is gone were taken over", taken)
        self._resting = {each: rest for each, rest in self._resting.items() if now < rest[1]}
        part = self._share.part if self._share else None
        due = await self._db.read(lambda c: claims.due_channels(c, now=now, part=part))
        self._plan = self._turns.order(due)
        took = loop.time() - started
        self._plan_until = loop.time() + max(SURVEY_SECONDS, SURVEY_SHARE * took)

    def _rests(self, channel: DueChannel) -> bool:
        rest = self._resting.get(channel.channel_id)
        return rest is not None and rest[0] <= self._wall.now() < rest[1]

    async def _run_lane(self, channel: DueChannel, queue: list[Claim]) -> None:
        clock = asyncio.get_running_loop()
        try:
            for position, claim in enumerate(queue):
                if self._halted():
                    await self._payments.hand_back(queue[position:])
                    return
                rest = await self._payments.pay(claim)
                self._moved[channel.channel_id] = clock.time()
                if rest is not None:
                    self._resting[channel.channel_id] = (self._wall.now(), rest)
                    await self._payments.hand_back(queue[position + 1 :], until=rest)
                    return
            self._resting.pop(channel.channel_id, None)
        except StorageFailure as error:
            self._broken = error

    def _halted(self) -> str:
        """Why nothing may be sent now; "" when something may."""
        now = asyncio.get_running_loop().time()
        if self._payments.refused:
            return "Discord does not accept the bot's token."
        if self._broken is not None:
            return "The database failed."
        if self._payments.refusals.paused():
            return "Too many servers refuse messages at once; sending pauses for some minutes."
        if self._invalid.left(now) <= 0:
            return "Discord refused too many requests; sending pauses for some minutes."
        return "" if self._ready() else "Discord is not connected."

    def _watch(self) -> None:
        """Bring the pulse up to date."""
        pulse, now = self.pulse, asyncio.get_running_loop().time()
        pulse.last_paid = self._payments.last_paid
        pulse.lanes = len(self._lanes)
        pulse.halted = self._halted()
        idle = timedelta(seconds=now - min(self._moved.values(), default=now))
        if idle < self._stuck_after:
            pulse.stuck_since = None
        elif pulse.stuck_since is None:
            pulse.stuck_since = self._wall.now() - idle
            log.error("a send has made no progress for %s; it is waited for, not cut", idle)
