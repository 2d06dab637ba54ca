"""Swing highs and lows: sessions that stand out among their neighbours.

A pivot needs `side` sessions after it before anybody can know it, and nobody here uses it
earlier: the last `side` sessions of an array hold no pivots.
"""

import numpy as np

from bot.market.model import Floats
from bot.signals.windows import Flags, Ints, running_maxima


def swing_highs(values: Floats, side: int) -> Ints:
    """Positions higher than the `side` values before and at least as high as those after.

    Of equal neighbours the first one counts.
    """
    return np.flatnonzero(swing_high_flags(values, side))


def swing_high_flags(values: Floats, side: int) -> Flags:
    """True where `swing_highs` finds one; `values` may have shape (n, symbols)."""
    flags = np.zeros(values.shape, dtype=bool)
    if len(values) > 2 * side:
        windows = running_maxima(values, side)
        middle = values[side:-side]
        before, after = windows[: len(middle)], windows[side + 1 :]
        flags[side:-side] = (middle > before) & (middle >= after)
    return flags


def swing_lows(values: Floats, side: int) -> Ints:
    """Positions lower than the `side` values before and at most as high as those after."""
    return swing_highs(-values, side)
