"""Bad bars against the guard: how many it accepts, and how long a check takes.

Run: python benchmarks/bench_guard.py [bad bars, default 1,000,000]
Good histories of 319 sessions are spoilt in twenty known ways from a seed. A bad bar counts as
accepted when it is among the bars that pass and the symbol is not held.
"""

import statistics
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.market.guard import check
from tests.market.bad_bars import BASES, SINGLE, WHOLE, Spoilt, last_session, spoilt_singly
from tests.market.known import SESSIONS, evening, walk

KINDS = (*SINGLE, *WHOLE)
SEED = 20


def spoilt(kind: object, random: np.random.Generator) -> Spoilt:
    return spoilt_singly(kind, random) if isinstance(kind, str) else kind(random)


def main(wanted: int) -> int:
    random, now = np.random.default_rng(SEED), evening(last_session())
    offered, accepted, crashed, checks = Counter(), Counter(), Counter(), Counter()
    began = perf_counter()
    while offered.total() < wanted:
        for kind in KINDS:
            case = spoilt(kind, random)
            offered[case.kind] += len(case.days)
            checks[case.kind] += 1
            try:
                result = check(case.bars, sessions=SESSIONS, now=now)
            except Exception as error:
                crashed[case.kind] += 1
                print(f"{case.kind}: {error!r}")
                continue
            if result.hold is None:
                accepted[case.kind] += int(np.isin(case.days, result.bars.days).sum())
    seconds = perf_counter() - began

    print(f"{'error':28} {'bad bars':>10} {'accepted':>9} {'crashes':>8}")
    for kind in offered:
        print(f"{kind:28} {offered[kind]:10,} {accepted[kind]:9} {crashed[kind]:8}")
    total = f"{offered.total():10,} {accepted.total():9} {crashed.total():8}"
    print(f"{'all':28} {total}   in {seconds:.0f} s, {checks.total():,} histories")
    good = [check(bars, sessions=SESSIONS, now=now) for bars in BASES]
    untouched = sum(len(result.bars) == len(bars) for result, bars in zip(good, BASES, strict=True))
    print(f"good histories untouched: {untouched} of {len(BASES)}")
    timing()
    return 1 if accepted.total() or crashed.total() or untouched < len(BASES) else 0


def timing() -> None:
    print(f"\n{'one check of':28} {'median':>10} {'p95':>10}")
    for first, name in (("2024-09-03", "80 sessions"), ("2015-01-02", "2,516 sessions")):
        bars = walk(first, "2024-12-31")
        now, times = evening(bars.last_day), []
        for _ in range(400):
            began = perf_counter()
            check(bars, sessions=SESSIONS, now=now)
            times.append((perf_counter() - began) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:28} {statistics.median(times):7.3f} ms {p95:7.3f} ms")


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
