"""What there is to look at: bars and quotes as the looks that rules decide on. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from bot.alerts.personal.model import Fired, Look, Memory, On, Repeat, Rule, Step
from bot.alerts.personal.rules import look_at, matters, usable
from bot.market.model import Bars, Quote, as_date
from bot.market.sessions import Sessions
from storage.personal import PersonalRecord


@dataclass(kw_only=True)
class Standing:
    """One alert while a pass is at it: `memory` moves from look to look, `fired` collects what
    has to be told, `changed` says whether the row must be written."""

    record: PersonalRecord
    rule: Rule
    memory: Memory | None
    changed: bool = False
    fired: list[Fired] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether it has told all it will."""
        return self.rule.repeat is Repeat.ONCE and bool(self.fired)

    def awaits_close(self, session: date) -> bool:
        """Whether the close of `session` was not looked at yet."""
        memory = self.memory
        return memory is None or (memory.session, memory.closed) < (session, True)

    def take(self, step: Step) -> None:
        self.changed = self.changed or bool(step.fired) or matters(self.memory, step.memory)
        self.memory = step.memory
        self.fired += step.fired

    def look(self, look: Look, sessions: Sessions) -> None:
        """One look at a price, unless there is no need of another."""
        expires = self.rule.expires
        if self.done or (expires is not None and look.at >= expires):
            return
        if not usable(self.rule, self.memory, look):
            return
        crossed = None if self.memory is None else self.memory.crossed
        since = 0 if crossed is None else len(sessions.between(crossed, look.session)) - 1
        self.take(look_at(self.rule, self.memory, look, sessions_since=since))

    def look_at_closes(self, bars: Bars, sessions: Sessions) -> None:
        """Every close since the last look; at first only the newest, which sets the state."""
        for look in close_looks(bars, self.memory, sessions):
            self.look(look, sessions)

    @property
    def prices_are_watched(self) -> bool:
        """Whether it wants to see quotes, too."""
        return self.rule.on is On.TOUCH


def close_looks(bars: Bars, memory: Memory | None, sessions: Sessions) -> Iterator[Look]:
    """The looks at the closes of `bars` that `memory` has not seen, in order."""
    if memory is None:
        start = len(bars) - 1
    else:
        start = int(np.searchsorted(bars.days, np.datetime64(memory.session)))
        seen = start < len(bars) and as_date(bars.days[start]) == memory.session
        start += seen and memory.closed
    lowest = _lowest_before(bars, start)
    for i in range(max(start, 1), len(bars)):
        session = as_date(bars.days[i])
        yield Look(
            session=session,
            at=sessions.bounds(session)[1],
            last=float(bars.close[i]),
            high=float(bars.high[i]),
            low=float(bars.low[i]),
            prior_close=float(bars.close[i - 1]),
            closed=True,
            record_low=lowest,
            late=i < len(bars) - 1,
        )
        lowest = min(lowest, float(bars.low[i]))


def quote_look(quote: Quote, *, session: date, at: datetime, record_low: float) -> Look:
    """What a quote shows while `session` runs."""
    return Look(
        session=session,
        at=at,
        last=quote.last,
        high=max(quote.high, quote.last),
        low=min(quote.low, quote.last),
        prior_close=quote.prior_close,
        closed=False,
        record_low=record_low,
    )


def lowest_of(bars: Bars) -> float:
    """The lowest low there is, infinity without any."""
    return _lowest_before(bars, len(bars))


def _lowest_before(bars: Bars, stop: int) -> float:
    known = bars.low[:stop]
    known = known[np.isfinite(known)]
    return float(known.min()) if len(known) else float("inf")
