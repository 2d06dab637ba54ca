"""What the market facade tells about itself: freshness, refresh reports, status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.market.findings import Finding
from bot.market.merging import Restated
from bot.market.model import Symbol


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """Where the bars of a symbol come from and how fresh they are; for footers.

    `session` is the last closed session they hold. `final` is False while that session is to
    be read again next morning. `stale` says why they are older than they should be, else "".
    """

    source: str
    session: date | None
    final: bool
    fetched_at: datetime
    delay_minutes: int
    stale: str = ""


@dataclass(frozen=True, kw_only=True)
class RefreshReport:
    """What one refresh did.

    `current` symbols have a bar of `session`; `held` ones must not alert, with the reason;
    `missing` have no bar of the session; `failed` could not be fetched, with the reason (their
    older bars are still served). `source` is set when the source as a whole is incomplete:
    then nothing must alert.
    """

    session: date
    current: tuple[Symbol, ...]
    restated: tuple[Restated, ...]
    held: Mapping[Symbol, Finding]
    missing: tuple[Symbol, ...]
    failed: Mapping[Symbol, str]
    source: Finding | None


@dataclass(frozen=True, kw_only=True)
class MarketStatus:
    """The market layer at a glance."""

    source: str
    delay_minutes: int
    symbols: int
    held: int
    refreshed_at: datetime | None
    suspended: Finding | None
    trouble: str
    """What the source last failed with, "" when it answered last time."""
    paused: float | None = None
    """Seconds for which the source wants no request; None where it has no such limit."""
    requests_left: int | None = None
    """Requests that the hour still allows; None where nobody counts them."""
