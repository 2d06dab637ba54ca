"""The one door through which a web source speaks to its vendor.

Vendors tell browsers from programs by their TLS handshake, so requests leave through curl_cffi,
which imitates Chrome's. Its sessions block; they run in four threads of our own, and every single
request (also those that a library makes on its own behalf, such as for cookies) passes the
vendor's `Gate` in `GatedSession.request`. Here, and nowhere else, foreign errors become
Highwater's: what went wrong on the way is SourceDown, a refusal is RateLimited.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException

from bot.errors import HighwaterError, RateLimited, SourceDown
from bot.market.limiter import Gate, Outcome, Ticket

Foreign = tuple[type[Exception], ...]

RETRY_PAUSES = (0.5, 2.0)
"""Seconds before the second and third try; a reset or a timeout is usually over by then."""

REFUSED_STATUSES = frozenset({429, 999})
"""Too Many Requests, and Yahoo's older number for the same."""

REFUSED_TEXTS = (b"Too Many Requests", b"Edge: Too Many Requests")
"""How the plain-text bodies of a refusal begin, whatever the status says."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The way out: a proxy (`http://host:port`) and the certificates to trust, where not the
    usual ones; `timeout` in seconds bounds a request from connecting to its last byte."""

    proxy: str | None = None
    certificates: Path | None = None
    timeout: float = 10.0

    def tls(self) -> ssl.SSLContext:
        """The same certificates for what does not go through curl."""
        return ssl.create_default_context(cafile=self.certificates)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How time passes for the door: a monotonic clock in seconds, and a wait that an event ends."""

    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Event, float], object] = threading.Event.wait


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A vendor's JSON answer; `body` is what `orjson.loads` gave."""

    status: int
    body: Any


class Rejected(Exception):
    """An answer that no repetition improves, on its way past a library that would repeat."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class GatedSession(Session[Response]):
    """A curl_cffi session of which every request passes a gate.

    Answers of `final_hosts` with a status of 404 or 500 and above are raised as Rejected, because
    yfinance would answer them with four more requests. RateLimited is raised for refusals.
    """

    def __init__(
        self, gate: Gate, network: Network, *, pace: Pace, final_hosts: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(
            impersonate="chrome",
            timeout=network.timeout,
            proxy=network.proxy,
            verify=str(network.certificates) if network.certificates else True,  # type: ignore[arg-type]
        )
        self._gate = gate
        self._pace = pace
        self._final_hosts = final_hosts
        self._timeout = network.timeout
        self._closing = threading.Event()

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send a request when the gate admits it. Raises RateLimited, SourceDown, Rejected and
        curl_cffi's RequestException."""
        kwargs["timeout"] = self._timeout
        ticket = self._enter()
        outcome, after = Outcome.FAILED, 0.0
        try:
            response = super().request(method, url, *args, **kwargs)
            outcome, after = judged(response), retry_after(response)
        finally:
            self._gate.settle(ticket, outcome, self._pace.monotonic(), after=after)
        if outcome is Outcome.REFUSED:
            raise self._gate.refusal(self._pace.monotonic())
        final = response.status_code == 404 or response.status_code >= 500
        if final and urlsplit(url).hostname in self._final_hosts:
            raise Rejected(response)
        return response

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def stop(self) -> None:
        """Let every request that has not left yet fail at once."""
        self._closing.set()

    def rest(self, seconds: float) -> None:
        """Wait, unless the session is being closed. Raises SourceDown then."""
        if seconds > 0:
            self._pace.wait(self._closing, seconds)
        if self._closing.is_set():
            raise SourceDown("The data source is being closed.")

    def _enter(self) -> Ticket:
        self.rest(0.0)
        while not isinstance(admission := self._gate.admit(self._pace.monotonic()), Ticket):
            self.rest(admission)
        return admission


class Door:
    """Runs a vendor's blocking requests in its own threads and translates their errors.

    `label` names the vendor in errors; `foreign` are further exceptions of libraries in between.
    """

    def __init__(
        self, label: str, session: GatedSession, *, threads: int = 4, foreign: Foreign = ()
    ) -> None:
        self.session = session
        self.foreign: Foreign = (RequestException, *foreign)
        self._label = label
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"{label}-")

    async def ask(self, send: Callable[[], Response]) -> Answer:
        """The vendor's JSON answer to what `send` requests; three tries.

        Raises RateLimited, and SourceDown when no try brought JSON with a status below 500 or
        when the vendor wants nothing to do with us (401, 403).
        """
        if self.session.closing:
            raise SourceDown(f"{self._label} is closed.")
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, send)
        if answer.status in (401, 403):
            raise SourceDown(f"{self._label} refuses access (HTTP {answer.status}).")
        return answer

    def close(self) -> None:
        """Fail what waits; what is under way ends by itself within its timeout."""
        self.session.stop()
        self._threads.shutdown(wait=False)

    def _ask(self, send: Callable[[], Response]) -> Answer:
        for pause in RETRY_PAUSES:
            try:
                return self._try(send)
            except RateLimited:
                raise
            except SourceDown:
                self.session.rest(pause)
        return self._try(send)

    def _try(self, send: Callable[[], Response]) -> Answer:
        try:
            response = send()
        except Rejected as rejected:
            response = rejected.response
        except HighwaterError:
            raise
        except self.foreign as exc:
            raise SourceDown(f"{self._label} does not answer ({type(exc).__name__}).") from exc
        if response.status_code >= 500:
            raise SourceDown(f"{self._label} is out of order (HTTP {response.status_code}).")
        try:
            return Answer(status=response.status_code, body=orjson.loads(response.content))
        except ValueError as exc:
            if response.status_code >= 400:
                return Answer(status=response.status_code, body=None)
            raise SourceDown(f"{self._label} answered with something that is not data.") from exc


def judged(response: Response) -> Outcome:
    """What the gate should know about an answer."""
    if response.status_code in REFUSED_STATUSES or response.content.startswith(REFUSED_TEXTS):
        return Outcome.REFUSED
    return Outcome.FAILED if response.status_code >= 500 else Outcome.ANSWERED


def retry_after(response: Response) -> float:
    """The Retry-After header in seconds; 0 where there is none or it is a date."""
    text = response.headers.get("Retry-After") or ""
    return float(text) if text.isdecimal() else 0.0
