"""Who leads: the symbol against its benchmark and its family, and who is near a high. Pure."""

from bot.brief.lines import change_over
from bot.brief.model import Fact, Finding, Material, Part, clipped
from bot.brief.wanted import MARKERS, MONTH, QUARTER, STRONG_RATIO
from bot.errors import NoData
from bot.signals.highs import high_report
from bot.signals.model import Value
from bot.signals.strength import strength_report

LEAST_RANKED = 4


def leadership_findings(material: Material) -> list[Finding]:
    """All facts about leadership that the material holds."""
    return [
        found
        for found in (
            _excess(material),
            _strength_high(material),
            _rank(material),
            _distances(material),
        )
        if found is not None
    ]


def _excess(material: Material) -> Finding | None:
    benchmark = material.others.get(material.benchmark)
    if benchmark is None:
        return None
    own = [change_over(material.bars, n) for n in (MONTH, QUARTER)]
    other = [change_over(benchmark, n) for n in (MONTH, QUARTER)]
    if own[0] is None or other[0] is None:
        return None
    known = own[1] is not None and other[1] is not None
    return Finding(
        fact=Fact.EXCESS,
        part=Part.LEADERSHIP,
        strength=clipped(abs(own[0] - other[0]) / STRONG_RATIO),
        numbers={
            "symbol": material.symbol,
            "benchmark": material.benchmark,
            "month": own[0],
            "benchmark_month": other[0],
            "month_sessions": MONTH,
            "quarter": own[1] if known else None,
            "benchmark_quarter": other[1] if known else None,
            "quarter_sessions": QUARTER,
        },
    )


def _strength_high(material: Material) -> Finding | None:
    benchmark = material.others.get(material.benchmark)
    if benchmark is None:
        return None
    try:
        report = strength_report(material.bars, benchmark)
    except NoData:
        return None
    if not report.new_high or report.since_listing:
        return None
    return Finding(
        fact=Fact.STRENGTH_HIGH,
        part=Part.LEADERSHIP,
        strength=1.0,
        numbers={
            "benchmark": material.benchmark,
            "line": float(report.line.line[-1]),
            "level": report.line_high,
            "level_session": report.line_high_session.isoformat(),
        },
    )


def _rank(material: Material) -> Finding | None:
    everyone = {material.symbol: material.bars} | {
        symbol: material.others[symbol] for symbol in material.peers if symbol in material.others
    }
    changes = {symbol: change_over(bars, MONTH) for symbol, bars in everyone.items()}
    known = {symbol: change for symbol, change in changes.items() if change is not None}
    if len(known) < LEAST_RANKED or material.symbol not in known:
        return None
    ranked = sorted(known, key=lambda symbol: -known[symbol])
    place = ranked.index(material.symbol)
    return Finding(
        fact=Fact.RANK,
        part=Part.LEADERSHIP,
        strength=clipped(2 * abs(place / (len(ranked) - 1) - 0.5)),
        numbers={
            "symbol": material.symbol,
            "place": place + 1,
            "counted": len(ranked),
            "home": material.home,
            "best": ranked[0],
            "best_change": known[ranked[0]],
            "worst": ranked[-1],
            "worst_change": known[ranked[-1]],
            "sessions": MONTH,
        },
    )


def _distances(material: Material) -> Finding | None:
    everyone = {**material.others, material.symbol: material.bars}
    numbers: dict[str, Value] = {}
    for symbol in dict.fromkeys((*MARKERS, material.symbol)):
        if symbol in everyone:
            try:
                numbers[symbol] = high_report(everyone[symbol]).distance_all_time
            except NoData:
                continue
    if len(numbers) < 2:
        return None
    spread = max(abs(float(value or 0)) for value in numbers.values())
    return Finding(
        fact=Fact.DISTANCES,
        part=Part.LEADERSHIP,
        strength=clipped(2 * spread),
        numbers=numbers,
    )
