"""Swing highs and lows: sessions that stand out among their neighbours.

A pivot needs `side` sessions after it before anybody can know it, and nobody here uses it
earlier: the last `side` sessions of an array hold no pivots.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bot.market.model import Floats
from bot.signals.windows import Ints


def swing_highs(values: Floats, side: int) -> Ints:
    """Positions higher than the `side` values before and at least as high as those after.

    Of equal neighbours the first one counts.
    """
    if len(values) < 2 * side + 1:
        return np.empty(0, dtype=np.int64)
    windows = sliding_window_view(values, side).max(axis=1)
    middle = values[side:-side]
    before, after = windows[: len(middle)], windows[side + 1 :]
    return np.flatnonzero((middle > before) & (middle >= after)) + side


def swing_lows(values: Floats, side: int) -> Ints:
    """Positions lower than the `side` values before and at most as high as those after."""
    return swing_highs(-values, side)
