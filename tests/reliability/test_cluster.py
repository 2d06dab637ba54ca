"""kill -9, standing still and a crashed server in a cluster: nothing lost, nothing twice."""

import json
import os
import subprocess
import sys

import pytest

from tests.postgres import programs

KILLS, STOPS, CRASHES = 60, 20, 1


@pytest.mark.timeout(600)
@pytest.mark.skipif(programs() is None, reason="no PostgreSQL to be had")
def test_nothing_is_lost_or_shown_twice_however_often_the_parts_of_a_cluster_die() -> None:
    """`make soak` is the same with 1,000 kills and 300 stops."""
    harm = ["--kills", str(KILLS), "--stops", str(STOPS), "--crashes", str(CRASHES)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.reliability.cluster", *harm],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    tally = json.loads(run.stdout)
    judged = ("lost", "twice", "strangers", "unfinished", "failures")
    assert {name: tally[name] for name in judged if tally[name]} == {}, run.stderr
    assert (tally["kills"], tally["stops"], tally["crashes"]) == (KILLS, STOPS, CRASHES)
    assert tally["alerts"] > 300
    assert tally["longest"]["takeover"] <= 15  # ten, and what a busy machine may add
    assert tally["longest"]["recovery"] <= 30
