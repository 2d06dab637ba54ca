"""Which market the program lives in: the clock and the source, and nothing else, tell live
operation, replay and demo apart."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.clock import Clock, LiveClock, ReplayClock
from bot.errors import SettingsError
from bot.market.asof import AsOf
from bot.market.sessions import Sessions
from bot.market.sources.demo import DemoSource
from bot.market.sources.fallback import FallbackSource
from bot.market.sources.folder import FolderSource
from bot.market.sources.nasdaq import NasdaqSource
from bot.market.sources.protocol import Source
from bot.market.sources.yahoo import YahooSource
from bot.market.sources.yahoo_stream import YahooStream
from bot.settings import VENDORS, Settings, SourceName

DEMO_FIRST = date(2016, 1, 4)
"""The demo market's first session. A fixed one, so that every start finds the same past."""
DEMO_SESSIONS = 120
"""Sessions that a playground can play before the demo market ends."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A clock and a source that knows nothing later than the clock; `stream` where the source
    streams its quotes."""

    clock: Clock
    source: Source
    sessions: Sessions
    stream: YahooStream | None = None


def live_world(settings: Settings, sessions: Sessions) -> World:
    """The real time, with the source the operator named (Yahoo by default)."""
    clock = LiveClock()
    name = settings.source or SourceName.YAHOO
    if name in VENDORS:
        order = dict.fromkeys([name, settings.fallback or name])
        vendors = [_vendor(settings, vendor, clock) for vendor in order]
        first = vendors[0]
        stream = first.stream() if settings.stream and isinstance(first, YahooSource) else None
        chain = FallbackSource(vendors)
        return World(clock=clock, source=chain, sessions=sessions, stream=stream)
    source = recorded_source(settings, name, sessions, last=clock.now().date())
    return World(clock=clock, source=AsOf(source, clock, sessions), sessions=sessions)


def _vendor(settings: Settings, name: SourceName, clock: Clock) -> Source:
    if name is SourceName.NASDAQ:
        return NasdaqSource(clock)
    return YahooSource(clock, settings.data_dir / "yahoo")


def replay_world(
    settings: Settings, sessions: Sessions, *, start: date, last: date, name: SourceName
) -> tuple[World, ReplayClock]:
    """A clock that stands before the session `start`, and a source that hides the future."""
    clock = ReplayClock(sessions.bounds(start)[0] - timedelta(hours=1))
    source = recorded_source(settings, name, sessions, last=last)
    world = World(clock=clock, source=AsOf(source, clock, sessions), sessions=sessions)
    return world, clock


def frozen_world(
    settings: Settings, sessions: Sessions, *, moment: datetime, name: SourceName
) -> World:
    """A moment in the past that does not move, for single questions."""
    clock = ReplayClock(moment)
    source = recorded_source(settings, name, sessions, last=moment.date())
    return World(clock=clock, source=AsOf(source, clock, sessions), sessions=sessions)


def recorded_source(
    settings: Settings, name: SourceName, sessions: Sessions, *, last: date
) -> Source:
    """A source of finished daily bars. Raises SettingsError, OperatorError."""
    if name is SourceName.FOLDER:
        if settings.folder is None:
            raise SettingsError(
                "A folder source needs HIGHWATER_FOLDER, or --data on replay and ask."
            )
        return FolderSource(settings.folder)
    if name is SourceName.DEMO:
        return DemoSource(days=sessions.between(DEMO_FIRST, last), seed=settings.demo_seed)
    raise SettingsError(f"{name} has no past to replay; use folder or demo.")


def demo_days(sessions: Sessions, now: datetime) -> tuple[date, date]:
    """The first and last session a playground plays: the last ones that have closed by now."""
    last = sessions.last_closed(now)
    return sessions.offset(last, -DEMO_SESSIONS), last
