"""What every market data source offers, whatever stands behind it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from bot.market.model import Bars, FundProfile, Headline, Instrument, Quote, Symbol


class Source(Protocol):
    """A vendor of market data.

    Every method raises SourceDown or RateLimited when the vendor does not answer,
    UnknownSymbol when it does not know the symbol, NoData when it has nothing usable for it,
    and NotOffered when it does not carry this kind of data. No other exception leaves a source.
    """

    @property
    def name(self) -> str:
        """The key in SOURCES: `demo`, `folder`, `yahoo`."""
        ...

    @property
    def label(self) -> str:
        """How a footer names it: “Yahoo”, “Demo market (synthetic)”."""
        ...

    @property
    def delay_minutes(self) -> int:
        """How far quotes lag behind the exchange."""
        ...

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        """Daily bars from `since` (default: inception), the running session's bar last if any.

        The running or unsettled last bar has `final=False`.
        """
        ...

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes of those symbols that have one; the others are left out."""
        ...

    async def profile(self, symbol: Symbol) -> FundProfile: ...

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        """The newest headlines first."""
        ...

    async def directory(self) -> tuple[Instrument, ...]:
        """All instruments this source knows; may be empty where it cannot list them."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Limited(Protocol):
    """A source whose vendor may be asked only so often."""

    @property
    def paused(self) -> float:
        """Seconds for which the vendor wants no request; 0 when it does."""
        ...

    @property
    def requests_left(self) -> int:
        """Requests that the hour still allows."""
        ...
