"""The card of `/record`. Pure: a study in, a card out.

Nothing here may flatter: every figure stands beside that of an ordinary day, with its interval,
and where the two cannot be told apart the card says so first.
"""

from dataclasses import dataclass

from bot.cards.format import day_text, plural, price_text
from bot.cards.model import Card, Field, Tone
from bot.cards.tables import NOTHING, code_table, points
from bot.cards.verdicts import told
from bot.market.model import Symbol
from bot.signals.bootstrap import Interval
from bot.signals.events import FOLLOW_UP_SESSIONS
from bot.signals.model import Direction
from bot.signals.outcomes import Outcome
from bot.signals.record import LEAST_EPISODES, Miss, Study
from storage.grades import Tally

MISSES = 5
"""Failures that the card names; the CSV has all."""
MONTH = 20
"""The horizon that the verdict speaks of, in sessions."""


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """`title` is the kind's. `asked` is the symbol asked for, None for a whole universe; `alone`
    its own episodes when the study is pooled over a family. `misses` are newest first."""

    study: Study
    title: str
    direction: Direction
    asked: Symbol | None
    alone: int
    benchmark: Symbol
    misses: tuple[Miss, ...]
    footer: str
    notes: tuple[str, ...] = ()
    own: Tally | None = None


def record_card(view: RecordView) -> Card:
    study = view.study
    notes = [
        _method(view),
        study.caution,
        *view.notes,
    ]
    body = []
    if study.confirmed:
        body = [_table(study), *_against(view), *_misses(view)]
    return Card(
        title=f"Record: {view.title}, {study.scope}",
        verdict=verdict(view),
        tone=Tone.NEUTRAL,
        body="\n".join([*body, *(f"-# {note}" for note in notes)]),
        fields=(
            (Field(name="My own alerts", value=own_words(view.own), inline=False),)
            if view.own is not None
            else ()
        ),
        footer=view.footer,
    )


def own_words(own: Tally) -> str:
    """What became of the alerts that were really sent, misses included."""
    if not own.announced:
        return "None of this kind was sent in this period."
    words = (
        f"{plural(own.announced, 'episode')} announced: {own.rejected} rejected at the close, "
        f"{own.held} held and {own.failed} failed within {FOLLOW_UP_SESSIONS} sessions, "
        f"{own.announced - own.rejected - own.held - own.failed} still running."
    )
    if not own.graded or own.mean_change is None:
        return words
    against = (
        ""
        if own.mean_benchmark_change is None
        else f", the benchmark {points(own.mean_benchmark_change)} %"
    )
    few = " Too few to tell." if own.graded < LEAST_EPISODES else ""
    return (
        f"{words} After {own.sessions} sessions {own.higher} of {own.graded} stood higher, "
        f"{points(own.mean_change)} % on average{against}.{few}"
    )


def verdict(view: RecordView) -> str:
    """How many, how many failed, and whether the rest beat ordinary days."""
    study = view.study
    period = f"from {day_text(study.first)} to {day_text(study.last)}"
    if not study.episodes:
        return f"No such signal of {study.scope} {period}: there is no record to speak of."
    parts = [_pooled(view)] if study.pooled else []
    parts.append(
        f"{plural(study.episodes, 'episode')} {period}, {study.confirmed} confirmed by their close."
    )
    if study.failure_rate is not None:
        back = "below" if view.direction is Direction.UP else "above"
        parts.append(
            f"Of those {_rate(study.failure_rate)} closed back {back} the level within "
            f"{FOLLOW_UP_SESSIONS} sessions{_failures(study)}."
        )
    month = next((o for o in study.outcomes if o.sessions == MONTH and o.episodes), None)
    if month is not None:
        parts.append(
            f"After {MONTH} sessions they returned {points(month.mean)} % on average, an ordinary "
            f"day {points(month.ordinary_mean)} %: **{_told(month, view.direction)}**."
        )
    elif study.few:
        parts.append(f"Fewer than {LEAST_EPISODES} episodes: too few to tell.")
    return " ".join(parts)


def _failures(study: Study) -> str:
    found = study.failure_interval
    if study.confirmed < LEAST_EPISODES or found.low != found.low:
        return ""
    low, high = 100 * max(found.low, 0.0), 100 * min(found.high, 1.0)
    return f" (95 % interval {low:.0f} to {high:.0f} %)"


def _told(o: Outcome, direction: Direction) -> str:
    """What may be said of an outcome: with few episodes nothing, whatever its interval."""
    if o.episodes < LEAST_EPISODES:
        return f"{plural(o.episodes, 'episode')}, too few to tell"
    return told(o.verdict, direction)


def _pooled(view: RecordView) -> str:
    return (
        f"{view.asked} alone has {plural(view.alone, 'episode')}, too few to judge, so the "
        f"{plural(len(view.study.symbols), 'symbol')} of {view.study.scope} are taken together."
    )


def _table(study: Study) -> str:
    rows = [
        [
            f"+{o.sessions}",
            str(o.episodes),
            _rate(o.hit_rate),
            _span(o.hit_interval, o, rate=True),
            _rate(o.ordinary_hit_rate),
            points(o.mean),
            _span(o.mean_interval, o, rate=False),
            points(o.ordinary_mean),
        ]
        for o in study.outcomes
    ]
    return code_table(["", "n", "Hit", "95 %", "Usual", "Mean", "95 %", "Usual"], rows)


def _against(view: RecordView) -> list[str]:
    """One line per horizon: against ordinary days and against the benchmark."""
    lines = []
    for o in view.study.outcomes:
        if not o.episodes:
            continue
        excess = _between(_span(o.excess_interval, o, rate=False))
        line = (
            f"After {o.sessions}: {points(o.excess)} points against an ordinary day{excess}, "
            f"{_told(o, view.direction)}"
        )
        if o.over_benchmark is not None and o.over_benchmark_interval is not None:
            over = _between(_span(o.over_benchmark_interval, o, rate=False))
            line += f"; {points(o.over_benchmark)} over {view.benchmark}{over}"
        lines.append(f"{line}.")
    return lines


def _misses(view: RecordView) -> list[str]:
    if not view.misses:
        return []
    named = [
        f"{miss.symbol} {day_text(miss.session)} at {price_text(miss.level)}"
        for miss in view.misses[:MISSES]
    ]
    return [f"Failed, newest of {len(view.misses)}: {'; '.join(named)}."]


def _method(view: RecordView) -> str:
    gain = "gain" if view.direction is Direction.UP else "loss"
    return (
        "Episodes, not days; entry at the next open, exit at the close 5, 20 and 60 sessions "
        f"after the signal; a hit is a {gain}; usual: ordinary days of the same symbols and "
        "period; intervals from a date-block bootstrap."
    )


def _rate(value: float) -> str:
    return NOTHING if value != value else f"{100 * value:.0f} %"


def _span(found: Interval, o: Outcome, *, rate: bool) -> str:
    """An interval; nothing where there are too few episodes for one to mean anything."""
    if o.episodes < LEAST_EPISODES or found.low != found.low:
        return NOTHING
    if rate:
        return f"{100 * max(found.low, 0.0):.0f}–{100 * min(found.high, 1.0):.0f}"
    return f"{points(found.low)}…{points(found.high)}"


def _between(text: str) -> str:
    return "" if text == NOTHING else f" ({text.replace('…', ' to ')})"
