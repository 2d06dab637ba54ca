"""What an operator types wrongly is said in words, with an exit code."""

import pytest

from bot.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--role", "gatway"], "“gatway” is no role; they are all"),
        (["--role", "gateway", "--shards", "4/4"], "of 4 they are numbered 0 to 3"),
        (["--role", "gateway", "--shards", "all"], "no range of shards such as 0-3/8"),
    ],
)
def test_a_role_that_cannot_be_played_ends_with_what_to_do(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
