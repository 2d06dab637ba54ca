"""The card and picture of `/mood`. Pure: a gauge in, a card out."""

from dataclasses import dataclass

from bot.cards.format import day_text, joined, percent, plural
from bot.cards.model import Card
from bot.cards.tables import code_table, plain_points
from bot.charts.state_specs import MoodDial, MoodPart, mood_dial
from bot.signals.mood import Mood, Part

SIX = 6
SHORT = {
    "index against its 125-session mean": "Index against its mean",
    "net new highs": "Net new highs",
    "advancing volume": "Advancing volume",
    "VIX against its 50-session mean": "VIX against its mean",
    "high-yield against investment-grade bonds": "Risky against safe bonds",
    "index against treasuries": "Stocks against treasuries",
}
"""Names short enough for the dial and a phone."""


@dataclass(frozen=True, kw_only=True)
class MoodView:
    mood: Mood
    universe: str
    footer: str
    notes: tuple[str, ...] = ()


def mood_card(view: MoodView) -> Card:
    mood = view.mood
    notes = [
        *view.notes,
        "Each part is the percentile of its latest value in its own last two years; the gauge is "
        "their mean. It is our own, nobody’s index. VIX counts the other way round.",
    ]
    return Card(
        title=f"Market mood, {day_text(mood.session)}",
        verdict=verdict(mood),
        body="\n".join([_table(mood), *(f"-# {note}" for note in notes)]),
        footer=view.footer,
    )


def verdict(mood: Mood) -> str:
    """The score, its label, its strongest and weakest part, and what is missing."""
    ranked = sorted(mood.parts, key=lambda part: part.score)
    score = f"Mood {mood.score:.0f} of 100: {mood.temper}"
    low, high = ranked[0], ranked[-1]
    ends = (
        f" Most fearful: {_name(low)} ({low.score:.0f}); greediest: {_name(high)} "
        f"({high.score:.0f})."
        if len(ranked) > 1
        else ""
    )
    missing = (
        f" {plural(len(mood.missing), 'part')} of {SIX} unavailable: "
        f"{joined([SHORT.get(name, name) for name in mood.missing])}."
        if mood.missing
        else ""
    )
    return f"{score}.{ends}{missing}"


def _table(mood: Mood) -> str:
    rows = [
        [SHORT.get(p.name, p.name), f"{p.score:.0f}", _value(p), str(p.sessions)]
        for p in mood.parts
    ]
    rows += [[SHORT.get(name, name), "–", "unavailable", "–"] for name in mood.missing]
    return code_table(["", "Score", "Value", "Sessions"], rows)


def _value(part: Part) -> str:
    if part.name == "advancing volume":
        return f"{plain_points(part.value)} %"
    sign = -1 if part.name.startswith("VIX") else 1
    return percent(sign * part.value)


def _name(part: Part) -> str:
    return SHORT.get(part.name, part.name)


def mood_picture(mood: Mood) -> MoodDial:
    parts = [MoodPart(name=_name(p), value=p.score) for p in mood.parts]
    parts += [MoodPart(name=SHORT.get(name, name), value=None) for name in mood.missing]
    return mood_dial(mood.score, mood.temper, parts, fact=day_text(mood.session))


def numbers(view: MoodView) -> dict[str, object]:
    mood = view.mood
    return {
        "command": "mood",
        "session": str(mood.session),
        "score": mood.score,
        "temper": mood.temper.value,
        "universe": view.universe,
        "parts": [
            {"name": p.name, "value": p.value, "score": p.score, "sessions": p.sessions}
            for p in mood.parts
        ],
        "missing": list(mood.missing),
    }
