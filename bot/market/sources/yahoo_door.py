"""Yahoo's door: yfinance keeps the cookie, the crumb and the consent form; we keep the rest.

yfinance follows Yahoo's changing rules of access, so it carries every request that needs a
cookie and a crumb. Its tables are left alone: `Ticker.history` needs 10–14 ms of pandas for a
year of bars, `yf.download` opens a thread and a TLS connection per symbol and has no channel for
errors, and one 404 makes it send several more requests. The chart endpoint needs no crumb; it is
asked directly, through the same session.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curl_cffi.requests import Response

from bot.market.limiter import Gate
from bot.market.sources.door import Answer, Door, GatedSession, Network, Pace
from bot.market.sources.yahoo_library import Library, open_library

QUERY1 = "https://query1.finance.yahoo.com"
QUERY2 = "https://query2.finance.yahoo.com"
ROOT = "https://finance.yahoo.com"

DATA_HOSTS = frozenset(
    {"query1.finance.yahoo.com", "query2.finance.yahoo.com", "finance.yahoo.com"}
)
"""Where a 404 is an answer. The cookie hosts send 404 and set their cookie all the same."""

LET_THROUGH = (ValueError, LookupError, AttributeError, TypeError, OSError)
"""What yfinance's cookie and consent code lets through when a page is not what it expects."""


class YahooDoor:
    """Asks Yahoo's JSON endpoints. Every method raises SourceDown and RateLimited.

    `cache` is where yfinance keeps its cookie, so that a restart needs no new one.
    """

    def __init__(
        self, gate: Gate, *, cache: Path, network: Network | None = None, pace: Pace | None = None
    ) -> None:
        self.gate = gate
        self.network = network or Network()
        self.pace = pace or Pace()
        self._cache = cache
        self._session = GatedSession(gate, self.network, pace=self.pace, final_hosts=DATA_HOSTS)
        self._door = Door("Yahoo", self._session, foreign=LET_THROUGH)
        self._library: Library | None = None
        self._opening = threading.Lock()

    async def chart(self, symbol: str, params: Mapping[str, object]) -> Answer:
        """The chart endpoint: one request, no cookie."""
        url = f"{QUERY2}/v8/finance/chart/{symbol}"
        return await self._door.ask(lambda: self._session.get(url, params=dict(params)))

    async def get(self, url: str, params: Mapping[str, object]) -> Answer:
        """An endpoint that wants the cookie and the crumb."""
        return await self._door.ask(lambda: self._response("get", url, params=dict(params)))

    async def post(
        self, url: str, body: Mapping[str, object], *, params: Mapping[str, object]
    ) -> Answer:
        """The same with a JSON body."""
        return await self._door.ask(
            lambda: self._response("post", url, body=dict(body), params=dict(params))
        )

    def close(self) -> None:
        """Fail what waits and start nothing new."""
        self._door.close()

    def _response(self, method: str, url: str, **arguments: Any) -> Response:
        response: Response = getattr(self._opened().data, method)(url, **arguments)
        return response

    def _opened(self) -> Library:
        with self._opening:
            if self._library is None:
                self._library = open_library(self._session, self._cache)
                self._door.foreign = (*self._door.foreign, *self._library.errors)
            return self._library
