"""What an operator types wrongly is said in words, with an exit code."""

from pathlib import Path

import pytest

from bot.cli import main


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--role", "gatway"], 2, "“gatway” is no role; they are all, gateway"),
        (["--role", "gateway", "--shards", "4/4"], 2, "of 4 they are numbered 0 to 3"),
        (["--role", "gateway", "--shards", "all"], 2, "no range of shards such as 0-3/8"),
        (["--role", "gateway", "--shards", "0/4"], 78, "set DATABASE_URL"),
        (["--shards", "0/4"], 78, "--shards goes with --role gateway alone"),
    ],
)
def test_a_role_that_cannot_be_played_ends_with_what_to_do(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    assert ended.value.code == code
    assert words in capsys.readouterr().err
