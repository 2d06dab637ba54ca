"""Breadth, participation, mood and concentration, against plain counting."""

from dataclasses import replace

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import Bars, FundProfile, Symbol
from bot.signals.aligned import align, bars_at, through_row
from bot.signals.breadth import breadth_series, thrust_mean, thrusts
from bot.signals.concentration import concentration
from bot.signals.highs import high_report
from bot.signals.mood import Temper, mood, part, temper
from bot.signals.participation import Reading, Reason, read_breadth, reading
from tests.signals.bars import bars_of, day, random_bars, real_bars, weekdays

SECTORS = ("XLB", "XLE", "XLF", "XLI", "XLK", "XLP", "XLU", "XLV", "XLY")


def universe(count: int = 8, sessions: int = 420, gaps: float = 0.0) -> list[Bars]:
    return [random_bars(i, sessions, symbol=f"S{i}", gaps=gaps) for i in range(count)]


def test_alignment_keeps_every_bar_and_marks_what_is_missing() -> None:
    one = bars_of([1.0, 2.0, 3.0], symbol="AAA")
    other = bars_of([5.0, 6.0], symbol="BBB", days=one.days[1:])
    panel = align([one, other])
    assert panel.symbols == ("AAA", "BBB")
    assert panel.close.tolist()[1:] == [[2.0, 5.0], [3.0, 6.0]]
    assert np.isnan(panel.close[0, 1])
    assert bars_at(panel, 1).days.tolist() == other.days.tolist()
    assert len(bars_at(through_row(panel, 1), 1)) == 0
    assert len(align([]).days) == 0


def test_new_highs_and_lows_equal_single_reports() -> None:
    many = universe()
    series = breadth_series(align(many))
    for row in (260, 330, 419):
        reports = [high_report(bars.between(0, row + 1)) for bars in many]
        assert series.new_highs[row] == sum(r.new_high_52w for r in reports)
        assert series.new_lows[row] == sum(r.new_low_52w for r in reports)
        near = [r.last >= 0.98 * max(r.high_52w.price, r.session_high) for r in reports]
        assert series.near_high[row] == pytest.approx(sum(near) / len(many))
        above = [bars.close[row] > bars.close[row - 49 : row + 1].mean() for bars in many]
        assert series.above_50[row] == pytest.approx(sum(above) / len(many))
        up = [bars.close[row] > bars.close[row - 1] for bars in many]
        down = [bars.close[row] < bars.close[row - 1] for bars in many]
        assert (series.advancers[row], series.decliners[row]) == (sum(up), sum(down))


def test_breadth_of_the_past_ignores_the_future() -> None:
    panel = align(universe(gaps=0.02))
    whole, past = breadth_series(panel), breadth_series(through_row(panel, 350))
    for name in ("new_highs", "new_lows", "above_50", "above_200", "line", "thrust_mean"):
        np.testing.assert_array_equal(getattr(whole, name)[:350], getattr(past, name))


def test_young_symbols_are_not_counted_for_highs() -> None:
    old, young = random_bars(1, 400, symbol="OLD"), random_bars(2, 400, symbol="NEW")
    panel = align([old, young.between(250, 400)])
    assert breadth_series(panel).counted[-1] == 1


def test_an_empty_panel_is_no_data() -> None:
    with pytest.raises(NoData):
        breadth_series(align([]))


def test_a_thrust_runs_from_below_040_to_above_0615_within_ten_sessions() -> None:
    weak, strong = np.full(30, 300), np.full(20, 900)
    advancers = np.r_[weak, strong]
    mean = thrust_mean(advancers, 1000 - advancers)
    fired = np.flatnonzero(thrusts(mean))
    # 0.3 + 0.6·(1 − (9/11)^k) exceeds 0.615 at k = 4
    assert fired.tolist() == [33]
    advancers = np.r_[np.full(30, 390), np.full(20, 614)]  # ends just below 0.615
    assert not thrusts(thrust_mean(advancers, 1000 - advancers)).any()
    slow = np.r_[weak, np.linspace(300, 900, 80).astype(int)]
    assert not thrusts(thrust_mean(slow, 1000 - slow)).any()


def reason(vote: Reading) -> Reason:
    return Reason(name="x", vote=vote, value=1.0)


