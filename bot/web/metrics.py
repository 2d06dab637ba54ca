"""Prometheus metrics, read fresh at every scrape."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.web.health import Report


class _Now(Collector):
    """Turns one report into metrics."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        return self._report.metrics()


def exposition(report: Report) -> bytes:
    """The text that a Prometheus server scrapes."""
    registry = CollectorRegistry()
    registry.register(_Now(report))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
