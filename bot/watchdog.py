"""Telling systemd that the program is ready and makes progress (sd_notify's protocol).

Alive is not enough: systemd is told so only while passes end and no message is stuck, and
restarts the program when it has not been told for its WatchdogSec. A source or Discord that is
down is no standstill, because a restart would mend neither.
"""

import logging
import socket
from collections.abc import Callable
from datetime import timedelta

from bot.alerts.pulse import DeliveryPulse
from bot.loops import Pulse

log = logging.getLogger(__name__)

TELL_EVERY = timedelta(seconds=5)
PATIENCE = timedelta(minutes=3)
"""How long a pass of the watcher may take."""


class Watchdog:
    """`run_once()` tells systemd what holds now. `address` is its NOTIFY_SOCKET, `now` a monotonic
    clock in seconds."""

    def __init__(
        self,
        address: str,
        *,
        scan: Pulse,
        delivery: DeliveryPulse,
        ready: Callable[[], bool],
        now: Callable[[], float],
        patience: timedelta = PATIENCE,
    ) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._scan = scan
        self._delivery = delivery
        self._ready = ready
        self._now = now
        self._patience = patience.total_seconds()
        self._passes = -1
        self._moved = now()
        self._told_ready = False

    async def run_once(self) -> None:
        if self._scan.passes != self._passes:
            self._passes, self._moved = self._scan.passes, self._now()
        if self._ready() and not self._told_ready:
            self._told_ready = self._tell("READY=1\nSTATUS=Connected to Discord.")
        if self.moves:
            self._tell("WATCHDOG=1")
        else:
            self._tell("STATUS=Standing still: waiting to be restarted.")

    @property
    def moves(self) -> bool:
        """Whether passes end and nothing is stuck on its way to Discord."""
        passing = self._now() - self._moved < self._patience
        return passing and self._delivery.stuck_since is None

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
