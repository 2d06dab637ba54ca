import ast
from pathlib import Path

import pytest

import bot.charts
from bot.charts.drawings import DRAWINGS, draw
from bot.charts.specs import candle_chart
from tests.charts.pictures import bars_of, decoded, walk

FOLDER = Path(bot.charts.__file__).parent


def test_every_kind_of_chart_can_be_drawn() -> None:
    """Whatever has an `alt` of its own is a picture, and stands in the table."""
    kinds = set()
    for path in sorted(FOLDER.glob("*specs.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.AnnAssign)
                and isinstance(part.target, ast.Name)
                and part.target.id == "alt"
                for part in node.body
            ):
                kinds.add(node.name)

    assert {kind.__name__ for kind in DRAWINGS} == kinds
    assert len(kinds) == 10


def test_a_spec_finds_its_drawing() -> None:
    assert decoded(draw(candle_chart(bars_of(walk(30))))).width == 1000


def test_what_is_no_spec_cannot_be_drawn() -> None:
    class Unknown:
        alt = ""

    with pytest.raises(KeyError):
        draw(Unknown())
