import pickle
from datetime import date

import numpy as np
import pytest

from bot.charts.specs import (
    Band,
    Interval,
    LevelLine,
    Marker,
    Touch,
    TrendLine,
    candle_chart,
)
from bot.errors import NoData
from bot.market.model import Symbol, as_date, empty_bars
from tests.charts.pictures import bars_of, walk


def test_averages_know_the_history_before_the_range() -> None:
    chart = candle_chart(bars_of(np.arange(1.0, 301.0)), sessions=5, averages=(10,))

    # The mean of 287…296, 288…297, … 291…300.
    assert chart.averages[0].values == pytest.approx([291.5, 292.5, 293.5, 294.5, 295.5])


def test_an_average_begins_where_its_window_is_full() -> None:
    chart = candle_chart(bars_of(np.array([1.0, 2.0, 3.0, 4.0])), averages=(3,))

    np.testing.assert_allclose(chart.averages[0].values, [np.nan, np.nan, 2.0, 3.0])


def test_an_average_skips_sessions_without_a_price() -> None:
    closes = np.array([1.0, np.nan, 3.0, 5.0])
    chart = candle_chart(bars_of(closes, open=closes), averages=(2,))

    np.testing.assert_allclose(chart.averages[0].values, [np.nan, np.nan, 2.0, 4.0])


def test_averages_of_tiny_prices_after_huge_ones_stay_exact() -> None:
    closes = np.r_[np.full(50, 700_000.0), np.full(50, 0.0001)]
    chart = candle_chart(bars_of(closes), sessions=5, averages=(10,))

    assert chart.averages[0].values == pytest.approx([0.0001] * 5, rel=1e-3)


def test_a_week_opens_on_monday_and_closes_on_friday() -> None:
    bars = bars_of(
        np.array([11.0, 12, 13, 14, 15, 21, 22]),
        last="2026-04-14",
        open=np.array([10.0, 11, 12, 13, 14, 20, 21]),
        high=np.array([11.5, 12.5, 19.0, 14.5, 15.5, 21.5, 22.5]),
        low=np.array([9.5, 10.5, 11.5, 8.0, 13.5, 19.5, 20.5]),
        volume=np.array([1.0, 2, 3, 4, 5, 6, 7]),
    )

    chart = candle_chart(bars, interval=Interval.WEEKLY)

    assert [as_date(day) for day in chart.days] == [date(2026, 4, 10), date(2026, 4, 14)]
    assert chart.open.tolist() == [10, 20]
    assert chart.high.tolist() == [19, 22.5]
    assert chart.low.tolist() == [8, 19.5]
    assert chart.close.tolist() == [15, 22]
    assert chart.volume.tolist() == [15, 13]


@pytest.mark.parametrize(
    ("last", "interval", "provisional"),
    [
        ("2026-04-17", Interval.DAILY, False),
        ("2026-04-16", Interval.WEEKLY, True),
        ("2026-04-17", Interval.WEEKLY, False),
        ("2026-04-17", Interval.MONTHLY, True),
        ("2026-04-30", Interval.MONTHLY, False),
        ("2026-05-29", Interval.MONTHLY, False),
    ],
)
def test_a_running_period_is_provisional(last: str, interval: Interval, provisional: bool) -> None:
    assert candle_chart(bars_of(walk(60), last=last), interval=interval).provisional is provisional


def test_a_running_session_is_provisional() -> None:
    bars = bars_of(walk(30))
    running = type(bars)(**{**vars(bars), "final": False})

    assert candle_chart(running).provisional
    assert candle_chart(running, interval=Interval.WEEKLY).provisional


def test_a_week_without_any_price_is_a_gap() -> None:
    closes = np.r_[[1.0] * 5, [np.nan] * 5, [3.0] * 5]

    chart = candle_chart(bars_of(closes, open=closes), interval=Interval.WEEKLY, averages=(2,))

    np.testing.assert_allclose(chart.close, [1.0, np.nan, 3.0])
    np.testing.assert_allclose(chart.averages[0].values, [np.nan, np.nan, 2.0])


def test_a_missing_price_inside_a_week_does_not_spoil_it() -> None:
    closes = np.array([1.0, np.nan, 3.0, 4.0, np.nan])

    chart = candle_chart(bars_of(closes, open=closes), interval=Interval.WEEKLY)

    assert (chart.open[0], chart.close[0]) == (1.0, 4.0)


def test_no_price_at_all_is_an_error() -> None:
    with pytest.raises(NoData):
        candle_chart(empty_bars(Symbol("IVOO")))
    with pytest.raises(NoData):
        candle_chart(bars_of(np.array([np.nan, np.nan])))


def test_a_trend_line_is_cut_on_the_line_itself() -> None:
    bars = bars_of(walk(100))
    first, middle, last = (as_date(bars.days[i]) for i in (0, 50, 99))
    trend = TrendLine(
        first=first,
        first_price=199.0,
        last=last,
        last_price=100.0,
        touches=(Touch(day=first, price=199.0), Touch(day=last, price=100.0)),
    )

    (cut,) = candle_chart(bars, sessions=50, trends=[trend]).trends

    assert cut.first == middle
    assert cut.first_price == pytest.approx(149.0)
    assert [touch.day for touch in cut.touches] == [last]


def test_markers_before_the_range_are_left_out() -> None:
    bars = bars_of(walk(100))
    marks = [Marker(day=as_date(bars.days[i]), price=100.0) for i in (49, 50, 99)]

    chart = candle_chart(bars, sessions=50, markers=marks)

    assert [mark.day for mark in chart.markers] == [marks[1].day, marks[2].day]


def test_the_sentence_says_what_the_picture_shows() -> None:
    bars = bars_of(
        np.array([100.0, 102.0]),
        symbol="IVOO",
        high=np.array([101.0, 103.0]),
        low=np.array([99.0, 100.0]),
    )

    chart = candle_chart(
        bars,
        levels=[LevelLine(price=101.5, label="52-week high", since=date(2026, 2, 20))],
        bands=[Band(low=90.0, high=91.0, label="support")],
    )

    assert chart.alt == (
        "IVOO, 2 candles, daily, from 16 Apr 2026 to 17 Apr 2026: last close 102.00, +2.0 %, "
        "between 99.00 and 103.00; 52-week high at 101.50 of 20 Feb 2026; "
        "support from 90.00 to 91.00."
    )
    assert chart.title == "IVOO"


def test_a_spec_travels_to_another_process() -> None:
    chart = candle_chart(bars_of(walk(300)), levels=[LevelLine(price=100.0, label="level")])

    copy = pickle.loads(pickle.dumps(chart))

    np.testing.assert_array_equal(copy.close, chart.close)
    assert copy.levels == chart.levels
    assert copy.alt == chart.alt
