"""Repeating a pass for ever: log what it raises, back off, wake early, stop between passes.

Loops belong to services. A pass is never cut: stopping waits for it. This is the one place
where any exception of a pass ends, because one bad pass must not end the watch.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.errors import OperatorError, RetryableError
from storage.errors import StorageAway

log = logging.getLogger(__name__)

MAX_BACK_OFF = timedelta(minutes=5)
"""A failing pass is tried again within this time where nothing else is said."""


@dataclass(kw_only=True)
class Pulse:
    """What others may know of a loop: how often it ran and how it went."""

    name: str
    passes: int = 0
    failures_in_a_row: int = 0
    last_error: str = ""
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def every(
    interval: timedelta,
    run_once: Callable[[], Awaitable[object]],
    *,
    pulse: Pulse,
    stop: asyncio.Event,
    slowest: timedelta = MAX_BACK_OFF,
) -> None:
    """Run `run_once` now and then every `interval`, or sooner when `pulse.wake` is set. One that
    fails is tried again within `slowest`, however often it failed.

    Returns after `stop` is set, between two passes. An OperatorError is raised: waiting
    cannot mend it.
    """
    while not stop.is_set():
        pulse.wake.clear()
        wait = interval
        try:
            await run_once()
            pulse.failures_in_a_row = 0
        except OperatorError:
            raise
        except (RetryableError, StorageAway) as error:
            wait = _failed(pulse, error, interval, slowest)
            log.warning("%s: %s; trying again in %.0f s", pulse.name, error, wait.total_seconds())
        except Exception as error:
            wait = _failed(pulse, error, interval, slowest)
            log.exception("%s failed; trying again in %.0f s", pulse.name, wait.total_seconds())
        pulse.passes += 1
        await _wait(wait, pulse.wake, stop)


def _failed(pulse: Pulse, error: Exception, interval: timedelta, slowest: timedelta) -> timedelta:
    pulse.failures_in_a_row += 1
    pulse.last_error = f"{type(error).__name__}: {error}"
    after = getattr(error, "after", None) or timedelta(0)
    doubled: timedelta = interval * 2 ** min(pulse.failures_in_a_row - 1, 10)
    return max(after, min(doubled, max(interval, slowest)))


async def _wait(wait: timedelta, wake: asyncio.Event, stop: asyncio.Event) -> None:
    waiters = [asyncio.create_task(event.wait()) for event in (wake, stop)]
    try:
        await asyncio.wait(
            waiters, timeout=wait.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for waiter in waiters:
            waiter.cancel()
