"""An alert's message in every part of its life. Pure: facts in, a card out."""

from bot.alerts.context import BaseRate
from bot.alerts.facts import AlertFacts, Stage, short_id
from bot.cards.format import CLOSED_MARKS, away, day_text, joined, percent, plural, price_text
from bot.cards.model import Card, Tone
from bot.cards.verdicts import told
from bot.episodes.grades import Grade
from bot.episodes.lifecycle import FOLLOW_UP, State
from bot.signals.model import Direction
from bot.signals.outcomes import Verdict

TONES = {
    State.OPEN: Tone.WATCH,
    State.CONFIRMED: Tone.GOOD,
    State.REJECTED: Tone.BAD,
    State.FAILED: Tone.BAD,
    State.HELD: Tone.GOOD,
}


def alert_card(facts: AlertFacts, *, alert_id: str) -> Card:
    """The message that announces an episode, and the same message edited after its close."""
    return Card(
        title=f"{CLOSED_MARKS[facts.state]} {headline(facts)}",
        verdict=verdict(facts),
        tone=TONES[facts.state],
        body="\n".join(_body(facts)),
        footer=_footer(facts, alert_id),
    )


def outcome_card(facts: AlertFacts, *, alert_id: str) -> Card:
    """The short reply that says whether the episode held or failed."""
    return Card(
        title="",
        verdict=f"{CLOSED_MARKS[facts.state]} {outcome(facts)}",
        tone=TONES[facts.state],
        footer=_footer(facts, alert_id),
    )


def card_for(facts: AlertFacts, *, alert_id: str) -> Card:
    """The card of whatever stage the facts are about."""
    make = outcome_card if facts.stage is Stage.ENDED else alert_card
    return make(facts, alert_id=alert_id)


def headline(facts: AlertFacts) -> str:
    """IVOO made a new 52-week high: 122.77, above 122.74 of 20 Feb 2026."""
    side = "above" if facts.direction is Direction.UP else "below"
    of = f" of {day_text(facts.level_session)}" if facts.level_session else ""
    return (
        f"{facts.symbol} {facts.phrase}: {price_text(facts.price)}, "
        f"{side} {price_text(facts.level)}{of}."
    )


def verdict(facts: AlertFacts) -> str:
    """What the close said, or that it has not spoken yet."""
    if facts.close is None:
        invalid = "below" if facts.direction is Direction.UP else "above"
        return (
            "Open: seen while the session runs, the close decides. "
            f"Invalid {invalid} {price_text(facts.invalidation)} on a close."
        )
    distance = away(facts.close, facts.level)
    if facts.state is State.REJECTED:
        if facts.close == facts.level:
            return (
                f"Rejected at the close: {price_text(facts.close)}, the level itself, not beyond."
            )
        side = "below" if facts.direction is Direction.UP else "above"
        return f"Rejected at the close: {price_text(facts.close)}, {distance} {side} the level."
    side = "above" if facts.direction is Direction.UP else "below"
    invalid = "below" if facts.direction is Direction.UP else "above"
    confirmed = f"Confirmed at the close: {price_text(facts.close)}, {distance} {side} the level."
    if facts.ended_session is None:
        return f"{confirmed} Invalid {invalid} {price_text(facts.invalidation)} on a close."
    if facts.state is State.HELD:
        return f"{confirmed} Held for {FOLLOW_UP} sessions."
    return f"{confirmed} Failed on {day_text(facts.ended_session)}."


def outcome(facts: AlertFacts) -> str:
    """IVOO held its breakout for 5 sessions / failed: closed at …, on session 3."""
    when = day_text(facts.session)
    move = "breakout" if facts.direction is Direction.UP else "breakdown"
    close = "" if facts.ended_close is None else price_text(facts.ended_close)
    if facts.state is State.HELD:
        nearest = "lowest" if facts.direction is Direction.UP else "highest"
        return (
            f"{facts.symbol} held its {move} of {when} for {FOLLOW_UP} sessions "
            f"({nearest} close {close})."
        )
    side = "below" if facts.direction is Direction.UP else "above"
    return (
        f"{facts.symbol}’s {move} of {when} failed: closed at {close}, {side} "
        f"{price_text(facts.invalidation)}, on session {facts.ended_after}."
    )


