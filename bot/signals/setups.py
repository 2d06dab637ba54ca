"""All setups of a symbol, and the signals and triggers of those that a quote can set off.

A setup is looked for at the last bar first. Where it does not hold, the five bars before are
tried, for what has been triggered since must still be shown with what became of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from bot.market.model import Bars, as_date
from bot.signals.contractions import find_contraction
from bot.signals.flags import find_flag
from bot.signals.levels import find_support_test
from bot.signals.model import Direction, Kind, Signal, Trigger
from bot.signals.ranges import find_range
from bot.signals.rules import Detect, Prepare
from bot.signals.setup import Setup, Status, status_since
from bot.signals.surfs import find_surf
from bot.signals.trendlines import find_downtrend
from bot.signals.windows import complete, is_gap, without_last

VERSION = 1
LOOK_BACK = 5
"""Sessions after which a triggered setup is no news any more."""

Find = Callable[[Bars], Setup | None]

FINDERS: Mapping[Kind, Find] = MappingProxyType(
    {
        Kind.TIGHT_FLAG: find_flag,
        Kind.AVERAGE_SURF: find_surf,
        Kind.RANGE: find_range,
        Kind.DOWNTREND_BREAK: find_downtrend,
        Kind.SUPPORT_TEST: find_support_test,
        Kind.VOLATILITY_CONTRACTION: find_contraction,
    }
)


def setups(bars: Bars, *, look_back: int = LOOK_BACK) -> tuple[Setup, ...]:
    """The setups at the last bar and those of the `look_back` bars before that went on.

    Best quality first.
    """
    known = complete(bars)
    found = (_current(known, find, look_back) for find in FINDERS.values())
    return tuple(sorted((s for s in found if s is not None), key=lambda s: -s.quality))


def follow(setup: Setup, bars: Bars) -> Setup:
    """`setup` with its status, close and distance after the bars that followed its session."""
    known = complete(bars)
    later = known.since(setup.session + timedelta(days=1))
    if not len(later):
        return setup
    close = float(later.close[-1])
    status = status_since(
        later, trigger=setup.trigger, invalidation=setup.invalidation, atr=setup.atr
    )
    return replace(
        setup,
        status=status,
        close=close,
        distance=setup.trigger / close - 1,
        distance_atr=(setup.trigger - close) / setup.atr,
    )


def breakout(kind: Kind, find: Find | None = None) -> Detect:
    """A rule: the setup held one session before and the last bar's high exceeds its trigger.

    `find` replaces the kind's own finder, to try other thresholds.
    """
    find = find or FINDERS[kind]

    def detect(bars: Bars) -> Signal | None:
        if is_gap(bars):
            return None
        known = complete(bars)
        setup = find(without_last(known))
        high = float(known.high[-1])
        if setup is None or high <= setup.trigger:
            return None
        return Signal(
            kind=kind,
            symbol=bars.symbol,
            session=known.last_day,
            direction=Direction.UP,
            level=setup.trigger,
            level_session=setup.level_session,
            price=high,
            invalidation=setup.invalidation,
            version=VERSION,
            evidence=_evidence(setup)
            | {"price": high, "last": float(known.close[-1]), "prior_close": setup.close},
        )

    return detect


def breakout_trigger(kind: Kind) -> Prepare:
    """The trigger of the setup that holds at the last session before the one asked for."""
    find = FINDERS[kind]

    def prepare(bars: Bars, session: date) -> Trigger | None:
        setup = find(complete(bars).through(session - timedelta(days=1)))
        if setup is None:
            return None
        return Trigger(
            kind=kind,
            symbol=bars.symbol,
            direction=Direction.UP,
            level=setup.trigger,
            level_session=setup.level_session,
            invalidation=setup.invalidation,
            version=VERSION,
            evidence=_evidence(setup) | {"prior_close": setup.close},
            session=session,
        )

    return prepare


def _evidence(setup: Setup) -> dict[str, float | int | str | None]:
    return {
        **setup.values,
        "level": setup.trigger,
        "invalidation": setup.invalidation,
        "atr": setup.atr,
        "age": setup.age,
        "started": setup.started.isoformat(),
        "quality": setup.quality,
    }


def _current(known: Bars, find: Find, look_back: int) -> Setup | None:
    for back in range(min(look_back + 1, len(known))):
        past = known.through(as_date(known.days[len(known) - 1 - back]))
        setup = find(past)
        if setup is None:
            continue
        if back == 0:
            return setup
        followed = follow(setup, known)
        over = (Status.TRIGGERED, Status.CONFIRMED, Status.FAILED)
        return followed if followed.status in over else None
    return None
