"""Highs and lows of one symbol: everything `/high` says and the high signals are made of.

A new high is strictly above every earlier session's high in the window; matching is not making.
The session in question is the last bar, which may still be running; it never counts as its own
past.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Basis, Days, Floats, Measure, Symbol, as_date, on_basis
from bot.signals.windows import Flags, complete, prior_maxima, window_start_of

SESSIONS_OF_A_LISTED_YEAR = 200
"""Fewer sessions in the window than this: it is a high since listing, not a 52-week high."""
VOLUME_SESSIONS = 50
"""Sessions whose mean volume is the usual volume."""
LEAST_VOLUMES = 40
"""Known volumes among those sessions below which there is no usual volume."""
THIN, ROUTINE, ACTIVE = 0.7, 1.3, 2.0
"""Upper bounds of the volume ratio for the words thin, routine and active."""


class Participation(StrEnum):
    """The volume ratio in words."""

    THIN = "thin"
    ROUTINE = "routine"
    ACTIVE = "active"
    HEAVY = "heavy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """A highest or lowest price, the first session that set it and how many sessions ago."""

    price: float
    session: date
    sessions_since: int


@dataclass(frozen=True, kw_only=True)
class HighReport:
    """Where the last bar stands against its own past.

    `change`, `distance_…` are fractions (−0.05 is 5 % below); `position` is 0…1 in the range of
    the 52 weeks including the last session. `high_52w`, `all_time_high`, `low_52w` cover sessions
    strictly before the last one. `sessions_since_new_high` is 0 when the last session made a new
    52-week high, `previous_new_high_sessions` looks at the sessions before it; both are None where
    the data hold none. `volume_ratio` is None without enough known volumes.
    """

    symbol: Symbol
    session: date
    basis: Basis
    on: Measure
    final: bool
    last: float
    prior_close: float
    change: float
    session_high: float
    session_low: float
    volume: float
    volume_ratio: float | None
    participation: Participation
    window_first: date
    window_sessions: int
    since_listing: bool
    high_52w: Extreme
    all_time_high: Extreme
    low_52w: Extreme
    distance_52w: float
    distance_all_time: float
    position: float
    new_high_52w: bool
    new_all_time_high: bool
    new_low_52w: bool
    base_sessions: int
    sessions_since_new_high: int | None
    previous_new_high_sessions: int | None
    new_highs_20: int
    new_highs_60: int


def high_report(
    bars: Bars,
    *,
    basis: Basis = Basis.PRICE,
    on: Measure = Measure.INTRADAY,
    elapsed: float | None = None,
) -> HighReport:
    """The report for the last bar of `bars` that has prices.

    `elapsed` is the share of a usual session's volume that is normally traded by now (0…1); a
    running session without it has participation "unknown". Raises NoData for fewer than two
    sessions, or when the year before the last session is empty.
    """
    known = complete(on_basis(bars, basis))
    if len(known) < 2:
        raise NoData(f"{bars.symbol} has {len(known)} session(s) with prices; two are needed.")
    last = len(known) - 1
    start = window_start_of(known.days, known.last_day)
    if start == last:
        raise NoData(f"{bars.symbol} has no session in the year before {known.last_day}.")
    highs, lows = measured(known, on)
    high = _extreme(known.days, highs, start, int(np.argmax(highs[start:last])))
    top = _extreme(known.days, highs, 0, int(np.argmax(highs[:last])))
    low = _extreme(known.days, lows, start, int(np.argmin(lows[start:last])))
    close, prior = float(known.close[-1]), float(known.close[-2])
    made = new_highs(known.days, highs)
    ratio = volume_ratio(known.volume, elapsed=elapsed or 1.0)
    judged = known.final or elapsed is not None
    return HighReport(
        symbol=bars.symbol,
        session=known.last_day,
        basis=basis,
        on=on,
        final=known.final,
        last=close,
        prior_close=prior,
        change=close / prior - 1,
        session_high=float(known.high[-1]),
        session_low=float(known.low[-1]),
        volume=float(known.volume[-1]),
        volume_ratio=ratio,
        participation=participation(ratio) if judged else Participation.UNKNOWN,
        window_first=as_date(known.days[start]),
        window_sessions=last - start,
        since_listing=last - start < SESSIONS_OF_A_LISTED_YEAR,
        high_52w=high,
        all_time_high=top,
        low_52w=low,
        distance_52w=close / max(high.price, float(highs[-1])) - 1,
        distance_all_time=close / max(top.price, float(highs[-1])) - 1,
        position=_position(close, highs[start:], lows[start:]),
        new_high_52w=bool(highs[-1] > high.price),
        new_all_time_high=bool(highs[-1] > top.price),
        new_low_52w=bool(lows[-1] < low.price),
        base_sessions=high.sessions_since,
        sessions_since_new_high=_sessions_since(made),
        previous_new_high_sessions=_add_one(_sessions_since(made[:-1])),
        new_highs_20=int(made[-20:].sum()),
        new_highs_60=int(made[-60:].sum()),
    )


def measured(bars: Bars, on: Measure) -> tuple[Floats, Floats]:
    """The series that highs and lows are measured on: highs and lows, or closes twice."""
    return (bars.high, bars.low) if on is Measure.INTRADAY else (bars.close, bars.close)


def new_highs(days: Days, highs: Floats) -> Flags:
    """For each session whether it made a new 52-week high, shape (n,); never for the first."""
    prior = prior_maxima(days, highs)
    return (highs > prior) & np.isfinite(prior)


def usual_volume(volume: Floats) -> float | None:
    """The mean of the last 50 volumes, or None when too few are known."""
    before = volume[-VOLUME_SESSIONS:]
    known = before[np.isfinite(before)]
    if len(before) < VOLUME_SESSIONS or len(known) < LEAST_VOLUMES:
        return None
    return float(known.mean())


def volume_ratio(volume: Floats, *, elapsed: float = 1.0) -> float | None:
    """The last volume ÷ (mean of the 50 sessions before × `elapsed`), or None when unknown."""
    usual, last = usual_volume(volume[:-1]), float(volume[-1])
    if not usual or not np.isfinite(last):
        return None
    return last / (usual * elapsed)


def participation(ratio: float | None) -> Participation:
    """The volume ratio in words: below 0.7 thin, to 1.3 routine, to 2 active, above heavy."""
    if ratio is None:
        return Participation.UNKNOWN
    if ratio < THIN:
        return Participation.THIN
    if ratio <= ROUTINE:
        return Participation.ROUTINE
    return Participation.ACTIVE if ratio <= ACTIVE else Participation.HEAVY


def _extreme(days: Days, values: Floats, start: int, offset: int) -> Extreme:
    i = start + offset
    return Extreme(
        price=float(values[i]), session=as_date(days[i]), sessions_since=len(days) - 1 - i
    )


def _position(close: float, highs: Floats, lows: Floats) -> float:
    top, bottom = float(highs.max()), float(lows.min())
    return (close - bottom) / (top - bottom) if top > bottom else 1.0


def _sessions_since(made: Flags) -> int | None:
    positions = np.flatnonzero(made)
    return len(made) - 1 - int(positions[-1]) if len(positions) else None


def _add_one(count: int | None) -> int | None:
    return None if count is None else count + 1
