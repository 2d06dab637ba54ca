import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.labels import Placer, Spot, spread
from bot.charts.scales import Frame

FRAME = Frame(left=0, top=0, right=200, bottom=100)


def spot(left: float, top: float, *, cost: float = 0.0) -> Spot:
    return Spot(left=left, top=top, right=left + 50, bottom=top + 20, cost=cost)


def test_names_far_apart_stay_where_their_lines_end() -> None:
    assert spread([10, 50, 90], gap=20, low=0, high=100) == (10, 50, 90)


def test_names_of_lines_that_meet_move_apart_evenly() -> None:
    assert spread([50, 50], gap=20, low=0, high=100) == (40, 60)


def test_names_at_the_edge_move_inwards() -> None:
    assert spread([99, 98], gap=20, low=0, high=100) == (100, 80)


def test_too_many_names_share_the_room_evenly() -> None:
    assert spread([5, 5, 5], gap=20, low=0, high=10) == (0, 5, 10)


@given(st.lists(st.floats(-50, 650), min_size=1, max_size=12))
def test_names_never_overlap_and_keep_their_order(positions: list[float]) -> None:
    rows = spread(positions, gap=21, low=60, high=450)

    ordered = sorted(rows)
    assert all(b - a >= 21 - 1e-6 for a, b in itertools.pairwise(ordered))
    assert ordered[0] >= 60 - 1e-9
    assert ordered[-1] <= 450 + 1e-9
    by_wish = sorted(range(len(rows)), key=lambda i: (positions[i], i))
    assert [rows[i] for i in by_wish] == ordered


def test_a_label_goes_where_nothing_is_drawn() -> None:
    placer = Placer(np.array([[0, 0, 100, 100]]), within=FRAME)

    assert placer.place([spot(10, 40), spot(120, 40)]).left == 120


def test_hiding_a_label_is_worse_than_hiding_candles() -> None:
    placer = Placer(np.array([[100, 0, 200, 100]]), within=FRAME)
    placer.take(spot(10, 40))

    assert placer.place([spot(20, 45), spot(120, 40)]).left == 120


def test_a_free_place_near_by_beats_a_free_place_far_away() -> None:
    placer = Placer(np.empty((0, 4)), within=FRAME)

    assert placer.place([spot(10, 40, cost=5), spot(120, 40)]).left == 120


def test_a_label_is_moved_into_the_frame() -> None:
    placed = Placer(np.empty((0, 4)), within=FRAME).place([spot(180, 95)])

    assert (placed.right, placed.bottom) == (200, 100)


def test_a_label_without_any_place_is_an_error() -> None:
    with pytest.raises(ValueError):
        Placer(np.empty((0, 4)), within=FRAME).place([])
