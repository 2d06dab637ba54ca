"""The card of `/sentiment`. Pure: a reading of the news in, a card and CSV out.

Headlines are foreign text: every part of them is escaped, and only an address that
`bot.news.wash` let through becomes a link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.format import escape, plural
from bot.cards.model import Card, Field, Tone
from bot.cards.tables import csv_text
from bot.charts.sentiment_specs import Dot, SentimentChart, sentiment_chart, signed
from bot.market.model import Headline, Symbol
from bot.news.desk import News
from bot.news.history import Moment
from bot.sentiment.impact import Impact
from bot.sentiment.model import NEUTRAL_BELOW, Hit
from bot.sentiment.reach import Reach
from bot.sentiment.stories import ENOUGH_STORIES, OLDEST, Story, SymbolSentiment

SHOWN_HEADLINES = 8
BODY_ROOM = 3_400
"""Characters of Discord's 4,096 that headlines may take; the verdict and notes need the rest."""


@dataclass(frozen=True, kw_only=True)
class SentimentView:
    """What the card shows; `entity` is the company whose clauses were read, if any."""

    symbol: Symbol
    name: str
    news: News
    sentiment: SymbolSentiment
    impact: Impact
    reach: Reach
    footer: str
    notes: tuple[str, ...] = ()


def sentiment_card(view: SentimentView) -> Card:
    found = view.sentiment
    lines = headline_lines(found.stories, view.news)
    notes = [f"-# {escape(note)}" for note in (view.news.trouble, *view.notes) if note]
    return Card(
        title=f"{view.symbol} · {view.name}" if view.name else str(view.symbol),
        verdict=verdict(found),
        tone=_tone(found.score),
        fields=_fields(view),
        body="\n".join([*lines, *notes]),
        footer=view.footer,
    )


def verdict(found: SymbolSentiment) -> str:
    """+0.32, mildly positive, from 14 headlines in 11 stories; the newest is 3 hours old."""
    days = OLDEST.days
    if not found.headlines:
        return f"Not enough news: 0 headlines in {days} days; {ENOUGH_STORIES} stories are needed."
    counted = f"{plural(found.headlines, 'headline')} in {_stories(found)}"
    newest = "" if found.age is None else f" The newest is {age_text(found.age)} old."
    if found.score is None:
        needed = f"{ENOUGH_STORIES} stories are needed"
        return f"Not enough news: {counted} in {days} days; {needed}.{newest}"
    return f"{signed(found.score)}, {found.words}: {counted} in {days} days.{newest}"


def age_text(age: timedelta) -> str:
    """“40 minutes”, “3 hours”, “5 days”."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return plural(minutes, "minute")
    return plural(minutes // 60, "hour") if minutes < 48 * 60 else plural(minutes // 1440, "day")


def headline_lines(stories: Sequence[Story], news: News) -> list[str]:
    """One line for each story, the newest first: score, marked words, publisher, age."""
    lines: list[str] = []
    room = BODY_ROOM
    for story in sorted(stories, key=lambda story: story.newest, reverse=True)[:SHOWN_HEADLINES]:
        line = _line(story, news)
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return lines


def marked(title: str, hits: Sequence[Hit]) -> str:
    """The title escaped, with the words that count in bold."""
    parts, at = [], 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        if hit.start < at or hit.end > len(title):
            continue
        parts += [escape(title[at : hit.start]), f"**{escape(title[hit.start : hit.end])}**"]
        at = hit.end
    return "".join([*parts, escape(title[at:])])


def impact_text(impact: Impact) -> str:
    """0.05 of 1, and the parts behind it."""
    if impact.value is None:
        return "unknown: no part of it could be measured"
    parts = [f"{part.name} {part.value:.2f}" for part in impact.parts if part.value is not None]
    left = f"\nunknown: {', '.join(impact.missing)}" if impact.missing else ""
    return f"{impact.value:.2f} of 1\n{' · '.join(parts)}, × topic {impact.importance:.2f}{left}"


def sentiment_csv(news: News) -> str:
    """All stored headlines with their scores, newest first."""
    return csv_text(
        ("time", "score", "publisher", "title", "url"),
        (
            (
                item.headline.time.isoformat(),
                round(item.score, 4),
                item.headline.publisher,
                item.headline.title,
                item.headline.url,
            )
            for item in news.items
        ),
    )


def sentiment_picture(view: SentimentView, moments: Sequence[Moment]) -> SentimentChart:
    """The stored scores over time. Raises NoData when there are none."""
    scores = [moment.score for moment in moments[:-1]] + [view.sentiment.score]
    return sentiment_chart(
        [moment.time for moment in moments],
        scores,
        [Dot(time=item.headline.time, score=item.score) for item in view.news.items],
        title=f"{view.symbol} · sentiment of the news",
        fact=view.sentiment.words
        if view.sentiment.score is None
        else f"{signed(view.sentiment.score)}  {view.sentiment.words}",
    )


def _fields(view: SentimentView) -> tuple[Field, ...]:
    found = view.sentiment
    impact = Field(name="Market impact", value=impact_text(view.impact))
    if not found.headlines:
        return (impact,)
    drivers = [
        f"{escape(driver.text)} {signed(driver.value)}"
        for driver in found.drivers
        if round(driver.value, 2)
    ]
    score = found.words if found.score is None else f"{signed(found.score)}, {found.words}"
    return (
        Field(name="Score, −1 to 1", value=score),
        Field(name="Headlines", value=f"{found.headlines} in {_stories(found)}"),
        Field(name="Spread", value=_spread(found)),
        Field(name="Topics", value=", ".join(found.topics) or "none named"),
        impact,
        Field(name="Words that drove it", value=" · ".join(drivers) or "none", inline=False),
    )


def _spread(found: SymbolSentiment) -> str:
    return f"±{found.spread:.2f}\ndisagreement {found.disagreement:.2f} of 1"


def _stories(found: SymbolSentiment) -> str:
    count = len(found.stories)
    return "1 story" if count == 1 else f"{count} stories"


def _line(story: Story, news: News) -> str:
    headline = story.headlines[-1]
    reading = story.readings[-1]
    score = news.scores.get(headline.id, reading.score)
    more = f", {len(story.headlines)} times" if len(story.headlines) > 1 else ""
    title = marked(headline.title, reading.sentences[0].reading.hits)
    return f"`{signed(score)}` {title} · {_link(headline)}, {_ago(headline.time, news.now)}{more}"


def _link(headline: Headline) -> str:
    publisher = escape(headline.publisher)
    return f"[{publisher}]({headline.url})" if headline.url else publisher


def _ago(moment: datetime, now: datetime) -> str:
    return f"{age_text(now - moment)} ago"


def _tone(score: float | None) -> Tone:
    if score is None or abs(score) < NEUTRAL_BELOW:
        return Tone.NEUTRAL
    return Tone.GOOD if score > 0 else Tone.BAD
