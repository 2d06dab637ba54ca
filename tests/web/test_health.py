"""Health is progress: a loop that stands still is ill, however alive the process is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.web.health import Connected, Paying, Report, Watching
from bot.web.metrics import exposition
from bot.web.server import HealthServer

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)
STARTED = NOW - timedelta(hours=5)
WATCHING = Watching(
    now=NOW,
    started=STARTED,
    interval=timedelta(seconds=60),
    last_pass=NOW - timedelta(seconds=50),
    symbols=64,
    unavailable=2,
)
CONNECTED = Connected(
    now=NOW,
    started=STARTED,
    connected=True,
    connected_last=NOW,
    servers=3,
    latency_seconds=0.04,
)
PAYING = Paying(
    now=NOW,
    able=True,
    oldest_due=None,
    stuck_since=None,
    halted="",
    alerts={"sent": 12, "pending": 1},
    publications={"published": 4},
)
REPORT = Report(started=STARTED, vitals=(WATCHING, CONNECTED, PAYING))


def test_all_is_well_while_everything_moves() -> None:
    assert REPORT.complaints() == REPORT.missing() == []


def test_a_watcher_that_stands_still_is_named_with_its_error() -> None:
    still = replace(WATCHING, last_pass=NOW - timedelta(minutes=70), last_error="SourceDown: no")
    expected = "the market was last looked at 1 h 10 min ago (SourceDown: no)"
    assert still.complaints() == [expected]


def test_a_slow_interval_is_given_its_time() -> None:
    past = NOW - timedelta(minutes=40)
    assert not replace(WATCHING, interval=timedelta(minutes=10), last_pass=past).complaints()


def test_discord_may_be_away_for_a_moment_but_not_for_long() -> None:
    away = replace(CONNECTED, connected=False, connected_last=NOW - timedelta(minutes=4))
    assert away.complaints() == []
    longer = replace(away, connected_last=NOW - timedelta(minutes=6))
    assert longer.complaints() == ["Discord has been away for 6 min"]
    two = replace(longer, away=(2, 3))
    assert two.complaints() == ["Discord has been away from the shards 2, 3 for 6 min"]


def test_a_due_alert_that_nobody_pays_is_named_with_the_reason() -> None:
    late = replace(PAYING, oldest_due=NOW - timedelta(minutes=11), halted="too many servers refuse")
    assert late.complaints() == ["an alert has been due for 11 min: too many servers refuse"]
    assert replace(late, able=False).complaints() == []


def test_a_stuck_send_is_named() -> None:
    stuck = replace(PAYING, stuck_since=NOW - timedelta(minutes=4))
    assert stuck.complaints() == ["a message has made no progress for 4 min"]


def test_prometheus_own_parser_reads_the_metrics() -> None:
    families = {
        family.name: family
        for family in text_string_to_metric_families(exposition(REPORT).decode())
    }
    alerts = {s.labels["state"]: s.value for s in families["highwater_alerts"].samples}
    assert alerts == {"sent": 12, "pending": 1}
    assert families["highwater_symbols_unavailable"].samples[0].value == 2
    scanned = families["highwater_last_scan_timestamp_seconds"].samples[0].value
    assert scanned == datetime(2026, 4, 17, 14, 59, 10, tzinfo=UTC).timestamp()
    assert families["highwater_oldest_due_alert_timestamp_seconds"].samples == []
    assert families["process_resident_memory_bytes"].samples
    assert families["highwater_role"].samples[0].labels == {"role": "all", "shards": ""}


def test_a_part_of_a_cluster_reports_what_concerns_it_alone() -> None:
    gateway = Report(started=STARTED, vitals=(CONNECTED,), role="gateway", shards="0-1/4")
    text = exposition(gateway).decode()
    assert 'highwater_role{role="gateway",shards="0-1/4"} 1.0' in text
    assert "highwater_discord_connected 1.0" in text
    assert "highwater_last_scan" not in text
    assert "highwater_alerts" not in text
    waiting = Report(started=STARTED, vitals=(), role="gateway", stands_by="another one works")
    assert waiting.complaints() == []
    assert waiting.missing() == ["it stands by: another one works"]
    assert 'highwater_role{role="gateway",shards=""} 0.0' in exposition(waiting).decode()


async def test_the_pages_answer_with_codes_that_machines_understand() -> None:
    shown = REPORT

    async def look() -> Report:
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
            gone = replace(CONNECTED, connected=False)
            shown = replace(REPORT, vitals=(replace(WATCHING, last_pass=None), gone, PAYING))
            async with http.get("/readyz") as answer:
                assert answer.status == 503
                assert len((await answer.json())["missing"]) == 2
            async with http.get("/healthz") as answer:
                assert answer.status == 503
    finally:
        await server.stop()
