"""Sector concentration of a fund: how many sectors its weights really amount to."""

from dataclasses import dataclass

from bot.errors import NoData
from bot.market.model import FundProfile, Symbol

LARGE = 0.10
"""A sector of more than a tenth of the fund."""


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """Weights as fractions; `effective` is 1/Σw² of the weights scaled to a sum of one."""

    symbol: Symbol
    effective: float
    top: str
    top_weight: float
    large: tuple[str, ...]
    covered: float


def concentration(profile: FundProfile) -> Concentration:
    """The concentration of a fund's sectors. Raises NoData when no weight is known."""
    weights = [(name, weight) for name, weight in profile.sectors if weight > 0]
    covered = sum(weight for _, weight in weights)
    if not covered:
        raise NoData(f"{profile.symbol} has no sector weights.")
    top, top_weight = max(weights, key=lambda sector: sector[1])
    return Concentration(
        symbol=profile.symbol,
        effective=1 / sum((weight / covered) ** 2 for _, weight in weights),
        top=top,
        top_weight=top_weight,
        large=tuple(name for name, weight in weights if weight > LARGE),
        covered=covered,
    )
