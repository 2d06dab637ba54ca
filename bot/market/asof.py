"""A source as it would have looked at the clock's moment: nothing from later is visible.

A replay asks a source of finished daily bars. Sessions that have not opened are cut off, and
prices are put back on the scale of their time by undoing every split that is still to come.
While a session runs, its hidden daily bar is turned into a plausible path: from the open to
the extreme nearer to it, on to the other extreme, and to the close, straight in time, with the
volume growing evenly. The path is the same at every run. It is a reconstruction, and every
quote says so: only the four prices of the bar are real, and only as far as the path has reached
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

import numpy as np

from bot.clock import Clock
from bot.errors import DataError, NotOffered, UnknownSymbol
from bot.market.model import Bars, Floats, FundProfile, Headline, Instrument, Quote, Symbol
from bot.market.sessions import SETTLE, Sessions
from bot.market.sources.protocol import Source

RECONSTRUCTED = "intraday path reconstructed from the daily bar"
FIRST_EXTREME = 0.3
"""Share of the session after which the path stands at the extreme nearer to the open."""
SECOND_EXTREME = 0.7
"""Share of the session after which it stands at the other one."""


@dataclass(frozen=True, kw_only=True)
class Print:
    """What a running session shows: the last price, and high, low and volume so far."""

    last: float
    high: float
    low: float
    volume: float


def path_at(bars: Bars, i: int, elapsed: float) -> Print:
    """The reconstructed state of bar `i` after the share `elapsed` (0…1) of its session."""
    opened, high, low = float(bars.open[i]), float(bars.high[i]), float(bars.low[i])
    extremes = (low, high) if opened - low <= high - opened else (high, low)
    corners = (
        (0.0, opened),
        (FIRST_EXTREME, extremes[0]),
        (SECOND_EXTREME, extremes[1]),
        (1.0, float(bars.close[i])),
    )
    reached = [opened]
    for (began, start), (ended, end) in pairwise(corners):
        if elapsed >= ended:
            reached.append(end)
        elif elapsed > began:
            reached.append(start + (end - start) * (elapsed - began) / (ended - began))
    volume = np.floor(bars.volume[i] * elapsed)
    return Print(last=reached[-1], high=max(reached), low=min(reached), volume=float(volume))


def as_known_on(bars: Bars, day: date) -> Bars:
    """These bars through `day`, on the price scale of `day`: later splits are undone."""
    known = bars.through(day)
    later = bars.split[len(known) :]
    ratio = float(np.prod(later[later > 0]))
    if ratio == 1.0:
        return known
    return replace(
        known,
        open=known.open * ratio,
        high=known.high * ratio,
        low=known.low * ratio,
        close=known.close * ratio,
        volume=known.volume / ratio,
        dividend=known.dividend * ratio,
    )


class AsOf:
    """`source` at the moment of `clock`; a Source itself.

    Quotes are made from the daily bars. Headlines later than the moment are left out, and so
    are profiles dated later or not at all. The directory is today's, which only tells which
    symbols live on.
    """

    delay_minutes = 0

    def __init__(self, source: Source, clock: Clock, sessions: Sessions) -> None:
        self._source = source
        self._clock = clock
        self._sessions = sessions

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def label(self) -> str:
        return self._source.label

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        """Daily bars through the last opened session, the running one as far as it has come."""
        whole = await self._source.bars(symbol)
        bars = self._visible(whole, self._clock.now())
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes on the reconstructed path; outside sessions, the last close."""
        now = self._clock.now()
        quotes: dict[Symbol, Quote] = {}
        for symbol in symbols:
            try:
                bars = self._visible(await self._source.bars(symbol), now)
            except (UnknownSymbol, DataError):
                continue
            if len(bars) > 1:
                quotes[symbol] = self._quote(bars, now)
        return quotes

    async def profile(self, symbol: Symbol) -> FundProfile:
        profile = await self._source.profile(symbol)
        if profile.as_of is None:
            raise NotOffered(f"The profile of {symbol} has no date; it may be later than this.")
        if profile.as_of > self._clock.now().date():
            raise NotOffered(
                f"The profile of {symbol} is of {profile.as_of}, later than this moment."
            )
        return profile

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        now = self._clock.now()
        known = [h for h in await self._source.headlines(symbol, limit=10_000) if h.time <= now]
        return tuple(known[:limit])

    async def directory(self) -> tuple[Instrument, ...]:
        return await self._source.directory()

    async def close(self) -> None:
        await self._source.close()

    def _visible(self, whole: Bars, now: datetime) -> Bars:
        day = self._sessions.last_opened(now)
        known = as_known_on(whole, day)
        if not len(known) or known.last_day != day:
            return known
        if self._sessions.open_session(now) == day:
            return _in_progress(known, self._sessions.fraction_elapsed(now))
        settled = self._sessions.last_closed(now, SETTLE) == day
        return known if settled else replace(known, final=False)

    def _quote(self, bars: Bars, now: datetime) -> Quote:
        _, closed = self._sessions.bounds(bars.last_day)
        return Quote(
            symbol=bars.symbol,
            last=float(bars.close[-1]),
            prior_close=float(bars.close[-2]),
            open=float(bars.open[-1]),
            high=float(bars.high[-1]),
            low=float(bars.low[-1]),
            volume=float(bars.volume[-1]),
            time=min(now, closed),
            source=f"{self.label}, {RECONSTRUCTED}",
        )


def _in_progress(bars: Bars, elapsed: float) -> Bars:
    """The same bars with the last one as far as the path has come."""
    seen = path_at(bars, len(bars) - 1, elapsed)

    def ending(values: Floats, last: float) -> Floats:
        return np.append(values[:-1], last)

    return replace(
        bars,
        high=ending(bars.high, seen.high),
        low=ending(bars.low, seen.low),
        close=ending(bars.close, seen.last),
        volume=ending(bars.volume, seen.volume),
        final=False,
    )
