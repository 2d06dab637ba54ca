"""What bars look like when they lie: vectorised tests over one history, without a verdict.

The thresholds were set on 1,200 real funds, 2019 to 2025, and on histories with known errors
and their corrections: each as low as it can be without accusing prices that were really traded.
All functions expect finite, positive prices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.model import Bars, Floats

Mask = NDArray[np.bool_]

ROUNDING = 0.002
"""Share of the price by which open or close may stick out of the range, or one cent: official
opens and closes come from an auction on one exchange, highs and lows from all of them."""
CENT = 0.011
SPIKE = 1.5
"""A high this many times (a low this fraction of) everything around it was never traded."""
APART = 1.35
"""The gap between two bars that makes a jump; a 3:2 split of a quiet fund leaves 1.45."""
LEAP = 3.0
"""A change of the close by this factor is a jump even when the bars touch."""
RETURN_SESSIONS = 20
"""A wrong scale that ends again within so many sessions is a run of bad bars."""
RETURN_TOLERANCE = 0.25
"""How far the way back may differ from the way there."""
SPLIT_TOLERANCE = 0.06
"""How far an overnight gap may miss the ratio of a split, as the market moves meanwhile; the
change from close to close may miss it by twice as much."""
SPLIT_RATIOS = np.array([1.5, 2.0, 2.5, *range(3, 9)])
ANY_SPLIT = 8.5
"""Beyond this every ratio counts as a split's: prices do not move so far overnight."""
NEWS_TURNOVER = 4.0
"""Turnover over its median of 20 sessions that tells news from a split: a split changes price
and volume, not the money traded. Where only the price was forgotten, a reverse split raises
turnover by its ratio, so a rise must bring that much more. Some funds trade by fits and starts:
it must also be more than on any of those sessions."""
TRADED_SHARE = 0.5
"""The share of a jump, in logarithms, that the session's own range must span to tell a market in
uproar from a split: an unapplied split leaves the range as it was. On 2020-03-09 oil fell by a
quarter and a fund of twice its inverse opened at 2.1 times its close, then swung by 65 %."""
TRADED_TURNOVER = 2.0
"""Turnover over its median that such a session brings at least, beyond the rise as above."""
UNPAID_SHARE = 0.08
"""A dividend of this share of the price moves it by more than a session usually does; a fund of
Bitcoin once paid 7 % on a day on which Bitcoin made up for most of it."""
PAID_SHARE = 0.6
"""The share of a true dividend by which the ex-day's low lies below the close before, at least.
True ones fall by 0.65 or more; listed twice, a day early or in pence, by 0.55 or less."""
HUNDRED = (70.0, 140.0)
"""Pence for pounds, cents for dollars, with the market's move on top."""


@dataclass(frozen=True, kw_only=True)
class Jump:
    """From bar `index` on the prices stand on another level; `stop` is where they return.

    `ratio` is the new level over the old one. `stop` is None when they do not return.
    """

    index: int
    ratio: float
    stop: int | None
    like_split: bool

    @property
    def hundredfold(self) -> bool:
        return HUNDRED[0] <= max(self.ratio, 1 / self.ratio) <= HUNDRED[1]


def inconsistent(bars: Bars) -> Mask:
    """Bars whose open, close or low stick out above the high, or below the low; shape (n,)."""
    slack = np.maximum(bars.close * ROUNDING, CENT)
    over = np.maximum(np.maximum(bars.open, bars.close), bars.low) > bars.high + slack
    under = np.minimum(bars.open, bars.close) < bars.low - slack
    return over | under


def spikes(bars: Bars) -> tuple[Mask, Floats]:
    """Bars with a price far outside their surroundings, and the price farthest out; (n,) each.

    A high is compared with the bar's close and with the highs of both neighbours, a low
    likewise; a close with the bar's open and with its neighbours, once both are there.
    """
    if len(bars) < 2:
        return np.zeros(len(bars), dtype=bool), bars.close
    highs, lows = _around(bars.high, np.maximum, 0.0), _around(bars.low, np.minimum, np.inf)
    high = bars.high > SPIKE * np.maximum(bars.close, highs)
    low = bars.low * SPIKE < np.minimum(bars.close, lows)
    above = bars.close > SPIKE * np.maximum(bars.open, highs)
    below = bars.close * SPIKE < np.minimum(bars.open, lows)
    above[[0, -1]] = below[[0, -1]] = False
    values = np.where(high | above, bars.high, bars.low)
    return high | low | above | below, values


