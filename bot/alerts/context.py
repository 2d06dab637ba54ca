"""What an alert knows beside its own signal: the base rate, relative strength, breadth.

All of it is from closed sessions before the alert. It is computed off the event loop, kept for
the session, and missing rather than late: an alert does not wait for its decoration.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.alerts.standing import Standing, measured, standing
from bot.errors import DataError, SourceDown, UserError
from bot.market.families import family_of
from bot.market.market import Market
from bot.market.model import Bars, Symbol
from bot.market.panel import Panel
from bot.signals.crossings import CROSSERS, crossings
from bot.signals.model import Kind
from bot.signals.record import Family, Study, study
from storage import standings
from storage.database import Database

log = logging.getLogger(__name__)

TEN_YEARS = 2520
"""Sessions that a base rate looks back on."""
A_YEAR = 320
"""Sessions that ranks and breadth need: 252 and the warm-up of 52 weeks."""
HORIZON = 20
"""Sessions of the outcome that the base rate states."""
AT_ONCE = 24
"""Base rates computed in one pass at the most; in a storm the other alerts go without."""
KEPT = 4096


@dataclass(frozen=True, kw_only=True)
class BaseRate:
    """What became of such signals: see `bot.signals.record.Study`. Rates are fractions; the
    outcome is the one after 20 sessions; `verdict` compares it with ordinary days in words."""

    scope: str
    pooled: bool
    few: bool
    first: date
    last: date
    episodes: int
    confirmed: int
    failure_rate: float | None
    failure_low: float | None
    failure_high: float | None
    hit_rate: float | None
    ordinary_hit_rate: float | None
    excess: float | None
    excess_low: float | None
    excess_high: float | None
    verdict: str


class Context:
    """Measures what a pass has loaded, studies panels, and remembers the studies for the
    session."""

    def __init__(self, *, market: Market, db: Database, benchmark: Symbol) -> None:
        self._market = market
        self._db = db
        self._benchmark = benchmark
        self._rates: dict[tuple[Kind, Symbol, date], BaseRate | None] = {}
        self._watched: frozenset[Symbol] = frozenset()

    def watch(self, symbols: Sequence[Symbol]) -> None:
        """The symbols that ranks and breadth are about."""
        self._watched = frozenset(symbols)

    async def measure(self, histories: Sequence[Bars], session: date) -> None:
        """Store where these symbols stand at the close of `session`, their last one."""
        sessions = self._market.sessions
        days = sessions.between(sessions.offset(session, 1 - A_YEAR), session)
        rows = await asyncio.to_thread(lambda: list(measured(histories, days)))
        await self._db.write(lambda c: standings.put(c, rows, session=session))

    async def base_rates(
        self, wanted: Sequence[tuple[Kind, Symbol]]
    ) -> dict[tuple[Kind, Symbol], BaseRate]:
        """The base rates that can be had."""
        found = {}
        for kind, symbol in list(dict.fromkeys(wanted))[:AT_ONCE]:
            rate = await self._base_rate(kind, symbol)
            if rate is not None:
                found[(kind, symbol)] = rate
        return found

    async def standing(self) -> Standing:
        """Ranks and breadth at the last close, of the symbols whose close is known by now."""
        closed = self._closed()
        rows = await self._db.read(lambda c: standings.at(c, closed))
        return await asyncio.to_thread(standing, rows, self._watched)

    async def _base_rate(self, kind: Kind, symbol: Symbol) -> BaseRate | None:
        key = (kind, symbol, self._closed())
        if key not in self._rates:
            if len(self._rates) > KEPT:
                self._rates.clear()
            self._rates[key] = await self._studied(kind, symbol)
        return self._rates[key]

    async def _studied(self, kind: Kind, symbol: Symbol) -> BaseRate | None:
        if kind not in CROSSERS:
            return None
        peers = family_of(symbol)
        family = Family(name=peers.name, symbols=peers.symbols) if peers else None
        try:
            alone = await self._market.panel([symbol, self._benchmark], sessions=TEN_YEARS)
            found = await asyncio.to_thread(_study, alone, kind, symbol, None, self._benchmark)
            if found.few and family is not None:
                members = list(dict.fromkeys([symbol, self._benchmark, *family.symbols]))
                panel = await self._market.panel(members, sessions=TEN_YEARS)
                found = await asyncio.to_thread(
                    _study, panel, kind, symbol, family, self._benchmark
                )
        except (DataError, SourceDown, UserError) as error:
            log.info("no base rate of %s on %s: %s", kind, symbol, error)
            return None
        return base_rate(found)

    def _closed(self) -> date:
        return self._market.sessions.last_closed(self._market.clock.now())


def _study(
    panel: Panel, kind: Kind, symbol: Symbol, family: Family | None, benchmark: Symbol
) -> Study:
    return study(panel, crossings(panel, kind), symbol=symbol, family=family, benchmark=benchmark)


def base_rate(found: Study) -> BaseRate:
    """The figures of a study that an alert carries; what is not known is None."""
    after = next(one for one in found.outcomes if one.sessions == HORIZON)
    return BaseRate(
        scope=found.scope,
        pooled=found.pooled,
        few=found.few,
        first=found.first,
        last=found.last,
        episodes=found.episodes,
        confirmed=found.confirmed,
        failure_rate=found.failure_rate,
        failure_low=_known(found.failure_interval.low),
        failure_high=_known(found.failure_interval.high),
        hit_rate=_known(after.hit_rate),
        ordinary_hit_rate=_known(after.ordinary_hit_rate),
        excess=_known(after.excess),
        excess_low=_known(after.excess_interval.low),
        excess_high=_known(after.excess_interval.high),
        verdict=after.verdict.value,
    )


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
