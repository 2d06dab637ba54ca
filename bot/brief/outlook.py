"""The sentences about news, levels ahead, pairs and the record."""

from collections.abc import Callable, Mapping

from bot.brief.model import Fact
from bot.brief.numbers import Numbers
from bot.cards.format import plural
from bot.signals.pairs import Trend

PARTS = ("size", "move", "breadth", "novelty")
EVENTS = {
    "New 52-week high": ("new 52-week high", "below the level"),
    "New 52-week low": ("new 52-week low", "above the level"),
    "20-session breakout": ("close above the 20-session high", "below the level"),
}
"""What an episode of a kind is called, and on which side of its level it fails."""


def _sentiment(n: Numbers) -> str:
    counted = f"{n.counted('headlines', 'headline')} in {n.count('stories')} stories"
    hours = int(n.real("age_hours"))
    age = plural(hours, "hour") if hours < 48 else plural(hours // 24, "day")
    if not n.known("score"):
        return f"Not enough news for a score: {counted}; the newest is {age} old."
    return (
        f"News: {n.score('score')}, {n.text('words')}, from {counted}, spread "
        f"{n.times('spread')}; the newest is {age} old."
    )


def _impact(n: Numbers) -> str:
    parts = [f"{name} {n.times(name)}" for name in PARTS if n.known(name)]
    left = f"; unknown: {n.text('missing')}" if n.text("missing") else ""
    return (
        f"Market impact is {n.times('value')} of 1: {', '.join(parts)}, times "
        f"{n.times('importance')} for the topic{left}."
    )


def _confirm(n: Numbers) -> str:
    level = f"{n.price('level')} ({n.text('name')})"
    if n.flag("there"):
        return (
            f"Closes that stay {n.text('side')} {level} through {n.day('third')} and "
            f"{n.day('fifth')}, sessions 3 and 5."
        )
    return (
        f"A close {n.text('side')} {level}, {n.size('distance')} away, by {n.day('fifth')}, with "
        f"a follow-through 3 to 5 sessions later."
    )


def _confirm_volume(n: Numbers) -> str:
    return (
        f"Active volume: above {n.real('shares'):,.0f} shares, {n.real('times'):.1f} times the "
        f"average of {n.real('usual'):,.0f}."
    )


def _next_level(n: Numbers) -> str:
    return (
        f"Next level above: the {high_name(n)} of {n.price('level')} ({n.day('level_session')}), "
        f"{n.size('distance')} away."
    )


def high_name(n: Numbers) -> str:
    return "high since listing" if n.flag("since_listing") else "52-week high"


def _fail(n: Numbers) -> str:
    level = f"{n.price('level')} ({n.text('name')})"
    away = "" if n.flag("there") else f", {n.size('distance')} away,"
    return f"A close {n.text('side')} {level}{away} by {n.day('fifth')}, session 5."


def _fall_back(n: Numbers) -> str:
    return (
        f"Further down, the {n.count('sessions')}-session average at {n.price('level')} lies "
        f"{n.size('distance')} below the price."
    )


def _pair(n: Numbers) -> str:
    change = f"{n.percent('change')} in {n.count('sessions')} sessions{trend_of(n)}"
    text = f"{n.text('long')} against {n.text('short')}: ratio {n.real('ratio'):.4f}, {change}"
    if n.known("z_score"):
        text += f", {n.score('z_score')} σ from its one-year mean"
    return f"{text}{extreme_of(n)}."


def trend_of(n: Numbers) -> str:
    """“, trend falling”; nothing where the ratio is too short for one."""
    return "" if n.text("trend") == Trend.UNKNOWN else f", trend {n.text('trend')}"


def extreme_of(n: Numbers) -> str:
    if n.flag("new_high"):
        return ", at a new 52-week high"
    return ", at a new 52-week low" if n.flag("new_low") else ""


def _failures(n: Numbers) -> str:
    event, side = EVENTS.get(n.text("title"), (n.text("title").lower(), "back through the level"))
    whose = n.text("scope")
    if n.flag("pooled"):
        whose = f"the {n.count('symbols')} symbols of “{whose}” together"
    text = (
        f"{n.counted('episodes', 'episode')} of a {event} in {whose} from {n.day('first')} to the "
        f"session before"
    )
    if n.count("confirmed") < n.count("episodes"):
        text += f", {n.count('confirmed')} of them confirmed at the close"
    text += "."
    if not n.known("failure_rate"):
        return text
    interval = f" (95 % interval {n.share('low')} to {n.share('high')})" if n.known("low") else ""
    return f"{text} {n.share('failure_rate')} of those closed {side} within 5 sessions{interval}."


def _outcome(n: Numbers) -> str:
    text = (
        f"From the next open to the close {n.count('sessions')} sessions on: {n.percent('mean')} "
        f"on average, {n.percent('ordinary_mean')} from ordinary days; gains in "
        f"{n.share('hits')} of cases against {n.share('ordinary_hits')}."
    )
    if not n.known("low", "high"):
        return text
    return (
        f"{text} The difference of {n.percent('excess')} (95 % interval {n.percent('low')} to "
        f"{n.percent('high')}) is {n.text('verdict')}."
    )


OUTLOOK: Mapping[Fact, Callable[[Numbers], str]] = {
    Fact.SENTIMENT: _sentiment,
    Fact.IMPACT: _impact,
    Fact.CONFIRM_CLOSE: _confirm,
    Fact.CONFIRM_VOLUME: _confirm_volume,
    Fact.NEXT_LEVEL: _next_level,
    Fact.FAIL_CLOSE: _fail,
    Fact.FALL_BACK: _fall_back,
    Fact.PAIR: _pair,
    Fact.FAILURES: _failures,
    Fact.OUTCOME: _outcome,
}
