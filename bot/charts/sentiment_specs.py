"""Spec of the sentiment picture: headlines as dots, the score of all news as a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bot.charts.alt import alt_text
from bot.charts.numbers import MINUS
from bot.errors import NoData
from bot.market.model import Days, Floats

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One headline: when it appeared, and its score −1…1."""

    time: datetime
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class SentimentChart:
    """Scores −1…1 over days: `line` (n,) at the end of each of `days`, NaN without enough news.

    `dot_places` are positions in days after `days[0]` (0…n−1), `dot_scores` their scores.
    """

    title: str
    fact: str
    days: Days
    line: Floats
    dot_places: Floats
    dot_scores: Floats
    alt: str


def sentiment_chart(
    moments: Sequence[datetime],
    scores: Sequence[float | None],
    dots: Sequence[Dot],
    *,
    title: str,
    fact: str,
) -> SentimentChart:
    """The picture of `scores` at `moments` (one a day, oldest first) and of single headlines.

    Raises NoData when there is neither a score nor a headline in that time.
    """
    line = np.array([np.nan if score is None else score for score in scores])
    places = [(dot, (dot.time - moments[0]) / DAY) for dot in dots]
    inside = [(dot, place) for dot, place in places if 0 <= place <= len(moments) - 1]
    known = line[np.isfinite(line)]
    if not inside and not len(known):
        raise NoData("There are no scored headlines to draw.")
    now = f"now {signed(float(known[-1]))}" if np.isfinite(line[-1]) else "now not enough news"
    return SentimentChart(
        title=title,
        fact=fact,
        days=np.array([moment.date() for moment in moments], dtype="datetime64[D]"),
        line=line,
        dot_places=np.array([place for _, place in inside]),
        dot_scores=np.array([dot.score for dot, _ in inside]),
        alt=alt_text(
            f"{title}: {len(inside)} headlines scored between −1 and 1 over the last "
            f"{len(moments)} days, {now}."
        ),
    )


def signed(score: float) -> str:
    """+0.32, −0.05, 0.00."""
    text = f"{score:+.2f}".replace("-", MINUS)
    return text[1:] if text[1:] == "0.00" else text
