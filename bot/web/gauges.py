"""Metrics as Prometheus names them. Pure."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily


def gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    """One number; None is no sample."""
    family = GaugeMetricFamily(name, words)
    if value is not None:
        family.add_metric([], value)
    return family


def by_state(name: str, words: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family


def labelled(name: str, words: str, labels: Mapping[str, str], value: float) -> GaugeMetricFamily:
    """One number about something that has a name."""
    family = GaugeMetricFamily(name, words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
