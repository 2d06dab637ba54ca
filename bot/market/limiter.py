"""When may the next request leave? Decided here, without a clock and without waiting.

A vendor that is asked too often bans the whole address, so every request of the process goes
through one `Gate` per vendor. It answers each request for admission with a ticket, with the
seconds to wait, or with RateLimited; whoever holds the clock does the waiting. Four rules:

- a token bucket keeps the pace (2 requests a second, 5 at once);
- no more requests are under way than connections are allowed (4);
- a rolling hour holds at most 1,500 requests;
- a breaker opens when the vendor says "too many requests": 60 s at first, doubling to an hour.

After a pause exactly one request goes out as a probe, and the others wait for what it brings. A
new process starts the same way, because it may have been started in the middle of a ban.

The figures are what people report as safe; Yahoo publishes none. `now` is always in seconds of
one monotonic clock.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.errors import RateLimited
from bot.market.model import Symbol

HOUR = 3600.0
"""Seconds in the rolling hour of the budget, and the longest pause of the breaker."""

ROUNDING = 1e-9
"""Tokens that floating point may have lost on the way to a whole one."""

POLL = 0.05
"""Seconds after which to ask again when only another request's end can help."""

SESSIONS_UNTIL_DEAD = 3
"""A symbol that was not found on this many sessions is not asked for again for a week. Fewer may
be a fault of the vendor, who says "possibly delisted" about network errors too."""

DEAD_DAYS = 7
"""Days after which a dead symbol gets another chance: tickers are handed out again."""

SHUN_SECONDS = 900.0
"""Seconds for which one "not found" is believed without asking again."""

REMEMBERED = 10_000
"""Symbols that were not found; beyond that the oldest is forgotten (people type what they like)."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How hard a vendor may be asked. `pause` and `longest_pause` are the breaker's, in seconds."""

    rate: float = 2.0
    """Requests a second in the long run."""
    burst: int = 5
    """Requests at once after a rest."""
    connections: int = 4
    """Requests under way at the same time."""
    hourly: int = 1500
    """Requests in any 3,600 s."""
    pause: float = 60.0
    longest_pause: float = HOUR

    def __post_init__(self) -> None:
        if min(self.rate, self.burst, self.connections, self.hourly, self.pause) <= 0:
            raise ValueError("every limit must be positive")


class Outcome(StrEnum):
    """How a request ended, as far as the gate cares."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The vendor said "too many requests"."""
    FAILED = "failed"
    """No usable answer: a reset, a timeout, a server error."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """The right to send one request; hand it back through `Gate.settle`."""

    opening: int
    """How often the breaker had opened when the ticket was given."""
    probe: bool


class TokenBucket:
    """`rate` tokens a second, at most `burst` saved up."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        return 0.0 if self._tokens > 1.0 - ROUNDING else (1.0 - self._tokens) / self._rate

    def take(self) -> None:
        """Use a token, after `wait` said 0."""
        self._tokens -= 1.0


class HourlyBudget:
    """At most `size` requests in any 3,600 s."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the oldest request has left the hour; 0 when there is room."""
        while self._taken and self._taken[0] <= now - HOUR:
            self._taken.popleft()
        full = len(self._taken) >= self._size
        return max(POLL, self._taken[0] + HOUR - now) if full else 0.0

    def take(self, now: float) -> None:
        self._taken.append(now)

    def left(self, now: float) -> int:
        """How many requests are left in the hour that ends now."""
        self.wait(now)
        return self._size - len(self._taken)


class Breaker:
    """Open after a refusal for `pause` seconds, doubling up to `longest`; one probe ends it.

    A fresh breaker trusts nobody yet: its first request is a probe as well.
    """

    def __init__(self, pause: float, longest: float) -> None:
        self._first = pause
        self._longest = longest
        self._pause = 0.0
        self._until = float("-inf")
        self._trusted = False
        self._probing = False
        self.openings = 0

    def closed_for(self, now: float) -> float:
        """Seconds for which nothing may be asked; 0 when something may."""
        return max(0.0, self._until - now)

    @property
    def probing(self) -> bool:
        """Whether a probe is under way and everyone else should wait for it."""
        return self._probing

    def start(self) -> Ticket:
        """Begin a request, after `closed_for` said 0 and while nobody is probing."""
        self._probing = not self._trusted
        return Ticket(opening=self.openings, probe=self._probing)

    def settle(self, ticket: Ticket, outcome: Outcome, now: float, *, after: float = 0.0) -> None:
        """Note how a request ended. What began before the breaker last opened changes nothing.

        `after` is the vendor's own Retry-After in seconds.
        """
        if ticket.opening != self.openings:
            return
        if outcome is Outcome.REFUSED:
            self._pause = min(self._longest, 2 * self._pause or self._first)
            self._open(now, max(self._pause, after))
        elif ticket.probe and outcome is Outcome.ANSWERED:
            self._probing, self._trusted, self._pause = False, True, 0.0
        elif ticket.probe and self._pause:
            self._open(now, self._first)
        elif ticket.probe:
            self._probing = False

    def _open(self, now: float, pause: float) -> None:
        self._until = now + pause
        self._probing = self._trusted = False
        self.openings += 1


