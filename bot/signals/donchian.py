"""Donchian breakouts: a close above the highest high of the 20 or 55 sessions before.

The invalidation is the exit of the same system: the lowest low of 10 sessions for the 20-session
entry, of 20 for the 55-session one (Dennis and Eckhardt's rules).
"""

import numpy as np

from bot.market.model import Bars, as_date
from bot.signals.model import Direction, Kind, Signal
from bot.signals.windows import complete, is_gap, tail

VERSION = 1
EXITS = {20: 10, 55: 20}
"""Sessions of the entry's channel and of the exit's."""
KIND_OF = {20: Kind.DONCHIAN_20, 55: Kind.DONCHIAN_55}


def detect_donchian_20(bars: Bars) -> Signal | None:
    """The last close is above the 20 highs before it."""
    return _detect(bars, 20)


def detect_donchian_55(bars: Bars) -> Signal | None:
    """The last close is above the 55 highs before it."""
    return _detect(bars, 55)


def _detect(bars: Bars, sessions: int) -> Signal | None:
    if is_gap(bars):
        return None
    known = tail(complete(tail(bars, 4 * sessions)), sessions + 1)
    if len(known) <= sessions:
        return None
    close, i = float(known.close[-1]), int(np.argmax(known.high[:-1]))
    level, exit_level = float(known.high[i]), float(known.low[-EXITS[sessions] - 1 : -1].min())
    if close <= level:
        return None
    return Signal(
        kind=KIND_OF[sessions],
        symbol=bars.symbol,
        session=known.last_day,
        direction=Direction.UP,
        level=level,
        level_session=as_date(known.days[i]),
        price=close,
        invalidation=exit_level,
        version=VERSION,
        evidence={
            "price": close,
            "level": level,
            "level_session": as_date(known.days[i]).isoformat(),
            "base_sessions": sessions - i,
            "channel_sessions": sessions,
            "channel_low": float(known.low[:-1].min()),
            "exit_sessions": EXITS[sessions],
            "prior_close": float(known.close[-2]),
        },
    )
