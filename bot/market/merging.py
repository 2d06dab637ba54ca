"""Old bars and freshly fetched ones become one history; pure.

Vendors restate: a split, or a corrected scale, changes every price of a symbol at once. A
short fetch that overlaps what is stored gives it away: the closes of the shared sessions then
differ by one ratio. Such a history must be loaded again as a whole, never patched.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.market.model import Bars, Floats, Symbol, as_date

OVERLAP = 5
"""Sessions that a top-up fetches again."""
RESTATED = 0.0005
"""5 basis points between the median closes of the overlap: more than any late correction of
single prints, less than the smallest split or rebase."""


@dataclass(frozen=True, kw_only=True)
class Restated:
    """Every price of `symbol` before `session` has been multiplied by `ratio`.

    Levels that were stored before must be multiplied likewise (2:1 split: 0.5). `number` names
    a stored restatement, for `storage.histories.settle_restatement`; 0 when there is no store.
    """

    symbol: Symbol
    ratio: float
    session: date
    number: int = 0


def overlap_ratio(stored: Bars, fresh: Bars) -> float | None:
    """Median of fresh over stored closes of the shared sessions; None without any.

    The last stored session is left out while it was not final.
    """
    if not len(fresh):
        return None
    start = int(np.searchsorted(stored.days, fresh.days[0]))
    stop = len(stored) if stored.final else len(stored) - 1
    days, closes = stored.days[start:stop], stored.close[start:stop]
    _, old, new = np.intersect1d(days, fresh.days, assume_unique=True, return_indices=True)
    before, after = closes[old], fresh.close[new]
    usable = np.isfinite(before) & np.isfinite(after) & (before > 0) & (after > 0)
    if not usable.any():
        return None
    return float(np.median(after[usable] / before[usable]))


def is_restated(stored: Bars, fresh: Bars) -> bool:
    """Whether `fresh` cannot be joined to `stored`: another scale, a new split, or a gap."""
    if not len(fresh):
        return True
    ratio = overlap_ratio(stored, fresh)
    if ratio is None or not abs(ratio - 1) <= RESTATED:
        return True
    known = stored.since(as_date(fresh.days[0]))
    return bool(np.setdiff1d(fresh.days[fresh.split > 0], known.days[known.split > 0]).size)


def joined(stored: Bars, fresh: Bars) -> Bars:
    """`stored` up to the first fresh session, then `fresh`."""
    if not len(fresh):
        return stored
    keep = int(np.searchsorted(stored.days, fresh.days[0]))

    def column(old: Floats, new: Floats) -> Floats:
        return np.concatenate([old[:keep], new])

    return replace(
        fresh,
        days=np.concatenate([stored.days[:keep], fresh.days]),
        open=column(stored.open, fresh.open),
        high=column(stored.high, fresh.high),
        low=column(stored.low, fresh.low),
        close=column(stored.close, fresh.close),
        volume=column(stored.volume, fresh.volume),
        dividend=column(stored.dividend, fresh.dividend),
        split=column(stored.split, fresh.split),
    )


def restatement(stored: Bars, whole: Bars) -> Restated | None:
    """What changed between two complete histories; None when the scale is the same.

    The ratio is measured on all shared sessions; the session is that of the newest split the
    stored history did not know, else the last one.
    """
    ratio = overlap_ratio(stored, whole)
    if ratio is None or abs(ratio - 1) <= RESTATED:
        return None
    new_splits = np.setdiff1d(whole.days[whole.split > 0], stored.days[stored.split > 0])
    session = as_date(new_splits[-1]) if len(new_splits) else whole.last_day
    return Restated(symbol=whole.symbol, ratio=ratio, session=session)
