"""Changes and ratios over sessions that are really there: a gap in the data is no session."""

from bot.errors import NoData
from bot.market.model import Bars, Days, Floats
from bot.signals.pairs import Pair, pair
from bot.signals.windows import complete

CALENDAR_DAYS_PER_SESSION = 1.55
SPARE_DAYS = 5
"""n sessions take 7/5·n calendar days, a little more with holidays; much more is a gap."""


def change_over(bars: Bars, sessions: int) -> float | None:
    """close ÷ close `sessions` before − 1, a fraction; None when too short or with a gap."""
    known = complete(bars)
    return change_of(known.days, known.close, sessions)


def change_of(days: Days, values: Floats, sessions: int) -> float | None:
    """The change of a series over its last `sessions` sessions, as `change_over`."""
    if len(values) <= sessions or not whole(days, sessions):
        return None
    return float(values[-1] / values[-1 - sessions]) - 1


def whole(days: Days, sessions: int) -> bool:
    """Whether the last `sessions` steps of `days` (there are as many) hold no gap of weeks."""
    taken = int((days[-1] - days[-1 - sessions]).astype("timedelta64[D]").astype(int))
    return taken <= CALENDAR_DAYS_PER_SESSION * sessions + SPARE_DAYS


def pair_of(long: Bars | None, short: Bars | None) -> Pair | None:
    """The pair, or None where one is missing or they share too little."""
    if long is None or short is None:
        return None
    try:
        return pair(long, short)
    except NoData:
        return None
