"""All findings of a brief, section by section, the strongest of each first; what was absent.

A finding is a pure function of the material: the same bars and news give the same facts, and no
fact knows a bar later than the session it is about.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from bot.brief.forward_findings import forward_findings
from bot.brief.leadership_findings import leadership_findings
from bot.brief.market_findings import market_findings
from bot.brief.model import Absence, Fact, Finding, Material, Part
from bot.brief.price_findings import price_findings
from bot.brief.wanted import BREADTH, MARKERS, RATES, SECTORS
from bot.market.model import Symbol
from bot.signals.highs import high_report

PARTS = tuple(Part)
IN_ORDER = (Part.HAPPENED, Part.CONFIRM, Part.INVALIDATE, Part.RECORD)
"""Sections told in the order of their making; in the others the reading leads, then strength."""


def findings(material: Material) -> tuple[Finding, ...]:
    """Raises NoData when the symbol has too little history for a brief."""
    report = high_report(material.bars, elapsed=material.elapsed)
    found = [
        *price_findings(material, report),
        *market_findings(material, report),
        *leadership_findings(material),
        *forward_findings(material, report),
    ]
    return tuple(
        finding
        for part in PARTS
        for finding in _ordered(part, [one for one in found if one.part is part])
    )


def absences(material: Material) -> tuple[Absence, ...]:
    """Which symbols each section could not look at, those with the same last session together."""
    needs = {
        Part.BREADTH: (material.benchmark, *BREADTH, *SECTORS),
        Part.RATES: RATES,
        Part.LEADERSHIP: (material.benchmark, *MARKERS),
    }
    found = []
    for part, symbols in needs.items():
        groups: defaultdict[date | None, list[Symbol]] = defaultdict(list)
        for symbol in dict.fromkeys(symbols):
            if symbol in material.absent:
                groups[material.absent[symbol]].append(symbol)
        found += [
            Absence(part=part, symbols=tuple(members), ends=ends)
            for ends, members in groups.items()
        ]
    return tuple(found)


def of_fact(found: Sequence[Finding], fact: Fact) -> Finding | None:
    """The first finding of a kind."""
    return next((finding for finding in found if finding.fact is fact), None)


def _ordered(part: Part, found: list[Finding]) -> list[Finding]:
    if part in IN_ORDER:
        return found
    return sorted(found, key=lambda one: (one.fact is not Fact.READING, -one.strength))
