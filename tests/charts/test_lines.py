from datetime import date

import numpy as np
import pytest

from bot.charts import breadth, lines
from bot.charts.series_specs import (
    Line,
    breadth_chart,
    comparison_chart,
    relative_strength_chart,
)
from bot.charts.theme import (
    ACCENT,
    AVERAGES,
    DOWN_VOLUME,
    ORANGE,
    PURPLE,
    SKY,
    SPARE_INKS,
    TEAL,
    TEXT,
    UP_VOLUME,
    YELLOW,
    strokes,
)
from bot.errors import NoData
from bot.market.model import Floats
from tests.charts.pictures import decoded, walk, weekdays

SIZES = ("SPY", "QQQ", "IWM", "MDY")


def returns(count: int, seed: int) -> Floats:
    closes = walk(count, seed=seed)
    return (closes / closes[0] - 1) * 100


def comparison(names: tuple[str, ...], count: int = 126):
    series = [Line(name=name, values=returns(count, seed)) for seed, name in enumerate(names)]
    return comparison_chart(weekdays(count), series)


def test_the_sizes_have_the_colours_of_their_names() -> None:
    picture = decoded(lines.draw_comparison(comparison(SIZES)))

    for ink in (PURPLE, ORANGE, TEAL, YELLOW):
        assert picture.count(ink) > 300


def test_no_two_lines_are_drawn_alike() -> None:
    for names in (SIZES, ("XLF", "SPY", "XLE", "QQQ", "A", "B", "C", "D"), tuple("abcdefgh")):
        drawn = strokes(names)
        assert len({stroke.ink for stroke in drawn}) == len(names)
        assert len({stroke.dash for stroke in drawn}) == len(names)
    assert len(set(SPARE_INKS)) == 8


def test_names_stand_in_rank_order_at_the_right() -> None:
    days = weekdays(60)
    ramp = np.linspace(0, 1, 60)
    chart = comparison_chart(
        days,
        [
            Line(name="SPY", values=ramp * 5),
            Line(name="QQQ", values=ramp * 12),
            Line(name="IWM", values=ramp * 5.05),
            Line(name="MDY", values=ramp * -3),
        ],
    )
    picture = decoded(lines.draw_comparison(chart))

    rows = {}
    for ink in (ORANGE, TEAL, PURPLE, YELLOW):
        name_rows = np.nonzero(picture.mask(ink)[:, 880:])[0]
        rows[ink] = (name_rows.min(), name_rows.max())

    # Best first, and no name over another even where two lines end at the same value.
    assert rows[ORANGE][1] < rows[TEAL][0]
    assert rows[TEAL][1] < rows[PURPLE][0]
    assert rows[PURPLE][1] < rows[YELLOW][0]


def test_a_comparison_says_who_leads() -> None:
    chart = comparison_chart(
        np.array(["2023-10-27", "2023-11-27"], dtype="datetime64[D]"),
        [
            Line(name="SPY", values=np.array([0.0, 10.7])),
            Line(name="QQQ", values=np.array([0.0, 12.7])),
            Line(name="VOID", values=np.array([np.nan, np.nan])),
        ],
    )

    assert chart.alt == (
        "Returns from 27 Oct 2023 to 27 Nov 2023, best first: QQQ +12.7 %, SPY +10.7 %."
    )
    assert chart.fact == "since 27 Oct 2023"


@pytest.mark.parametrize("count", [1, 2, 126, 5_000])
def test_eight_lines_make_a_small_picture(count: int) -> None:
    png = lines.draw_comparison(comparison(("SPY", "QQQ", "IWM", "MDY", "A", "B", "C", "D"), count))
    picture = decoded(png)

    assert (picture.width, picture.height) == (1000, 600)
    assert picture.colours <= 64
    assert len(png) <= 40_000


def test_a_line_breaks_where_values_are_missing() -> None:
    values = np.where((np.arange(100) > 40) & (np.arange(100) < 60), np.nan, 5.0)
    chart = comparison_chart(weekdays(100), [Line(name="QQQ", values=values)])
    drawn = decoded(lines.draw_comparison(chart)).mask(ORANGE)[:, :860].any(axis=0)
    first, last = np.flatnonzero(drawn)[[0, -1]]

    middle = (first + last) // 2
    assert not drawn[middle - 50 : middle + 50].any()


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(NoData):
        comparison_chart(weekdays(2), [Line(name="SPY", values=np.array([np.nan, np.nan]))])


def relative_strength(*, mansfield: Floats | None):
    days = weekdays(120)
    return relative_strength_chart(
        days,
        price=Line(name="IWM", values=walk(120, seed=1)),
        ratio=Line(name="IWM ÷ SPY", values=walk(120, seed=2) / 250),
        mansfield=mansfield,
        highs=(date(2026, 3, 2), date(1999, 1, 4)),
    )


def test_relative_strength_has_price_ratio_and_marked_highs() -> None:
    picture = decoded(lines.draw_relative_strength(relative_strength(mansfield=None)))

    assert picture.count(TEXT) > 500
    assert picture.count(SKY) > 500
    assert picture.count(ACCENT) > 20
    assert picture.count(UP_VOLUME) == 0


def test_mansfield_bars_stand_above_and_below_zero() -> None:
    mansfield = np.where(np.arange(120) < 60, -5.0, 5.0)
    picture = decoded(lines.draw_relative_strength(relative_strength(mansfield=mansfield)))

    falling, rising = np.nonzero(picture.mask(DOWN_VOLUME)), np.nonzero(picture.mask(UP_VOLUME))
    assert rising[0].max() <= falling[0].min() + 1
    assert falling[1].max() < rising[1].min()


def test_relative_strength_says_its_last_new_high() -> None:
    chart = relative_strength(mansfield=None)

    assert chart.alt.startswith("IWM at ")
    assert chart.alt.endswith("last new high of the ratio 2 Mar 2026.")
    assert chart.highs == (date(2026, 3, 2),)


def test_breadth_shows_shares_and_net_new_highs() -> None:
    days = weekdays(126)
    chart = breadth_chart(
        days,
        shares=[
            Line(name="above 50-day", values=np.linspace(20, 80, 126)),
            Line(name="above 200-day", values=np.linspace(60, 40, 126)),
        ],
        net_new_highs=np.r_[np.full(63, -40.0), np.full(63, 25.0)],
    )
    png = breadth.draw(chart)
    picture = decoded(png)

    assert chart.alt == (
        "Breadth on 17 Apr 2026: 80 % above 50-day, 40 % above 200-day, "
        "new highs minus new lows +25."
    )
    assert len(png) <= 40_000
    for ink in (AVERAGES[50], AVERAGES[200], UP_VOLUME, DOWN_VOLUME):
        assert picture.count(ink) > 300
    # It ends at 80 %, between the lines of 75 and 100 %.
    assert picture.mask(AVERAGES[50])[72:136, 700:780].any()


@pytest.mark.parametrize("count", [1, 2, 5_000])
def test_breadth_of_any_length_becomes_a_picture(count: int) -> None:
    flat = np.zeros(count)
    chart = breadth_chart(
        weekdays(count), shares=[Line(name="above 50-day", values=flat)], net_new_highs=flat
    )

    assert len(breadth.draw(chart)) <= 40_000


def test_breadth_without_anything_known_is_an_error() -> None:
    with pytest.raises(NoData):
        breadth_chart(weekdays(3), shares=[], net_new_highs=np.full(3, np.nan))
