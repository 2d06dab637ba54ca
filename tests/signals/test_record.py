"""The event study against slow loops, hand-made prices and a simulation of its intervals."""

import numpy as np
import pytest

from bot.errors import NoData
from bot.market.model import Bars, Symbol, as_date
from bot.market.panel import Panel
from bot.signals.aligned import align, bars_at, through_row
from bot.signals.bootstrap import Interval, block_weights, interval
from bot.signals.crossings import CROSSERS, crossings, crossings_of, strength_crossings
from bot.signals.events import events
from bot.signals.kinds import KINDS
from bot.signals.model import Direction, Kind
from bot.signals.outcomes import Verdict, forward_returns, verdict
from bot.signals.record import Family, misses, study, study_of
from tests.signals.bars import bars_of, random_bars, real_bars


def panel_of(count: int, sessions: int = 480, gaps: float = 0.0) -> Panel:
    return align([random_bars(i, sessions, symbol=f"S{i}", gaps=gaps) for i in range(count)])


@pytest.mark.parametrize("kind", list(CROSSERS))
def test_crossings_are_the_signals_of_every_session(kind: Kind) -> None:
    panel = panel_of(3)
    found = crossings(panel, kind)
    slow = []
    for column in range(3):
        bars = bars_at(panel, column)
        for row in range(200, len(bars)):
            signal = KINDS[kind].detect(bars.between(0, row + 1))
            if signal is not None:
                slow.append((column, row, signal.level))
    fast = zip(found.columns.tolist(), found.rows.tolist(), found.levels.tolist(), strict=True)
    assert [f for f in fast if f[1] >= 200] == slow
    assert slow or kind is Kind.LOW_52_WEEKS


def test_strength_crossings_are_the_signals_of_every_session() -> None:
    panel = panel_of(3, gaps=0.01)
    detect = KINDS[Kind.RS_HIGH].detect_against
    assert detect is not None
    slow = []
    for column in (1, 2):
        for row in range(200, 480):
            past = through_row(panel, row + 1)
            bars, benchmark = bars_at(past, column), bars_at(past, 0)
            if bars.last_day != as_date(past.days[-1]):
                continue
            signal = detect(bars, benchmark)
            if signal is not None:
                slow.append((column, row, pytest.approx(signal.level)))
    found = strength_crossings(panel, Symbol("S0"))
    fast = list(
        zip(found.columns.tolist(), found.rows.tolist(), found.levels.tolist(), strict=True)
    )
    assert fast == slow
    assert len(fast) >= 5


@pytest.mark.parametrize("kind", list(CROSSERS))
def test_crossings_of_the_past_ignore_the_future(kind: Kind) -> None:
    panel = panel_of(4, gaps=0.02)
    whole, past = crossings(panel, kind), crossings(through_row(panel, 400), kind)
    early = whole.rows < 400
    assert past.rows.tolist() == whole.rows[early].tolist()
    assert past.levels.tolist() == whole.levels[early].tolist()


def test_crossings_from_signals_equal_those_of_the_panel() -> None:
    panel = panel_of(2)
    rule = KINDS[Kind.HIGH_52_WEEKS]
    signals = [
        signal
        for column in range(2)
        for row in range(200, 480)
        if (signal := rule.detect(bars_at(panel, column).between(0, row + 1))) is not None
    ]
    fast = crossings(panel, Kind.HIGH_52_WEEKS)
    slow = crossings_of(panel, rule.kind, Direction.UP, reversed(signals), warm_up=200)
    assert slow.rows.tolist() == fast.rows.tolist()
    assert slow.levels.tolist() == fast.levels.tolist()


