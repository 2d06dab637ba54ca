"""The most recent real case of a kind, to show what an alert looks like."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

from bot.alerts.facts import AlertFacts, Provenance, Stage, facts_of
from bot.clock import Clock
from bot.episodes.lifecycle import advance, begin
from bot.errors import DataError, SourceDown, UserError
from bot.market.market import Market
from bot.market.model import Bars, Symbol
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Signal

A_YEAR = 252
"""Sessions looked back for a case."""
SYMBOLS = 12
"""Symbols looked at, so that the answer comes soon."""


class Samples:
    """Finds past cases in stored history."""

    def __init__(self, *, market: Market, clock: Clock, name_of: Callable[[Symbol], str]) -> None:
        self._market = market
        self._clock = clock
        self._name_of = name_of

    async def find(self, symbols: Sequence[Symbol], kinds: Sequence[Kind]) -> AlertFacts | None:
        """The newest case among the first symbols, or None when the last year has none."""
        histories = []
        for symbol in symbols[:SYMBOLS]:
            try:
                histories.append(await self._market.bars(symbol))
            except (DataError, UserError, SourceDown):
                continue
        found = await asyncio.to_thread(_newest, histories, kinds)
        if found is None:
            return None
        bars, signal = found
        return self._facts(bars, signal)

    def _facts(self, bars: Bars, signal: Signal) -> AlertFacts:
        now = self._clock.now()
        episode = begin(signal, at=now, provisional=False, late=False)
        steps = advance(episode, bars.through(signal.session))
        rule = KINDS[signal.kind]
        source = self._market.source
        return facts_of(
            steps[-1] if steps else episode,
            Stage.OPENED,
            name=self._name_of(signal.symbol),
            title=rule.title,
            phrase=rule.phrase,
            seen_at=now,
            provenance=Provenance(
                source=source.label,
                delay_minutes=source.delay_minutes,
                synthetic=source.name == "demo",
            ),
        )


def _newest(histories: Sequence[Bars], kinds: Sequence[Kind]) -> tuple[Bars, Signal] | None:
    best: tuple[Bars, Signal] | None = None
    for bars in histories:
        found = _last_case(bars, kinds, best[1].session if best else None)
        if found is not None:
            best = (bars, found)
    return best


def _last_case(bars: Bars, kinds: Sequence[Kind], after: date | None) -> Signal | None:
    for day in reversed(bars.days[-A_YEAR:]):
        session = day.item()
        if after is not None and session <= after:
            return None
        for kind in kinds:
            signal = KINDS[kind].detect(bars.through(session))
            if signal is not None:
                return signal
    return None
