"""The signals of the high family: new 52-week highs and lows, all-time highs, closing highs.

All four read the same report. They keep silent while the window holds fewer than 200 sessions,
for what is a high since listing is no 52-week high.
"""

from datetime import date, timedelta
from math import isfinite

import numpy as np

from bot.market.model import Bars, Basis, Measure, as_date
from bot.signals.highs import (
    SESSIONS_OF_A_LISTED_YEAR,
    Extreme,
    HighReport,
    high_report,
    new_highs,
    usual_volume,
)
from bot.signals.model import Direction, Kind, Signal, Trigger, Value
from bot.signals.windows import complete, is_gap, window_start_of

VERSION = 1


def detect_high_52_weeks(bars: Bars) -> Signal | None:
    """The session high is strictly above every high of the 52 weeks before."""
    return _detect(Kind.HIGH_52_WEEKS, bars)


def detect_all_time_high(bars: Bars) -> Signal | None:
    """The session high is strictly above every earlier high."""
    return _detect(Kind.ALL_TIME_HIGH, bars)


def detect_low_52_weeks(bars: Bars) -> Signal | None:
    """The session low is strictly below every low of the 52 weeks before."""
    return _detect(Kind.LOW_52_WEEKS, bars)


def detect_closing_high_52_weeks(bars: Bars) -> Signal | None:
    """The close is strictly above every close of the 52 weeks before."""
    return _detect(Kind.CLOSING_HIGH_52_WEEKS, bars)


def trigger_high_52_weeks(bars: Bars, session: date) -> Trigger | None:
    """The highest high of the 52 weeks before `session`."""
    return _trigger(Kind.HIGH_52_WEEKS, bars, session)


def trigger_all_time_high(bars: Bars, session: date) -> Trigger | None:
    """The highest high of all sessions before `session`."""
    return _trigger(Kind.ALL_TIME_HIGH, bars, session)


def trigger_low_52_weeks(bars: Bars, session: date) -> Trigger | None:
    """The lowest low of the 52 weeks before `session`."""
    return _trigger(Kind.LOW_52_WEEKS, bars, session)


def _detect(kind: Kind, bars: Bars) -> Signal | None:
    report = _report(kind, bars)
    if report is None:
        return None
    if kind is Kind.LOW_52_WEEKS:
        return _signal(kind, report, report.low_52w, report.session_low)
    if kind is Kind.CLOSING_HIGH_52_WEEKS:
        return _signal(kind, report, report.high_52w, report.last)
    old = report.all_time_high if kind is Kind.ALL_TIME_HIGH else report.high_52w
    return _signal(kind, report, old, report.session_high)


def _report(kind: Kind, bars: Bars) -> HighReport | None:
    """The report for the evidence, None where the kind is not true of the last bar.

    On most days nothing is new, which a look at the window tells without a report.
    """
    if is_gap(bars):
        return None
    known = complete(bars)
    if not _has_a_listed_year(known, known.last_day) or not _is_new(kind, known):
        return None
    closing = kind is Kind.CLOSING_HIGH_52_WEEKS
    return high_report(known, basis=Basis.PRICE, on=Measure.CLOSE if closing else Measure.INTRADAY)


def _is_new(kind: Kind, known: Bars) -> bool:
    start = 0 if kind is Kind.ALL_TIME_HIGH else window_start_of(known.days, known.last_day)
    if kind is Kind.LOW_52_WEEKS:
        return bool(known.low[-1] < known.low[start:-1].min())
    values = known.close if kind is Kind.CLOSING_HIGH_52_WEEKS else known.high
    return bool(values[-1] > values[start:-1].max())


def _has_a_listed_year(known: Bars, session: date) -> bool:
    earlier = int(np.searchsorted(known.days, np.datetime64(session)))
    return earlier - window_start_of(known.days, session) >= SESSIONS_OF_A_LISTED_YEAR


def _signal(kind: Kind, report: HighReport, old: Extreme, price: float) -> Signal:
    return Signal(
        kind=kind,
        symbol=report.symbol,
        session=report.session,
        direction=Direction.DOWN if kind is Kind.LOW_52_WEEKS else Direction.UP,
        level=old.price,
        level_session=old.session,
        price=price,
        invalidation=old.price,
        version=VERSION,
        evidence=_evidence(report, old, price),
    )


def _evidence(report: HighReport, old: Extreme, price: float) -> dict[str, Value]:
    return {
        "price": price,
        "level": old.price,
        "level_session": old.session.isoformat(),
        "base_sessions": old.sessions_since,
        "last": report.last,
        "prior_close": report.prior_close,
        "change": report.change,
        "session_high": report.session_high,
        "session_low": report.session_low,
        "volume": report.volume if isfinite(report.volume) else None,
        "volume_ratio": report.volume_ratio,
        "participation": report.participation.value,
        "high_52w": report.high_52w.price,
        "low_52w": report.low_52w.price,
        "all_time_high": report.all_time_high.price,
        "all_time_high_session": report.all_time_high.session.isoformat(),
        "distance_52w": report.distance_52w,
        "distance_all_time": report.distance_all_time,
        "new_highs_20": report.new_highs_20,
        "new_highs_60": report.new_highs_60,
        "previous_new_high_sessions": report.previous_new_high_sessions,
        "window_first": report.window_first.isoformat(),
        "window_sessions": report.window_sessions,
        "basis": report.basis.value,
        "on": report.on.value,
    }


def _trigger(kind: Kind, bars: Bars, session: date) -> Trigger | None:
    known = complete(bars).through(session - timedelta(days=1))
    if not _has_a_listed_year(known, session):
        return None
    down = kind is Kind.LOW_52_WEEKS
    start = 0 if kind is Kind.ALL_TIME_HIGH else window_start_of(known.days, session)
    i = start + int(np.argmin(known.low[start:]) if down else np.argmax(known.high[start:]))
    level = float(known.low[i] if down else known.high[i])
    return Trigger(
        kind=kind,
        symbol=bars.symbol,
        direction=Direction.DOWN if down else Direction.UP,
        level=level,
        level_session=as_date(known.days[i]),
        invalidation=level,
        version=VERSION,
        session=session,
        evidence=_known_before(known, session, level, i),
    )


def _known_before(known: Bars, session: date, level: float, i: int) -> dict[str, Value]:
    top = int(np.argmax(known.high))
    made = np.flatnonzero(new_highs(known.days, known.high))
    return {
        "level": level,
        "level_session": as_date(known.days[i]).isoformat(),
        "base_sessions": len(known) - i,
        "prior_close": float(known.close[-1]),
        "usual_volume": usual_volume(known.volume),
        "all_time_high": float(known.high[top]),
        "all_time_high_session": as_date(known.days[top]).isoformat(),
        "distance_all_time": float(known.close[-1] / known.high[top] - 1),
        "previous_new_high_sessions": len(known) - int(made[-1]) if len(made) else None,
        "window_sessions": len(known) - window_start_of(known.days, session),
    }
