"""Relative performance and strength against published and hand-made numbers."""

import math
import statistics
from datetime import date

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import Basis, as_date
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from bot.signals.pairs import Trend, pair
from bot.signals.relative import bottom, compare, max_drawdown, return_since, volatility
from bot.signals.rotation import Quadrant, quadrant, rotation, rotations
from bot.signals.strength import (
    mansfield,
    ranks,
    strength_line,
    strength_report,
    strength_scores,
)
from tests.signals.bars import bars_of, day, random_bars, real_bars, weekdays

SIZES = ("SPY", "QQQ", "IWM", "MDY")


def test_performance_from_27_october_to_27_november_2023() -> None:
    many = [real_bars(symbol) for symbol in SIZES]
    result = compare(many, day("2023-10-27"), until=day("2023-11-27"))
    changes = [round(member.change * 100, 1) for member in result.members]
    assert changes == [10.7, 12.7, 10.2, 10.0]
    assert [member.symbol for member in result.ranked] == ["QQQ", "SPY", "IWM", "MDY"]
    assert result.members[1].excess == pytest.approx(0.127 - 0.107, abs=0.001)
    assert result.members[0].correlation == pytest.approx(1)


def test_the_bottom_of_autumn_2023_was_27_october() -> None:
    assert bottom(real_bars("SPY").through(day("2023-12-29"))) == day("2023-10-27")


def test_the_common_start_is_the_latest_first_session() -> None:
    result = compare([real_bars("SPY"), real_bars("XLC")], day("2000-01-03"))
    assert result.asked == day("2000-01-03")
    assert result.start == as_date(real_bars("XLC").days[0])
    assert {member.start for member in result.members} == {result.start}


def test_a_weekend_start_takes_the_close_before_it() -> None:
    bars = bars_of([10.0, 11.0, 12.0, 15.0], days=weekdays(4, "2023-10-26"))
    assert return_since(bars, date(2023, 10, 28)) == pytest.approx(15 / 11 - 1)
    with pytest.raises(NoData):
        return_since(bars, date(2023, 10, 20))


def test_total_basis_adds_the_dividend() -> None:
    bars = bars_of([100.0, 99.0])
    bars.dividend[1] = 1.0
    first = as_date(bars.days[0])
    assert compare([bars], first).members[0].change == pytest.approx(-0.01)
    total = compare([bars], first, basis=Basis.TOTAL).members[0].change
    assert total == pytest.approx(99 / 99 - 1)


def test_drawdown_and_volatility_by_hand() -> None:
    assert max_drawdown(np.array([10.0, 12.0, 9.0, 13.0, 11.7])) == pytest.approx(-0.25)
    up, down = math.log(1.1), math.log(0.9)
    expected = abs(up - down) / math.sqrt(2) * math.sqrt(252)
    assert volatility(np.array([100.0, 110.0, 99.0])) == pytest.approx(expected)
    assert volatility(np.array([100.0, 110.0])) is None


def test_symbols_without_common_sessions_are_no_data() -> None:
    early, late = bars_of([1.0, 2.0]), bars_of([1.0, 2.0], days=weekdays(2, "2020-01-02"))
    with pytest.raises(NoData):
        compare([early, late], date(2015, 1, 1))
    with pytest.raises(NoData):
        strength_line(early, late)
    with pytest.raises(NoData):
        compare([], date(2015, 1, 1))


def test_opposite_moves_correlate_at_minus_one() -> None:
    steps = np.array([1.01, 0.99, 1.02, 0.98, 1.01])
    one, other = bars_of(100 * np.cumprod(steps)), bars_of(100 * np.cumprod(2 - steps))
    member = compare([one, other], as_date(one.days[0])).members[1]
    assert member.correlation == pytest.approx(-1)


def test_mansfield_by_hand() -> None:
    bars = bars_of(np.r_[np.full(52 * 5 - 1, 10.0), 12.0], days=weekdays(260, "2018-01-01"))
    line = strength_line(bars, bars_of(np.full(260, 5.0), days=bars.days))
    assert mansfield(line) == pytest.approx((2.4 / ((51 * 2.0 + 2.4) / 52) - 1) * 100)


def test_strength_before_price() -> None:
    close = np.r_[np.full(120, 10.0), 12.0, np.full(130, 10.0), 11.0]
    benchmark = np.r_[np.full(251, 100.0), 80.0]
    report = strength_report(bars_of(close), bars_of(benchmark, symbol="SPY"))
    assert report.new_high
    assert report.before_price
    signal = KINDS[Kind.RS_HIGH].detect_against
    assert signal is not None
    found = signal(bars_of(close), bars_of(benchmark, symbol="SPY"))
    assert found is not None
    assert found.level == pytest.approx(12 / 100 * 80)
    assert found.price == 11.0


