"""Testing quotes against trigger levels while the session runs.

Every symbol has a gate of two thresholds, its lowest upper and its highest lower level. Nearly
all quotes lie between the two and are done after two comparisons; only the others are tested
against the single triggers.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf, isfinite

import numpy as np

from bot.market.model import Floats, Quote, Symbol
from bot.signals.model import Direction, Signal, Trigger, Value
from bot.signals.windows import Ints


def fires(trigger: Trigger, quote: Quote) -> Signal | None:
    """The signal when the quote's session high (low) is strictly above (below) the level.

    The last price counts too: a source may not have moved its session high yet.
    """
    extreme = quote.high if trigger.direction is Direction.UP else quote.low
    price = next((p for p in (extreme, quote.last) if _beyond(trigger, p)), None)
    if price is None or quote.symbol != trigger.symbol:
        return None
    seen: dict[str, Value] = {
        "price": price,
        "last": _known(quote.last),
        "prior_close": _known(quote.prior_close),
        "session_high": _known(quote.high),
        "session_low": _known(quote.low),
        "volume": _known(quote.volume),
        "delay_minutes": quote.delay_minutes,
        "source": quote.source,
    }
    return Signal(
        kind=trigger.kind,
        symbol=trigger.symbol,
        session=trigger.session or quote.time.date(),
        direction=trigger.direction,
        level=trigger.level,
        level_session=trigger.level_session,
        price=price,
        invalidation=trigger.invalidation,
        version=trigger.version,
        evidence={**trigger.evidence, **seen},
    )


class TriggerBook:
    """The triggers of a session, ready for many quotes.

    `symbols` names the rows of the batch interface in their order.
    """

    def __init__(self, triggers: Iterable[Trigger]) -> None:
        grouped: dict[Symbol, list[Trigger]] = defaultdict(list)
        for trigger in triggers:
            grouped[trigger.symbol].append(trigger)
        self.symbols = tuple(grouped)
        self._triggers = {symbol: tuple(group) for symbol, group in grouped.items()}
        self._gates = {symbol: _gate(group) for symbol, group in grouped.items()}
        self._upper = np.array([self._gates[symbol][0] for symbol in self.symbols])
        self._lower = np.array([self._gates[symbol][1] for symbol in self.symbols])

    def check(self, quote: Quote) -> tuple[Signal, ...]:
        """The signals that `quote` fires; none for a symbol without triggers."""
        upper, lower = self._gates.get(quote.symbol, (inf, -inf))
        last = quote.last
        if not (quote.high > upper or quote.low < lower or last > upper or last < lower):
            return ()
        tested = (fires(trigger, quote) for trigger in self._triggers[quote.symbol])
        return tuple(signal for signal in tested if signal is not None)

    def check_all(self, quotes: Sequence[Quote]) -> tuple[Signal, ...]:
        """The signals that `quotes` fire, in their order."""
        return tuple(signal for quote in quotes for signal in self.check(quote))

    def crossed(self, rows: Ints, highs: Floats, lows: Floats) -> Ints:
        """Positions of the quotes that pass a gate, for `check` to look at.

        `rows` are positions in `symbols`, `highs` and `lows` the session's extremes; shape (m,).
        NaN never crosses.
        """
        return np.flatnonzero((highs > self._upper[rows]) | (lows < self._lower[rows]))


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _beyond(trigger: Trigger, price: float) -> bool:
    return price > trigger.level if trigger.direction is Direction.UP else price < trigger.level


def _gate(triggers: Iterable[Trigger]) -> tuple[float, float]:
    upper, lower = inf, -inf
    for trigger in triggers:
        if trigger.direction is Direction.UP:
            upper = min(upper, trigger.level)
        else:
            lower = max(lower, trigger.level)
    return upper, lower