def slow_episodes(bars: Bars) -> list[tuple[int, bool, bool]]:
    """(row, confirmed, failed) of 52-week-high episodes, session by session."""
    found: list[tuple[int, bool, bool]] = []
    last, ended = None, None
    for row in range(200, len(bars)):
        signal = KINDS[Kind.HIGH_52_WEEKS].detect(bars.between(0, row + 1))
        if signal is None:
            continue
        fresh = last is None or row - last > 20 or (ended is not None and row - ended >= 5)
        last = row
        if not fresh:
            continue
        confirmed = bars.close[row] > signal.level
        fell = [
            r for r in range(row + 1, row + 6) if r < len(bars) and bars.close[r] < signal.level
        ]
        failed = confirmed and bool(fell)
        ended = row if not confirmed else fell[0] if failed else None
        found.append((row, bool(confirmed), failed))
    return found


def test_episodes_equal_those_of_a_slow_loop_on_real_bars() -> None:
    bars = real_bars("IWM")
    bars = bars.between(len(bars) - 1500, len(bars))
    panel = align([bars])
    every = events(panel, crossings(panel, Kind.HIGH_52_WEEKS))
    fast = zip(every.rows.tolist(), every.confirmed.tolist(), every.failed.tolist(), strict=True)
    assert list(fast) == slow_episodes(bars)
    assert len(every) >= 15


def test_a_daily_series_of_highs_is_one_episode() -> None:
    panel = align([bars_of(np.arange(10.0, 310.0))])
    every = events(panel, crossings(panel, Kind.HIGH_52_WEEKS))
    assert len(every) == 1
    assert every.judged.tolist() == [True]
    assert every.failed.tolist() == [False]


def test_entry_is_the_next_open_and_exit_the_close_after() -> None:
    opens, closes = np.arange(10.0, 20.0), np.arange(10.5, 20.5)
    result = forward_returns(opens, closes, 5)
    assert result[0] == pytest.approx(15.5 / 11.0 - 1)
    assert np.isnan(result[5:]).all()
    assert np.isnan(forward_returns(opens, closes, 60)).all()


def test_a_study_by_hand() -> None:
    base = np.full(260, 10.0)
    jump = np.r_[11.0, np.full(70, 11.0)]  # confirmed, holds, earns nothing after the next open
    symbol = bars_of(np.r_[base, jump], symbol="AAA")
    market = bars_of(np.r_[base, np.full(71, 10.0)], symbol="SPY")
    panel = align([symbol, market])
    result = study(
        panel,
        crossings(panel, Kind.HIGH_52_WEEKS),
        symbol=Symbol("AAA"),
        benchmark=Symbol("SPY"),
    )
    assert (result.episodes, result.confirmed, result.failure_rate) == (1, 1, 0.0)
    assert result.few
    month = result.outcomes[1]
    assert (month.sessions, month.mean, month.hit_rate) == (20, 0.0, 0.0)
    assert month.over_benchmark == 0.0
    assert month.ordinary_mean > 0
    assert month.excess == pytest.approx(-month.ordinary_mean)


def test_few_episodes_are_pooled_and_it_is_said() -> None:
    panel = panel_of(12, 700)
    found = crossings(panel, Kind.HIGH_52_WEEKS)
    family = Family(name="random walks", symbols=panel.symbols)
    result = study(panel, found, symbol=Symbol("S0"), family=family)
    assert result.pooled
    assert result.scope == "random walks"
    alone = study(panel, found, symbol=Symbol("S0"))
    assert alone.few
    assert not alone.pooled
    assert result.episodes > alone.episodes
    assert "closed or delisted" in result.caution
    with pytest.raises(NoData):
        study(panel, found, symbol=Symbol("NOPE"))


def test_a_random_walk_is_not_distinguishable_from_an_ordinary_day() -> None:
    panel = panel_of(40, 900)
    found = crossings(panel, Kind.HIGH_52_WEEKS)
    result = study_of(
        panel, found, events(panel, found), symbols=panel.symbols, scope="all", pooled=True
    )
    assert all(outcome.verdict is Verdict.ORDINARY for outcome in result.outcomes)


