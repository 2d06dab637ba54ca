"""How far an event reaches: what market impact needs to know of the bars. Pure.

Everything is measured at one session, that of the symbol's last bar; a peer without a bar of
that session does not count, however recent its last one is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.market.model import Bars, Floats
from bot.signals.windows import complete

VOLUME_SESSIONS = 20
"""Sessions whose mean dollar volume is compared."""
SIGMA_SESSIONS = 60
"""Daily returns before the last one that make its usual size."""
LEAST_RETURNS = 40
LONGEST_STEP = 7
"""Calendar days between two sessions; the exchange's longest pause in decades (September 2001)."""
LEAST_PEERS = 3
"""Fewer peers with a bar of the session say nothing about a share."""
ALIKE = 0.5
"""A peer moved alike when it went the same way by at least this share of the symbol's σ move."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The measured inputs of an impact; None is unknown.

    `volume_share` 0…1 of the dollar volume of the symbol and its peers; `move_in_sigmas` the last
    daily return in its own σ; `breadth` 0…1 the share of the peers that moved alike. `peers` is
    how many had a bar of the session.
    """

    volume_share: float | None
    move_in_sigmas: float | None
    breadth: float | None
    peers: int


@dataclass(frozen=True, kw_only=True)
class UsualMove:
    """The standard deviation of daily returns as a fraction, and how many it was made of."""

    sigma: float
    returns: int


def reach(bars: Bars, peers: Sequence[Bars]) -> Reach:
    """The reach of what happened to `bars` in its last session, among `peers`."""
    own = complete(bars)
    if not len(own):
        return Reach(volume_share=None, move_in_sigmas=None, breadth=None, peers=0)
    others = [known for bar in peers if bar.symbol != own.symbol and len(known := complete(bar))]
    others = [known for known in others if known.last_day == own.last_day]
    move = move_in_sigmas(own)
    return Reach(
        volume_share=_share(own, others),
        move_in_sigmas=move,
        breadth=_alike(move, others),
        peers=len(others),
    )


def move_in_sigmas(bars: Bars) -> float | None:
    """The last daily return in units of its `usual_move`; None when that is not known."""
    usual = usual_move(bars)
    return None if usual is None else float(bars.close[-1] / bars.close[-2] - 1) / usual.sigma


def usual_move(bars: Bars) -> UsualMove | None:
    """The spread of the 60 daily returns before the last one; None when fewer than 40 are known.

    A step across a gap in the bars is no daily return and is left out.
    """
    returns = np.diff(bars.close) / bars.close[:-1]
    steps = np.diff(bars.days).astype("timedelta64[D]").astype(int)
    if len(returns) < 2 or steps[-1] > LONGEST_STEP:
        return None
    before = returns[-1 - SIGMA_SESSIONS : -1][steps[-1 - SIGMA_SESSIONS : -1] <= LONGEST_STEP]
    sigma = float(before.std(ddof=1)) if len(before) >= LEAST_RETURNS else 0.0
    return UsualMove(sigma=sigma, returns=len(before)) if sigma > 0 else None


def _share(own: Bars, others: Sequence[Bars]) -> float | None:
    volumes = [_dollars(known) for known in others]
    known = [value for value in volumes if value is not None]
    mine = _dollars(own)
    if mine is None or len(known) < LEAST_PEERS:
        return None
    whole = mine + sum(known)
    return mine / whole if whole > 0 else None


def _dollars(bars: Bars) -> float | None:
    traded: Floats = (bars.close * bars.volume)[-VOLUME_SESSIONS:]
    finite = traded[np.isfinite(traded)]
    return float(finite.mean()) if len(finite) else None


def _alike(move: float | None, others: Sequence[Bars]) -> float | None:
    moves = [size for known in others if (size := move_in_sigmas(known)) is not None]
    if not move or len(moves) < LEAST_PEERS:
        return None
    alike = [size for size in moves if size * move > 0 and abs(size) >= ALIKE * abs(move)]
    return len(alike) / len(moves)
