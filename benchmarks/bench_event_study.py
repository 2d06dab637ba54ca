"""The event study: how long it takes, and whether its intervals keep what they promise.

Run: python benchmarks/bench_event_study.py [symbols]
The first part studies 52-week highs of generated symbols over ten years. The second draws clustered
events without any edge from markets of known mean and counts how often the 95 % interval of the
mean contains it: the date-block bootstrap's and the plain one's.
"""

import sys
from collections.abc import Callable
from time import process_time

import numpy as np

from bot.market.model import Symbol
from bot.market.panel import Panel
from bot.signals.bootstrap import block_length, block_weights, interval, widening
from bot.signals.crossings import crossings
from bot.signals.events import events
from bot.signals.model import Kind
from bot.signals.record import HORIZONS, study_of

SESSIONS = 2520
TRIALS = 400
PLAIN_REPLICATES = 500
EVENTS = 1500
CLUSTERS = 150


def generated(symbols: int, sessions: int, seed: int = 0) -> Panel:
    """Random walks with a common market, 1 % of the sessions missing."""
    random = np.random.default_rng(seed)
    market = random.normal(0.0003, 0.008, (sessions, 1))
    close = 50 * np.exp(np.cumsum(market + random.normal(0, 0.012, (sessions, symbols)), axis=0))
    opens = close * (1 + random.normal(0, 0.004, close.shape))
    high = np.maximum(opens, close) * (1 + abs(random.normal(0, 0.006, close.shape)))
    low = np.minimum(opens, close) * (1 - abs(random.normal(0, 0.006, close.shape)))
    volume = random.lognormal(13, 0.5, close.shape)
    for column in (opens, high, low, close, volume):
        column[random.random(close.shape) < 0.002] = np.nan
    days = np.busday_offset("2015-01-02", np.arange(sessions), roll="forward")
    return Panel(
        symbols=tuple(Symbol(f"S{i}") for i in range(symbols)),
        days=days.astype("datetime64[D]"),
        open=opens,
        high=high,
        low=low,
        close=close,
        volume=volume,
    )


def best_of(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of some runs, in milliseconds."""
    times = []
    for _ in range(rounds):
        started = process_time()
        work()
        times.append(process_time() - started)
    return 1000 * min(times)


def clustered(random: np.random.Generator, outcome: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and outcomes of events that come in waves and overlap; their true mean is 0."""
    steps = random.normal(0, 0.01, SESSIONS + outcome - 1)
    market = np.convolve(steps, np.ones(outcome), "valid")
    centres = random.integers(0, SESSIONS, CLUSTERS)
    rows = random.choice(centres, EVENTS) + random.integers(-3, 4, EVENTS)
    rows = np.clip(rows, 0, SESSIONS - 1)
    return rows, market[rows] + random.normal(0, 0.04, EVENTS)


def coverage(outcome: int) -> tuple[float, float]:
    """The shares of block and of plain intervals that contain the true mean."""
    random = np.random.default_rng(11)
    block_sessions = block_length(outcome)
    weights = block_weights(SESSIONS, block=block_sessions, seed=5)
    widen = widening(SESSIONS, block=block_sessions, outcome=outcome)
    plain, sums, counts = 0, np.empty((SESSIONS, TRIALS)), np.empty((SESSIONS, TRIALS))
    for trial in range(TRIALS):
        rows, values = clustered(random, outcome)
        sums[:, trial] = np.bincount(rows, weights=values, minlength=SESSIONS)
        counts[:, trial] = np.bincount(rows, minlength=SESSIONS)
        drawn = values[random.integers(0, EVENTS, (PLAIN_REPLICATES, EVENTS))].mean(axis=1)
        plain += interval(drawn).holds(0.0)
    means = (weights @ sums.astype(np.float32)) / (weights @ counts.astype(np.float32))
    block = sum(interval(column, widen=widen).holds(0.0) for column in means.T)
    return block / TRIALS, plain / TRIALS


def main() -> None:
    symbols = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    panel = generated(symbols, SESSIONS)
    found = crossings(panel, Kind.HIGH_52_WEEKS)
    every = events(panel, found)
    print(
        f"{symbols} symbols × {SESSIONS} sessions, {len(found.rows)} highs, {len(every)} episodes"
    )
    print(f"  crossings        {best_of(lambda: crossings(panel, Kind.HIGH_52_WEEKS)):8.1f} ms")
    print(f"  episodes         {best_of(lambda: events(panel, found)):8.1f} ms")
    drawing = best_of(lambda: block_weights.__wrapped__(SESSIONS))
    print(f"  block weights    {drawing:8.1f} ms (2,000 replicates)")

    def whole() -> object:
        return study_of(panel, found, every, symbols=panel.symbols, scope="all")

    def from_nothing() -> object:
        crossed = crossings(panel, Kind.HIGH_52_WEEKS)
        opened = events(panel, crossed)
        return study_of(panel, crossed, opened, symbols=panel.symbols, scope="all")

    print(f"  study            {best_of(whole):8.1f} ms (3 horizons, all intervals)")
    print(f"  all of it        {best_of(from_nothing):8.1f} ms (weights drawn before)")
    print(f"coverage of nominal 95 % intervals over {TRIALS} clustered markets without an edge:")
    for outcome in HORIZONS:
        block, plain = coverage(outcome)
        print(
            f"  after {outcome:2} sessions: date-block bootstrap {100 * block:5.1f} %   "
            f"plain bootstrap {100 * plain:5.1f} %"
        )


if __name__ == "__main__":
    main()
