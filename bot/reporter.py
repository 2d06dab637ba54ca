"""What the program knows of itself, gathered for the health page and the metrics."""

from datetime import datetime, timedelta

from bot.connection import Connection
from bot.delivery.deliverer import Deliverer
from bot.loops import Pulse
from bot.services import Services
from bot.web.health import Vitals
from bot.web.metrics import Figures
from storage import alerts, publications


class Reporter:
    """Looks at the parts of a running program. `scan` is the watcher's pulse."""

    def __init__(
        self, services: Services, connection: Connection, deliverer: Deliverer, scan: Pulse
    ) -> None:
        self._services = services
        self._connection = connection
        self._deliverer = deliverer
        self._scan = scan
        self._started = services.wall.now()
        self._connected_last: datetime | None = None

    async def figures(self) -> Figures:
        """Everything, as of now."""
        services, now = self._services, self._services.wall.now()
        connected = self._connection.is_ready()
        if connected:
            self._connected_last = now
        client = self._connection.client if connected else None
        latency = client.latency if client is not None else None
        progress = services.progress
        return Figures(
            vitals=Vitals(
                now=now,
                started=self._started,
                scan_interval=timedelta(seconds=services.settings.scan_interval),
                last_scan=progress.last_pass,
                connected=connected,
                connected_last=self._connected_last,
                oldest_due=await services.db.read(lambda c: alerts.oldest_pending(c, now=now)),
                sending_stuck_since=self._deliverer.pulse.stuck_since,
                sending_halted=self._deliverer.pulse.halted,
                last_error=self._scan.last_error if self._scan.failures_in_a_row else "",
            ),
            alerts=await services.db.read(alerts.counts),
            publications=await services.db.read(publications.counts),
            symbols=progress.symbols,
            unavailable=len(progress.unavailable),
            servers=len(client.guilds) if client is not None else 0,
            latency_seconds=latency if latency is not None and 0 <= latency < 1e6 else None,
        )
