"""Which symbols have the bars a pass needs; the others wait a while, and /status says why."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.alerts.levels import Patience, Progress
from bot.errors import DataError, NoData, SourceDown, UserError
from bot.market.market import Market
from bot.market.model import Bars, Symbol


class Usable:
    """Loads guarded bars for the watcher; a held symbol has none."""

    def __init__(self, *, market: Market, progress: Progress) -> None:
        self._market = market
        self._progress = progress
        self._patience = Patience()

    def worth_asking(self, symbols: Sequence[Symbol], now: datetime) -> list[Symbol]:
        """Those that did not just turn out to have nothing usable."""
        return [symbol for symbol in symbols if self._patience.allows(symbol, now)]

    async def bars(
        self, symbols: Sequence[Symbol], *, through: date, now: datetime
    ) -> dict[Symbol, Bars]:
        """The bars up to `through` of the symbols that have a bar of that session.

        Raises DatabaseAway: a pass that goes on without what it could not read misses signals.
        """
        loaded: dict[Symbol, Bars] = {}
        for symbol in symbols:
            try:
                loaded[symbol] = await self._one(symbol, through)
                self._progress.unavailable.pop(symbol, None)
            except (DataError, UserError, SourceDown) as error:
                self._progress.unavailable[symbol] = str(error)
                self._patience.lost(symbol, now)
        return loaded

    async def _one(self, symbol: Symbol, through: date) -> Bars:
        bars = (await self._market.bars(symbol, final=False)).through(through)
        held = self._market.hold(symbol)
        if held is not None:
            raise DataError(held.text)
        if not len(bars) or bars.last_day != through:
            raise NoData(f"There is no bar of {symbol} for the session of {through} yet.")
        return bars
