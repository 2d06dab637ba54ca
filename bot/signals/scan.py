"""The scan: every kind for the last session of a universe.

Levels of the high family are compared for all symbols at once. For the setups a coarse sieve
leaves some symbols, a fine one few, and the exact rules of `KINDS` decide about those. Symbols with
gaps or a short history skip the sieves and are looked at one by one, so that the scan finds exactly
what the rules find.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.market.model import Bars, Symbol, as_date
from bot.market.panel import Panel
from bot.signals import fine_sieve, sieve
from bot.signals.aligned import bars_at, columns_of, present, rows_of
from bot.signals.board import CHANNELS, Board, board
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Signal
from bot.signals.thresholds import RANGE
from bot.signals.windows import Flags, Ints, window_start_of

LEVEL_KINDS = (
    Kind.HIGH_52_WEEKS,
    Kind.ALL_TIME_HIGH,
    Kind.LOW_52_WEEKS,
    Kind.CLOSING_HIGH_52_WEEKS,
    Kind.DONCHIAN_20,
    Kind.DONCHIAN_55,
)
"""Decided by arrays alone."""
SIEVED_KINDS = (
    Kind.TIGHT_FLAG,
    Kind.AVERAGE_SURF,
    Kind.RANGE,
    Kind.DOWNTREND_BREAK,
    Kind.VOLATILITY_CONTRACTION,
)
FAST_KINDS = frozenset((*LEVEL_KINDS, *SIEVED_KINDS, Kind.RS_HIGH))
"""All but the support test, which has to look at every symbol's whole history."""
BLOCK = 500
"""Symbols sieved at a time, so that the arrays in between stay in the cache."""
LONGEST = RANGE.memory + RANGE.lengths[-1] + 1
"""Sessions that the exact setup rules look at."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hits:
    """Which symbols show which kinds at `session`: positions in `symbols`, ascending."""

    session: date
    symbols: tuple[Symbol, ...]
    columns: Mapping[Kind, Ints]

    def symbols_of(self, kind: Kind) -> tuple[Symbol, ...]:
        """The symbols that show `kind`."""
        return tuple(self.symbols[int(i)] for i in self.columns.get(kind, ()))


def scan(
    panel: Panel,
    *,
    kinds: Collection[Kind] = FAST_KINDS,
    benchmark: Symbol | None = None,
    levels: Board | None = None,
) -> Hits:
    """What the last session of `panel` shows.

    RS highs need `benchmark`, a symbol of the panel. `levels` is the board for the last session
    where there is one already; otherwise it is made from the whole panel. Raises ValueError for
    an empty panel or a board of another session.
    """
    if not len(panel) or not panel.symbols:
        raise ValueError("a scan needs a panel with sessions and symbols")
    session = as_date(panel.days[-1])
    levels = levels or board(panel, session)
    if levels.session != session or levels.symbols != panel.symbols:
        raise ValueError(f"the board is not of {session} or of other symbols")
    here = _without_gaps(panel, 1)
    found: dict[Kind, Flags] = {}
    crossed = levels.crossed(panel.high[-1], panel.low[-1], panel.close[-1])
    found.update({kind: flags & here for kind, flags in crossed.items() if kind in kinds})
    if Kind.RS_HIGH in kinds and benchmark is not None:
        found[Kind.RS_HIGH] = _strength_highs(panel, benchmark) & here
    found.update(_setups(panel, here, frozenset(kinds)))
    for kind in CHANNELS.keys() & found.keys():
        found[kind] = found[kind] | _channel_in_gaps(panel, here, kind)
    return Hits(
        session=session,
        symbols=panel.symbols,
        columns={kind: np.flatnonzero(flags) for kind, flags in found.items()},
    )


def signals(
    hits: Hits, histories: Mapping[Symbol, Bars], *, benchmark: Symbol | None = None
) -> tuple[Signal, ...]:
    """The signals of `hits` with all their evidence, for the symbols in `histories`.

    The bars must end with the scanned session. Symbols without bars are passed over.
    """
    made = []
    against = histories.get(benchmark) if benchmark is not None else None
    for kind in hits.columns:
        rule = KINDS[kind]
        for symbol in hits.symbols_of(kind):
            bars = histories.get(symbol)
            if bars is None:
                continue
            if rule.detect_against is None:
                signal = rule.detect(bars)
            else:
                signal = rule.detect_against(bars, against) if against is not None else None
            if signal is not None:
                made.append(signal)
    return tuple(made)


def _setups(panel: Panel, here: Flags, kinds: frozenset[Kind]) -> dict[Kind, Flags]:
    """The setup kinds: sieves for symbols without gaps, the exact rules for what is left."""
    singly = [kind for kind in (*SIEVED_KINDS, Kind.SUPPORT_TEST) if kind in kinds]
    if not singly:
        return {}
    regular = here & _without_gaps(panel, LONGEST)
    chosen = np.flatnonzero(regular)
    if not len(chosen):
        return {kind: _exactly(panel, kind, here) for kind in singly}
    possible = np.tile(here & ~regular, (len(singly), 1))
    recent = rows_of(panel, len(panel) - LONGEST, len(panel))
    for block in np.array_split(chosen, -(-len(chosen) // BLOCK)):
        tail = columns_of(recent, block)
        base = sieve.ground(tail)
        for i, kind in enumerate(singly):
            possible[i, block] = _SIEVES[kind](base, tail)
    for i, kind in enumerate(singly):
        some = np.flatnonzero(possible[i] & regular)
        if kind in _FINE_SIEVES and len(some):
            possible[i, some] = _FINE_SIEVES[kind](columns_of(recent, some))
    found = {}
    for kind, flags in zip(singly, possible, strict=True):
        short = kind is not Kind.SUPPORT_TEST and len(chosen) == int(here.sum())
        found[kind] = _exactly(recent if short else panel, kind, flags)
    return found


_SIEVES: Mapping[Kind, Callable[[sieve.Ground, Panel], Flags]] = {
    Kind.TIGHT_FLAG: lambda base, tail: sieve.could_be_flag(base),
    Kind.AVERAGE_SURF: lambda base, tail: sieve.could_be_surf(base),
    Kind.RANGE: lambda base, tail: sieve.could_be_range(tail),
    Kind.DOWNTREND_BREAK: lambda base, tail: sieve.could_be_break(base),
    Kind.VOLATILITY_CONTRACTION: lambda base, tail: sieve.could_be_contraction(base),
    Kind.SUPPORT_TEST: lambda base, tail: sieve.closes_high(base),
}
_FINE_SIEVES: Mapping[Kind, Callable[[Panel], Flags]] = {
    Kind.TIGHT_FLAG: fine_sieve.could_be_flag,
    Kind.RANGE: fine_sieve.could_be_range,
    Kind.DOWNTREND_BREAK: fine_sieve.could_be_break,
}


def _exactly(panel: Panel, kind: Kind, possible: Flags) -> Flags:
    """Of the `possible` symbols those that the rule itself finds."""
    detect, result = KINDS[kind].detect, np.zeros(len(possible), dtype=bool)
    for column in np.flatnonzero(possible):
        result[column] = detect(bars_at(panel, int(column))) is not None
    return result


def _channel_in_gaps(panel: Panel, here: Flags, kind: Kind) -> Flags:
    """Channel breakouts of symbols whose channel has gaps in the panel."""
    gappy = here & ~_without_gaps(panel, CHANNELS[kind] + 1)
    return _exactly(panel, kind, gappy)


def _without_gaps(panel: Panel, sessions: int) -> Flags:
    """Which symbols have a price in each of the last `sessions` sessions."""
    if len(panel) < sessions:
        return np.zeros(len(panel.symbols), dtype=bool)
    recent = rows_of(panel, len(panel) - sessions, len(panel))
    sums = recent.high.sum(axis=0) + recent.low.sum(axis=0) + recent.close.sum(axis=0)
    whole: Flags = np.isfinite(sums)  # one missing price makes its column's sum NaN
    return whole


def _strength_highs(panel: Panel, benchmark: Symbol) -> Flags:
    """Whose line against the benchmark is above its 52 weeks before, all symbols at once."""
    against = panel.close[:, [panel.index_of(benchmark)]]
    year = rows_of(panel, window_start_of(panel.days, as_date(panel.days[-1])), len(panel))
    against = against[-len(year) :]
    line = year.close / against
    top = line[:-1].max(axis=0, initial=-np.inf)
    listed = np.full(len(top), len(year) > SESSIONS_OF_A_LISTED_YEAR)
    prices = year.high.sum(axis=0) + year.low.sum(axis=0)
    gappy = np.flatnonzero(~np.isfinite(top + prices))
    if len(gappy):
        both = present(columns_of(year, gappy)) & np.isfinite(against)
        top[gappy] = np.where(both, line[:, gappy], -np.inf)[:-1].max(axis=0, initial=-np.inf)
        listed[gappy] = both[:-1].sum(axis=0) >= SESSIONS_OF_A_LISTED_YEAR
    above: Flags = (line[-1] > top) & listed
    return above
