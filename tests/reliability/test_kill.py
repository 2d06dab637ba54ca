"""kill -9 in the middle of everything: nothing is lost, nothing shows twice."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.sqlite
KILLS = 300


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_shown_twice_however_often_the_program_is_killed() -> None:
    """In a process of its own, because it forks: `make soak` is the same with 10,000 kills."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.reliability.kill", "--kills", str(KILLS)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    tally = json.loads(run.stdout)
    judged = ("lost", "twice", "strangers", "unfinished", "integrity", "failures")
    assert {name: tally[name] for name in judged if tally[name]} == {}, run.stderr
    assert tally["kills"] == KILLS
    assert tally["messages"] > KILLS
    assert {"statement", "before send", "after send"} <= tally["how"].keys()


@pytest.mark.timeout(300)
def test_followers_are_shown_every_message_once_however_often_the_program_is_killed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.reliability.feeds", "--kills", "40"],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    tally = json.loads(run.stdout)
    assert (tally["kills"], tally["lost"], tally["twice"]) == (40, 0, 0), run.stderr
    assert tally["states"] == {"published": tally["posted"]}
    assert tally["posted"] > 40
