"""Highs against published numbers and against a slow second implementation."""

from datetime import date, timedelta

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import Bars, Basis, Measure, Symbol, as_date, empty_bars
from bot.signals.highs import Participation, high_report, new_highs, participation
from bot.signals.windows import range_maxima, window_starts, year_before
from tests.signals.bars import bars_of, day, real_bars, weekdays


def test_ivoo_made_the_published_52_week_high() -> None:
    report = high_report(real_bars("IVOO").through(day("2026-04-17")))
    assert report.new_high_52w
    assert report.high_52w.price == 122.74
    assert report.high_52w.session == day("2026-02-20")
    assert report.prior_close == 120.97
    assert report.new_all_time_high
    assert report.session_high == 124.10
    assert report.last == 123.44


def test_ijh_made_the_published_52_week_high() -> None:
    report = high_report(real_bars("IJH").through(day("2026-04-17")))
    assert report.new_high_52w
    assert report.high_52w.price == 72.56
    assert report.prior_close == 71.49


@pytest.mark.parametrize(
    ("symbol", "percent"), [("SPY", -5), ("QQQ", -5), ("IWM", -27), ("MDY", -13)]
)
def test_distances_from_the_all_time_high_of_november_2023(symbol: str, percent: int) -> None:
    report = high_report(real_bars(symbol).through(day("2023-11-28")))
    assert round(report.distance_all_time * 100) == pytest.approx(percent, abs=0.51)


@pytest.mark.parametrize("symbol", ["XLF", "XLI"])
def test_sector_funds_closed_at_52_week_highs_on_13_december_2023(symbol: str) -> None:
    report = high_report(real_bars(symbol).through(day("2023-12-13")), on=Measure.CLOSE)
    assert report.new_high_52w


def slow_new_high_days(bars: Bars) -> list[date]:
    """52-week highs with plain loops over dates."""
    rows = [(as_date(d), float(h)) for d, h in zip(bars.days, bars.high, strict=True)]
    found = []
    for i, (today, high) in enumerate(rows):
        try:
            start = today.replace(year=today.year - 1)
        except ValueError:
            start = date(today.year - 1, 3, 1)
        j, window = i - 1, []
        while j >= 0 and rows[j][0] >= start:
            window.append(rows[j][1])
            j -= 1
        if window and high > max(window):
            found.append(today)
    return found


@pytest.mark.parametrize(
    "symbol", ["SPY", "QQQ", "IWM", "MDY", "IJH", "IVOO", "XLF", "XLI", "XLE", "XLRE"]
)
def test_new_highs_equal_those_of_a_slow_implementation(symbol: str) -> None:
    bars = real_bars(symbol)
    made = bars.days[new_highs(bars.days, bars.high)]
    assert [as_date(d) for d in made] == slow_new_high_days(bars)


def test_a_matching_high_is_not_a_new_high() -> None:
    bars = bars_of([10.0, 12.0, 11.0, 12.0])
    report = high_report(bars)
    assert not report.new_high_52w
    assert not report.new_all_time_high
    assert not high_report(bars_of([10.0, 8.0, 9.0, 8.0])).new_low_52w
    assert report.high_52w.session == as_date(bars.days[1])
    assert report.distance_52w == 0


def test_the_first_session_of_a_repeated_high_set_it() -> None:
    report = high_report(bars_of([10.0, 12.0, 12.0, 11.0]))
    assert report.high_52w.sessions_since == 2
    assert report.base_sessions == 2


def test_the_session_itself_is_not_its_own_past() -> None:
    report = high_report(bars_of([10.0, 11.0, 15.0]))
    assert report.high_52w.price == 11.0
    assert report.new_high_52w
    assert report.distance_52w == 0


def test_a_high_of_exactly_one_year_before_is_inside_the_window() -> None:
    days = np.array(["2022-03-09", "2022-03-10", "2023-03-09", "2023-03-10"], "datetime64[D]")
    inside = high_report(bars_of([30.0, 20.0, 10.0, 15.0], days=days))
    assert inside.high_52w.price == 20.0
    assert inside.window_first == date(2022, 3, 10)
    assert inside.all_time_high.price == 30.0


def test_one_year_before_29_february_is_1_march() -> None:
    days = np.array(["2024-02-29", "2024-03-01", "2023-01-31"], "datetime64[D]")
    assert year_before(days).tolist() == [date(2023, 3, 1), date(2023, 3, 1), date(2022, 1, 31)]


def test_intraday_and_close_are_different_measures() -> None:
    bars = bars_of([10.0, 11.0, 11.5], high=[10.0, 13.0, 12.0])
    assert not high_report(bars).new_high_52w
    on_close = high_report(bars, on=Measure.CLOSE)
    assert on_close.new_high_52w
    assert on_close.high_52w.price == 11.0


