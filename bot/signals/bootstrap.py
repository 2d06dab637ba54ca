"""The date-block bootstrap: intervals that know that events come in clusters.

Signals of many symbols fire on the same days and their outcomes overlap, so that resampling the
events one by one takes one market move for many. Here whole blocks of sessions are drawn with
everything that began in them (circular moving blocks; Politis and Romano 1992).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Floats

BLOCK_SESSIONS = 60
"""As long as the longest outcome that is measured."""
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


def block_weights(
    sessions: int,
    *,
    block: int = BLOCK_SESSIONS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> NDArray[np.float32]:
    """How often each session is drawn in each replicate, shape (replicates, sessions).

    Every row sums to at least `sessions`: ⌈sessions/block⌉ whole blocks.
    """
    block = min(block, sessions)
    blocks = -(-sessions // block)
    random = np.random.default_rng(seed)
    starts = random.integers(0, sessions, (replicates, blocks))
    flat = (starts + np.arange(replicates)[:, None] * sessions).ravel()
    begun = np.bincount(flat, minlength=replicates * sessions).reshape(replicates, sessions)
    running = np.cumsum(np.concatenate((begun[:, sessions - block :], begun), axis=1), axis=1)
    return (running[:, block:] - running[:, :-block]).astype(np.float32)


def interval(replicates: Floats) -> Interval:
    """The middle 95 % of the replicates that are known."""
    known = replicates[np.isfinite(replicates)]
    if not len(known):
        return Interval(low=float("nan"), high=float("nan"))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return Interval(low=float(low), high=float(high))
