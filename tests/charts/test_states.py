import numpy as np
import pytest

from bot.charts import base_rates, dial, rotation, sectors, strips
from bot.charts.specs import Tone
from bot.charts.state_specs import (
    BaseRate,
    MoodPart,
    Tail,
    base_rate_chart,
    mood_dial,
    rotation_chart,
)
from bot.charts.table_specs import MOST_STRIPS, Cell, SectorRow, Strip, sector_chart, strip_table
from bot.charts.theme import ACCENT, BRIGHT, DOWN, PURPLE, SKY, TEXT, UP
from bot.errors import NoData
from tests.charts.pictures import decoded, walk


def tail(name: str, ratio: float, momentum: float, weeks: int = 6) -> Tail:
    """A straight way from the centre to this point."""
    way = np.linspace(0, 1, weeks) if weeks > 1 else np.array([1.0])
    return Tail(name=name, ratio=100 + way * ratio, momentum=100 + way * momentum)


@pytest.mark.parametrize(
    ("ratio", "momentum", "place", "ink"),
    [
        (2, 1, "leading", UP),
        (2, -1, "weakening", ACCENT),
        (-2, -1, "lagging", DOWN),
        (-2, 1, "improving", SKY),
    ],
)
def test_a_tail_stands_in_its_quadrant(ratio: float, momentum: float, place: str, ink: str) -> None:
    chart = rotation_chart([tail("XLK", ratio, momentum)])
    mask = decoded(rotation.draw(chart)).mask(ink)
    # The head: a disc where the colour is densest; the corner words are a paler shade.
    rows, columns = np.nonzero(mask[62:548, 64:980])

    assert chart.alt == f"Rotation graph; {place}: XLK."
    assert (np.median(columns) > 458) == (ratio > 0)
    assert (np.median(rows) < 243) == (momentum > 0)


def test_rotation_lists_who_stands_where() -> None:
    chart = rotation_chart([tail("XLK", 1, 1), tail("XLE", -1, -1), tail("XLF", 2, 1)])

    assert chart.alt == "Rotation graph; leading: XLK, XLF; lagging: XLE."


def test_rotation_leaves_out_what_has_no_place() -> None:
    unknown = Tail(name="NEW", ratio=np.array([np.nan]), momentum=np.array([np.nan]))

    assert [x.name for x in rotation_chart([unknown, tail("XLK", 1, 1)]).tails] == ["XLK"]
    with pytest.raises(NoData):
        rotation_chart([unknown])


@pytest.mark.parametrize("weeks", [1, 2, 30])
def test_many_tails_at_one_place_make_a_small_picture(weeks: int) -> None:
    png = rotation.draw(rotation_chart([tail(f"X{i}", 0.5, 0.5, weeks) for i in range(20)]))

    assert (decoded(png).width, decoded(png).height) == (1000, 600)
    assert len(png) <= 40_000


def test_a_gap_in_a_tail_is_no_error() -> None:
    gap = Tail(
        name="GAP", ratio=np.array([99.0, np.inf, 101.0]), momentum=np.array([99.0, 100.0, 101.0])
    )

    assert decoded(rotation.draw(rotation_chart([gap]))).count(UP) > 100


def test_the_heavier_sector_has_the_longer_bar() -> None:
    rows = [
        SectorRow(name="Technology", weights=(0.10, 0.33)),
        SectorRow(name="Industrials", weights=(0.23, 0.08)),
    ]
    chart = sector_chart(["IVOO", "SPY"], rows)
    picture = decoded(sectors.draw(chart))

    # Below the names of the funds, the widest bar of SPY is to IVOO's as 33 to 23.
    spy, ivoo = (picture.mask(ink)[100:].sum(axis=1).max() for ink in (PURPLE, SKY))
    assert spy / ivoo == pytest.approx(33 / 23, rel=0.02)
    assert chart.alt == (
        "Sector weights, largest of each fund: IVOO Industrials 23.0 %, SPY Technology 33.0 %."
    )


def test_a_fund_without_weights_has_no_bars() -> None:
    rows = [SectorRow(name="Technology", weights=(0.3, None))]
    picture = decoded(sectors.draw(sector_chart(["IVOO", "SPY"], rows)))

    assert picture.count(SKY) > 1000
    assert picture.count(PURPLE) == 0


def test_many_funds_make_a_higher_picture_not_smaller_bars() -> None:
    rows = [SectorRow(name=f"Sector {i}", weights=(0.1,) * 5) for i in range(11)]
    png = sectors.draw(sector_chart([f"F{i}" for i in range(5)], rows))

    assert decoded(png).height > 1000
    assert len(png) <= 40_000


def test_no_weights_at_all_is_an_error() -> None:
    with pytest.raises(NoData):
        sector_chart(["SPY"], [SectorRow(name="Technology", weights=(None,))])


def needle_column(value: float) -> float:
    """The mean column of the needle's upper end."""
    picture = decoded(dial.draw(mood_dial(value, "", [])))
    return float(np.nonzero(picture.mask(BRIGHT)[150:300, :500])[1].mean())


