"""Scanning a universe: every kind for the last session, snapshots, and quotes against triggers.

Run: python benchmarks/bench_scan.py [symbols] [sessions]
The universe is generated: random walks with a common market, so that about as many symbols make
highs at once as in a real one. Times are processor time, so that a busy machine changes little,
and the best of some runs.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np

from bot.market.model import Quote, Symbol, as_date
from bot.market.panel import Panel
from bot.signals.aligned import bars_at, through_row
from bot.signals.board import board
from bot.signals.kinds import KINDS
from bot.signals.model import Direction, Kind, Trigger
from bot.signals.scan import FAST_KINDS, LEVEL_KINDS, SIEVED_KINDS, scan, signals
from bot.signals.triggers import TriggerBook

QUOTES = 200_000


def generated(symbols: int, sessions: int, seed: int = 0) -> Panel:
    """Random walks in cents; arrays lie in memory symbol by symbol, as a panel's do."""
    random = np.random.default_rng(seed)
    market = random.normal(0.0003, 0.008, sessions)
    close = np.empty((symbols, sessions))
    for i in range(symbols):
        close[i] = 50 * np.exp(np.cumsum(market + random.normal(0, 0.012, sessions)))
    opens = close * (1 + random.normal(0, 0.004, close.shape))
    high = np.maximum(opens, close) * (1 + abs(random.normal(0, 0.006, close.shape)))
    low = np.minimum(opens, close) * (1 - abs(random.normal(0, 0.006, close.shape)))
    volume = np.round(random.lognormal(13, 0.5, close.shape))
    days = np.busday_offset("2015-01-02", np.arange(sessions), roll="forward")
    return Panel(
        symbols=tuple(Symbol(f"S{i}") for i in range(symbols)),
        days=days.astype("datetime64[D]"),
        open=np.round(opens, 2).T,
        high=np.round(high, 2).T,
        low=np.round(low, 2).T,
        close=np.round(close, 2).T,
        volume=volume.T,
    )


def best_of(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        started = process_time()
        work()
        times.append(process_time() - started)
    return 1000 * min(times)


def scans(panel: Panel) -> None:
    session = as_date(panel.days[-1])
    benchmark = panel.symbols[0]
    ready = board(panel, session)
    earlier = board(panel, as_date(panel.days[-2]))

    def whole() -> object:
        return scan(panel, benchmark=benchmark)

    def continued() -> object:
        return scan(panel, benchmark=benchmark, levels=board(panel, session, previous=earlier))

    print(f"  every kind, from nothing                {best_of(whole):9.1f} ms")
    print(f"  every kind, all-time highs carried on   {best_of(continued):9.1f} ms")
    for kind in (*SIEVED_KINDS, Kind.RS_HIGH):

        def one(kind: Kind = kind) -> object:
            return scan(panel, kinds={kind}, benchmark=benchmark, levels=ready)

        hits = scan(panel, kinds={kind}, benchmark=benchmark, levels=ready)
        found = len(hits.columns[kind])
        print(f"    {kind.value:24} alone          {best_of(one, 3):9.1f} ms {found:6} found")
    hits = scan(panel, kinds=set(LEVEL_KINDS), levels=ready)
    for kind in LEVEL_KINDS:
        print(f"    {kind.value:24}                             {len(hits.columns[kind]):6} found")


def snapshots(panel: Panel) -> None:
    session = as_date(panel.days[-1])
    earlier = board(panel, as_date(panel.days[-2]))
    levels = board(panel, session)
    high, low, close = (np.array(c[-1]) for c in (panel.high, panel.low, panel.close))
    afresh = best_of(lambda: board(panel, session))
    carried = best_of(lambda: board(panel, session, previous=earlier))
    crossed = best_of(lambda: levels.crossed(high, low, close))
    print(f"  board after the close, from nothing     {afresh:9.1f} ms")
    print(f"  board after the close, carried on       {carried:9.1f} ms")
    print(f"  one snapshot of all symbols             {crossed:9.3f} ms (high and low families)")


def evidence(panel: Panel) -> None:
    hits = scan(through_row(panel, len(panel)), benchmark=panel.symbols[0])
    chosen = {s for kind in hits.columns for s in hits.symbols_of(kind)[:20]}
    histories = {s: bars_at(panel, panel.index_of(s)) for s in chosen | {panel.symbols[0]}}
    started = process_time()
    made = signals(hits, histories, benchmark=panel.symbols[0])
    each = 1e6 * (process_time() - started) / max(1, len(made))
    print(f"  a signal with its evidence              {each:9.0f} µs each ({len(made)} made)")


def quotes(symbols: tuple[Symbol, ...]) -> None:
    triggers = [
        Trigger(
            kind=KINDS[kind].kind,
            symbol=symbol,
            direction=direction,
            level=level,
            level_session=None,
            invalidation=level,
            version=1,
        )
        for symbol in symbols
        for kind, direction, level in (
            (Kind.HIGH_52_WEEKS, Direction.UP, 110.0),
            (Kind.ALL_TIME_HIGH, Direction.UP, 120.0),
            (Kind.LOW_52_WEEKS, Direction.DOWN, 90.0),
        )
    ]
    book, random = TriggerBook(triggers), np.random.default_rng(1)
    rows = random.integers(0, len(symbols), QUOTES)
    last = random.normal(100, 4, QUOTES)
    batch = best_of(lambda: book.crossed(rows, last, last))
    moment = datetime(2026, 4, 17, 14, tzinfo=UTC)
    singles = [
        Quote(
            symbol=symbols[int(row)],
            last=price,
            prior_close=100.0,
            open=100.0,
            high=price,
            low=price,
            volume=1.0,
            time=moment + timedelta(seconds=1),
            source="bench",
        )
        for row, price in zip(rows[:20_000].tolist(), last[:20_000].tolist(), strict=True)
    ]
    inside = [quote for quote in singles if not book.check(quote)]
    alone = best_of(lambda: [book.check(quote) for quote in inside])
    print(f"  quotes in a batch                       {1e3 * batch / QUOTES:9.4f} µs each")
    print(f"  single quotes between the levels        {1e3 * alone / len(inside):9.4f} µs each")


def main() -> None:
    symbols = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 1260
    panel = generated(symbols, sessions)
    print(f"{symbols} symbols × {sessions} sessions, {len(FAST_KINDS)} kinds")
    scans(panel)
    snapshots(panel)
    evidence(panel)
    quotes(panel.symbols)


if __name__ == "__main__":
    main()
