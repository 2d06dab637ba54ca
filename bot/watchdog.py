"""Telling systemd that the program is ready and makes progress (sd_notify's protocol).

Alive is not enough: systemd is told so only while passes end and no message is stuck, and
restarts the program when it has not been told for its WatchdogSec. A source or Discord that is
down is no standstill, because a restart would mend neither.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.loops import Pulse, every
from bot.settings import notify_socket

log = logging.getLogger(__name__)

TELL_EVERY = timedelta(seconds=5)
PATIENCE = timedelta(minutes=3)
"""How long a pass may take."""


async def tell_systemd(
    moves: Sequence[Callable[[], bool]], *, ready: Callable[[], bool], stop: asyncio.Event
) -> None:
    """Tell systemd how the process is until `stop`, where systemd wants to know."""
    if (address := notify_socket()) is not None:
        watchdog = Watchdog(address, moves=moves, ready=ready)
        await every(TELL_EVERY, watchdog.run_once, pulse=Pulse(name="watchdog"), stop=stop)


class Passes:
    """Whether the passes of a loop end. `now` is a monotonic clock in seconds."""

    def __init__(
        self, pulse: Pulse, *, now: Callable[[], float], patience: timedelta = PATIENCE
    ) -> None:
        self._pulse = pulse
        self._now = now
        self._patience = patience.total_seconds()
        self._passes = -1
        self._moved = now()

    def move(self) -> bool:
        """Asked now and then: whether one ended within the patience."""
        if self._pulse.passes != self._passes:
            self._passes, self._moved = self._pulse.passes, self._now()
        return self._now() - self._moved < self._patience


class Watchdog:
    """`run_once()` tells systemd what holds now. `address` is its NOTIFY_SOCKET; every one of
    `moves` says whether a part of the process makes progress."""

    def __init__(
        self, address: str, *, moves: Sequence[Callable[[], bool]], ready: Callable[[], bool]
    ) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._moves = moves
        self._ready = ready
        self._told_ready = False

    async def run_once(self) -> None:
        if self._ready() and not self._told_ready:
            self._told_ready = self._tell("READY=1\nSTATUS=Connected to Discord.")
        if all(moves() for moves in self._moves):
            self._tell("WATCHDOG=1")
        else:
            self._tell("STATUS=Standing still: waiting to be restarted.")

    def _tell(self, text: str) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.connect(self._address)
                out.send(text.encode())
        except OSError as error:
            log.warning("systemd could not be told: %s", error)
            return False
        return True