def test_the_needle_follows_the_mood() -> None:
    assert needle_column(30) < needle_column(50) < needle_column(70)
    assert needle_column(50) == pytest.approx(250, abs=2)


def test_missing_parts_of_the_mood_are_said() -> None:
    chart = mood_dial(
        63.2, "greed", [MoodPart(name="breadth", value=58), MoodPart(name="credit", value=None)]
    )

    assert chart.alt == ("Market mood 63 of 100, greed; parts: breadth 58; unavailable: credit.")
    assert len(dial.draw(chart)) <= 40_000


def test_without_a_mood_there_is_no_needle() -> None:
    chart = mood_dial(None, "too little is known", [MoodPart(name="credit", value=None)])
    picture = decoded(dial.draw(chart))

    assert picture.mask(BRIGHT)[70:400, :500].sum() == 0
    assert chart.alt.startswith("No market mood")


def rate(low: float, high: float, ordinary: float) -> BaseRate:
    middle = (low + high) / 2
    return BaseRate(
        horizon="5 sessions", count=41, rate=middle, low=low, high=high, ordinary=ordinary
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict", "ink"),
    [
        (42, 74, "not distinguishable", TEXT),
        (50, 74, "above ordinary", UP),
        (20, 40, "below ordinary", DOWN),
    ],
)
def test_only_an_interval_without_the_ordinary_rate_has_a_colour(
    low: float, high: float, verdict: str, ink: str
) -> None:
    chart = base_rate_chart([rate(low, high, 47)])
    picture = decoded(base_rates.draw(chart))

    assert verdict in chart.alt
    for other in (UP, DOWN):
        assert (picture.count(other) > 300) == (other == ink)
    assert picture.count(ACCENT) > 50


def test_outcomes_stand_left_and_right_of_zero() -> None:
    outcomes = np.r_[np.full(30, -2.0), np.full(70, 1.0), np.nan]
    chart = base_rate_chart([rate(40, 60, 50)], outcomes=outcomes, outcomes_label="after 20")
    png = base_rates.draw(chart)

    assert len(chart.outcomes) == 100
    assert decoded(png).height == 600
    assert len(png) <= 40_000


@pytest.mark.parametrize("outcomes", [np.zeros(5), np.array([1e6]), np.array([-0.001, 0.001])])
def test_any_outcomes_become_a_picture(outcomes: np.ndarray) -> None:
    assert len(base_rates.draw(base_rate_chart([rate(0, 100, 50)], outcomes=outcomes))) <= 40_000


def test_no_episodes_is_an_error() -> None:
    with pytest.raises(NoData):
        base_rate_chart([])


def strip(name: str, closes: np.ndarray, *cells: Cell) -> Strip:
    return Strip(name=name, note="", closes=closes, cells=cells)


def test_a_strip_is_teal_when_it_ends_higher() -> None:
    up = decoded(strips.draw(strip_table([strip("A", np.array([1.0, 3.0, 2.0]))])))
    down = decoded(strips.draw(strip_table([strip("A", np.array([3.0, 1.0, 2.0]))])))

    assert up.count(UP) > 100
    assert up.count(DOWN) == 0
    assert down.count(DOWN) > 100
    assert down.count(UP) == 0


def test_a_table_reads_row_by_row() -> None:
    rows = [
        strip("SPY", walk(20), Cell(text="690.38"), Cell(text="+0.4 %", heat=0.4)),
        strip("IWM", walk(20), Cell(text="250.11"), Cell(text="−1.0 %", heat=-1.0)),
    ]
    table = strip_table(rows, columns=["Last", "Day"], title="Sizes")

    assert table.alt == ("Sizes, 2 rows: SPY Last 690.38, Day +0.4 %; IWM Last 250.11, Day −1.0 %.")


def test_a_long_list_is_cut_and_says_so() -> None:
    near = Cell(text="within 2 % of its high", tone=Tone.WATCH)
    rows = [strip(f"S{i}", walk(60, seed=i), near) for i in range(60)]
    table = strip_table(rows, columns=["State"])
    png = strips.draw(table)

    assert len(table.strips) == MOST_STRIPS == 30
    assert table.fact == "first 30 of 60"
    assert len(table.alt) <= 1024
    # A picture of the standard height may have 40 kB, a higher one in proportion.
    assert len(png) <= 40_000 * decoded(png).height / 600


@pytest.mark.parametrize(
    "closes", [np.empty(0), np.array([1.0]), np.full(9, 7.0), np.array([np.nan, 2.0, np.nan, 3.0])]
)
def test_any_closes_become_a_strip(closes: np.ndarray) -> None:
    assert decoded(strips.draw(strip_table([strip("$^漢", closes)]))).width == 1000


def test_rows_have_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError):
        strip_table([strip("A", walk(3), Cell(text="1"))], columns=["Last", "Day"])
    with pytest.raises(NoData):
        strip_table([])
