"""What the program knows of itself, gathered for the health page and the metrics.

One reporter for each part, for whichever process runs it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.connection import Connection
from bot.loops import Pulse
from bot.services import Services
from bot.web.health import Connected, Paying, Report, Watching
from storage import alerts, publications


class ConnectionReporter:
    """Looks at the connection to Discord, and remembers when it last stood."""

    def __init__(self, services: Services, connection: Connection) -> None:
        self._wall = services.wall
        self._connection = connection
        self._started = services.wall.now()
        self._last: datetime | None = None

    def look(self) -> Connected:
        now, away = self._wall.now(), self._connection.away
        connected = self._connection.is_ready() and not away
        if connected:
            self._last = now
        client = self._connection.client if self._connection.is_ready() else None
        latency = client.latency if client is not None else None
        return Connected(
            now=now,
            started=self._started,
            connected=connected,
            connected_last=self._last,
            servers=len(client.guilds) if client is not None else 0,
            latency_seconds=latency if latency is not None and 0 <= latency < 1e6 else None,
            away=away,
        )


class ScanReporter:
    """Looks at the watcher, whose pulse is `scan`."""

    def __init__(self, services: Services, scan: Pulse) -> None:
        self._services = services
        self._scan = scan
        self._started = services.wall.now()

    def look(self) -> Watching:
        progress = self._services.progress
        return Watching(
            now=self._services.wall.now(),
            started=self._started,
            interval=timedelta(seconds=self._services.settings.scan_interval),
            last_pass=progress.last_pass,
            symbols=progress.symbols,
            unavailable=len(progress.unavailable),
            last_error=self._scan.last_error if self._scan.failures_in_a_row else "",
        )


class PayReporter:
    """Looks at what is owed and at who pays it; `able` is whether that is possible now."""

    def __init__(self, services: Services, able: Callable[[], bool]) -> None:
        self._services = services
        self._able = able

    async def look(self) -> Paying:
        db, now = self._services.db, self._services.wall.now()
        return Paying(
            now=now,
            able=self._able(),
            oldest_due=await db.read(lambda c: alerts.oldest_pending(c, now=now)),
            stuck_since=self._services.delivery.stuck_since,
            halted=self._services.delivery.halted,
            alerts=await db.read(alerts.counts),
            publications=await db.read(publications.counts),
        )


class Reporter:
    """Looks at a whole program; `scan` is the watcher's pulse."""

    def __init__(self, services: Services, connection: Connection, scan: Pulse) -> None:
        self._started = services.wall.now()
        self._connection = ConnectionReporter(services, connection)
        self._scan = ScanReporter(services, scan)
        self._pay = PayReporter(services, connection.is_ready)

    async def report(self) -> Report:
        vitals = (self._scan.look(), self._connection.look(), await self._pay.look())
        return Report(started=self._started, vitals=vitals)
