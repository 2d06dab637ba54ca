"""Returns after a signal and after ordinary days, with block-bootstrap intervals.

Everything is first summed by the session on which it began; a replicate is then a weighting of
the sessions, and all replicates of all figures are one matrix product.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Floats
from bot.signals.bootstrap import Interval, block_length, block_weights, interval, widening
from bot.signals.events import Events
from bot.signals.windows import Flags, Ints


class Verdict(StrEnum):
    ABOVE = "better than an ordinary day"
    BELOW = "worse than an ordinary day"
    ORDINARY = "not distinguishable from an ordinary day"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Returns after `sessions`, as fractions; intervals are of 95 %.

    A hit is a gain (for a kind that points down, a loss). `excess` is the mean minus the ordinary
    day's, `hit_excess` the same of the hit rates. `over_benchmark` is the mean excess over the
    benchmark in the same sessions, None without one.
    """

    sessions: int
    episodes: int
    mean: float
    mean_interval: Interval
    hit_rate: float
    hit_interval: Interval
    ordinary_mean: float
    ordinary_hit_rate: float
    ordinary_days: int
    excess: float
    excess_interval: Interval
    hit_excess: float
    hit_excess_interval: Interval
    over_benchmark: float | None
    over_benchmark_interval: Interval | None
    verdict: Verdict


def forward_returns(opens: Floats, closes: Floats, sessions: int) -> Floats:
    """close[t + sessions] / open[t + 1] − 1, NaN where the data end; same shape as `closes`."""
    result = np.full(closes.shape, np.nan)
    if len(closes) > sessions:
        entry = opens[1 : len(opens) - sessions + 1]
        np.divide(closes[sessions:], entry, out=result[:-sessions])
        result[:-sessions] -= 1
    return result


def outcome(
    returns: Floats,
    market: Floats,
    confirmed: Events,
    eligible: Flags,
    *,
    sessions: int,
    seed: int,
    sign: float,
) -> Outcome:
    """The outcome of confirmed episodes and of the `eligible` days after `sessions`.

    `returns` (the forward returns) and `eligible` have shape (sessions, symbols), and the events'
    columns point into them; `market` (sessions,) holds the benchmark's, NaN without one.
    `sign` is −1 for a kind that points down.
    """
    after = returns[confirmed.rows, confirmed.columns]
    known = np.isfinite(after)
    begun, after = confirmed.rows[known], after[known]
    against = after - market[begun]
    comparable = np.isfinite(against)
    ordinary = eligible & np.isfinite(returns)
    gains = np.where(ordinary, returns, 0.0)
    count, block = len(returns), block_length(sessions)
    weights = block_weights(count, block=block, seed=seed)
    widen = widening(count, block=block, outcome=sessions)
    table = np.stack(
        [
            by_day(begun, count, np.ones(len(after))),
            by_day(begun, count, after),
            by_day(begun, count, (sign * after > 0).astype(np.float64)),
            by_day(begun, count, comparable.astype(np.float64)),
            by_day(begun, count, np.where(comparable, against, 0.0)),
            np.count_nonzero(ordinary, axis=1).astype(np.float64),
            gains.sum(axis=1),
            np.count_nonzero(gains > 0 if sign > 0 else gains < 0, axis=1).astype(np.float64),
        ],
        axis=1,
    )
    total = table.sum(axis=0)[None, :]
    drawn = replicated(weights, table)
    point, spread = _figures(total), _figures(drawn)
    excess_interval = interval(spread["excess"], widen=widen)
    has_benchmark = bool(comparable.any())
    return Outcome(
        sessions=sessions,
        episodes=len(after),
        mean=float(point["mean"][0]),
        mean_interval=interval(spread["mean"], widen=widen),
        hit_rate=float(point["hits"][0]),
        hit_interval=interval(spread["hits"], widen=widen),
        ordinary_mean=float(point["ordinary_mean"][0]),
        ordinary_hit_rate=float(point["ordinary_hits"][0]),
        ordinary_days=int(ordinary.sum()),
        excess=float(point["excess"][0]),
        excess_interval=excess_interval,
        hit_excess=float(point["hit_excess"][0]),
        hit_excess_interval=interval(spread["hit_excess"], widen=widen),
        over_benchmark=float(point["against"][0]) if has_benchmark else None,
        over_benchmark_interval=interval(spread["against"], widen=widen) if has_benchmark else None,
        verdict=verdict(excess_interval, sign),
    )


def verdict(excess: Interval, sign: float = 1.0) -> Verdict:
    """Ordinary when the interval contains zero or is not known; `sign` −1 for kinds that point
    down, where a loss is the better outcome."""
    if excess.holds(0.0):
        return Verdict.ORDINARY
    return Verdict.ABOVE if sign * excess.low > 0 or sign * excess.high > 0 else Verdict.BELOW


def _figures(table: Floats) -> dict[str, Floats]:
    n, total, hits, compared, against, days, day_total, day_hits = table.T
    mean, ordinary = quotient(total, n), quotient(day_total, days)
    hit_rate, ordinary_hits = quotient(hits, n), quotient(day_hits, days)
    return {
        "mean": mean,
        "hits": hit_rate,
        "against": quotient(against, compared),
        "ordinary_mean": ordinary,
        "ordinary_hits": ordinary_hits,
        "excess": mean - ordinary,
        "hit_excess": hit_rate - ordinary_hits,
    }


def replicated(weights: NDArray[np.float32], table: Floats) -> Floats:
    """The sums of `table` (sessions, k) in every replicate, shape (replicates, k).

    In single precision, as the weights are: converting them would take longer than the product.
    """
    return (weights @ table.astype(np.float32)).astype(np.float64)


def by_day(rows: Ints, sessions: int, values: Floats) -> Floats:
    """Sums of `values` by the session `rows` they belong to, shape (sessions,)."""
    return np.bincount(rows, weights=values, minlength=sessions).astype(np.float64)


def quotient(part: Floats, whole: Floats) -> Floats:
    """part ÷ whole, NaN where the whole is not above zero."""
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
