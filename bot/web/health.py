"""Health by progress, not by being alive: a loop that stands still is ill. Pure.

Each part of the program reports the vitals that concern it; what all of them have in common is
`Vital`, so that a process with one part only is as well described as one with all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client.core import Metric

from bot.web.gauges import by_state, gauge, labelled, seconds

SLOW_PASSES = 5
"""A watcher that missed this many of its intervals stands still."""
LEAST = timedelta(minutes=3)
"""No loop is called still before this, however short its interval."""
WAITING = timedelta(minutes=10)
"""A due alert that waits longer than this, while it could be sent, is not being paid."""
ALONE = timedelta(minutes=5)
"""How long Discord may be away before somebody should look."""


class Vital(Protocol):
    """What one part of the program knows of itself at a moment."""

    def complaints(self) -> list[str]:
        """What is wrong, in words; empty when all is well."""
        ...

    def missing(self) -> list[str]:
        """What has to happen before this part is ready, in words."""
        ...

    def metrics(self) -> Iterator[Metric]: ...


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The market being looked at. Times are aware; `last_pass` None: not yet."""

    now: datetime
    started: datetime
    interval: timedelta
    last_pass: datetime | None
    symbols: int
    unavailable: int
    last_error: str = ""

    def complaints(self) -> list[str]:
        still = self.now - (self.last_pass or self.started)
        if still <= max(LEAST, SLOW_PASSES * self.interval):
            return []
        why = f" ({self.last_error})" if self.last_error else ""
        return [f"the market was last looked at {_ago(still)} ago{why}"]

    def missing(self) -> list[str]:
        return ["the market has not been looked at yet"] if self.last_pass is None else []

    def metrics(self) -> Iterator[Metric]:
        yield gauge("highwater_symbols_watched", "Symbols with a subscription.", self.symbols)
        yield gauge(
            "highwater_symbols_unavailable",
            "Watched symbols without usable data.",
            self.unavailable,
        )
        yield gauge(
            "highwater_last_scan_timestamp_seconds",
            "When the market was last looked at.",
            seconds(self.last_pass),
        )


@dataclass(frozen=True, kw_only=True)
class Connected:
    """The connection to Discord; `away` are its shards that have none, of several."""

    now: datetime
    started: datetime
    connected: bool
    connected_last: datetime | None
    servers: int
    latency_seconds: float | None
    away: Sequence[int] = ()

    def complaints(self) -> list[str]:
        alone = self.now - (self.connected_last or self.started)
        if self.connected or alone <= ALONE:
            return []
        which = f" from the shards {', '.join(map(str, self.away))}" if self.away else ""
        return [f"Discord has been away{which} for {_ago(alone)}"]

    def missing(self) -> list[str]:
        return [] if self.connected else ["Discord is not connected"]

    def metrics(self) -> Iterator[Metric]:
        yield gauge("highwater_servers", "Discord servers the bot is in.", self.servers)
        yield gauge("highwater_discord_connected", "1 while connected.", int(self.connected))
        yield gauge(
            "highwater_discord_latency_seconds",
            "Between a heartbeat and its answer.",
            self.latency_seconds,
        )


@dataclass(frozen=True, kw_only=True)
class Paying:
    """What is owed being sent; `able` is whether it could be, `halted` why it is not."""

    now: datetime
    able: bool
    oldest_due: datetime | None
    stuck_since: datetime | None
    halted: str
    alerts: Mapping[str, int]
    publications: Mapping[str, int]

    def complaints(self) -> list[str]:
        found = []
        if self.stuck_since is not None:
            found.append(f"a message has made no progress for {_ago(self.now - self.stuck_since)}")
        if self.able and self.oldest_due is not None and self.now - self.oldest_due > WAITING:
            halted = f": {self.halted}" if self.halted else ""
            found.append(f"an alert has been due for {_ago(self.now - self.oldest_due)}{halted}")
        return found

    def missing(self) -> list[str]:
        return []

    def metrics(self) -> Iterator[Metric]:
        yield by_state("highwater_alerts", "Alerts in the outbox by state.", self.alerts)
        yield by_state("highwater_publications", "Messages of feeds by state.", self.publications)
        yield gauge(
            "highwater_oldest_due_alert_timestamp_seconds",
            "When the longest-waiting due alert was written.",
            seconds(self.oldest_due),
        )


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole process: its role, its shards ("": not fixed), what it waits for where it stands by,
    and the vitals of its parts."""

    started: datetime
    vitals: Sequence[Vital]
    role: str = "all"
    shards: str = ""
    stands_by: str = ""

    def complaints(self) -> list[str]:
        return [one for vital in self.vitals for one in vital.complaints()]

    def missing(self) -> list[str]:
        waits = [f"it stands by: {self.stands_by}"] if self.stands_by else []
        return [*waits, *(one for vital in self.vitals for one in vital.missing())]

    def metrics(self) -> Iterator[Metric]:
        yield labelled(
            "highwater_role",
            "Which part of the program this is, and its shards: 1 while it works, 0 standing by.",
            {"role": self.role, "shards": self.shards},
            0 if self.stands_by else 1,
        )
        yield gauge(
            "highwater_start_timestamp_seconds", "When the program started.", seconds(self.started)
        )
        for vital in self.vitals:
            yield from vital.metrics()


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
