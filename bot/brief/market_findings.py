"""What the rest of the market did: breadth, volume, rates, credit, pairs. Pure."""

import numpy as np

from bot.brief.lines import change_over, pair_of
from bot.brief.model import Fact, Finding, Material, Part, clipped
from bot.brief.ratios import month_of, ratio_finding
from bot.brief.wanted import (
    BONDS,
    BREADTH,
    CORPORATE,
    HIGH_YIELD,
    LINKERS,
    LONG_BONDS,
    MEGA,
    MONTH,
    SECTORS,
    SMALL,
)
from bot.market.model import Symbol
from bot.market.universes import clone_groups
from bot.signals.highs import HighReport
from bot.signals.participation import SECTOR_SESSIONS, Reading, read_breadth
from bot.signals.windows import complete

STRONG_BONDS = 0.03
"""A change of bonds in a month that is as strong a fact as there is."""
NEAR_END = 5
"""Sessions to a month's end from which on its rebalancing can be felt."""


def market_findings(material: Material, report: HighReport) -> list[Finding]:
    """All facts about the rest of the market that the material holds."""
    return [
        *_breadth(material),
        *_flows(material, report),
        *_rates(material),
        *_pairs(material),
    ]


def _breadth(material: Material) -> list[Finding]:
    bars = {**material.others, material.symbol: material.bars}
    benchmark = bars.get(material.benchmark)
    if benchmark is None:
        return []
    read = read_breadth(
        None,
        benchmark=benchmark,
        against=[bars[symbol] for symbol in BREADTH if symbol in bars],
        sectors=[bars[symbol] for symbol in SECTORS if symbol in bars],
    )
    found = [ratio_finding(Part.BREADTH, Fact.RATIO, one) for one in read.pairs]
    if read.sectors_above is not None:
        share = read.sectors_above / read.sectors_counted
        found.append(
            Finding(
                fact=Fact.SECTORS,
                part=Part.BREADTH,
                strength=clipped(2 * abs(share - 0.5)),
                numbers={
                    "above": read.sectors_above,
                    "counted": read.sectors_counted,
                    "sessions": SECTOR_SESSIONS,
                },
            )
        )
    if read.reasons:
        votes = [reason.vote for reason in read.reasons]
        counts = {side: votes.count(side) for side in Reading}
        found.append(
            Finding(
                fact=Fact.READING,
                part=Part.BREADTH,
                strength=0.3 if read.reading is Reading.MIXED else 0.9,
                numbers={
                    "reading": read.reading.value,
                    "broader": counts[Reading.BROADENING],
                    "narrower": counts[Reading.NARROWING],
                    "counted": len(votes),
                },
            )
        )
    return found


def _flows(material: Material, report: HighReport) -> list[Finding]:
    found = []
    if report.volume_ratio is not None:
        found.append(
            Finding(
                fact=Fact.VOLUME,
                part=Part.FLOWS,
                strength=clipped(abs(report.volume_ratio - 1)),
                numbers={"ratio": report.volume_ratio, "word": report.participation.value},
            )
        )
    known = complete(material.bars)
    if len(known) > MONTH and np.isfinite(known.volume[-MONTH:]).all():
        rose = np.diff(known.close[-MONTH - 1 :]) > 0
        volume = known.volume[-MONTH:]
        share = float(volume[rose].sum() / volume.sum()) if volume.sum() > 0 else 0.5
        found.append(
            Finding(
                fact=Fact.UP_VOLUME,
                part=Part.FLOWS,
                strength=clipped(4 * abs(share - 0.5)),
                numbers={"share": share, "days": int(rose.sum()), "sessions": MONTH},
            )
        )
    dates = material.dates
    found.append(
        Finding(
            fact=Fact.CALENDAR,
            part=Part.FLOWS,
            strength=clipped(1 - dates.month_left / NEAR_END),
            numbers={
                "month_left": dates.month_left,
                "month_end": dates.month_end.isoformat(),
                "quarter_left": dates.quarter_left,
                "quarter_end": dates.quarter_end.isoformat(),
            },
        )
    )
    return found


def _rates(material: Material) -> list[Finding]:
    bars = material.others
    found = []
    long = change_over(bars[LONG_BONDS], MONTH) if LONG_BONDS in bars else None
    middle = change_over(bars[BONDS], MONTH) if BONDS in bars else None
    if long is not None and middle is not None:
        found.append(
            Finding(
                fact=Fact.TREASURIES,
                part=Part.RATES,
                strength=clipped(abs(long) / (2 * STRONG_BONDS)),
                numbers={"long": long, "middle": middle, "sessions": MONTH},
            )
        )
    inflation = pair_of(bars.get(LINKERS), bars.get(BONDS))
    credit = pair_of(bars.get(HIGH_YIELD), bars.get(CORPORATE))
    for fact, one in ((Fact.INFLATION, inflation), (Fact.CREDIT, credit)):
        if one is not None and month_of(one) is not None:
            found.append(ratio_finding(Part.RATES, fact, one, strong=STRONG_BONDS))
    return found


def _pairs(material: Material) -> list[Finding]:
    bars = {**material.others, material.symbol: material.bars}
    sides = [(material.symbol, material.benchmark), (material.symbol, MEGA), (SMALL, MEGA)]
    found = []
    for long, short in dict.fromkeys(sides):
        one = None if _alike(long, short) else pair_of(bars.get(long), bars.get(short))
        if one is not None and month_of(one) is not None:
            found.append(ratio_finding(Part.PAIRS, Fact.PAIR, one))
    return found


def _alike(one: Symbol, other: Symbol) -> bool:
    groups = (group.symbols for group in clone_groups())
    return one == other or any(one in group and other in group for group in groups)