def test_a_reading_needs_a_lead_of_two() -> None:
    broad, narrow = reason(Reading.BROADENING), reason(Reading.NARROWING)
    assert reading([broad, broad, reason(Reading.MIXED)]) is Reading.BROADENING
    assert reading([broad, broad, narrow]) is Reading.MIXED
    assert reading([narrow, narrow]) is Reading.NARROWING
    assert reading([]) is Reading.MIXED


def test_december_2023_was_broadening() -> None:
    end = day("2023-12-14")
    sectors = [real_bars(symbol).through(end) for symbol in SECTORS]
    result = read_breadth(
        breadth_series(align([bars.since(day("2022-06-01")) for bars in sectors])),
        benchmark=real_bars("SPY").through(end),
        against=[real_bars(symbol).through(end) for symbol in ("IWM", "MDY")],
        sectors=sectors,
    )
    assert result.reading is Reading.BROADENING
    assert result.sectors_above is not None
    assert result.sectors_above >= 7
    assert result.missing == ()


def test_what_is_missing_is_named() -> None:
    flat = bars_of(np.full(30, 10.0), symbol="SPY")
    late = bars_of([1.0, 2.0], symbol="IWM", days=weekdays(2, "2020-01-02"))
    result = read_breadth(None, benchmark=flat, against=[late, replace(flat, symbol=Symbol("MDY"))])
    assert result.missing == ("universe", "IWM/SPY", "MDY/SPY", "sectors")
    assert result.reading is Reading.MIXED


def test_a_part_is_a_percentile_of_its_own_two_years() -> None:
    values = np.arange(600.0)
    highest = part("x", values)
    assert highest is not None
    assert (highest.score, highest.sessions) == (100, 504)
    middle = part("x", np.r_[values[:503], 350.5])
    assert middle is not None
    assert middle.score == pytest.approx(100 * 351 / 503)
    assert part("x", values[:200]) is None
    assert part("x", np.r_[values, np.nan]) is None
    flat = part("x", np.full(300, 3.0))
    assert flat is not None
    assert flat.score == 50


def test_a_crash_is_fear_and_missing_parts_are_named() -> None:
    random = np.random.default_rng(0)
    index = 100 * np.exp(np.cumsum(random.normal(0.0005, 0.005, 700)))
    index[-15:] *= np.linspace(0.98, 0.75, 15)
    vix = np.r_[np.full(690, 15.0) + random.normal(0, 1, 690), np.linspace(20, 45, 10)]
    result = mood(index=bars_of(index), vix=bars_of(vix))
    assert result.temper is Temper.EXTREME_FEAR
    assert result.score < 5
    assert len(result.parts) == 2
    assert result.missing == (
        "net new highs",
        "advancing volume",
        "high-yield against investment-grade bonds",
        "index against treasuries",
    )


def test_all_six_parts_count_alike() -> None:
    bars = [random_bars(i, 700) for i in range(5)]
    result = mood(
        index=bars[0],
        vix=bars[1],
        high_yield=bars[2],
        investment_grade=bars[3],
        treasuries=bars[4],
        breadth=breadth_series(align(universe(sessions=800))),
    )
    assert result.missing == ()
    assert result.score == pytest.approx(sum(p.score for p in result.parts) / 6)


def test_no_part_is_no_data() -> None:
    with pytest.raises(NoData):
        mood(index=bars_of(np.full(20, 10.0)))
    with pytest.raises(NoData):
        mood(index=None)


def test_temper_bounds() -> None:
    words = [temper(score) for score in (24.9, 25, 45, 55, 55.1, 75, 75.1)]
    assert [word.value for word in words] == [
        "extreme fear",
        "fear",
        "neutral",
        "neutral",
        "greed",
        "greed",
        "extreme greed",
    ]


def profile(*sectors: tuple[str, float]) -> FundProfile:
    return FundProfile(symbol=Symbol("IVOO"), name="", category="", sectors=sectors, as_of=None)


def test_equal_sectors_count_fully_and_one_sector_counts_once() -> None:
    even = concentration(profile(*[(f"S{i}", 0.25) for i in range(4)]))
    assert even.effective == pytest.approx(4)
    single = concentration(profile(("Technology", 1.0), ("Energy", 0.0)))
    assert (single.effective, single.top, single.large) == (1, "Technology", ("Technology",))
    partial = concentration(profile(("A", 0.45), ("B", 0.45), ("C", 0.05)))
    assert partial.covered == pytest.approx(0.95)
    assert partial.large == ("A", "B")
    with pytest.raises(NoData):
        concentration(profile())