def _around(values: Floats, choose: np.ufunc, none: float) -> Floats:
    """The higher (lower) value of both neighbours of each bar; shape (n,)."""
    chosen: Floats = choose(np.append(none, values[:-1]), np.append(values[1:], none))
    return chosen


def jumps(bars: Bars) -> tuple[Jump, ...]:
    """Where the price level jumps in a way that trading rarely does, in order."""
    if len(bars) < 2:
        return ()
    found: list[Jump] = []
    candidates = _apart(bars)
    blocked = 0
    for i in candidates.tolist():
        if i < blocked:
            continue
        ratio = float(bars.close[i] / bars.close[i - 1])
        stop = _way_back(bars, candidates, i, ratio)
        found.append(Jump(index=i, ratio=ratio, stop=stop, like_split=_like_split(bars, i)))
        blocked = stop + 1 if stop is not None else 0
    return tuple(found)


def _apart(bars: Bars) -> NDArray[np.intp]:
    before_low = bars.low[:-1] - np.minimum(bars.dividend[1:], 0.9 * bars.low[:-1])
    up = bars.low[1:] > APART * bars.high[:-1]
    down = bars.high[1:] * APART < before_low
    change = bars.close[1:] / bars.close[:-1]
    leap = (change > LEAP) | (change * LEAP < 1)
    # A dividend explains a fall, however far.
    leap &= (change > 1) | (bars.close[1:] * LEAP < bars.close[:-1] - bars.dividend[1:])
    return np.flatnonzero(up | down | leap) + 1


def _way_back(bars: Bars, candidates: NDArray[np.intp], i: int, ratio: float) -> int | None:
    for j in candidates[(candidates > i) & (candidates <= i + RETURN_SESSIONS)].tolist():
        back = float(bars.close[i - 1] / bars.close[j])
        if abs(np.log(back)) < RETURN_TOLERANCE and (
            j == i + 1 or max(ratio, 1 / ratio) >= LEAP / 2
        ):
            return int(j)
    return None


def _like_split(bars: Bars, i: int) -> bool:
    before = float(bars.close[i - 1] - min(bars.dividend[i], 0.9 * bars.close[i - 1]))
    gap = max(before / bars.open[i], bars.open[i] / before)
    if gap >= ANY_SPLIT:
        return True
    change = max(before / bars.close[i], bars.close[i] / before)
    near = np.abs(gap / SPLIT_RATIOS - 1) <= SPLIT_TOLERANCE
    near &= np.abs(change / SPLIT_RATIOS - 1) <= 2 * SPLIT_TOLERANCE
    if not near.any():
        return False
    return not _in_uproar(bars, i, gap=gap, rise=max(1.0, float(bars.open[i]) / before))


def _in_uproar(bars: Bars, i: int, *, gap: float, rise: float) -> bool:
    """Whether session `i` was traded as only news are; a split forgotten alters neither."""
    start = max(0, i - 20)
    turnover = bars.close[start : i + 1] * bars.volume[start : i + 1]
    usual, most = float(np.median(turnover[:-1])), float(turnover[:-1].max())
    now = float(turnover[-1]) / rise
    if usual <= 0:
        return False
    if now > NEWS_TURNOVER * usual and now > most:
        return True
    spanned = float(np.log(bars.high[i] / bars.low[i]))
    return spanned >= TRADED_SHARE * float(np.log(gap)) and now > TRADED_TURNOVER * usual


def unpaid(bars: Bars) -> Mask:
    """Dividends too large for what the price did on their day; shape (n,)."""
    bad = np.zeros(len(bars), dtype=bool)
    before = bars.close[:-1]
    paid, fall = bars.dividend[1:], before - bars.low[1:]
    bad[1:] = (paid > UNPAID_SHARE * before) & (fall < PAID_SHARE * paid)
    return bad
