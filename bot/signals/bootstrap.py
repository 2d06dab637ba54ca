"""The date-block bootstrap: intervals that know that events come in clusters.

Signals of many symbols fire on the same days and their outcomes overlap, so that resampling the
events one by one takes one market move for many. Here whole blocks of sessions are drawn with
everything that began in them (circular moving blocks; Politis and Romano 1992).

Raw percentiles of it are still too narrow, in two known ways that `widening` makes up for: with
few blocks the spread is estimated from few (Student's t), and a dependence that reaches across a
block's edge is cut off there.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Floats

BLOCK_SESSIONS = 60
"""The shortest block: a quarter."""
BLOCK_OUTCOMES = 2
"""A block is at least as long as this many outcomes."""
NORMAL_QUANTILE = 1.959964
"""Of 97.5 %."""
REPLICATES = 2000
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An interval of 95 %; NaN at both ends where nothing could be resampled."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside; True for an interval that is not known."""
        return not (value < self.low or value > self.high)


@lru_cache(maxsize=4)
def block_weights(
    sessions: int,
    *,
    block: int = BLOCK_SESSIONS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> NDArray[np.float32]:
    """How often each session is drawn in each replicate, shape (replicates, sessions).

    Every row sums to at least `sessions`: ⌈sessions/block⌉ whole blocks. The array is shared
    between calls and read-only (20 MB for 2,000 × 2,520).
    """
    block = min(block, sessions)
    blocks = -(-sessions // block)
    random = np.random.default_rng(seed)
    starts = random.integers(0, sessions, (replicates, blocks))
    flat = (starts + np.arange(replicates)[:, None] * sessions).ravel()
    begun = np.bincount(flat, minlength=replicates * sessions).astype(np.int16)
    begun = begun.reshape(replicates, sessions)
    around = np.concatenate((begun[:, sessions - block :], begun), axis=1)
    running = np.cumsum(around, axis=1, dtype=np.int16)
    weights = (running[:, block:] - running[:, :-block]).astype(np.float32)
    weights.flags.writeable = False
    return weights


def block_length(outcome: int) -> int:
    """The block for outcomes that take `outcome` sessions."""
    return max(BLOCK_SESSIONS, BLOCK_OUTCOMES * outcome)


def widening(sessions: int, *, block: int, outcome: int) -> float:
    """By how much raw percentiles are too narrow, at least 1.

    n blocks: √(n/(n − 1)) and Student's t with n − 1 degrees of freedom over the normal quantile
    (Cornish and Fisher's expansion). Outcomes overlapping over h sessions: their autocovariance
    falls in a straight line, of which blocks of b sessions lose the share h/3b.
    """
    free = max(2, -(-sessions // min(block, sessions)) - 1)
    z = NORMAL_QUANTILE
    student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    lost = min(0.5, outcome / (3 * block))
    return float(np.sqrt((free + 1) / free / (1 - lost)) * student / z)


def interval(replicates: Floats, *, widen: float = 1.0) -> Interval:
    """The middle 95 % of the replicates that are known, widened around their median."""
    known = replicates[np.isfinite(replicates)]
    if not len(known):
        return Interval(low=float("nan"), high=float("nan"))
    tail = 100 * (1 - LEVEL) / 2
    low, middle, high = np.percentile(known, [tail, 50, 100 - tail])
    return Interval(
        low=float(middle - widen * (middle - low)), high=float(middle + widen * (high - middle))
    )