def test_a_strength_high_needs_strictly_more() -> None:
    bars = bars_of(np.full(260, 10.0))
    assert KINDS[Kind.RS_HIGH].detect_against is not None
    assert KINDS[Kind.RS_HIGH].detect_against(bars, bars) is None
    assert KINDS[Kind.RS_HIGH].detect(bars) is None


def test_scores_weigh_the_last_quarter_double() -> None:
    closes = np.full((300, 2), 100.0)
    closes[-1, 0] = 110.0
    closes[-1 - 63 :, 1] = 120.0
    assert strength_scores(closes) == pytest.approx([0.1, 0.2 * 0.2 * 3])
    closes[-1 - 126, 1] = np.nan  # the close before it stands in
    assert strength_scores(closes) == pytest.approx([0.1, 0.2 * 0.2 * 3])
    closes[: -1 - 100, 1] = np.nan
    assert np.isnan(strength_scores(closes)[1])
    assert np.isnan(strength_scores(closes[:252])).all()


def test_ranks_run_from_1_to_99() -> None:
    assert ranks(np.array([0.3, 0.1, 0.2])).tolist() == [99, 1, 50]
    assert ranks(np.array([0.1, np.nan, 0.1, 0.5, 0.0]))[[0, 2, 3, 4]].tolist() == [50, 50, 99, 1]
    assert np.isnan(ranks(np.array([np.nan]))).all()


def test_rotation_finds_all_quadrants() -> None:
    assert quadrant(101, 101) is Quadrant.LEADING
    assert quadrant(101, 99) is Quadrant.WEAKENING
    assert quadrant(99, 99) is Quadrant.LAGGING
    assert quadrant(99, 101) is Quadrant.IMPROVING


def test_rotation_equals_plain_statistics() -> None:
    bars, benchmark = random_bars(5, 200), random_bars(6, 200, symbol="SPY")
    line = (bars.close / benchmark.close).tolist()

    def score(values: list[float]) -> float:
        return (values[-1] - statistics.mean(values)) / statistics.stdev(values)

    ratios = {i: 100 + score(line[i - 62 : i + 1]) for i in range(62, 200)}
    changes = [ratios[i] - ratios[i - 10] for i in range(200 - 63, 200)]
    place = rotation(bars, benchmark, weeks=5)
    assert place.ratio == pytest.approx(ratios[199])
    assert place.momentum == pytest.approx(100 + score(changes))
    assert place.tail_ratio[-1] == place.ratio
    assert len(place.tail_days) == 5
    assert all(d.weekday() == 4 for d in place.tail_days[:-1])


def test_a_swing_runs_clockwise_through_the_quadrants() -> None:
    flat = bars_of(np.full(500, 100.0), symbol="SPY")
    swing = bars_of(100 + 5 * np.sin(np.arange(500) / 80 * 2 * math.pi))
    seen = [rotation(swing.between(0, i), flat).quadrant for i in range(240, 500)]
    turns = [a for a, b in zip(seen, [None, *seen], strict=False) if a is not b]
    order = [Quadrant.LEADING, Quadrant.WEAKENING, Quadrant.LAGGING, Quadrant.IMPROVING]
    first = order.index(turns[0])
    assert len(turns) > 8
    assert turns == [order[(first + i) % 4] for i in range(len(turns))]


def test_rotation_against_itself_stands_still() -> None:
    bars = random_bars(1, 200)
    place = rotation(bars, bars)
    assert (place.ratio, place.momentum) == (100, 100)


def test_short_histories_are_named() -> None:
    benchmark = random_bars(1, 300)
    placed, short = rotations(
        [random_bars(2, 300, symbol="AAA"), random_bars(3, 100, symbol="BBB")], benchmark
    )
    assert [place.symbol for place in placed] == ["AAA"]
    assert short == ("BBB",)


def test_a_pair_trend_needs_level_and_slope() -> None:
    flat = bars_of(np.full(400, 10.0), symbol="QQQ")
    rising = pair(bars_of(np.linspace(10, 20, 400)), flat)
    assert (rising.trend, rising.new_high, rising.new_low) == (Trend.RISING, True, False)
    assert rising.z_score == pytest.approx(1.72, abs=0.01)
    falling = pair(bars_of(np.linspace(20, 10, 400)), flat)
    assert (falling.trend, falling.new_low) == (Trend.FALLING, True)
    assert pair(flat, flat).trend is Trend.FLAT
    bounce = np.r_[np.linspace(20, 10, 399), 11.0]  # above a mean that still falls
    assert pair(bars_of(bounce), flat).trend is Trend.FLAT
    assert pair(flat.between(0, 30), flat).trend is Trend.UNKNOWN


def test_iwm_gained_on_qqq_in_december_2023() -> None:
    end = day("2023-12-13")
    result = pair(real_bars("IWM").through(end), real_bars("QQQ").through(end))
    assert result.change_20 is not None
    assert result.change_20 > 0
