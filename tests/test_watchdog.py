"""systemd hears of readiness and of progress, over a real datagram socket."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.alerts.pulse import DeliveryPulse
from bot.loops import Pulse
from bot.watchdog import Passes, Watchdog


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(systemd: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found += systemd.recv(1000).decode().splitlines()
        except BlockingIOError:
            return found


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_it_is_told_ready_once_and_alive_while_passes_end(systemd: socket.socket) -> None:
    scan, delivery, clock, ready = Pulse(name="watcher"), DeliveryPulse(), Seconds(), [False]
    passes = Passes(scan, now=clock)
    dog = Watchdog(
        systemd.getsockname(),
        moves=(passes.move, lambda: delivery.stuck_since is None),
        ready=lambda: ready[0],
    )
    await dog.run_once()
    assert heard(systemd) == ["WATCHDOG=1"]
    ready[0] = True
    scan.passes += 1
    await dog.run_once()
    assert heard(systemd) == ["READY=1", "STATUS=Connected to Discord.", "WATCHDOG=1"]
    clock.now = 179.0
    await dog.run_once()
    assert heard(systemd) == ["WATCHDOG=1"]
    clock.now = 181.0
    await dog.run_once()
    assert "WATCHDOG=1" not in heard(systemd)
    scan.passes += 1
    await dog.run_once()
    assert heard(systemd) == ["WATCHDOG=1"]
    delivery.stuck_since = datetime(2026, 4, 17, tzinfo=UTC)
    await dog.run_once()
    assert "WATCHDOG=1" not in heard(systemd)


async def test_a_listener_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    dog = Watchdog(str(tmp_path / "nobody"), moves=(), ready=lambda: True)
    await dog.run_once()
