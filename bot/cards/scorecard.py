"""The scorecard: what became of the alerts that were sent, this week and to date. Pure.

Misses stand beside hits, the ordinary day beside the share, and few cases are called few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.cards.format import day_text, percent, plural, price_text
from bot.cards.model import Card, Field, Tone
from bot.signals.kinds import KINDS
from bot.signals.model import Direction
from bot.signals.proportions import wilson
from bot.signals.record import LEAST_EPISODES
from storage.grades import Scored

NAMED = 10
"""Failures that the card names."""


@dataclass(frozen=True, kw_only=True)
class ScorecardView:
    """`scored` are all episodes announced to date; the week runs from `first` to `last`."""

    scored: Sequence[Scored]
    first: date
    last: date
    whose: str
    footer: str
    sessions: int = 20


def scorecard_card(view: ScorecardView) -> Card:
    announced = [one for one in view.scored if view.first <= one.began <= view.last]
    ended = [one for one in view.scored if _within(one.ended, view)]
    missed = [one for one in ended if one.state in ("failed", "rejected")]
    failed = [one for one in ended if one.state == "failed"]
    held = len([one for one in ended if one.state == "held"])
    rejected = len([one for one in announced if one.state == "rejected"])
    fields = [
        Field(
            name="This week",
            value=f"{plural(len(announced), 'alert')}, {rejected} rejected at the close\n"
            f"of earlier ones {held} held, {len(failed)} failed",
        ),
        Field(name=f"After {view.sessions} sessions, to date", value=_to_date(view), inline=False),
    ]
    if missed:
        fields.append(Field(name="Misses of the week", value=_missed(missed), inline=False))
    return Card(
        title=f"Scorecard, {day_text(view.first)} to {day_text(view.last)}",
        verdict=verdict(view),
        tone=Tone.NEUTRAL,
        body=f"-# {view.whose} A miss is an alert rejected by its close, or failed within five "
        "sessions. Entry at the next open. The interval takes alerts for independent, so it is "
        "rather too narrow.",
        fields=tuple(fields),
        footer=view.footer,
    )


def verdict(view: ScorecardView) -> str:
    """How many went the alert's way, and whether an ordinary day could have done that."""
    graded = graded_of(view)
    if not view.scored:
        return "No alerts were sent yet, so there is nothing to score."
    if len(graded) < LEAST_EPISODES:
        return (
            f"{plural(len(graded), 'alert')} graded after {view.sessions} sessions: fewer than "
            f"{LEAST_EPISODES}, too few to tell anything."
        )
    usual = ordinary_share(graded)
    found = wilson(sum(map(went_its_way, graded)), len(graded))
    if usual is None:
        return f"{plural(len(graded), 'alert')} graded; ordinary days are not known beside them."
    if found.holds(usual):
        return f"{plural(len(graded), 'alert')} graded: not distinguishable from an ordinary day."
    side = "more" if found.low > usual else "less"
    return f"{plural(len(graded), 'alert')} graded: right {side} often than on an ordinary day."


def graded_of(view: ScorecardView) -> list[Scored]:
    return [one for one in view.scored if one.change is not None]


def went_its_way(one: Scored) -> bool:
    """Whether the price stood on the alert's side of the entry."""
    change = one.change or 0.0
    return change > 0 if one.direction == Direction.UP else change < 0


def ordinary_share(graded: Sequence[Scored]) -> float | None:
    """How often an ordinary day of the same symbols would have gone the same way, as each alert
    said when it was sent; None where fewer than half of them could say."""
    usual = [rate for one in graded if (rate := _ordinary(one)) is not None]
    return sum(usual) / len(usual) if 2 * len(usual) >= len(graded) and usual else None


def numbers(view: ScorecardView) -> dict[str, object]:
    graded = graded_of(view)
    found = wilson(sum(map(went_its_way, graded)), len(graded))
    return {
        "command": "scorecard",
        "first": view.first.isoformat(),
        "last": view.last.isoformat(),
        "announced": len(view.scored),
        "graded": len(graded),
        "hits": sum(map(went_its_way, graded)),
        "interval": None if not graded else [found.low, found.high],
        "ordinary": ordinary_share(graded),
        "misses": [
            {"symbol": one.symbol, "kind": one.kind, "began": one.began.isoformat()}
            for one in view.scored
            if one.state in ("failed", "rejected")
        ],
    }


def _within(day: date | None, view: ScorecardView) -> bool:
    return day is not None and view.first <= day <= view.last


def _to_date(view: ScorecardView) -> str:
    graded = graded_of(view)
    if not graded:
        return f"None of {plural(len(view.scored), 'alert')} is that old yet."
    hits = sum(map(went_its_way, graded))
    text = f"{hits} of {len(graded)} stood on the alert’s side"
    if len(graded) >= LEAST_EPISODES:
        found = wilson(hits, len(graded))
        text += (
            f", {100 * hits / len(graded):.0f} % (95 % interval {100 * found.low:.0f} to "
            f"{100 * found.high:.0f} %)"
        )
    usual = ordinary_share(graded)
    text += "" if usual is None else f"; ordinary days {100 * usual:.0f} %"
    mean = sum(one.change or 0.0 for one in graded) / len(graded)
    against = [one.benchmark_change for one in graded if one.benchmark_change is not None]
    text += f".\nOn average {percent(mean)}"
    return (
        f"{text}, the benchmark {percent(sum(against) / len(against))}." if against else f"{text}."
    )


def _missed(missed: Sequence[Scored]) -> str:
    named = [
        f"{one.symbol} {one.state}: {_title(one.kind)} of {day_text(one.began)} at "
        f"{price_text(one.level)}"
        for one in missed[:NAMED]
    ]
    more = [f"and {len(missed) - NAMED} more"] if len(missed) > NAMED else []
    return "\n".join([*named, *more])


def _title(kind: str) -> str:
    known = {each.value: rule.title for each, rule in KINDS.items()}
    return known.get(kind, kind).lower()


def _ordinary(one: Scored) -> float | None:
    rate = ((one.opening or {}).get("base_rate") or {}).get("ordinary_hit_rate")
    return None if rate is None else float(rate)
