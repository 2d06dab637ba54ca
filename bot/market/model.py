"""The nouns of the market layer: Symbol, Instrument, Bars, Quote, Headline, FundProfile.

Bars are columns, not rows: one frozen record of numpy arrays per symbol. Prices are
split-adjusted and never dividend-adjusted; what depends on dividends is derived from the
stored truth and never stored itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from bot.errors import InvalidSymbol

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]

SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=\-]{0,14}")
"""What may reach a source: yfinance puts the ticker into its URL unquoted."""


class Symbol(str):
    """A ticker in Yahoo's spelling (BRK-B, ^GSPC), validated at construction.

    Raises InvalidSymbol. Leading `$`, blanks and lower case are forgiven.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        cleaned = text.strip().removeprefix("$").upper()
        if not SYMBOL.fullmatch(cleaned):
            shown = "".join(c for c in text[:20] if c.isprintable() and c not in "`@<>*_~|[]()#")
            raise InvalidSymbol(
                f"“{shown}” is not a ticker symbol. Symbols are up to 15 letters, digits, "
                "dots or dashes, such as IVOO or BRK-B."
            )
        return super().__new__(cls, cleaned)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Records with symbols can be validated from JSON and commands from text."""
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )


class Basis(StrEnum):
    """Which adjustment a price series carries."""

    PRICE = "price"
    """Split-adjusted, without dividends: what quote pages and news print. The default."""
    TOTAL = "total"
    """Total return: adjusted for splits and dividends."""


class Measure(StrEnum):
    """Which price of a session a high is measured on."""

    INTRADAY = "intraday"
    CLOSE = "close"


class InstrumentType(StrEnum):
    ETF = "etf"
    STOCK = "stock"
    INDEX = "index"


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A row of the symbol directory."""

    symbol: Symbol
    name: str
    type: InstrumentType
    exchange: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """The daily history of one symbol; all arrays have shape (n,), one entry per session.

    `days` is datetime64[D], strictly increasing. `open`, `high`, `low`, `close` are
    split-adjusted prices in the quote currency; `volume` is in (split-adjusted) shares;
    `dividend` is the cash amount per (split-adjusted) share on its ex-date, else 0;
    `split` is the ratio on its ex-date (2.0 for 2:1), else 0. `final` says whether the last
    bar is settled (False: the session is running or its volume may still change).

    Raises ValueError when shapes differ or days are not strictly increasing.
    """

    symbol: Symbol
    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dividend: Floats
    split: Floats
    final: bool = True

    def __post_init__(self) -> None:
        shape = self.days.shape
        prices = self.open.shape == self.high.shape == self.low.shape == self.close.shape
        others = self.volume.shape == self.dividend.shape == self.split.shape
        if not (prices and others and self.open.shape == self.volume.shape == shape):
            self._refuse_lengths()
        if len(self.days) > 1 and not (self.days[1:] > self.days[:-1]).all():
            raise ValueError(f"{self.symbol}: days are not strictly increasing")

    def _refuse_lengths(self) -> None:
        for name in ("open", "high", "low", "close", "volume", "dividend", "split"):
            if getattr(self, name).shape != self.days.shape:
                raise ValueError(f"{self.symbol}: {name} and days differ in length")

    def __len__(self) -> int:
        return len(self.days)

    @property
    def last_day(self) -> date:
        """The session of the last bar. Raises IndexError on empty bars."""
        return as_date(self.days[-1])

    def through(self, day: date) -> "Bars":
        """These bars up to and including `day` (arrays are views)."""
        return self.between(0, int(np.searchsorted(self.days, np.datetime64(day), side="right")))

    def since(self, day: date) -> "Bars":
        """These bars from `day` on (arrays are views)."""
        return self.between(int(np.searchsorted(self.days, np.datetime64(day))), len(self))

    def index_of(self, day: date) -> int | None:
        """The position of `day`, or None when there is no bar for it."""
        i = int(np.searchsorted(self.days, np.datetime64(day)))
        return i if i < len(self) and self.days[i] == np.datetime64(day) else None

    def between(self, first: int, stop: int) -> "Bars":
        """The bars at the positions `first` to `stop` (arrays are views)."""
        return Bars(
            symbol=self.symbol,
            days=self.days[first:stop],
            open=self.open[first:stop],
            high=self.high[first:stop],
            low=self.low[first:stop],
            close=self.close[first:stop],
            volume=self.volume[first:stop],
            dividend=self.dividend[first:stop],
            split=self.split[first:stop],
            final=self.final or stop < len(self),
        )


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The price of a symbol now. `time` is aware; `volume` in shares so far in the session.

    `open` is NaN where the source does not know it.
    """

    symbol: Symbol
    last: float
    prior_close: float
    open: float
    high: float
    low: float
    volume: float
    time: datetime
    source: str
    delay_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One news item about one or more symbols; `id` is stable at its source."""

    id: str
    time: datetime
    title: str
    url: str
    publisher: str
    symbols: tuple[Symbol, ...]
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class FundProfile:
    """What a fund holds; `sectors` are (name, weight 0…1), largest first; may be empty."""

    symbol: Symbol
    name: str
    category: str
    sectors: tuple[tuple[str, float], ...]
    as_of: date | None


def as_date(day: np.datetime64) -> date:
    """A numpy day as a date."""
    converted = day.item()
    if type(converted) is not date:  # a moment or a unit that Python has no type for
        converted = day.astype("datetime64[D]").item()
    assert isinstance(converted, date)  # noqa: S101  datetime64[D] always converts to a date
    return converted


def empty_bars(symbol: Symbol) -> Bars:
    """Bars of no session at all."""
    none = np.empty(0)
    return Bars(
        symbol=symbol,
        days=np.empty(0, dtype="datetime64[D]"),
        open=none,
        high=none,
        low=none,
        close=none,
        volume=none,
        dividend=none,
        split=none,
    )


def total_return_factors(bars: Bars) -> Floats:
    """Factors that turn split-adjusted prices into total-return prices, shape (n,).

    CRSP's convention: on each ex-date every earlier price is multiplied by
    1 − dividend / prior close; the last factor is 1.
    """
    factors = np.ones(len(bars))
    if len(bars) > 1:
        steps = np.ones(len(bars))
        steps[1:] = 1.0 - bars.dividend[1:] / bars.close[:-1]
        steps[~np.isfinite(steps) | (steps <= 0)] = 1.0
        factors[:-1] = np.cumprod(steps[::-1])[::-1][1:]
    return factors


def on_basis(bars: Bars, basis: Basis) -> Bars:
    """The same bars on `basis`; volume and events are untouched."""
    if basis is Basis.PRICE:
        return bars
    factors = total_return_factors(bars)
    return Bars(
        symbol=bars.symbol,
        days=bars.days,
        open=bars.open * factors,
        high=bars.high * factors,
        low=bars.low * factors,
        close=bars.close * factors,
        volume=bars.volume,
        dividend=bars.dividend,
        split=bars.split,
        final=bars.final,
    )


def symbols_of(texts: Sequence[str]) -> tuple[Symbol, ...]:
    """Validated symbols in their order, each once. Raises InvalidSymbol."""
    return tuple(dict.fromkeys(Symbol(text) for text in texts))
