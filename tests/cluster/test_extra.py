"""What a cluster needs is an extra: without it the program runs, and says what is missing."""

import os
import subprocess
import sys

WITHOUT = """
import sys
sys.modules.update({"psycopg": None, "psycopg_pool": None, "procrastinate": None})
from bot.cli import main
main(sys.argv[1:])
"""


def without_extra(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_starts_without_the_extra() -> None:
    run = without_extra("--version")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("highwater ")


def test_a_part_says_what_to_install() -> None:
    run = without_extra(
        "run",
        "--role",
        "sender",
        DATABASE_URL="postgresql://127.0.0.1:1/highwater",
        DISCORD_TOKEN="any-token",
    )
    assert run.returncode == 78, run.stderr
    assert "pip install 'highwater[cluster]'" in run.stderr
    assert "Traceback" not in run.stderr
