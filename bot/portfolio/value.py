"""What holdings are worth, weigh and gained. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.errors import NoData
from bot.market.model import Bars, FundProfile, Symbol
from bot.portfolio.model import Holding, LookThrough, Position, Valuation
from bot.signals.highs import high_report
from bot.signals.windows import complete


def valuation(holdings: Sequence[Holding], bars: Mapping[Symbol, Bars]) -> Valuation:
    """Holdings at the last price of their bars; those without bars are left out.

    The day's change is Σ shares × (last − prior close), its share that of the value at the
    prior closes. Raises NoData when none has prices.
    """
    raw = [_priced(h, complete(bars[h.symbol])) for h in holdings if h.symbol in bars]
    priced = [position for position in raw if position is not None]
    if not priced:
        raise NoData("None of these holdings has prices.")
    value = sum(position.value for position in priced)
    positions = sorted(
        (replace(position, weight=position.value / value) for position in priced),
        key=lambda p: (-p.value, p.symbol),
    )
    day = sum(position.day for position in positions)
    bought = [(p, p.total) for p in positions if p.total is not None]
    total = sum(gain for _, gain in bought) if bought else None
    paid = sum(p.value - gain for p, gain in bought)
    return Valuation(
        positions=tuple(positions),
        value=value,
        day=day,
        day_share=day / (value - day),
        total=total,
        total_share=total / paid if total is not None and paid > 0 else None,
        costed=sum(p.weight for p, _ in bought),
        effective=effective_number([p.weight for p in positions]),
    )


def effective_number(weights: Sequence[float]) -> float:
    """1 / Σw²: how many equal positions would be as concentrated (the inverse of the
    Herfindahl-Hirschman index; Hirschman, 1945). Weights are scaled to a sum of 1.

    Raises ValueError for no positive weight.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("no weights")
    return 1 / sum((weight / whole) ** 2 for weight in weights)


def look_through(
    positions: Sequence[Position], profiles: Mapping[Symbol, FundProfile]
) -> LookThrough:
    """Position weight × sector weight of its fund, summed by sector; the rest is unknown.

    Weights that sum to more than 1 are scaled to 1, so that no position counts for more than
    it is; what falls short of 1 is unknown.
    """
    sums: dict[str, float] = {}
    known = 0.0
    missing = []
    for position in positions:
        profile = profiles.get(position.symbol)
        covered = sum(max(0.0, w) for _, w in profile.sectors) if profile else 0.0
        if profile is None or not covered:
            missing.append(position.symbol)
            continue
        scale = position.weight / max(1.0, covered)
        for name, weight in profile.sectors:
            if weight > 0:
                sums[name] = sums.get(name, 0.0) + scale * weight
        known += scale * covered
    days = {p.as_of for s, p in profiles.items() if p.as_of is not None and s not in missing}
    return LookThrough(
        sectors=tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0]))),
        unknown=max(0.0, sum(p.weight for p in positions) - known),
        missing=tuple(missing),
        as_of=tuple(sorted(days)),
    )


def on_todays_scale(holding: Holding, bars: Bars) -> Holding:
    """The holding after the splits since its day: 2:1 doubles shares and halves their cost."""
    if holding.since is None:
        return holding
    later = bars.split[bars.days > np.datetime64(holding.since)]
    ratio = float(np.prod(later[later > 0]))
    cost = None if holding.cost is None else holding.cost / ratio
    return replace(holding, shares=holding.shares * ratio, cost=cost)


def _priced(holding: Holding, bars: Bars) -> Position | None:
    if not len(bars):
        return None
    holding = on_todays_scale(holding, bars)
    last = float(bars.close[-1])
    prior = float(bars.close[-2]) if len(bars) > 1 else last
    try:
        distance = high_report(bars).distance_52w
    except NoData:
        distance = None
    return Position(
        holding=holding,
        last=last,
        prior_close=prior,
        value=holding.shares * last,
        weight=0.0,
        day=holding.shares * (last - prior),
        total=None if holding.cost is None else holding.shares * (last - holding.cost),
        distance=distance,
        session=bars.last_day,
    )
