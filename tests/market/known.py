"""Known bars for the market tests: made from a seed, or real ones where they are at hand."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.errors import HighwaterError, NotOffered, UnknownSymbol
from bot.market.model import Bars, FundProfile, Headline, Instrument, Quote, Symbol
from bot.market.sessions import Sessions

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("HIGHWATER_REAL_DATA", ROOT / "../shared/market"))
SESSIONS = Sessions.load()
TEST = Symbol("TEST")


def real_folder(name: str) -> Path:
    """A folder of real bars; skips the test where there is none."""
    folder = REAL / name
    if not folder.is_dir():
        pytest.skip(f"no real bars at {folder} (set HIGHWATER_REAL_DATA)")
    return folder


def walk(
    first: str = "2023-01-03",
    last: str = "2024-12-31",
    *,
    symbol: str = TEST,
    seed: int = 1,
    price: float = 100.0,
) -> Bars:
    """A calm random walk over real sessions, rounded to cents, without any event."""
    days = SESSIONS.between(date.fromisoformat(first), date.fromisoformat(last))
    random = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(random.normal(0.0002, 0.01, len(days))))
    opened = np.append(price, close[:-1]) * np.exp(random.normal(0, 0.003, len(days)))
    reach = np.abs(random.normal(0, 0.004, (2, len(days))))
    high = np.maximum(opened, close) * (1 + reach[0])
    low = np.minimum(opened, close) * (1 - reach[1])
    none = np.zeros(len(days))
    return Bars(
        symbol=Symbol(symbol),
        days=days.copy(),
        open=opened.round(2),
        high=high.round(2),
        low=low.round(2),
        close=close.round(2),
        volume=random.integers(500_000, 1_500_000, len(days)).astype(float),
        dividend=none,
        split=none,
    )


def scaled(bars: Bars, ratio: float) -> Bars:
    """The same bars with all prices multiplied and the volume divided, as a split does."""
    return replace(
        bars,
        open=bars.open * ratio,
        high=bars.high * ratio,
        low=bars.low * ratio,
        close=bars.close * ratio,
        volume=bars.volume / ratio,
        dividend=bars.dividend * ratio,
    )


def with_values(bars: Bars, i: int, **values: float) -> Bars:
    """The same bars with some columns of bar `i` replaced."""
    changed = {}
    for name, value in values.items():
        column = getattr(bars, name).copy()
        column[i] = value
        changed[name] = column
    return replace(bars, **changed)


def evening(day: date) -> datetime:
    """Two hours after the regular close of `day`."""
    return SESSIONS.bounds(day)[1].replace(hour=23, minute=0)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class KnownSource:
    """A source with known bars. `trouble` is raised when set; `asked` records every fetch."""

    name = "known"
    label = "Known bars"
    delay_minutes = 15

    def __init__(self, *bars: Bars) -> None:
        self.held = {b.symbol: b for b in bars}
        self.trouble: HighwaterError | None = None
        self.asked: list[tuple[Symbol, date | None]] = []
        self.quoted: dict[Symbol, Quote] = {}
        self.news: tuple[Headline, ...] = ()

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        self.asked.append((symbol, since))
        if self.trouble is not None:
            raise self.trouble
        if symbol not in self.held:
            raise UnknownSymbol(f"{symbol} is not known.")
        bars = self.held[symbol]
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        if self.trouble is not None:
            raise self.trouble
        return {symbol: self.quoted[symbol] for symbol in symbols if symbol in self.quoted}

    async def profile(self, symbol: Symbol) -> FundProfile:
        raise NotOffered("no profiles")

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        return self.news[:limit]

    async def directory(self) -> tuple[Instrument, ...]:
        return ()

    async def close(self) -> None:
        pass
