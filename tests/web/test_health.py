"""Health is progress: a loop that stands still is ill, however alive the process is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.web.health import Vitals, complaints
from bot.web.metrics import Figures, exposition
from bot.web.server import HealthServer

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)
WELL = Vitals(
    now=NOW,
    started=NOW - timedelta(hours=5),
    scan_interval=timedelta(seconds=60),
    last_scan=NOW - timedelta(seconds=50),
    connected=True,
    connected_last=NOW,
    oldest_due=None,
    sending_stuck_since=None,
    sending_halted="",
)
FIGURES = Figures(
    vitals=WELL,
    alerts={"sent": 12, "pending": 1},
    publications={"published": 4},
    symbols=64,
    unavailable=2,
    servers=3,
    latency_seconds=0.04,
)


def test_all_is_well_while_everything_moves() -> None:
    assert complaints(WELL) == []


def test_a_watcher_that_stands_still_is_named_with_its_error() -> None:
    still = replace(WELL, last_scan=NOW - timedelta(minutes=70), last_error="SourceDown: no answer")
    expected = "the market was last looked at 1 h 10 min ago (SourceDown: no answer)"
    assert complaints(still) == [expected]


def test_a_slow_interval_is_given_its_time() -> None:
    slow = replace(WELL, scan_interval=timedelta(minutes=10), last_scan=NOW - timedelta(minutes=40))
    assert complaints(slow) == []


def test_discord_may_be_away_for_a_moment_but_not_for_long() -> None:
    away = replace(WELL, connected=False, connected_last=NOW - timedelta(minutes=4))
    assert complaints(away) == []
    longer = replace(away, connected_last=NOW - timedelta(minutes=6))
    assert complaints(longer) == ["Discord has been away for 6 min"]


def test_a_due_alert_that_nobody_pays_is_named_with_the_reason() -> None:
    late = replace(
        WELL, oldest_due=NOW - timedelta(minutes=11), sending_halted="too many servers refuse"
    )
    assert complaints(late) == ["an alert has been due for 11 min: too many servers refuse"]


def test_a_stuck_send_is_named() -> None:
    stuck = replace(WELL, sending_stuck_since=NOW - timedelta(minutes=4))
    assert complaints(stuck) == ["a message has made no progress for 4 min"]


def test_prometheus_own_parser_reads_the_metrics() -> None:
    families = {
        family.name: family
        for family in text_string_to_metric_families(exposition(FIGURES).decode())
    }
    alerts = {s.labels["state"]: s.value for s in families["highwater_alerts"].samples}
    assert alerts == {"sent": 12, "pending": 1}
    assert families["highwater_symbols_unavailable"].samples[0].value == 2
    scanned = families["highwater_last_scan_timestamp_seconds"].samples[0].value
    assert scanned == WELL.last_scan.timestamp()  # type: ignore[union-attr]
    assert families["highwater_oldest_due_alert_timestamp_seconds"].samples == []
    assert families["process_resident_memory_bytes"].samples


async def test_the_pages_answer_with_codes_that_machines_understand() -> None:
    shown = FIGURES

    async def look() -> Figures:
        return shown

    server = HealthServer(look, port=0)
    await server.start()
    try:
        async with aiohttp.ClientSession(server.url) as http:
            async with http.get("/healthz") as answer:
                assert (answer.status, (await answer.json())["status"]) == (200, "ok")
            async with http.get("/readyz") as answer:
                assert answer.status == 200
            async with http.get("/metrics") as answer:
                assert "highwater_servers 3.0" in await answer.text()
            shown = replace(FIGURES, vitals=replace(WELL, connected=False, last_scan=None))
            async with http.get("/readyz") as answer:
                assert answer.status == 503
                assert len((await answer.json())["missing"]) == 2
            async with http.get("/healthz") as answer:
                assert answer.status == 503
    finally:
        await server.stop()