def test_a_dividend_makes_a_high_on_the_total_basis_only() -> None:
    bars = bars_of([100.0, 98.0, 99.0])
    bars.dividend[1] = 3.0
    assert not high_report(bars, basis=Basis.PRICE).new_high_52w
    assert high_report(bars, basis=Basis.TOTAL).new_high_52w


def test_few_sessions_are_a_high_since_listing() -> None:
    assert high_report(bars_of(np.arange(1.0, 201.0))).since_listing
    assert not high_report(bars_of(np.arange(1.0, 202.0))).since_listing


def test_counts_of_new_highs_and_sessions_since() -> None:
    close = np.full(100, 10.0)
    close[[50, 85, 90]] = [11.0, 12.0, 13.0]
    report = high_report(bars_of(close))
    assert (report.new_highs_20, report.new_highs_60) == (2, 3)
    assert report.sessions_since_new_high == 9
    assert report.previous_new_high_sessions == 9


def test_a_new_high_today_remembers_the_one_before() -> None:
    close = np.full(30, 10.0)
    close[[20, 29]] = [11.0, 12.0]
    report = high_report(bars_of(close))
    assert report.sessions_since_new_high == 0
    assert report.previous_new_high_sessions == 9


def test_a_falling_series_never_made_a_new_high() -> None:
    report = high_report(bars_of(np.arange(50.0, 20.0, -1)))
    assert report.sessions_since_new_high is None
    assert report.new_low_52w
    assert report.position == 0


def test_position_spans_the_range_with_the_session_in_it() -> None:
    assert high_report(bars_of([10.0, 20.0, 15.0])).position == 0.5
    assert high_report(bars_of([10.0, 10.0, 10.0])).position == 1.0


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_sessions_are_no_data(count: int) -> None:
    with pytest.raises(NoData):
        high_report(bars_of([10.0] * count) if count else empty_bars(Symbol("TEST")))


def test_an_empty_year_before_is_no_data() -> None:
    days = np.array(["2020-01-02", "2023-01-03"], "datetime64[D]")
    with pytest.raises(NoData):
        high_report(bars_of([10.0, 11.0], days=days))


@pytest.mark.parametrize(
    ("ratio", "word"),
    [
        (None, Participation.UNKNOWN),
        (0.69, Participation.THIN),
        (0.7, Participation.ROUTINE),
        (1.3, Participation.ROUTINE),
        (1.31, Participation.ACTIVE),
        (2.0, Participation.ACTIVE),
        (2.01, Participation.HEAVY),
    ],
)
def test_participation_words(ratio: float | None, word: Participation) -> None:
    assert participation(ratio) is word


def test_volume_is_compared_with_the_fifty_sessions_before() -> None:
    volume = np.r_[9e9, np.full(50, 1000.0), 1500.0]
    report = high_report(bars_of(np.full(52, 10.0), volume=volume))
    assert report.volume_ratio == 1.5
    assert report.participation is Participation.ACTIVE


def test_a_running_session_is_judged_by_the_share_of_the_day() -> None:
    volume = np.r_[np.full(50, 1000.0), 300.0]
    bars = bars_of(np.full(51, 10.0), volume=volume, final=False)
    assert high_report(bars).participation is Participation.UNKNOWN
    report = high_report(bars, elapsed=0.25)
    assert report.volume_ratio == pytest.approx(1.2)
    assert report.participation is Participation.ROUTINE


def test_missing_sessions_are_left_out() -> None:
    bars = bars_of([10.0, np.nan, 12.0, np.nan])
    report = high_report(bars)
    assert report.last == 12.0
    assert report.prior_close == 10.0
    assert report.session == as_date(bars.days[2])


def test_range_maxima_equal_plain_maxima() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=300)
    values[random.random(300) < 0.1] = np.nan
    first = random.integers(0, 300, 200)
    stop = np.minimum(first + random.integers(0, 300, 200), 300)
    plain = [
        max((v for v in values[a:b] if v == v), default=-np.inf)
        for a, b in zip(first, stop, strict=True)
    ]
    assert range_maxima(values, first, stop).tolist() == plain


def test_windows_hold_one_calendar_year() -> None:
    days = weekdays(800)
    starts = window_starts(days)
    for i in (300, 500, 799):
        first = as_date(days[starts[i]])
        assert first >= as_date(days[i]) - timedelta(days=366)
        assert as_date(days[starts[i] - 1]) < as_date(days[i]) - timedelta(days=364)
