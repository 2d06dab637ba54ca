"""kill -9, standing still and a crashed server in a cluster: nothing lost, nothing twice."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.postgres import programs

KILLS, STOPS, CRASHES = 60, 20, 1


pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL to be had"),
]


def played(*options: str) -> dict[str, Any]:
    """What came of a market that a cluster played."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.reliability.cluster", *options],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    tally: dict[str, Any] = json.loads(run.stdout)
    judged = ("lost", "twice", "strangers", "unfinished", "failures")
    assert {name: tally[name] for name in judged if tally[name]} == {}, run.stderr
    assert tally["alerts"] > 300
    return tally


def test_nothing_is_lost_or_shown_twice_however_often_the_parts_of_a_cluster_die() -> None:
    """`make soak` is the same with 1,000 kills and 300 stops."""
    tally = played("--kills", str(KILLS), "--stops", str(STOPS), "--crashes", str(CRASHES))
    assert (tally["kills"], tally["stops"], tally["crashes"]) == (KILLS, STOPS, CRASHES)
    assert tally["longest"]["takeover"] <= 15  # ten, and what a busy machine may add
    assert tally["longest"]["recovery"] <= 30


def test_senders_and_scanners_of_two_versions_work_side_by_side() -> None:
    """Of five, one after another is ended and replaced by a later one with a later schema."""
    tally = played("--kills", "0", "--stops", "0", "--crashes", "0", "--upgrade", "--moments", "24")
    assert (tally["upgrades"], tally["exits"]) == (5, 0)
