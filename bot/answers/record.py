"""`/record`: what became of a kind of signal in the past, beside ordinary days."""

import asyncio
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from bot.answers.breadth import US_ETFS
from bot.answers.calls import menu, written
from bot.answers.histories import shared_footer, start_of
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture_if_any
from bot.answers.panels import panel_of
from bot.answers.since import BEGINNING, Since
from bot.cards.model import Control
from bot.cards.record import RecordView, record_card
from bot.cards.record_data import month_returns, numbers, record_csv, record_picture
from bot.market.families import family_of
from bot.market.model import Floats, Symbol, as_date, symbols_of
from bot.market.panel import Panel
from bot.market.sessions import FIRST
from bot.market.universes import universe
from bot.services import Services
from bot.signals.crossings import Crossings, crossings
from bot.signals.events import Events, events
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from bot.signals.record import Miss, Study, misses, study_of
from storage import grades


class RecordKind(StrEnum):
    """The kinds with a record: those that a level alone decides."""

    HIGH_52_WEEKS = Kind.HIGH_52_WEEKS.value
    ALL_TIME_HIGH = Kind.ALL_TIME_HIGH.value
    LOW_52_WEEKS = Kind.LOW_52_WEEKS.value
    CLOSING_HIGH_52_WEEKS = Kind.CLOSING_HIGH_52_WEEKS.value
    DONCHIAN_20 = Kind.DONCHIAN_20.value
    DONCHIAN_55 = Kind.DONCHIAN_55.value


TEN_YEARS = Since("10y")
PERIODS = {
    "1y": "1 year",
    "3y": "3 years",
    "5y": "5 years",
    "10y": "10 years",
    "max": "All there is",
}
WARM_UP = 262
"""Sessions of the first 52-week window."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings:
    """A study, the episodes behind it with their returns after 20 sessions, and how many the
    asked symbol has alone."""

    study: Study
    mine: Events
    alone: int
    misses: tuple[Miss, ...]
    returns: Floats


async def record(
    services: Services,
    caller: Caller = NOBODY,
    *,
    kind: RecordKind = RecordKind.HIGH_52_WEEKS,
    symbol: Symbol | None = None,
    period: Since = TEN_YEARS,
) -> Answer:
    """The event study of one symbol, pooled over its family where it has too few episodes, or
    of the best known ETFs.

    Raises UserError for a period that ends before it starts, and for a symbol UnknownSymbol,
    NoData, SourceDown.
    """
    rule = KINDS[Kind(kind.value)]
    benchmark = (await defaults_for(services, caller)).benchmark
    index = await services.market.bars(symbol or benchmark)
    first = await start_of(services, period, index.last_day, benchmark)
    family = family_of(symbol) if symbol else universe(US_ETFS)
    peers = family.symbols if family else ()
    asked = (symbol,) if symbol else ()
    panel, said = await panel_of(
        services,
        symbols_of((*asked, benchmark, *peers)),
        sessions=_sessions(services, rule.kind, first),
    )
    found = await asyncio.to_thread(
        _study,
        panel,
        rule.kind,
        asked=symbol,
        scope=family.name if family else str(symbol),
        peers=peers,
        benchmark=benchmark,
        first=first,
    )
    view = RecordView(
        study=found.study,
        title=rule.title,
        direction=rule.direction,
        asked=symbol,
        alone=found.alone,
        benchmark=benchmark,
        misses=found.misses,
        footer=shared_footer(services, (index,)),
        notes=said,
        own=await services.db.read(
            lambda c: grades.tally(c, rule.kind.value, symbol=symbol, since=first)
        ),
    )
    card = await with_picture_if_any(
        services,
        record_card(view),
        lambda: record_picture(view, found.returns),
        filename="record.png",
    )
    return Answer(
        card=card,
        numbers=numbers(view, None if first == BEGINNING else first),
        controls=_controls(kind, symbol, period),
        table=await asyncio.to_thread(record_csv, panel, found.mine) if len(found.mine) else "",
        call=_call(kind, symbol, period),
    )


def _sessions(services: Services, kind: Kind, first: date) -> int:
    """Closed sessions since the first one needed: for an all-time high all there are."""
    closed = services.sessions.last_closed(services.now())
    if kind is Kind.ALL_TIME_HIGH:
        first = FIRST
    since = len(services.sessions.between(max(first, FIRST), closed))
    return min(since + WARM_UP, len(services.sessions.between(FIRST, closed)))


def _study(
    panel: Panel,
    kind: Kind,
    *,
    asked: Symbol | None,
    scope: str,
    peers: tuple[Symbol, ...],
    benchmark: Symbol,
    first: date,
) -> Findings:
    """The asked symbol's own study, or the pooled one of its peers when it has too few."""
    found = crossings(panel, kind)
    every = events(panel, found)
    known = tuple(s for s in peers if s in panel.symbols)
    alone = None
    if asked is not None:
        alone = _of(panel, found, every, (asked,), str(asked), benchmark, first, pooled=False)
        if not alone.few or len(known) < 2:
            return _findings(panel, every, alone, alone.episodes, first)
    pooled = _of(panel, found, every, known, scope, benchmark, first, pooled=asked is not None)
    return _findings(panel, every, pooled, alone.episodes if alone else 0, first)


def _of(
    panel: Panel,
    found: Crossings,
    every: Events,
    symbols: tuple[Symbol, ...],
    scope: str,
    benchmark: Symbol,
    first: date,
    *,
    pooled: bool,
) -> Study:
    return study_of(
        panel,
        found,
        every,
        symbols=symbols,
        scope=scope,
        pooled=pooled,
        benchmark=None if symbols == (benchmark,) else benchmark,
        first=max(first, _first_possible(panel, found, symbols)),
    )


def _first_possible(panel: Panel, found: Crossings, symbols: tuple[Symbol, ...]) -> date:
    """The first session on which any of `symbols` could have shown the kind at all."""
    chosen = np.isin(np.array(panel.symbols), list(symbols))
    possible = np.flatnonzero(found.eligible[:, chosen].any(axis=1))
    return as_date(panel.days[possible[0] if len(possible) else -1])


def _findings(panel: Panel, every: Events, study: Study, alone: int, first: date) -> Findings:
    chosen = np.isin(np.array(panel.symbols), list(study.symbols))
    mine = every.where(chosen[every.columns] & (panel.days[every.rows] >= np.datetime64(first)))
    return Findings(
        study=study,
        mine=mine,
        alone=alone,
        misses=misses(panel, mine),
        returns=month_returns(panel, mine),
    )


def _call(kind: RecordKind, symbol: Symbol | None, period: Since) -> str:
    return written("record", kind=kind, symbol=symbol, period=period)


def _controls(kind: RecordKind, symbol: Symbol | None, period: Since) -> tuple[Control, ...]:
    kinds = [(each.value, KINDS[Kind(each.value)].title) for each in RecordKind]
    periods = list(PERIODS.items())
    if period not in PERIODS:
        periods.insert(0, (str(period), f"Since {period}"))
    return (
        menu(
            "Signal",
            kinds,
            chosen=kind,
            call=lambda value: _call(RecordKind(value), symbol, period),
        ),
        menu(
            "Period", periods, chosen=period, call=lambda value: _call(kind, symbol, Since(value))
        ),
    )
