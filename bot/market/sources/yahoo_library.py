"""The one place that imports yfinance, when the first request needs it.

A source has a `YfData` of its own instead of the library's process-wide one, so that two sources
never share a session, a cookie or a crumb by accident.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.market.sources.door import GatedSession


@dataclass(frozen=True, kw_only=True)
class Library:
    """What of yfinance is used."""

    data: Any
    """A `yfinance.data.YfData`: GET and POST with cookie, crumb and consent."""
    errors: tuple[type[Exception], ...]
    """What its own code and its cookie database raise."""


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """The stream's message type, `yfinance.pricing_pb2.PricingData`, and what decoding raises."""

    message: Any
    error: type[Exception]


def open_library(session: GatedSession, cache: Path) -> Library:
    """yfinance with its requests going through `session` and its cookie kept under `cache`."""
    # Imported here for start-up time: 0.4 s and 50 MB, most of it pandas.
    from peewee import PeeweeException  # noqa: PLC0415
    from yfinance import set_tz_cache_location  # noqa: PLC0415
    from yfinance.data import YfData  # noqa: PLC0415
    from yfinance.exceptions import YFException  # noqa: PLC0415

    quieten()
    set_tz_cache_location(str(cache))
    # What it remembers for ever, and across sources: search results and market states.
    YfData.cache_get.cache_clear()
    # Not YfData(session): its metaclass would hand out the process-wide instance.
    data = type.__call__(YfData, session=session)
    return Library(data=data, errors=(YFException, PeeweeException))


def open_pricing() -> Pricing:
    """yfinance's definition of the stream's protobuf messages."""
    # Imported here for start-up time, as above.
    from google.protobuf.message import (  # type: ignore[import-untyped]  # noqa: PLC0415
        DecodeError,
    )
    from yfinance.pricing_pb2 import PricingData  # noqa: PLC0415

    quieten()
    return Pricing(message=PricingData, error=DecodeError)


def quieten() -> None:
    """Silence what pandas 3 says about yfinance's own code on every call."""
    from pandas.errors import Pandas4Warning  # noqa: PLC0415  (yfinance has imported pandas)

    warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
