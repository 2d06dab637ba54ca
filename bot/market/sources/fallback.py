"""An ordered chain of sources behind the face of one, and a second one as referee.

What the first source cannot answer, the next one is asked: when it is down or limits us, when it
has no usable data, and also when it does not know the symbol, because vendors say that about their
own faults. When nobody answers, the first one's error is the answer.

Two vendors rarely make the same mistake on the same day, so the second one can judge the first:
sessions on which they agree are confirmed, however odd they look, and a session on which they
disagree holds the symbol.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from bot.errors import DataError, HighwaterError, RetryableError, UnknownSymbol
from bot.market.findings import Finding, Rule, Severity
from bot.market.model import (
    Bars,
    Floats,
    FundProfile,
    Headline,
    Instrument,
    Quote,
    Symbol,
    as_date,
)
from bot.market.sources.protocol import Source

Answer = TypeVar("Answer")

TRY_NEXT = (RetryableError, DataError, UnknownSymbol)

CLOSE_TOLERANCE = 0.005
"""Relative. Vendors differ in which trade is the close: the auction's or the last one."""

RANGE_TOLERANCE = 0.01
"""Relative, for highs and lows: vendors differ in which odd trades they leave out."""

REFEREED = 10
"""Sessions to compare, counted from the last one: what an alert could still be about."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a second source says: a finding that holds the symbol, or sessions it confirms."""

    finding: Finding | None = None
    confirmed: tuple[date, ...] = ()


class FallbackSource:
    """Several sources as one `Source`, the most trusted first; the second is the referee.

    `name` is the first one's; `label` and `delay_minutes` are those of the source that answered
    last. Raises ValueError when there is no source.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        if not sources:
            raise ValueError("a chain needs at least one source")
        self._sources = tuple(sources)
        self._served_by: dict[Symbol, Source] = {}
        self._last = self._sources[0]

    @property
    def name(self) -> str:
        return self._sources[0].name

    @property
    def label(self) -> str:
        return self._last.label

    @property
    def delay_minutes(self) -> int:
        return self._last.delay_minutes

    def source_of(self, symbol: Symbol) -> str | None:
        """The name of the source whose bars of `symbol` were served last, or None."""
        source = self._served_by.get(symbol)
        return source.name if source else None

    @property
    def first(self) -> Source:
        """The most trusted source."""
        return self._sources[0]

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        bars = await self._first(lambda source: source.bars(symbol, since=since))
        self._served_by[symbol] = self._last
        return bars

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        return await self._first(lambda source: source.quotes(symbols))

    async def profile(self, symbol: Symbol) -> FundProfile:
        return await self._first(lambda source: source.profile(symbol))

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        return await self._first(lambda source: source.headlines(symbol, limit=limit))

    async def directory(self) -> tuple[Instrument, ...]:
        """The first directory that is not empty."""
        for source in self._sources:
            if instruments := await source.directory():
                return instruments
        return ()

    async def close(self) -> None:
        for source in self._sources:
            await source.close()

    async def verdict(self, bars: Bars) -> Verdict:
        """The referee's opinion of the last settled sessions of `bars`.

        An empty verdict when there is no second source, when these bars are its own, or when it
        does not answer: then nothing is confirmed and nothing is held.
        """
        if len(self._sources) < 2 or not len(bars):
            return Verdict()
        referee = self._sources[1]
        if self._served_by.get(bars.symbol) is referee:
            return Verdict()
        since = as_date(bars.days[-min(REFEREED, len(bars))])
        try:
            other = await referee.bars(bars.symbol, since=since)
        except TRY_NEXT:
            return Verdict()
        return compared(bars, other, referee=referee.label)

    async def _first(self, ask: Callable[[Source], Awaitable[Answer]]) -> Answer:
        failure: HighwaterError | None = None
        for source in self._sources:
            try:
                answer = await ask(source)
            except TRY_NEXT as exc:
                failure = failure or exc
            else:
                self._last = source
                return answer
        assert failure is not None  # noqa: S101  there is at least one source
        raise failure


def compared(bars: Bars, other: Bars, *, referee: str) -> Verdict:
    """What `other` says about the settled sessions that both have, the last ten at most.

    Compared are close (0.5 %), high and low (1 %), each relative to the referee's price.
    """
    mine, theirs = _settled(bars), _settled(other)
    _, at, there = np.intersect1d(mine.days, theirs.days, return_indices=True)
    at, there = at[-REFEREED:], there[-REFEREED:]
    off = np.maximum.reduce(
        [
            _off(mine.close[at], theirs.close[there]) / CLOSE_TOLERANCE,
            _off(mine.high[at], theirs.high[there]) / RANGE_TOLERANCE,
            _off(mine.low[at], theirs.low[there]) / RANGE_TOLERANCE,
        ]
    )
    agreed = off <= 1.0
    confirmed = tuple(as_date(day) for day in mine.days[at][agreed])
    if agreed.all():
        return Verdict(confirmed=confirmed)
    disputed = np.flatnonzero(~agreed)
    last = disputed[-1]
    day = as_date(mine.days[at][last])
    own, their = float(mine.close[at][last]), float(theirs.close[there][last])
    finding = Finding(
        symbol=bars.symbol,
        rule=Rule.DISPUTED,
        severity=Severity.HOLD,
        session=day,
        value=own,
        count=len(disputed),
        text=f"{referee} disagrees about {day}: a close of {their:g} instead of {own:g}, or "
        "another high or low; alerts are held.",
    )
    return Verdict(finding=finding, confirmed=confirmed)


def _settled(bars: Bars) -> Bars:
    return bars if bars.final or not len(bars) else bars.through(as_date(bars.days[-1] - 1))


def _off(prices: Floats, reference: Floats) -> Floats:
    """The relative difference; infinite where it cannot be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(prices / reference - 1.0)
    return np.where(np.isfinite(off), off, np.inf)
