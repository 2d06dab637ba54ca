"""How sure a share of few cases is."""

from math import sqrt

from bot.signals.bootstrap import NORMAL_QUANTILE, Interval


def wilson(hits: int, cases: int) -> Interval:
    """The 95 % score interval of a proportion (Wilson 1927); NaN without cases.

    It takes the cases for independent. Alerts of the same days are not, so for them it is
    rather too narrow.
    """
    if not cases:
        return Interval(low=float("nan"), high=float("nan"))
    z2 = NORMAL_QUANTILE**2
    share = hits / cases
    middle = share + z2 / (2 * cases)
    spread = NORMAL_QUANTILE * sqrt(share * (1 - share) / cases + z2 / (4 * cases**2))
    scale = 1 + z2 / cases
    return Interval(low=(middle - spread) / scale, high=(middle + spread) / scale)
