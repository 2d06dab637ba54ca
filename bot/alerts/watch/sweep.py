"""Which kinds could be true of which symbols: one vectorised pass instead of every rule on
every symbol. The rules themselves then look only where the sweep points. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np

from bot.market.model import Bars, Days, Symbol
from bot.market.panel import Panel
from bot.signals.aligned import through_row
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from bot.signals.scan import scan

BLOCK = 200
"""Symbols aligned at a time: about 25 MB for ten years."""

Possible = Mapping[Symbol, Collection[Kind]]


class Sweep:
    """The kinds of `histories` at any of their sessions; `benchmark` for relative strength."""

    def __init__(self, histories: Sequence[Bars], *, days: Days, benchmark: Bars) -> None:
        self._benchmark = benchmark.symbol if len(benchmark) else None
        self._panels = []
        for start in range(0, len(histories), BLOCK):
            block = list(histories[start : start + BLOCK])
            if self._benchmark and all(bars.symbol != self._benchmark for bars in block):
                block.append(benchmark)
            first = min(bars.days[0] for bars in block)
            last = max(bars.days[-1] for bars in block)
            span = days[np.searchsorted(days, first) : np.searchsorted(days, last, side="right")]
            self._panels.append(Panel.of(block, span))

    def at(self, session: date) -> Possible:
        """What the close of `session` may have made true, seeing nothing later."""
        found: dict[Symbol, set[Kind]] = defaultdict(set)
        for panel in self._panels:
            seen = int(np.searchsorted(panel.days, np.datetime64(session), side="right"))
            if not seen or panel.days[seen - 1] != np.datetime64(session):
                continue
            hits = scan(through_row(panel, seen), kinds=KINDS.keys(), benchmark=self._benchmark)
            for kind in hits.columns:
                for symbol in hits.symbols_of(kind):
                    found[symbol].add(kind)
        return found
