"""What happened to the symbol itself: its move, its highs, its averages, its setups. Pure."""

from collections.abc import Sequence

import numpy as np

from bot.brief.model import Fact, Finding, Material, Part, clipped
from bot.market.model import Bars
from bot.sentiment.reach import usual_move
from bot.signals.highs import Extreme, HighReport
from bot.signals.indicators import sma
from bot.signals.model import Kind, Value
from bot.signals.setup import Setup, Status
from bot.signals.windows import complete

SHORT_AVERAGE, LONG_AVERAGE = 50, 200
LARGE_MOVE = 3.0
"""σ from which on a daily move is as strong a fact as there is."""
FAR_BELOW = 0.20
OVER = (Status.EXPIRED, Status.FAILED)
MOST_SETUPS = 2


def price_findings(material: Material, report: HighReport) -> list[Finding]:
    """All facts about the symbol's own prices."""
    known = complete(material.bars)
    found = [_move(report), _size(known, report), *_extremes(report), _averages(known)]
    return [finding for finding in found if finding is not None] + _setups(material, report)


def _move(report: HighReport) -> Finding:
    return Finding(
        fact=Fact.MOVE,
        part=Part.HAPPENED,
        strength=1.0,
        numbers={
            "symbol": report.symbol,
            "session": report.session.isoformat(),
            "last": report.last,
            "prior_close": report.prior_close,
            "change": report.change,
            "final": int(report.final),
        },
    )


def _extremes(report: HighReport) -> list[Finding]:
    top = Finding(
        fact=Fact.ALL_TIME,
        part=Part.HAPPENED,
        strength=1.0
        if report.new_all_time_high
        else clipped(-report.distance_all_time / FAR_BELOW),
        numbers={
            "new": int(report.new_all_time_high),
            "same_level": int(report.all_time_high == report.high_52w),
            "session_high": report.session_high,
            "distance": report.distance_all_time,
            **_extreme(report.all_time_high),
        },
    )
    if report.new_high_52w:
        return [_crossed(Fact.NEW_HIGH, report, report.high_52w, report.session_high), top]
    if report.new_low_52w:
        return [_crossed(Fact.NEW_LOW, report, report.low_52w, report.session_low), top]
    below = Finding(
        fact=Fact.BELOW_HIGH,
        part=Part.HAPPENED,
        strength=clipped(1 + report.distance_52w / FAR_BELOW),
        numbers={
            "distance": report.distance_52w,
            "since_listing": int(report.since_listing),
            **_extreme(report.high_52w),
        },
    )
    return [below] if report.all_time_high == report.high_52w else [below, top]


def _crossed(fact: Fact, report: HighReport, old: Extreme, price: float) -> Finding:
    return Finding(
        fact=fact,
        part=Part.HAPPENED,
        strength=1.0,
        numbers={
            "symbol": report.symbol,
            "price": price,
            "last": report.last,
            "final": int(report.final),
            "since_listing": int(report.since_listing),
            "base": old.sessions_since,
            **_extreme(old),
        },
    )


def _extreme(old: Extreme) -> dict[str, Value]:
    return {"level": old.price, "level_session": old.session.isoformat()}


def _size(known: Bars, report: HighReport) -> Finding | None:
    usual = usual_move(known)
    if usual is None:
        return None
    times = abs(report.change) / usual.sigma
    return Finding(
        fact=Fact.SIZE,
        part=Part.HAPPENED,
        strength=clipped(times / LARGE_MOVE),
        numbers={"times": times, "sigma": usual.sigma, "returns": usual.returns},
    )


def _averages(known: Bars) -> Finding | None:
    if len(known) < SHORT_AVERAGE:
        return None
    close = float(known.close[-1])
    numbers: dict[str, Value] = {}
    for name, n in (("short", SHORT_AVERAGE), ("long", LONG_AVERAGE)):
        mean = float(sma(known.close, n)[-1]) if len(known) >= n else np.nan
        numbers[name] = mean if np.isfinite(mean) else None
        numbers[f"{name}_distance"] = close / mean - 1 if np.isfinite(mean) else None
        numbers[f"{name}_sessions"] = n
    return Finding(fact=Fact.AVERAGES, part=Part.HAPPENED, strength=0.4, numbers=numbers)


def _setups(material: Material, report: HighReport) -> list[Finding]:
    """None at a new high or low: then that is the level that counts."""
    if report.new_high_52w or report.new_low_52w:
        return []
    return [_setup(setup) for setup in telling(material.setups)[:MOST_SETUPS]]


def telling(found: Sequence[Setup]) -> list[Setup]:
    """The setups that still stand: shapes before tests of support, then the best first."""
    alive = [setup for setup in found if setup.status not in OVER]
    return sorted(alive, key=lambda one: (one.kind is Kind.SUPPORT_TEST, -one.quality))


def _setup(setup: Setup) -> Finding:
    return Finding(
        fact=Fact.SETUP,
        part=Part.HAPPENED,
        strength=clipped(setup.quality / 100),
        numbers={
            "kind": setup.kind.value,
            "status": setup.status.value,
            "age": setup.age,
            "trigger": setup.trigger,
            "distance": setup.distance,
            "invalidation": setup.invalidation,
            "quality": setup.quality,
        },
    )
