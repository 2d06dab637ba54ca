"""The operator's files speak of things that exist: metrics, settings, exit codes, ports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.cluster.roles import Role, Shards
from bot.settings import Settings
from bot.web.metrics import exposition
from tests.web.test_health import REPORT

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
METRIC = re.compile(r"\b(?:highwater|process)_[a-z_]+\b")
OF_PROMETHEUS = {"highwater"}
"""Words that look like a metric and are a job's name."""


def metrics() -> set[str]:
    families = text_string_to_metric_families(exposition(REPORT).decode())
    return {sample for f in families for sample in (f.name, *(s.name for s in f.samples))}


def expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [one["query"] for one in dashboard["templating"]["list"]]
    rules = re.findall(r"^\s+expr: (.+)$", (DEPLOY / "alerts.yml").read_text(), re.MULTILINE)
    return queries + rules


def test_the_dashboard_and_the_rules_name_only_metrics_that_exist() -> None:
    named = {name for text in expressions() for name in METRIC.findall(text)}
    assert len(named) >= 10
    assert named <= metrics()


def test_every_metric_of_the_programs_own_is_on_the_dashboard() -> None:
    own = {name for name in metrics() if name.startswith("highwater_")}
    shown = {name for text in expressions() for name in METRIC.findall(text)}
    assert own - shown == {"highwater_symbols_watched"}


def test_panels_do_not_cover_each_other() -> None:
    panels = json.loads((DEPLOY / "grafana-dashboard.json").read_text())["panels"]
    cells = [
        (x, y)
        for each in panels
        for x in range(each["gridPos"]["x"], each["gridPos"]["x"] + each["gridPos"]["w"])
        for y in range(each["gridPos"]["y"], each["gridPos"]["y"] + each["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize(
    "name", ["Dockerfile", "cluster.yaml", "compose.yaml", "highwater.service"]
)
def test_the_settings_they_set_are_settings(name: str) -> None:
    known = {f"HIGHWATER_{field.upper()}" for field in Settings.model_fields}
    named = set(re.findall(r"HIGHWATER_[A-Z_]+", (DEPLOY / name).read_text()))
    assert named
    assert named <= known


def test_what_a_person_must_mend_is_not_restarted() -> None:
    unit = (DEPLOY / "highwater.service").read_text()
    codes = re.search(r"^RestartPreventExitStatus=(.+)$", unit, re.MULTILINE)
    assert codes is not None
    # sysexits.h: EX_IOERR 74, EX_NOPERM 77, EX_CONFIG 78.
    assert codes[1].split() == ["74", "77", "78"]


def test_the_image_runs_as_nobody_in_particular_and_copies_what_the_wheel_needs() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    last = text[text.rindex("FROM ") :]
    assert re.search(r"^USER (?!root)", last, re.MULTILINE)
    copied = set(re.findall(r"^COPY (?!--from)([\w. -]+) \./", text, re.MULTILINE))
    locks = {"requirements.txt", "requirements-cluster.txt"}
    assert {*locks, "bot", "cogs", "storage"} <= set(" ".join(copied).split())


def pins(name: str) -> dict[str, str]:
    text = (DEPLOY.parent / name).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_the_image_of_a_cluster_is_the_programs_with_what_speaks_to_postgresql() -> None:
    program, cluster, tested = (
        pins(f"requirements{suffix}.txt") for suffix in ("", "-cluster", "-dev")
    )
    assert program.items() <= cluster.items() <= tested.items()
    assert {"psycopg", "psycopg-binary", "psycopg-pool", "procrastinate"} <= cluster.keys()


@pytest.mark.parametrize("name", ["cluster.yaml", "compose.yaml"])
def test_what_compose_reads_follows_its_specification(name: str) -> None:
    """By its own schema, which the checker has with it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, DEPLOY / name], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_cluster_has_every_part_and_every_shard() -> None:
    text = (DEPLOY / "cluster.yaml").read_text()
    commands = re.findall(r"^    command: \[run, --role, (.+)\]$", text, re.MULTILINE)
    assert {command.split(",")[0] for command in commands} == {*Role} - {Role.ALL}
    written = [command.split("--shards, ")[1] for command in commands if "--shards" in command]
    ranges = [Shards.parse(shards) for shards in written]
    held = [number for shards in ranges for number in shards.numbers]
    assert {shards.total for shards in ranges} == {len(held)}
    assert sorted(held) == list(range(len(held)))
    ports = re.findall(r"127\.0\.0\.1:(\d+):8765", text)
    assert len(ports) == len(set(ports)) == len(commands)
    assert set(re.findall(r"LOCK: (\S+)", text)) == {"requirements-cluster.txt"}