def closes_with_an_edge(random: np.random.Generator, sessions: int = 900) -> np.ndarray:
    """A walk that gains 1 % a session for five sessions after the first high in a month."""
    close, top, last, left = [100.0], 100.0, 0, 0
    for row in range(1, sessions):
        close.append(close[-1] * np.exp(random.normal(0, 0.01) + (0.01 if left else 0.0)))
        left = max(0, left - 1)
        if close[-1] > top:
            left = 5 if row - last > 20 else left
            top, last = close[-1], row
    return np.array(close)


def test_an_edge_that_is_there_is_found() -> None:
    random = np.random.default_rng(2)
    panel = align([bars_of(closes_with_an_edge(random), symbol=f"S{i}") for i in range(40)])
    found = crossings(panel, Kind.ALL_TIME_HIGH)
    result = study_of(
        panel, found, events(panel, found), symbols=panel.symbols, scope="all", pooled=True
    )
    assert result.outcomes[0].verdict is Verdict.ABOVE


def test_a_period_limits_the_episodes() -> None:
    panel = panel_of(6, 700)
    found = crossings(panel, Kind.HIGH_52_WEEKS)
    every = events(panel, found)
    middle = as_date(panel.days[450])
    early = study_of(panel, found, every, symbols=panel.symbols, scope="x", last=middle)
    whole = study_of(panel, found, every, symbols=panel.symbols, scope="x")
    assert early.episodes == int((every.rows <= 450).sum()) < whole.episodes
    assert early.last == middle


def test_misses_are_the_failed_ones_newest_first() -> None:
    panel = panel_of(6, 700)
    every = events(panel, crossings(panel, Kind.HIGH_52_WEEKS))
    listed = misses(panel, every)
    assert len(listed) == int(every.failed.sum()) > 0
    assert [miss.session for miss in listed] == sorted(
        (miss.session for miss in listed), reverse=True
    )


def test_verdicts() -> None:
    assert verdict(Interval(low=-0.1, high=0.1)) is Verdict.ORDINARY
    assert verdict(Interval(low=0.0, high=0.1)) is Verdict.ORDINARY
    assert verdict(Interval(low=0.01, high=0.1)) is Verdict.ABOVE
    assert verdict(Interval(low=-0.2, high=-0.1)) is Verdict.BELOW
    assert verdict(Interval(low=-0.2, high=-0.1), -1.0) is Verdict.ABOVE
    assert verdict(interval(np.array([np.nan]))) is Verdict.ORDINARY


def test_blocks_are_whole_and_circular() -> None:
    weights = block_weights(100, block=10, replicates=50, seed=3)
    assert (weights.sum(axis=1) == 100).all()
    single = block_weights(100, block=10, replicates=400, seed=3)[:, :]
    assert abs(single.mean(axis=0) - 1).max() < 0.25
    one = block_weights(30, block=30, replicates=5)
    assert (one == 1).all()
    assert (block_weights(5, block=60, replicates=2) == 1).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    assert (block_weights(200, seed=1) == block_weights(200, seed=1)).all()


def test_the_block_interval_covers_where_the_plain_one_does_not() -> None:
    """Clustered outcomes without an edge: 95 % of the intervals should contain zero."""
    random = np.random.default_rng(7)
    sessions, trials, block_hits, plain_hits = 1200, 120, 0, 0
    weights = block_weights(sessions, replicates=400, seed=1)
    for _ in range(trials):
        market = np.convolve(random.normal(0, 0.01, sessions + 19), np.ones(20), "valid")
        rows = np.sort(random.integers(0, sessions, 500))
        values = market[rows] + random.normal(0, 0.02, 500)
        sums = np.bincount(rows, weights=values, minlength=sessions)
        counts = np.bincount(rows, minlength=sessions)
        block_hits += interval((weights @ sums) / (weights @ counts)).holds(0.0)
        half = 1.96 * values.std() / np.sqrt(500)
        plain_hits += abs(values.mean()) <= half
    assert block_hits / trials >= 0.9
    assert plain_hits / trials < 0.8
