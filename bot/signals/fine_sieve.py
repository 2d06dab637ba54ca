"""Fine sieves: the few symbols that a coarse sieve let through, all at once but more closely.

They are necessary conditions of the exact rules too, looser by `SLACK`, but see nearly all that
the rules see, so that hardly a symbol is looked at by its rule in vain. Panels end with the
session in question and hold no gaps.
"""

from dataclasses import dataclass

import numpy as np

from bot.market.model import Floats
from bot.market.panel import Panel
from bot.signals.aligned import columns_of, rows_of
from bot.signals.indicators import atr
from bot.signals.pivots import swing_high_flags
from bot.signals.ranges import narrowness
from bot.signals.sieve import SLACK
from bot.signals.thresholds import FLAG, HISTORY, RANGE, TRENDLINE
from bot.signals.windows import Flags, Ints, running_maxima


def could_be_flag(panel: Panel) -> Flags:
    """Some length of flag is narrow against a tall pole, with its closes above their average."""
    rule, before = FLAG, rows_of(panel, len(panel) - HISTORY - 1, len(panel) - 1)
    averages = atr(before)
    lengths = np.arange(1, rule.longest + 1)
    tops = np.maximum.accumulate(before.high[: -rule.longest - 1 : -1])
    heights = tops - np.minimum.accumulate(before.low[: -rule.longest - 1 : -1])
    sums = np.cumsum(before.close[-rule.longest - rule.average :], axis=0)
    means = (sums[rule.average :] - sums[: -rule.average]) / rule.average
    held = before.close[-rule.longest :] > means * (1 - SLACK)
    above = np.cumsum(held[::-1], axis=0) / lengths[:, None]
    lows = before.low[-rule.longest - rule.pole_sessions - 1 :]
    feet = -running_maxima(-lows, rule.pole_sessions)[-1 - lengths]
    poles = before.high[-1 - lengths] - feet
    limits = np.minimum(rule.share_of_pole * poles, rule.height * averages[-1])
    good = (poles >= rule.pole_height * averages[-1 - lengths] * (1 - SLACK)) & (
        above >= rule.above_average - SLACK
    )
    good &= (heights <= limits * (1 + SLACK)) & (panel.high[-1] > tops)
    some: Flags = np.asarray(good[rule.shortest - 1 :].any(axis=0))
    return some


def could_be_range(panel: Panel) -> Flags:
    """A narrow channel whose both edges were touched often enough, left upwards today."""
    before, rule = rows_of(panel, 0, len(panel) - 1), RANGE
    reach = rule.touch * atr(rows_of(before, len(before) - HISTORY, len(before)))[-1]
    some = np.zeros(len(panel.symbols), dtype=bool)
    for length, share in narrowness(before.high, before.low).items():
        high, low = before.high[-length:], before.low[-length:]
        top, bottom = high.max(axis=0), low.min(axis=0)
        touched = _touched(top - high, reach) & _touched(low - bottom, reach)
        some |= touched & (share <= rule.narrowest) & (panel.high[-1] > top)
    return some


def _touched(distance: Floats, reach: Floats) -> Flags:
    """Whether enough runs of sessions are in reach; yes where rounding decides about one."""
    near, unsure = distance <= reach, np.abs(distance - reach) <= SLACK * reach
    runs = near[0] + (near[1:] & ~near[:-1]).sum(axis=0)
    touched: Flags = (runs >= RANGE.touches) | unsure.any(axis=0)
    return touched


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lines:
    """Lines through two swing highs each, as columns of shape (k,); `column` is the symbol's."""

    column: Ints
    first: Ints
    last: Ints
    price: Floats
    slope: Floats

    def at(self, row: int) -> Floats:
        return self.price + self.slope * (row - self.first)

    def only(self, chosen: Flags | Ints) -> "_Lines":
        return _Lines(
            column=self.column[chosen],
            first=self.first[chosen],
            last=self.last[chosen],
            price=self.price[chosen],
            slope=self.slope[chosen],
        )


def could_be_break(panel: Panel) -> Flags:
    """A falling line with enough touches that held until yesterday lies below today's close."""
    rule, recent = TRENDLINE, rows_of(panel, len(panel) - HISTORY, len(panel))
    n = len(recent) - 1
    pivots = swing_high_flags(recent.high[:-1], rule.pivot)
    pivots[: n - rule.longest] = False
    lines = _falling(pivots, recent)
    some = np.zeros(len(panel.symbols), dtype=bool)
    columns, lines = _renumbered(lines)
    few = columns_of(recent, columns)
    averages = atr(few)
    ceiling = few.close[-1] - rule.margin * averages[-1] * (1 - SLACK)
    lines = lines.only(lines.at(n) < ceiling[lines.column] + SLACK * lines.price)
    held = _held(lines, few, averages, pivots[:, columns])
    some[columns[lines.column[held]]] = True
    return some


def _falling(pivots: Flags, recent: Panel) -> _Lines:
    """The lines through any two swing highs that lie below today's close, above five before."""
    n, rule = len(recent) - 1, TRENDLINE
    columns, rows = np.nonzero(pivots.T)
    prices = recent.high[rows, columns]
    found = []
    for gap in range(1, int(pivots.sum(axis=0).max(initial=1))):
        length = rows[gap:] - rows[:-gap]
        pair = (columns[gap:] == columns[:-gap]) & (length >= rule.shortest)
        i = np.flatnonzero(pair & (prices[gap:] < prices[:-gap]))
        first, last, price = rows[i], rows[i + gap], prices[i]
        slope = (prices[i + gap] - price) / (last - first)
        lines = _Lines(column=columns[i], first=first, last=last, price=price, slope=slope)
        found.append(lines.only(lines.at(n) < recent.close[n, lines.column] + SLACK * price))
    lines = _joined(found)
    good = np.ones(len(lines.first), dtype=bool)
    for row in range(n - rule.closes_below, n):
        good &= recent.close[row, lines.column] < lines.at(row) + SLACK * lines.price
    return lines.only(good)


def _joined(many: list[_Lines]) -> _Lines:
    names = ("column", "first", "last")
    whole = {name: np.concatenate([getattr(x, name) for x in many] or [_NONE]) for name in names}
    return _Lines(
        **whole,
        price=np.concatenate([x.price for x in many] or [np.empty(0)]),
        slope=np.concatenate([x.slope for x in many] or [np.empty(0)]),
    )


_NONE: Ints = np.empty(0, dtype=np.int64)


def _renumbered(lines: _Lines) -> tuple[Ints, _Lines]:
    """The columns that have lines, ascending, and the lines with positions among these."""
    columns, places = np.unique(lines.column, return_inverse=True)
    return columns, _Lines(
        column=places,
        first=lines.first,
        last=lines.last,
        price=lines.price,
        slope=lines.slope,
    )


def _held(lines: _Lines, panel: Panel, averages: Floats, pivots: Flags) -> Flags:
    """Which lines have enough touches and no close far above them before today."""
    rule, rows = TRENDLINE, np.arange(len(panel) - 1)[:, None]
    loose = averages[:-1, lines.column] * (1 + SLACK)
    paths = lines.price + lines.slope * (rows - lines.first)
    over = panel.close[:-1, lines.column] > paths + rule.tolerance * loose + SLACK * lines.price
    broken = (over & (rows >= lines.first)).any(axis=0)
    near = np.abs(panel.high[:-1, lines.column] - paths) <= rule.touch * loose + SLACK * lines.price
    near &= pivots[:, lines.column] & (rows >= lines.first) & (rows <= lines.last)
    held: Flags = ~broken & (near.sum(axis=0) >= rule.touches)
    return held