class Gate:
    """All rules together, for one vendor; safe to use from several threads.

    `label` names the vendor in errors.
    """

    def __init__(self, label: str, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._label = label
        self._connections = limits.connections
        self._lock = threading.Lock()
        self._bucket = TokenBucket(limits.rate, limits.burst)
        self._budget = HourlyBudget(limits.hourly)
        self._breaker = Breaker(limits.pause, limits.longest_pause)
        self._under_way = 0

    @property
    def openings(self) -> int:
        """How often the breaker has opened."""
        return self._breaker.openings

    def left(self, now: float) -> int:
        """How many requests the hour still allows."""
        with self._lock:
            return self._budget.left(now)

    def paused(self, now: float) -> float:
        """Seconds for which nothing may be asked because the vendor said so; 0 when it did not."""
        with self._lock:
            return self._breaker.closed_for(now)

    def admit(self, now: float) -> Ticket | float:
        """A ticket, or the seconds after which to ask again.

        Raises RateLimited, with `after`, while the breaker is open or the hour is used up.
        """
        with self._lock:
            if pause := self._breaker.closed_for(now):
                raise self._limited(pause, "has asked us to slow down")
            if pause := self._budget.wait(now):
                raise self._limited(pause, "has been asked enough for this hour")
            if self._breaker.probing or self._under_way >= self._connections:
                return POLL
            if pause := self._bucket.wait(now):
                return pause
            self._bucket.take()
            self._budget.take(now)
            self._under_way += 1
            return self._breaker.start()

    def settle(self, ticket: Ticket, outcome: Outcome, now: float, *, after: float = 0.0) -> None:
        """Hand a ticket back; every ticket exactly once. `after` as for `Breaker.settle`."""
        with self._lock:
            self._under_way -= 1
            self._breaker.settle(ticket, outcome, now, after=after)

    def refusal(self, now: float) -> RateLimited:
        """The error that describes the breaker as it stands."""
        with self._lock:
            return self._limited(self._breaker.closed_for(now), "has asked us to slow down")

    def _limited(self, pause: float, why: str) -> RateLimited:
        return RateLimited(
            f"{self._label} {why}; the next request is possible in {pause:.0f} s.",
            after=timedelta(seconds=pause),
        )


class DeadSymbols:
    """Which symbols not to ask for: a negative cache that needs three sessions to be sure."""

    def __init__(self) -> None:
        self._misses: dict[Symbol, tuple[frozenset[date], float]] = {}
        self._alive: set[Symbol] = set()

    def missed(self, symbol: Symbol, session: date, now: float) -> None:
        """The vendor did not find `symbol` on `session`."""
        sessions, _ = self._misses.pop(symbol, (frozenset(), now))
        self._misses[symbol] = (sessions | {session}, now)
        if len(self._misses) > REMEMBERED:
            del self._misses[next(iter(self._misses))]

    def answered(self, symbol: Symbol) -> None:
        """The vendor knows `symbol`."""
        self._misses.pop(symbol, None)
        self._alive.add(symbol)

    def shunned(self, symbol: Symbol, now: float) -> bool:
        """Whether asking for `symbol` would only repeat a recent answer."""
        if symbol not in self._misses:
            return False
        limit = DEAD_DAYS * 24 * HOUR if self.dead(symbol) else SHUN_SECONDS
        return now - self._misses[symbol][1] < limit

    def dead(self, symbol: Symbol) -> bool:
        """Whether `symbol` was missed on three sessions and never found since."""
        return len(self._misses.get(symbol, (frozenset(),))[0]) >= SESSIONS_UNTIL_DEAD

    def doubtful(self, symbol: Symbol) -> bool:
        """Whether "not found" is probably the vendor's fault: it has been found before."""
        return symbol in self._alive and not self.dead(symbol)
