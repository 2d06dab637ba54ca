"""Prometheus metrics, read fresh at every scrape."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.web.health import Vitals


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is counted, beside the vitals."""

    vitals: Vitals
    alerts: Mapping[str, int]
    publications: Mapping[str, int]
    symbols: int
    unavailable: int
    servers: int
    latency_seconds: float | None


class _Now(Collector):
    """Turns one set of figures into metrics."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures, vitals = self._figures, self._figures.vitals
        yield _by_state("highwater_alerts", "Alerts in the outbox by state.", figures.alerts)
        yield _by_state(
            "highwater_publications", "Messages of feeds by state.", figures.publications
        )
        yield _gauge("highwater_symbols_watched", "Symbols with a subscription.", figures.symbols)
        yield _gauge(
            "highwater_symbols_unavailable",
            "Watched symbols without usable data.",
            figures.unavailable,
        )
        yield _gauge("highwater_servers", "Discord servers the bot is in.", figures.servers)
        yield _gauge("highwater_discord_connected", "1 while connected.", int(vitals.connected))
        yield _gauge(
            "highwater_discord_latency_seconds",
            "Between a heartbeat and its answer.",
            figures.latency_seconds,
        )
        yield _gauge(
            "highwater_last_scan_timestamp_seconds",
            "When the market was last looked at.",
            _seconds(vitals.last_scan),
        )
        yield _gauge(
            "highwater_oldest_due_alert_timestamp_seconds",
            "When the longest-waiting due alert was written.",
            _seconds(vitals.oldest_due),
        )
        yield _gauge(
            "highwater_start_timestamp_seconds",
            "When the program started.",
            _seconds(vitals.started),
        )


def exposition(figures: Figures) -> bytes:
    """The text that a Prometheus server scrapes."""
    registry = CollectorRegistry()
    registry.register(_Now(figures))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _by_state(name: str, words: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family


def _gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words)
    if value is not None:
        family.add_metric([], value)
    return family


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
