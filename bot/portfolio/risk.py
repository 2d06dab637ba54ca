"""The risk of today's weights, from the total returns of the past. Pure.

Returns are those of constant weights, put right every day: the usual convention for a
portfolio's volatility, because only then it is a weighted sum of its parts. Dividends count as
gains, so that a bond fund's payouts are no losses.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, Basis, Days, Floats, Symbol, as_date, on_basis
from bot.portfolio.model import Contribution, Position, Risk
from bot.signals.windows import complete

SESSIONS = 252
"""Daily returns looked at: a year."""
LEAST = 60
"""A position with fewer returns is left out rather than guessed at."""
PER_YEAR = 252


def risk(positions: Sequence[Position], bars: Mapping[Symbol, Bars], benchmark: Bars) -> Risk:
    """The risk over the last 252 returns between sessions that all positions have in common.

    Positions with fewer than 60 returns are left out. Simple returns r; the portfolio's is Σ w·r
    with the weights of what is not left out scaled to 1. Raises NoData when nothing is left, or
    when fewer than 60 returns are common.
    """
    closes = {p.symbol: _closes(bars[p.symbol]) for p in positions if p.symbol in bars}
    chosen = [p for p in positions if p.symbol in closes and len(closes[p.symbol][0]) > LEAST]
    if not chosen:
        raise NoData(f"None of these holdings has {LEAST} sessions of history.")
    days, matrix, against = _common([closes[p.symbol] for p in chosen], _closes(benchmark))
    if len(days) <= LEAST:
        raise NoData(f"These holdings share {len(days)} sessions; {LEAST + 1} are needed.")
    covered = sum(p.weight for p in chosen)
    weights = np.array([p.weight for p in chosen]) / covered
    whole = matrix @ weights
    growth, other = _growth(whole), _growth(against)
    return Risk(
        first=as_date(days[0]),
        last=as_date(days[-1]),
        sessions=len(whole),
        volatility=volatility_of(whole),
        benchmark_volatility=volatility_of(against),
        beta=beta_of(whole, against),
        correlation=correlation_of(whole, against),
        drawdown=drawdown_of(growth),
        benchmark_drawdown=drawdown_of(other),
        contributions=_contributions(chosen, weights, matrix, against),
        left_out=tuple(p.symbol for p in positions if p not in chosen),
        covered=covered,
        days=days,
        growth=growth,
        benchmark_growth=other,
    )


def volatility_of(returns: Floats) -> float:
    """Sample standard deviation of daily returns × √252."""
    return float(returns.std(ddof=1) * np.sqrt(PER_YEAR))


def beta_of(returns: Floats, benchmark: Floats) -> float | None:
    """cov(r, b) / var(b) (Sharpe, 1964); None for a benchmark that does not move."""
    spread = float(np.var(benchmark, ddof=1))
    return float(np.cov(returns, benchmark)[0, 1]) / spread if spread > 0 else None


def correlation_of(returns: Floats, benchmark: Floats) -> float | None:
    """Pearson's correlation; None where one of the two does not move."""
    scale = float(returns.std(ddof=1) * benchmark.std(ddof=1))
    return float(np.cov(returns, benchmark)[0, 1]) / scale if scale > 0 else None


def drawdown_of(growth: Floats) -> float:
    """The deepest fall from a running maximum, as a fraction of 0 or below."""
    return float((growth / np.maximum.accumulate(growth)).min()) - 1


def contributions_of(weights: Floats, covariance: Floats) -> Floats:
    """w·(Σw) / w'Σw: shares of the variance that sum to 1, shape (n,).

    Euler's decomposition of volatility (Litterman, "Hot Spots and Hedges", 1996); a negative
    share makes the whole calmer. All are 0 when nothing moves.
    """
    marginal = covariance @ weights
    variance = float(weights @ marginal)
    shares: Floats = weights * marginal / variance if variance > 0 else np.zeros(len(weights))
    return shares


def _contributions(
    chosen: Sequence[Position], weights: Floats, matrix: Floats, against: Floats
) -> tuple[Contribution, ...]:
    shares = contributions_of(weights, np.atleast_2d(np.cov(matrix, rowvar=False)))
    made = [
        Contribution(
            symbol=position.symbol,
            weight=float(weights[i]),
            share=float(shares[i]),
            volatility=volatility_of(matrix[:, i]),
            beta=beta_of(matrix[:, i], against),
            drawdown=drawdown_of(_growth(matrix[:, i])),
        )
        for i, position in enumerate(chosen)
    ]
    return tuple(sorted(made, key=lambda each: -each.share))


def _closes(bars: Bars) -> tuple[Days, Floats]:
    """Sessions and closes on the basis of total return."""
    known = on_basis(complete(bars), Basis.TOTAL)
    return known.days, known.close


def _common(
    many: Sequence[tuple[Days, Floats]], benchmark: tuple[Days, Floats]
) -> tuple[Days, Floats, Floats]:
    """The last sessions that all have (n + 1,), and from one to the next the returns of the
    positions (n, positions) and of the benchmark (n,)."""
    days = benchmark[0]
    for other, _ in many:
        days = np.intersect1d(days, other, assume_unique=True)
    days = days[-SESSIONS - 1 :]
    closes = [values[np.searchsorted(own, days)] for own, values in (benchmark, *many)]
    table = np.stack(closes, axis=1)
    returns = table[1:] / table[:-1] - 1
    return days, returns[:, 1:], returns[:, 0]


def _growth(returns: Floats) -> Floats:
    return np.concatenate(([1.0], np.cumprod(1 + returns)))