def grade_line(grade: Grade) -> str:
    """+5 sessions −0.2 % (SPY +0.1 %; on the way +0.9 % to −1.4 %)."""
    against = (
        f"{grade.benchmark} unavailable"
        if grade.benchmark_change is None
        else f"{grade.benchmark} {percent(grade.benchmark_change)}"
    )
    way = f"on the way {percent(grade.best)} to {percent(grade.worst)}"
    return f"+{grade.sessions} sessions {percent(grade.change)} ({against}; {way})"


def _volume_when(facts: AlertFacts) -> str:
    """A volume seen while the session ran stays one of that hour after the close."""
    if facts.provisional:
        return " for the hour"
    return " when seen" if "usual_volume" in facts.evidence else ""


def context_line(facts: AlertFacts) -> str:
    """Relative strength 87 of 99 · 12 of 64 watched at new highs, 1 at new lows, 71 % above …"""
    parts = []
    if facts.rs_rank is not None:
        parts.append(f"Relative strength {facts.rs_rank} of 99")
    breadth = facts.breadth
    if breadth is not None and breadth.counted:
        parts.append(
            f"breadth before: {breadth.new_highs} of {breadth.counted} at new highs, "
            f"{breadth.new_lows} at new lows"
        )
        if breadth.above_50 is not None:
            parts[-1] += f", {100 * breadth.above_50:.0f} % above their 50-day average"
    return " · ".join(parts)


def _share(value: float) -> str:
    """A fraction in percent; an interval's end beyond 0 or 1 is cut there."""
    return f"{100 * min(max(value, 0.0), 1.0):.0f}"


def base_rate_line(rate: BaseRate, direction: Direction) -> str:
    """Of 41 confirmed since 2016 59 % closed below within 5 sessions (45–72 %); …"""
    back, side = ("fell back", "higher") if direction is Direction.UP else ("came back", "lower")
    whose = f"in {rate.scope} (pooled)" if rate.pooled else f"of {rate.scope}"
    if rate.failure_rate is None:
        return f"Base rate: {plural(rate.confirmed, 'such case')} {whose}; too few to say more."
    spread = (
        ""
        if rate.failure_low is None or rate.failure_high is None
        else f" (95 % interval {_share(rate.failure_low)}–{_share(rate.failure_high)} %)"
    )
    line = (
        f"Base rate: of {rate.confirmed} confirmed {whose} since {rate.first.year}, "
        f"{100 * rate.failure_rate:.0f} % {back} within 5 sessions{spread}"
    )
    if rate.hit_rate is None or rate.ordinary_hit_rate is None:
        return f"{line}."
    judged = "too few to tell" if rate.few else told(Verdict(rate.verdict), direction)
    return (
        f"{line}; {100 * rate.hit_rate:.0f} % stood {side} after 20 sessions, ordinary days "
        f"{100 * rate.ordinary_hit_rate:.0f} %: {judged}."
    )


def _body(facts: AlertFacts) -> list[str]:
    parts = [f"Last {price_text(facts.last)}"]
    if facts.prior_close is not None:
        change = percent(facts.last / facts.prior_close - 1)
        parts = [f"Last {price_text(facts.last)} ({change})"]
        parts.append(f"prior close {price_text(facts.prior_close)}")
    if facts.base_sessions is not None:
        parts.append(f"base {plural(facts.base_sessions, 'session')}")
    if facts.participation != "unknown":
        parts.append(f"volume {facts.participation}{_volume_when(facts)}")
    lines = [" · ".join(parts)]
    if facts.also_all_time_high and facts.kind != "all_time_high":
        lines.append("It is also the all-time high.")
    if facts.siblings:
        lines.append(f"{joined([str(s) for s in facts.siblings])} did the same.")
    lines += [grade_line(grade) for grade in facts.grades]
    if facts.rs_rank is not None or facts.breadth is not None:
        lines.append(context_line(facts))
    if facts.base_rate is not None:
        lines.append(base_rate_line(facts.base_rate, facts.direction))
    if facts.late:
        lines.append("Late: this session was scanned after a later one had closed.")
    return lines


def _footer(facts: AlertFacts, alert_id: str) -> str:
    parts = [facts.provenance.source]
    settled = "final" if facts.close is not None else "provisional"
    parts.append(f"session of {day_text(facts.session)}, {settled}")
    if facts.provenance.delay_minutes:
        parts.append(f"delayed {facts.provenance.delay_minutes} min")
    parts.append(f"#{short_id(alert_id)}")
    return " · ".join(parts)
