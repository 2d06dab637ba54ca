"""The scan of a panel finds exactly what the rules find one by one."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from bot.market.model import Bars, Symbol, as_date
from bot.market.panel import Panel
from bot.signals.aligned import align, bars_at, through_row
from bot.signals.board import board
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from bot.signals.scan import FAST_KINDS, Hits, scan, signals
from tests.signals.bars import random_bars, real_bars

SYMBOLS = ("SPY", "QQQ", "IWM", "MDY", "XLB", "XLE", "XLF", "XLI", "XLK", "XLP", "XLU", "XLV")


def singly(panel: Panel, kind: Kind, benchmark: str) -> tuple[str, ...]:
    rule, found = KINDS[kind], []
    against = bars_at(panel, panel.index_of(Symbol(benchmark)))
    for column, symbol in enumerate(panel.symbols):
        bars = bars_at(panel, column)
        if not len(bars) or bars.last_day != as_date(panel.days[-1]):
            continue
        signal = rule.detect_against(bars, against) if rule.detect_against else rule.detect(bars)
        if signal is not None:
            found.append(symbol)
    return tuple(found)


def compare(panel: Panel, benchmark: str, kinds: frozenset[Kind] = FAST_KINDS) -> dict[Kind, int]:
    hits = scan(panel, benchmark=Symbol(benchmark), kinds=kinds)
    for kind in kinds:
        assert hits.symbols_of(kind) == singly(panel, kind, benchmark), kind
    return {kind: len(hits.columns[kind]) for kind in kinds}


def test_the_scan_of_real_sessions_equals_the_rules() -> None:
    many = [real_bars(symbol).since(as_date(np.datetime64("2019-06-01"))) for symbol in SYMBOLS]
    panel = align(many)
    seen: dict[Kind, int] = {}
    for stop in range(700, len(panel), 41):
        for kind, count in compare(through_row(panel, stop), "SPY").items():
            seen[kind] = seen.get(kind, 0) + count
    assert {kind for kind, count in seen.items() if count} >= FAST_KINDS - {
        Kind.VOLATILITY_CONTRACTION
    }


@pytest.mark.parametrize("gaps", [0.0, 0.001, 0.02])
def test_the_scan_of_random_walks_equals_the_rules(gaps: float) -> None:
    panel = align([random_bars(i, 760, symbol=f"S{i}", gaps=gaps) for i in range(10)])
    for stop in range(640, 760, 17):
        compare(through_row(panel, stop), "S0")


def test_young_symbols_are_scanned_too() -> None:
    bars = [random_bars(i, 700, symbol=f"S{i}") for i in range(6)]
    young = [b.between(700 - 120 * (i + 1), 700) for i, b in enumerate(bars)]
    panel = align(young)
    for stop in range(400, 600, 23):
        compare(through_row(panel, stop), "S5")


def test_the_support_test_is_scanned_on_request() -> None:
    panel = align([random_bars(i, 660, symbol=f"S{i}") for i in range(8)])
    assert compare(panel, "S0", frozenset({Kind.SUPPORT_TEST}))[Kind.SUPPORT_TEST] > 0
    assert Kind.SUPPORT_TEST not in scan(panel).columns


def test_hits_become_signals_with_evidence() -> None:
    histories = {Symbol(s): real_bars(s).through(day) for s in ("SPY", "IWM") for day in [D_14_NOV]}
    panel = align([bars.since(D_START) for bars in histories.values()])
    hits = scan(panel, benchmark=Symbol("SPY"))
    made = {(s.symbol, s.kind): s for s in signals(hits, histories, benchmark=Symbol("SPY"))}
    broken = made[Symbol("IWM"), Kind.DOWNTREND_BREAK]
    assert round(broken.level, 2) == 173.27
    assert len(made) == sum(len(columns) for columns in hits.columns.values())
    assert signals(hits, {}) == ()


D_14_NOV = as_date(np.datetime64("2023-11-14"))
D_START = as_date(np.datetime64("2020-01-02"))


def test_a_board_carried_on_equals_one_built_afresh() -> None:
    panel = align([random_bars(i, 700, symbol=f"S{i}", gaps=0.01) for i in range(5)])
    earlier = board(panel, as_date(panel.days[650]))
    session = as_date(panel.days[-1]) + timedelta(days=1)
    carried, fresh = board(panel, session, previous=earlier), board(panel, session)
    for name in ("high_52w", "low_52w", "closing_high_52w", "all_time_high", "listed"):
        np.testing.assert_array_equal(getattr(carried, name), getattr(fresh, name))
    with pytest.raises(ValueError, match="earlier state"):
        board(panel, as_date(panel.days[300]), previous=earlier)


def test_a_board_equals_the_triggers() -> None:
    bars = [random_bars(i, 500, symbol=f"S{i}", gaps=0.01) for i in range(5)]
    panel = align(bars)
    session = as_date(panel.days[-1]) + timedelta(days=1)
    levels = board(panel, session)
    for i, one in enumerate(bars):
        for kind, level in (
            (Kind.HIGH_52_WEEKS, levels.high_52w[i]),
            (Kind.LOW_52_WEEKS, levels.low_52w[i]),
            (Kind.ALL_TIME_HIGH, levels.all_time_high[i]),
        ):
            trigger = KINDS[kind].trigger(one, session)
            assert trigger is not None
            assert trigger.level == level


def test_a_snapshot_crosses_strictly() -> None:
    panel = align([random_bars(i, 400, symbol=f"S{i}") for i in range(3)])
    levels = board(panel, as_date(panel.days[-1]) + timedelta(days=1))
    nan = np.full(3, np.nan)
    at = levels.crossed(levels.high_52w, levels.low_52w, levels.closing_high_52w)
    assert not any(flags.any() for kind, flags in at.items() if "donchian" not in kind)
    above = levels.crossed(levels.high_52w * 1.001, levels.low_52w * 0.999, nan)
    assert above[Kind.HIGH_52_WEEKS].all()
    assert above[Kind.LOW_52_WEEKS].all()
    assert not any(flags.any() for flags in levels.crossed(nan, nan, nan).values())


def test_empty_panels_and_foreign_boards_are_refused() -> None:
    panel = align([random_bars(i, 300, symbol=f"S{i}") for i in range(2)])
    with pytest.raises(ValueError, match="needs a panel"):
        scan(align([]))
    with pytest.raises(ValueError, match="board is not"):
        scan(panel, levels=board(panel, as_date(panel.days[-2])))


def test_a_symbol_without_a_bar_today_shows_nothing() -> None:
    rising = random_bars(1, 400, symbol="AAA")
    stale: Bars = replace(rising.between(0, 399), symbol=Symbol("BBB"))
    hits: Hits = scan(align([rising, stale]))
    assert all("BBB" not in hits.symbols_of(kind) for kind in hits.columns)
