"""Tables for phones, and CSV."""

import csv
import io

import pytest

from bot.cards.tables import WIDTH, code_table, csv_text, number, plain_points, points


def test_columns_are_aligned_and_the_numbers_stand_right() -> None:
    assert code_table(["", "SPY", "QQQ"], [["Return", "+10.7", "+2.0"]]) == (
        "```\n          SPY   QQQ\nReturn  +10.7  +2.0\n```"
    )


def test_a_long_name_gives_way_for_the_width_of_a_phone() -> None:
    text = code_table(["", "a", "b"], [["x" * 90, "1" * 10, "2" * 10]])
    lines = text.splitlines()[1:-1]
    assert max(len(line) for line in lines) == WIDTH
    assert "…" in lines[1]


def test_nine_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="8 columns"):
        code_table([""] * 9, [])


def test_a_name_cannot_end_the_code_block() -> None:
    assert code_table(["", "x"], [["```@everyone", "1"]]).count("```") == 2


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.107, "+10.7"), (-0.2691, "−26.9"), (0.0, "0.0"), (-0.0001, "0.0"), (None, "–")],
)
def test_points_have_a_sign_unless_they_are_nothing(fraction: float | None, text: str) -> None:
    assert points(fraction) == text


def test_plain_points_and_numbers_know_what_is_missing() -> None:
    assert plain_points(0.115) == "11.5"
    assert plain_points(float("nan")) == "–"
    assert number(-1.204) == "−1.20"
    assert number(None) == "–"


def test_csv_reads_back_and_holds_no_formula() -> None:
    text = csv_text(("a", "b"), [("=1+1", 'say "hi", you'), (None, float("nan")), (-1.5, "x")])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["a", "b"], ["'=1+1", 'say "hi", you'], ["", ""], ["-1.5", "x"]]
