"""How the sentiment of a symbol came to be what it is: its score at the end of each day.

The stories of the whole time are told apart once; at each moment only what had appeared by then
counts, weighed by its age as in `symbol_sentiment`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.news.desk import ScoredHeadline
from bot.sentiment.stories import ENOUGH_STORIES, MOST_HEADLINES, OLDEST, group_stories, recency

DAYS = 60
"""Days that the history shows."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The score −1…1 at a moment, None where there was not enough news."""

    time: datetime
    score: float | None


def history(
    items: Sequence[ScoredHeadline], now: datetime, *, days: int = DAYS
) -> tuple[Moment, ...]:
    """The score at this hour of each of the last `days` days, `now` last."""
    scores = {item.headline.id: item.score for item in items}
    oldest_first = sorted((item.headline for item in items), key=lambda item: item.time)
    stories = [
        tuple((item.time, item.publisher, scores[item.id]) for item in group)
        for group in group_stories(oldest_first[-MOST_HEADLINES:])
    ]
    moments = [now - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return tuple(Moment(time=moment, score=_score_at(stories, moment)) for moment in moments)


Told = tuple[datetime, str, float]
"""When a headline appeared, who printed it, and its score."""


def _score_at(stories: Sequence[Sequence[Told]], moment: datetime) -> float | None:
    total = weights = 0.0
    counted = 0
    for story in stories:
        told = [item for item in story if timedelta(0) <= moment - item[0] <= OLDEST]
        if not told:
            continue
        by_publisher = {publisher: score for _, publisher, score in told}
        weight = recency(moment - told[-1][0])
        total += weight * sum(by_publisher.values()) / len(by_publisher)
        weights += weight
        counted += 1
    return total / weights if counted >= ENOUGH_STORIES else None
