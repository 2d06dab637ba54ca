"""A user's own rule about a price: when has it come true? Pure: rule, memory and look in, step out.

A rule measures how far a price stands beyond its level. A look hands in the last price and the
extremes since the look before, so a spike between two looks counts. The rule is armed while
the price stands on the near side; it comes true when a price goes beyond, and is armed again
only after the price has come back by more than the margin `rearm`. The first look sets that
state and is never news: “above 100” made at 105 waits until the price was below.

A move from the prior close and a new all-time low have another level in every session and are
armed again by each new one.
"""

import math
from dataclasses import dataclass, replace

from bot.alerts.personal.model import (
    MOVES,
    Condition,
    Fired,
    Look,
    Memory,
    On,
    Repeat,
    Rule,
    Step,
    What,
)
from bot.episodes.lifecycle import QUIET

ROUNDING = 1e-9
"""Of distances. A move of 5 % is reached at 104.99999999999999 as well, and 99.5 is back by just
0.5 %, not by more."""


def look_at(rule: Rule, memory: Memory | None, look: Look, *, sessions_since: int) -> Step:
    """One look of a rule about a price; looks come in the order of time.

    `sessions_since` counts the sessions after `memory.crossed` through the look's. A look that
    cannot be used (a close-only rule while the session runs, an unknown level) changes nothing.
    """
    if rule.on is On.CLOSE:
        look = replace(look, high=look.last, low=look.last)
    gauge = _gauge(rule, look)
    if memory is None:
        return Step(memory=_seen(None, look, armed=not gauge.beyond(gauge.distance(look.last))))
    low, high = _span(rule, memory, look)
    near, far = gauge.extremes(low, high)
    now = gauge.distance(look.last)
    armed = memory.armed or (rule.condition.daily and look.session > memory.session)
    if armed:
        came_true = gauge.beyond(far)
        armed = gauge.returned(now) if came_true else True
    else:
        came_true = gauge.returned(near) and gauge.beyond(now)
        armed = gauge.returned(near) and not came_true
    after = _seen(memory, look, armed=armed)
    if not came_true:
        return Step(memory=after)
    after = replace(after, crossed=look.session)
    if not _may_tell(rule, memory, look, sessions_since):
        return Step(memory=after)
    fired = Fired(
        session=look.session,
        at=look.at,
        level=gauge.level(look.last),
        price=gauge.farthest(low, high),
        last=look.last,
        prior_close=look.prior_close,
        closed=look.closed,
        late=look.late,
    )
    return Step(memory=replace(after, fired_at=look.at), fired=(fired,))


def usable(rule: Rule, memory: Memory | None, look: Look) -> bool:
    """Whether a look says anything new to this rule."""
    if rule.on is On.CLOSE and not look.closed:
        return False
    prices = [look.last, look.high, look.low]
    if rule.condition.what is What.RECORD_LOW:
        prices.append(math.nan if look.record_low is None else look.record_low)
    if not all(math.isfinite(price) and price > 0 for price in prices):
        return False
    if rule.condition.daily and not (math.isfinite(look.prior_close) and look.prior_close > 0):
        return False
    if memory is None:
        return True
    newer = look.session > memory.session
    return newer or (look.session == memory.session and not memory.closed)


def matters(before: Memory | None, after: Memory) -> bool:
    """Whether `after` must be stored.

    Prices alone need not be: a look that decided nothing leaves nothing that a later look,
    which sees the extremes since the stored one, would not see again.
    """
    if before is None:
        return True
    return replace(before, last=0, high=0, low=0) != replace(after, last=0, high=0, low=0)


def level_of(rule: Rule, look: Look) -> float:
    """The price that a rule about a price waits for at this look. Raises ValueError without one."""
    return _gauge(rule, look).level(look.last)


@dataclass(frozen=True, kw_only=True)
class _Gauge:
    """How far prices stand beyond a rule's level, as fractions: negative on the near side."""

    condition: Condition
    pivot: float
    rearm: float

    def distance(self, price: float) -> float:
        move = price / self.pivot - 1
        what = self.condition.what
        change = self.condition.change or 0.0
        if what is What.TOUCH:
            return -abs(move)
        if what is What.MOVE:
            return abs(move) - change
        if what in (What.BELOW, What.DOWN, What.RECORD_LOW):
            return -move - change
        return move - change

    def beyond(self, distance: float) -> bool:
        return distance >= -ROUNDING if self.condition.inclusive else distance > 0

    def returned(self, distance: float) -> bool:
        """Whether that is back by more than the margin."""
        return distance < -self.rearm - ROUNDING

    def extremes(self, low: float, high: float) -> tuple[float, float]:
        """The nearest and the farthest distance of all prices from `low` to `high`."""
        found = [self.distance(price) for price in self._corners(low, high)]
        return min(found), max(found)

    def farthest(self, low: float, high: float) -> float:
        return max(self._corners(low, high), key=self.distance)

    def level(self, price: float) -> float:
        """The price that had to be reached; of a move either way the one nearer to `price`."""
        change = self.condition.change or 0.0
        falls = self.condition.what is What.DOWN
        if self.condition.what is What.MOVE:
            falls = price < self.pivot
        return self.pivot * (1 - change if falls else 1 + change)

    def _corners(self, low: float, high: float) -> tuple[float, float, float]:
        return low, high, min(max(self.pivot, low), high)


def _gauge(rule: Rule, look: Look) -> _Gauge:
    condition = rule.condition
    if condition.what is What.RECORD_LOW:
        pivot = look.record_low
    elif condition.what in MOVES:
        pivot = condition.reference or look.prior_close
    else:
        pivot = condition.level
    if pivot is None:
        raise ValueError(f"{condition.what} has no level to look at")
    rearm = rule.rearm if condition.change is None else min(rule.rearm, condition.change / 2)
    return _Gauge(condition=condition, pivot=pivot, rearm=rearm)


def _span(rule: Rule, memory: Memory, look: Look) -> tuple[float, float]:
    """The lowest and highest price since the look before.

    Extremes of the session that were there at that look already are older than it.
    """
    prices = [look.last]
    if look.session > memory.session:
        prices += [look.high, look.low]
    else:
        prices += [look.high] * (look.high > memory.high) + [look.low] * (look.low < memory.low)
    if not (rule.condition.daily and look.session > memory.session):
        prices.append(memory.last)
    return min(prices), max(prices)


def _seen(memory: Memory | None, look: Look, *, armed: bool) -> Memory:
    same = memory is not None and memory.session == look.session
    base = memory or Memory(session=look.session, closed=look.closed)
    return replace(
        base,
        session=look.session,
        closed=look.closed,
        last=look.last,
        high=max(base.high, look.high) if same else look.high,
        low=min(base.low, look.low) if same else look.low,
        armed=armed,
    )


def _may_tell(rule: Rule, memory: Memory, look: Look, sessions_since: int) -> bool:
    if memory.fired_at is not None and look.at - memory.fired_at < rule.cooldown:
        return False
    return rule.repeat is not Repeat.EPISODE or memory.crossed is None or sessions_since > QUIET
