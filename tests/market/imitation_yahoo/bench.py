"""A source in front of the imitation, with a clock that jumps instead of waiting."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.clock import ReplayClock
from bot.market.limiter import POLL, Limits
from bot.market.sources.door import Pace
from bot.market.sources.nasdaq import NasdaqSource
from bot.market.sources.yahoo import YahooSource
from tests.market.imitation_yahoo.prices import Listing, generated_rows
from tests.market.imitation_yahoo.server import ImitationYahoo, World

RUNNING = datetime(2026, 10, 1, 15, 0, tzinfo=UTC)
"""A Thursday, 11:00 in New York."""

UNLIMITED = Limits(rate=1e6, burst=1_000_000, hourly=1_000_000)


class Timing:
    """A monotonic clock that every long wait moves on at once.

    Waiting for another thread's request takes real time, or the clock would run away.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = 1000.0

    def monotonic(self) -> float:
        with self._lock:
            return self.now

    def wait(self, event: threading.Event, seconds: float) -> None:
        if seconds <= POLL:
            event.wait(0.001)
        else:
            self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds

    def pace(self) -> Pace:
        return Pace(monotonic=self.monotonic, wait=self.wait)


@dataclass(frozen=True, kw_only=True)
class Bench:
    server: ImitationYahoo
    yahoo: YahooSource
    nasdaq: NasdaqSource
    clock: ReplayClock
    timing: Timing

    def list(self, *listings: Listing) -> None:
        """Let Yahoo know these."""
        self.server.world.listings.update({listing.symbol: listing for listing in listings})

    def at(self, moment: datetime) -> None:
        """Move both sides of the wire to a later moment."""
        self.clock.move_to(moment)
        self.server.world.now = moment


@asynccontextmanager
async def bench(
    folder: Path,
    *listings: Listing,
    now: datetime = RUNNING,
    limits: Limits = UNLIMITED,
    timeout: float = 5.0,
    pace: Pace | None = None,
) -> AsyncIterator[Bench]:
    """The imitation with these listings, and sources that talk to it; `pace` for real time."""
    clock, timing = ReplayClock(now), Timing()
    pace = pace or timing.pace()
    with ImitationYahoo(World(now=now)) as server:
        network = server.network(timeout=timeout)
        made = Bench(
            server=server,
            yahoo=YahooSource(clock, folder / "cache", network=network, limits=limits, pace=pace),
            nasdaq=NasdaqSource(clock, network=network, limits=limits, pace=pace),
            clock=clock,
            timing=timing,
        )
        made.list(*listings)
        try:
            yield made
        finally:
            await made.yahoo.close()
            await made.nasdaq.close()


def fund(symbol: str, *, sessions: int = 30, last: date = date(2026, 10, 1)) -> Listing:
    """A generated listing whose last session is that of `RUNNING`."""
    return Listing(symbol=symbol, rows=generated_rows(symbol, sessions, last))
