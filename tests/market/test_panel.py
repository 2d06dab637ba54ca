from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.model import Bars, Symbol, empty_bars
from bot.market.panel import COLUMNS, Panel
from tests.market.known import TEST, walk

CALM = walk("2024-01-02", "2024-06-28")
DAYS = CALM.days


def kept(bars: Bars, keep: np.ndarray) -> Bars:
    columns = (*COLUMNS, "dividend", "split")
    return replace(
        bars, days=bars.days[keep], **{name: getattr(bars, name)[keep] for name in columns}
    )


@given(
    st.lists(st.booleans(), min_size=len(DAYS), max_size=len(DAYS)),
    st.integers(0, len(DAYS)),
    st.integers(0, len(DAYS)),
)
def test_every_bar_stands_on_its_session_and_nothing_else_does(
    keep: list[bool], first: int, stop: int
) -> None:
    bars = kept(CALM, np.array(keep))
    days = DAYS[first:stop]
    panel = Panel.of([bars], days)
    assert panel.close.shape == (len(days), 1)
    expected = {day: i for i, day in enumerate(bars.days.tolist())}
    for row, day in enumerate(days.tolist()):
        for name in COLUMNS:
            value = getattr(panel, name)[row, 0]
            if day in expected:
                assert value == getattr(bars, name)[expected[day]]
            else:
                assert np.isnan(value)


def test_bars_on_other_days_are_left_out() -> None:
    weekend = replace(CALM, days=np.append(CALM.days[:-1], np.datetime64("2024-06-29")))
    panel = Panel.of([weekend], DAYS)
    assert np.isnan(panel.close[-1, 0])
    assert np.array_equal(panel.close[:-1, 0], CALM.close[:-1])


def test_symbols_keep_their_order_and_lie_one_after_another_in_memory() -> None:
    others = [walk("2024-02-01", "2024-05-31", symbol=f"S{i}", seed=i) for i in range(3)]
    panel = Panel.of([*others, empty_bars(Symbol("NONE")), CALM], DAYS)
    assert panel.symbols == ("S0", "S1", "S2", "NONE", "TEST")
    assert len(panel) == len(DAYS)
    assert panel.close.flags.f_contiguous
    i = panel.index_of(TEST)
    assert np.array_equal(panel.volume[:, i], CALM.volume)
    assert np.isnan(panel.close[:, panel.index_of(Symbol("NONE"))]).all()
    with pytest.raises(ValueError, match="not in tuple"):
        panel.index_of(Symbol("ELSE"))
