"""What would confirm or invalidate it, what the news say, and how often it went well. Pure."""

from datetime import date

import numpy as np

from bot.brief.model import Fact, Finding, Material, Part, clipped
from bot.brief.price_findings import telling
from bot.market.model import as_date
from bot.signals.highs import ROUTINE, HighReport, usual_volume
from bot.signals.indicators import sma
from bot.signals.kinds import KINDS
from bot.signals.model import Value
from bot.signals.setup import Setup, Status
from bot.signals.windows import complete

DONCHIAN = 20
"""Sessions whose highest high and lowest low stand in where there is no other level."""
AVERAGE = 50
WAITING = (Status.BUILDING, Status.NEAR, Status.TRIGGERED, Status.CONFIRMED)
MONTH = 20


def forward_findings(material: Material, report: HighReport) -> list[Finding]:
    """News, levels with their dates, and the record."""
    return [
        *_news(material),
        *_levels(material, report),
        *_record(material),
    ]


def _news(material: Material) -> list[Finding]:
    found, impact = [], material.impact
    read = material.sentiment
    if read.headlines and read.age is not None:
        found.append(
            Finding(
                fact=Fact.SENTIMENT,
                part=Part.NEWS,
                strength=clipped(abs(read.score or 0.0)),
                numbers={
                    "score": read.score,
                    "words": read.words,
                    "headlines": read.headlines,
                    "stories": len(read.stories),
                    "age_hours": read.age.total_seconds() / 3600,
                    "spread": read.spread,
                },
            )
        )
    if impact.value is not None:
        found.append(
            Finding(
                fact=Fact.IMPACT,
                part=Part.NEWS,
                strength=clipped(impact.value),
                numbers={
                    "value": impact.value,
                    "importance": impact.importance,
                    "missing": ", ".join(impact.missing),
                    **{part.name: part.value for part in impact.parts if part.value is not None},
                },
            )
        )
    return found


def _levels(material: Material, report: HighReport) -> list[Finding]:
    """The level that decides: the crossed high or low, a setup's trigger, or the month's range."""
    setup = next((one for one in telling(material.setups) if one.status in WAITING), None)
    if report.new_low_52w:
        return _after_low(material, report)
    if report.new_high_52w:
        old = "old high since listing" if report.since_listing else "old 52-week high"
        return [
            _confirm(material, old, report.high_52w.price, report),
            *_volume(material),
            _fail(material, old, report.high_52w.price, report),
            *_fall_back(material),
        ]
    if setup is not None:
        return [
            *_of_setup(material, setup, report),
            *_volume(material),
            *_next(report, setup.trigger),
        ]
    known = complete(material.bars)
    high = float(known.high[-DONCHIAN:].max())
    low = float(known.low[-DONCHIAN:].min())
    return [
        _confirm(material, f"{DONCHIAN}-session high", high, report),
        *_volume(material),
        *_next(report, high),
        _fail(material, f"{DONCHIAN}-session low", low, report),
        *_fall_back(material),
    ]


def _of_setup(material: Material, setup: Setup, report: HighReport) -> list[Finding]:
    name = setup.kind.value.replace("_", " ")
    return [
        _confirm(material, f"trigger of the {name}", setup.trigger, report),
        _fail(material, f"end of the {name}", setup.invalidation, report),
        *_fall_back(material),
    ]


def _after_low(material: Material, report: HighReport) -> list[Finding]:
    level = report.low_52w.price
    return [
        _close(
            material, Fact.CONFIRM_CLOSE, Part.CONFIRM, "old 52-week low", level, report, "below"
        ),
        _close(
            material, Fact.FAIL_CLOSE, Part.INVALIDATE, "old 52-week low", level, report, "above"
        ),
    ]


def _confirm(material: Material, name: str, level: float, report: HighReport) -> Finding:
    return _close(material, Fact.CONFIRM_CLOSE, Part.CONFIRM, name, level, report, "above")


def _fail(material: Material, name: str, level: float, report: HighReport) -> Finding:
    return _close(material, Fact.FAIL_CLOSE, Part.INVALIDATE, name, level, report, "below")


def _close(
    material: Material,
    fact: Fact,
    part: Part,
    name: str,
    level: float,
    report: HighReport,
    side: str,
) -> Finding:
    return Finding(
        fact=fact,
        part=part,
        strength=1.0,
        numbers={
            "name": name,
            "level": level,
            "side": side,
            "distance": level / report.last - 1,
            "there": int(report.last > level if side == "above" else report.last < level),
            "third": material.dates.third.isoformat(),
            "fifth": material.dates.fifth.isoformat(),
        },
    )


def _volume(material: Material) -> list[Finding]:
    usual = usual_volume(complete(material.bars).volume)
    if usual is None:
        return []
    numbers: dict[str, Value] = {"times": ROUTINE, "shares": ROUTINE * usual, "usual": usual}
    return [Finding(fact=Fact.CONFIRM_VOLUME, part=Part.CONFIRM, strength=0.3, numbers=numbers)]


def _next(report: HighReport, level: float) -> list[Finding]:
    """The 52-week high, where it lies above `level`."""
    if report.high_52w.price <= level:
        return []
    return [
        Finding(
            fact=Fact.NEXT_LEVEL,
            part=Part.CONFIRM,
            strength=0.5,
            numbers={
                "level": report.high_52w.price,
                "level_session": report.high_52w.session.isoformat(),
                "distance": report.high_52w.price / report.last - 1,
                "since_listing": int(report.since_listing),
            },
        )
    ]


def _fall_back(material: Material) -> list[Finding]:
    """The 50-session average, where it lies below the close."""
    known = complete(material.bars)
    mean = float(sma(known.close, AVERAGE)[-1]) if len(known) >= AVERAGE else np.nan
    last = float(known.close[-1])
    if not mean < last:
        return []
    return [
        Finding(
            fact=Fact.FALL_BACK,
            part=Part.INVALIDATE,
            strength=0.4,
            numbers={"level": mean, "distance": mean / last - 1, "sessions": AVERAGE},
        )
    ]


def _record(material: Material) -> list[Finding]:
    study = material.record
    if study is None or not study.episodes:
        return []
    numbers: dict[str, Value] = {
        "title": KINDS[study.kind].title,
        "scope": study.scope,
        "pooled": int(study.pooled),
        "symbols": len(study.symbols),
        "first": max(study.first, _listed(material, pooled=study.pooled)).isoformat(),
        "episodes": study.episodes,
        "confirmed": study.confirmed,
        "failure_rate": study.failure_rate,
        "low": _known(study.failure_interval.low),
        "high": _known(study.failure_interval.high),
    }
    found = [Finding(fact=Fact.FAILURES, part=Part.RECORD, strength=0.8, numbers=numbers)]
    after = next((one for one in study.outcomes if one.sessions == MONTH and one.episodes), None)
    if after is not None:
        found.append(
            Finding(
                fact=Fact.OUTCOME,
                part=Part.RECORD,
                strength=0.7,
                numbers={
                    "sessions": after.sessions,
                    "episodes": after.episodes,
                    "mean": after.mean,
                    "ordinary_mean": after.ordinary_mean,
                    "hits": after.hit_rate,
                    "ordinary_hits": after.ordinary_hit_rate,
                    "excess": after.excess,
                    "low": _known(after.excess_interval.low),
                    "high": _known(after.excess_interval.high),
                    "verdict": after.verdict.value,
                },
            )
        )
    return found


def _listed(material: Material, *, pooled: bool) -> date:
    """The first session that the record can be about."""
    return date.min if pooled else as_date(material.bars.days[0])


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
