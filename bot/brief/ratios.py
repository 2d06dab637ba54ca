"""A ratio of two symbols as a finding. Pure."""

from bot.brief.lines import change_of
from bot.brief.model import Fact, Finding, Part, clipped
from bot.brief.wanted import MONTH, STRONG_RATIO
from bot.signals.highs import SESSIONS_OF_A_LISTED_YEAR
from bot.signals.pairs import Pair


def ratio_finding(part: Part, fact: Fact, one: Pair, *, strong: float = STRONG_RATIO) -> Finding:
    change = month_of(one)
    listed = len(one.ratio) > SESSIONS_OF_A_LISTED_YEAR
    return Finding(
        fact=fact,
        part=part,
        strength=clipped(abs(change or 0.0) / strong),
        numbers={
            "long": one.long,
            "short": one.short,
            "ratio": float(one.ratio[-1]),
            "change": change,
            "sessions": MONTH,
            "trend": one.trend.value,
            "z_score": one.z_score,
            "new_high": int(one.new_high and listed),
            "new_low": int(one.new_low and listed),
        },
    )


def month_of(one: Pair) -> float | None:
    return change_of(one.days, one.ratio, MONTH)
