"""Whether a history is complete and up to date, and whether a source is; pure."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from bot.market.findings import Finding, Rule, Severity
from bot.market.model import Bars, Symbol, as_date
from bot.market.sessions import Sessions

USUAL_VOLUME = 50
"""Sessions whose median tells whether a symbol trades every day."""
ABSENT_SHARE = 0.05
"""More symbols than this without the session everybody else has: the source is at fault."""
ABSENT_COUNT = 5
"""Fewer symbols than this say nothing about the source."""


def check_source(
    last: Mapping[Symbol, date | None], session: date, *, since: date
) -> Finding | None:
    """Whether so many symbols lack `session` that the source itself must be at fault.

    `last` maps each symbol to its last session, None where there are no bars at all. Symbols
    silent since before `since` say nothing: they were delisted, or are held for themselves.
    """
    alive = [day for day in last.values() if day is not None and day >= since]
    absent = sum(day < session for day in alive)
    if absent < ABSENT_COUNT or absent <= ABSENT_SHARE * len(alive):
        return None
    return Finding(
        symbol=None,
        rule=Rule.SOURCE,
        severity=Severity.HOLD,
        session=session,
        value=absent / len(alive),
        count=absent,
        text=f"{absent} of {len(alive)} symbols have no bar for {session}: "
        "the source is incomplete and alerts are suspended.",
    )


def gaps(bars: Bars, sessions: Sessions, recent: np.datetime64) -> list[Finding]:
    """Sessions between the first and the last bar that have none; `recent` begins the window."""
    if len(bars) < 2:
        return []
    expected = sessions.between(as_date(bars.days[0]), bars.last_day)
    if len(expected) <= len(bars):
        return []
    missing = expected[~np.isin(expected, bars.days, assume_unique=True)]
    if not len(missing):
        return []
    lately = int((missing >= recent).sum())
    return [
        Finding(
            symbol=bars.symbol,
            rule=Rule.GAP,
            severity=Severity.NOTE,
            session=as_date(missing[-1]),
            value=float(lately),
            count=len(missing),
            text=f"{len(missing)} sessions are missing, {lately} of them since {as_date(recent)} "
            f"(the latest is {as_date(missing[-1])}).",
        )
    ]


def untraded(bars: Bars, closed: date) -> list[Finding]:
    """Sessions without volume; a last one in which the price moved all the same holds."""
    untraded = bars.volume == 0
    if not untraded.any() or not np.median(bars.volume[-USUAL_VOLUME:]) > 0:
        return []
    last = int(np.flatnonzero(untraded)[-1])
    day, count = as_date(bars.days[last]), int(untraded.sum())
    moved = bars.high[last] > bars.low[last]
    doubtful = last == len(bars) - 1 and moved and day <= closed
    return [
        Finding(
            symbol=bars.symbol,
            rule=Rule.ZERO_VOLUME,
            severity=Severity.HOLD if doubtful else Severity.NOTE,
            session=day,
            value=0.0,
            count=count,
            text=f"The price moved on {day}, yet the volume is 0."
            if doubtful
            else f"Nothing was traded in {count} sessions, the last on {day}.",
        )
    ]


def ending(bars: Bars, sessions: Sessions, closed: date) -> list[Finding]:
    """Whether the last bar is missing, old, or not settled yet."""
    if not len(bars):
        text = "There is no usable bar at all."
        return [Finding(symbol=bars.symbol, rule=Rule.EMPTY, severity=Severity.HOLD, text=text)]
    last = bars.last_day
    if last < closed:
        behind = len(sessions.between(last, closed)) - 1
        rule, severity, value = Rule.STALE, Severity.HOLD, float(behind)
        text = f"The last bar is of {last}; {behind} later sessions are missing."
    elif last > closed and bars.final:
        rule, severity, value = Rule.PARTIAL, Severity.NOTE, float(bars.close[-1])
        text = f"The session of {last} is not settled; its bar is taken as provisional."
    else:
        return []
    return [
        Finding(
            symbol=bars.symbol, rule=rule, severity=severity, session=last, value=value, text=text
        )
    ]
