"""Findings over bars that were made by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.brief.dates import dates_of
from bot.brief.findings import absences, findings, of_fact
from bot.brief.model import Fact, Finding, Material, Part
from bot.errors import NoData
from bot.market.model import Symbol
from tests.brief.material import bars, flat, gapped, material
from tests.market.known import SESSIONS


def numbers(from_: Material, fact: Fact) -> dict[str, object]:
    found = of_fact(findings(from_), fact)
    assert found is not None, fact
    return dict(found.numbers)


def facts(from_: Material) -> set[Fact]:
    return {finding.fact for finding in findings(from_)}


def test_a_new_high_names_the_old_one_and_its_base() -> None:
    closes = [*flat(100), 104.0, *flat(199), 106.0]
    own = bars("OWN", closes)
    high = numbers(material(own), Fact.NEW_HIGH)
    assert (high["price"], high["level"], high["base"], high["last"]) == (107.0, 105.0, 200, 106.0)
    assert high["level_session"] == str(own.days[100])


def test_matching_the_old_high_is_no_new_high() -> None:
    closes = [*flat(100), 104.0, *flat(199), 104.0]
    assert Fact.NEW_HIGH not in facts(material(bars("OWN", closes)))


def test_the_levels_of_a_new_high_are_the_old_high_on_sessions_3_and_5() -> None:
    made = material(bars("OWN", [*flat(300), 106.0]))
    confirm, fail = numbers(made, Fact.CONFIRM_CLOSE), numbers(made, Fact.FAIL_CLOSE)
    assert (confirm["level"], confirm["side"]) == (101.25, "above")
    assert (confirm["third"], confirm["fifth"]) == ("2024-07-01", "2024-07-03")
    assert (fail["level"], fail["side"]) == (101.25, "below")


def test_a_new_low_turns_the_sides_around() -> None:
    made = material(bars("OWN", [*flat(300), 94.0]))
    assert numbers(made, Fact.NEW_LOW)["level"] == 99.0
    assert numbers(made, Fact.CONFIRM_CLOSE)["side"] == "below"
    assert numbers(made, Fact.FAIL_CLOSE)["side"] == "above"


def test_without_a_crossing_the_months_range_decides() -> None:
    closes = [120.0, *flat(299)]
    made = material(bars("OWN", closes))
    assert numbers(made, Fact.CONFIRM_CLOSE)["level"] == 101.25
    assert numbers(made, Fact.FAIL_CLOSE)["level"] == 99.0


def test_changes_against_the_benchmark_are_over_20_and_60_sessions() -> None:
    own = bars("OWN", [*flat(240), *[100.0] * 60, 110.0])
    spy = bars("SPY", [*flat(240), *[50.0] * 60, 52.0])
    excess = numbers(material(own, {"SPY": spy}), Fact.EXCESS)
    assert excess["month"] == pytest.approx(0.10)
    assert excess["benchmark_month"] == pytest.approx(0.04)
    assert excess["quarter"] == pytest.approx(0.10)


def test_a_change_across_a_gap_of_weeks_is_not_told() -> None:
    own = bars("OWN", flat(300))
    spy = gapped(bars("SPY", flat(300)), 250, 272)
    excess = numbers(material(own, {"SPY": spy}), Fact.EXCESS)
    assert excess["benchmark_month"] is not None
    assert excess["quarter"] is None


def test_a_ratio_and_its_trend_are_those_of_the_closes() -> None:
    rising = [100.0 + 0.1 * i for i in range(300)]
    made = material(
        bars("OWN", flat(300)),
        {"SPY": bars("SPY", [100.0] * 300), "IWM": bars("IWM", rising)},
    )
    ratio = numbers(made, Fact.RATIO)
    assert (ratio["long"], ratio["short"], ratio["trend"]) == ("IWM", "SPY", "rising")
    assert ratio["change"] == pytest.approx(129.9 / 127.9 - 1)


def test_volume_on_up_days_is_counted_over_20_sessions() -> None:
    own = bars("OWN", [*flat(280), *(100.0 + i for i in range(15)), *(110.0 - i for i in range(6))])
    volume = own.volume.copy()
    volume[-6:] = 3000.0
    share = numbers(material(replace(own, volume=volume)), Fact.UP_VOLUME)
    assert (share["days"], share["sessions"]) == (14, 20)
    assert share["share"] == pytest.approx(14 / (14 + 18))


def test_the_move_is_measured_in_its_own_spread_without_steps_over_gaps() -> None:
    own = gapped(bars("OWN", [*flat(299), 103.0]), 260, 275)
    size = numbers(material(own), Fact.SIZE)
    assert size["returns"] == 59
    returns = np.array([0.0025, 1 / 1.0025 - 1] * 30)[:59]
    assert size["sigma"] == pytest.approx(returns.std(ddof=1), rel=0.02)


@pytest.mark.parametrize(
    ("day", "month", "quarter"),
    [
        (date(2024, 6, 26), (date(2024, 6, 28), 2), (date(2024, 6, 28), 2)),
        (date(2024, 6, 28), (date(2024, 6, 28), 0), (date(2024, 6, 28), 0)),
        (date(2023, 11, 28), (date(2023, 11, 30), 2), (date(2023, 12, 29), 22)),
        (date(2026, 4, 17), (date(2026, 4, 30), 9), (date(2026, 6, 30), 50)),
        (date(2024, 12, 31), (date(2024, 12, 31), 0), (date(2024, 12, 31), 0)),
    ],
)
def test_month_and_quarter_ends_are_sessions(
    day: date, month: tuple[date, int], quarter: tuple[date, int]
) -> None:
    found = dates_of(SESSIONS, day)
    assert (found.month_end, found.month_left) == month
    assert (found.quarter_end, found.quarter_left) == quarter


def test_the_follow_through_skips_weekends_and_holidays() -> None:
    found = dates_of(SESSIONS, date(2024, 7, 2))
    assert (found.third, found.fifth) == (date(2024, 7, 8), date(2024, 7, 10))


def test_what_is_absent_is_named_with_the_end_of_its_bars() -> None:
    made = material(
        bars("OWN", flat(300)),
        absent={"SPY": date(2024, 1, 5), "IWM": date(2024, 1, 5), "TLT": None},
    )
    found = {(one.part, one.symbols, one.ends) for one in absences(made)}
    assert (Part.BREADTH, (Symbol("SPY"), Symbol("IWM")), date(2024, 1, 5)) in found
    assert (Part.RATES, (Symbol("TLT"),), None) in found


def test_one_session_is_too_little() -> None:
    with pytest.raises(NoData):
        findings(material(bars("OWN", [100.0])))


def test_a_strength_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="strength"):
        Finding(fact=Fact.MOVE, part=Part.HAPPENED, strength=1.5)
