"""Claims that hold for the rules of the high family."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from bot.market.model import Bars, Quote, Symbol
from bot.signals.kinds import KINDS
from bot.signals.model import Direction, Kind, Trigger
from bot.signals.triggers import TriggerBook, fires
from tests.signals.bars import bars_of, day, random_bars, real_bars


def quote(
    *, high: float, low: float = 1.0, last: float | None = None, symbol: str = "TEST"
) -> Quote:
    return Quote(
        symbol=Symbol(symbol),
        last=high if last is None else last,
        prior_close=10.0,
        open=10.0,
        high=high,
        low=low,
        volume=5.0,
        time=datetime(2026, 4, 17, 14, tzinfo=UTC),
        source="test",
    )


def test_the_table_names_every_rule_once_and_by_its_kind() -> None:
    assert all(rule.kind is kind for kind, rule in KINDS.items())
    assert len({rule.title for rule in KINDS.values()}) == len(KINDS)


def test_ivoo_signal_carries_its_evidence() -> None:
    bars = real_bars("IVOO").through(day("2026-04-17"))
    signal = KINDS[Kind.HIGH_52_WEEKS].detect(bars)
    assert signal is not None
    assert (signal.level, signal.level_session) == (122.74, day("2026-02-20"))
    assert signal.price == 124.10
    assert signal.invalidation == 122.74
    assert signal.evidence["prior_close"] == 120.97
    assert signal.evidence["base_sessions"] == 39
    assert json.loads(json.dumps(dict(signal.evidence))) == dict(signal.evidence)


def test_ivoo_fires_on_the_first_print_above_the_level() -> None:
    before = real_bars("IVOO").through(day("2026-04-16"))
    trigger = KINDS[Kind.HIGH_52_WEEKS].trigger(before, day("2026-04-17"))
    assert trigger is not None
    assert trigger.level == 122.74
    assert fires(trigger, quote(high=122.74, symbol="IVOO")) is None
    signal = fires(trigger, quote(high=122.77, last=122.57, symbol="IVOO"))
    assert signal is not None
    assert signal.session == day("2026-04-17")
    assert signal.price == 122.77
    assert signal.evidence["last"] == 122.57
    assert signal.evidence["prior_close"] == 10.0


@pytest.mark.parametrize("kind", [Kind.HIGH_52_WEEKS, Kind.ALL_TIME_HIGH, Kind.LOW_52_WEEKS])
def test_the_trigger_of_the_evening_is_the_level_of_the_next_day(kind: Kind) -> None:
    fired = sum(_compare_evening_and_day(kind, random_bars(seed, 400)) for seed in range(4))
    assert fired > 10


def _compare_evening_and_day(kind: Kind, bars: Bars) -> int:
    rule, fired = KINDS[kind], 0
    up = rule.direction is Direction.UP
    for i in range(260, 399):
        today = bars.between(0, i + 1)
        trigger = rule.trigger(bars.between(0, i), today.last_day)
        signal = rule.detect(today)
        assert trigger is not None
        beyond = today.high[-1] > trigger.level if up else today.low[-1] < trigger.level
        assert beyond == (signal is not None)
        if signal is not None:
            fired += 1
            assert (signal.level, signal.level_session) == (trigger.level, trigger.level_session)
            assert signal.evidence["base_sessions"] == trigger.evidence["base_sessions"]
    return fired


def test_a_high_since_listing_is_no_signal() -> None:
    rising = np.arange(10.0, 210.0)
    assert KINDS[Kind.HIGH_52_WEEKS].detect(bars_of(rising)) is None
    assert KINDS[Kind.HIGH_52_WEEKS].detect(bars_of(np.r_[rising, 210.0])) is not None


def test_matching_is_no_signal() -> None:
    close = np.r_[20.0, 5.0, np.full(250, 10.0)]
    for last in (20.0, 5.0):
        bars = bars_of(np.r_[close, last])
        fired = {kind for kind, rule in KINDS.items() if rule.detect(bars) is not None}
        assert not fired & {
            Kind.HIGH_52_WEEKS,
            Kind.ALL_TIME_HIGH,
            Kind.LOW_52_WEEKS,
            Kind.CLOSING_HIGH_52_WEEKS,
        }


def test_a_gap_today_is_no_signal() -> None:
    close = np.r_[np.arange(10.0, 300.0), np.nan]
    assert all(rule.detect(bars_of(close)) is None for rule in KINDS.values())


def test_a_closing_high_needs_no_intraday_high() -> None:
    close = np.r_[np.full(250, 10.0), 11.0]
    high = np.r_[np.full(100, 10.0), 12.0, np.full(149, 10.0), 11.0]
    bars = bars_of(close, high=high)
    assert KINDS[Kind.HIGH_52_WEEKS].detect(bars) is None
    assert KINDS[Kind.CLOSING_HIGH_52_WEEKS].detect(bars) is not None


def trigger(level: float, direction: Direction = Direction.UP, symbol: str = "TEST") -> Trigger:
    return Trigger(
        kind=Kind.HIGH_52_WEEKS,
        symbol=Symbol(symbol),
        direction=direction,
        level=level,
        level_session=None,
        invalidation=level,
        version=1,
    )


def test_a_trigger_without_a_session_takes_the_day_of_the_quote() -> None:
    signal = fires(trigger(10.0), quote(high=10.5))
    assert signal is not None
    assert signal.session == date(2026, 4, 17)


def test_a_missing_price_never_fires() -> None:
    nan = float("nan")
    for direction in Direction:
        assert fires(trigger(10.0, direction), quote(high=nan, low=nan, last=nan)) is None


def test_missing_numbers_are_none_in_the_evidence() -> None:
    signal = fires(trigger(10.0), replace(quote(high=10.5), volume=float("nan")))
    assert signal is not None
    assert signal.evidence["volume"] is None
    close = np.arange(10.0, 300.0)
    bars = bars_of(close, volume=np.r_[np.full(289, 1000.0), np.nan])
    for rule in KINDS.values():
        found = rule.detect(bars)
        if found is not None:
            json.dumps(dict(found.evidence), allow_nan=False)


def test_a_down_trigger_fires_strictly_below() -> None:
    down = trigger(10.0, Direction.DOWN)
    assert fires(down, quote(high=12.0, low=10.0, last=11.0)) is None
    assert fires(down, quote(high=12.0, low=9.9, last=11.0)) is not None


def test_the_book_agrees_with_the_single_triggers() -> None:
    random = np.random.default_rng(3)
    symbols = [f"S{i}" for i in range(40)]
    triggers = [
        trigger(float(random.integers(90, 110)), random.choice(list(Direction)), s)
        for s in symbols
        for _ in range(3)
    ]
    book = TriggerBook(triggers)
    quotes = [
        quote(high=float(h), low=float(h) - 4, last=float(h) - 2, symbol=s)
        for s in symbols
        for h in random.integers(88, 114, 5)
    ]
    plain = [s for q in quotes for t in triggers if (s := fires(t, q)) is not None]
    assert list(book.check_all(quotes)) == plain
    rows = np.array([book.symbols.index(q.symbol) for q in quotes])
    crossed = book.crossed(
        rows, np.array([q.high for q in quotes]), np.array([q.low for q in quotes])
    )
    assert crossed.tolist() == [i for i, q in enumerate(quotes) if book.check(q)]
    assert book.check(quote(high=1e9, symbol="OTHER")) == ()


def test_a_trigger_ignores_bars_of_its_own_session() -> None:
    bars = random_bars(1, 300)
    session = bars.last_day
    rule = KINDS[Kind.HIGH_52_WEEKS]
    assert rule.trigger(bars, session) == rule.trigger(bars.between(0, 299), session)
    later = rule.trigger(bars, session + timedelta(days=1))
    assert later is not None
    assert later.session == session + timedelta(days=1)
