"""The news about one symbol: stories, not headlines.

The same story printed by ten sites is one piece of news. Near-duplicate headlines are
grouped; within a story every source counts once; a story weighs by the age of its newest
headline (half-life three days). Two stories are not enough to speak of a mood.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from bot.market.model import Headline
from bot.sentiment.article import ArticleReading, read_article
from bot.sentiment.model import describe
from bot.sentiment.tokens import readable, tokenise
from bot.sentiment.topics import MOST_TOPICS, Topic

HALF_LIFE = timedelta(days=3)
OLDEST = timedelta(days=21)
"""Seven half-lives: less than one percent of its weight would be left."""
ENOUGH_STORIES = 3
MOST_HEADLINES = 400
"""Newest headlines that are read; bounds the pairwise comparison."""
SAME_STORY = 0.5
"""Jaccard similarity of the telling words of two headlines of one story."""
SAME_STORY_WITHIN = timedelta(days=3)
MOST_DRIVERS = 6

NOT_ENOUGH = "not enough news"
FILLER_WORDS = """
a an and are as at be by for from has have in is it its of on or says said that the this to was
were will with after over amid new stock stocks share shares update inc corp plc ltd co
# % $ @ , : ; | ( ) ? !
"""
FILLER = frozenset(FILLER_WORDS.split())
"""Words that do not tell one story from another."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Headlines of one story, oldest first. `score` is the mean of its sources' readings."""

    headlines: tuple[Headline, ...]
    score: float
    readings: tuple[ArticleReading, ...]

    @property
    def newest(self) -> datetime:
        return self.headlines[-1].time

    @property
    def sources(self) -> tuple[str, ...]:
        """Publishers in order of appearance, each once."""
        return tuple(dict.fromkeys(headline.publisher for headline in self.headlines))


@dataclass(frozen=True, kw_only=True)
class Driver:
    """Words that moved the score; `value` is their weighted sum over all stories."""

    text: str
    value: float


@dataclass(frozen=True, kw_only=True)
class SymbolSentiment:
    """The sentiment of the news about one symbol.

    `score` is −1…1, or None below three stories. `spread` is the weighted standard deviation
    of the stories' scores; `disagreement` is 0 where all stories point one way and 1 where good
    and bad news cancel out. `age` is that of the newest headline (None without any).
    """

    score: float | None
    headlines: int
    stories: tuple[Story, ...]
    age: timedelta | None
    spread: float
    disagreement: float
    drivers: tuple[Driver, ...]
    topics: tuple[Topic, ...]

    @property
    def words(self) -> str:
        """The score in words, or "not enough news"."""
        return NOT_ENOUGH if self.score is None else describe(self.score)


def symbol_sentiment(
    headlines: Sequence[Headline],
    now: datetime,
    *,
    entity: str | None = None,
    scores: Mapping[str, float] | None = None,
) -> SymbolSentiment:
    """The sentiment of `headlines` at the aware moment `now`.

    Headlines older than 21 days are left out, as are those published after `now`. `entity` is
    the name of the company or fund the headlines are asked about. `scores` by headline id, where
    given, are another scorer's and take the place of the rules' ones; the words are still theirs.
    """
    recent = [item for item in headlines if timedelta(0) <= now - item.time <= OLDEST]
    recent = sorted(recent, key=lambda item: item.time)[-MOST_HEADLINES:]
    stories = tuple(_story(group, entity, scores or {}) for group in group_stories(recent))
    weights = [recency(now - story.newest) for story in stories]
    enough = len(stories) >= ENOUGH_STORIES
    mean = _mean([story.score for story in stories], weights)
    return SymbolSentiment(
        score=mean if enough else None,
        headlines=len(recent),
        stories=stories,
        age=now - recent[-1].time if recent else None,
        spread=_spread(stories, weights, mean),
        disagreement=_disagreement(stories, weights),
        drivers=_drivers(stories, weights),
        topics=_topics(stories, weights),
    )


def recency(age: timedelta) -> float:
    """The weight 0…1 of news of an age: one half after three days, a quarter after six."""
    return float(0.5 ** (age / HALF_LIFE))


def group_stories(headlines: Sequence[Headline]) -> tuple[tuple[Headline, ...], ...]:
    """Headlines (oldest first) grouped by story; each joins the latest story it resembles.

    Two headlines tell one story when their telling words overlap by half and they are at
    most three days apart. Stories are in the order of their first headline.
    """
    groups: list[list[Headline]] = []
    words: list[frozenset[str]] = []
    for headline in headlines:
        telling = telling_words(headline.title)
        for number in range(len(groups) - 1, -1, -1):
            near = headline.time - groups[number][-1].time <= SAME_STORY_WITHIN
            if near and similarity(telling, words[number]) >= SAME_STORY:
                groups[number].append(headline)
                break
        else:
            groups.append([headline])
            words.append(telling)
    return tuple(tuple(group) for group in groups)


def telling_words(title: str) -> frozenset[str]:
    """The words of a title that tell stories apart."""
    return frozenset(tokenise(readable(title)).words) - FILLER


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity 0…1; two empty sets are alike."""
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def _story(
    headlines: tuple[Headline, ...], entity: str | None, given: Mapping[str, float]
) -> Story:
    by_source = {headline.publisher: headline for headline in headlines}
    read = {
        item.id: read_article(item.title, item.summary, entity=entity)
        for item in by_source.values()
    }
    readings = tuple(read.values())
    scores = [given.get(key, reading.score) for key, reading in read.items()]
    score = sum(scores) / len(scores)
    return Story(headlines=headlines, score=score, readings=readings)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    pairs = zip(values, weights, strict=True)
    return sum(value * weight for value, weight in pairs) / total if total else 0.0


def _spread(stories: Sequence[Story], weights: Sequence[float], mean: float) -> float:
    return sqrt(_mean([(story.score - mean) ** 2 for story in stories], weights))


def _disagreement(stories: Sequence[Story], weights: Sequence[float]) -> float:
    loud = _mean([abs(story.score) for story in stories], weights)
    return 1.0 - abs(_mean([story.score for story in stories], weights)) / loud if loud else 0.0


def _drivers(stories: Sequence[Story], weights: Sequence[float]) -> tuple[Driver, ...]:
    """The words with the largest weighted sums; each story shares its weight among sources."""
    sums: defaultdict[str, float] = defaultdict(float)
    for story, weight in zip(stories, weights, strict=True):
        for reading in story.readings:
            for hit in reading.hits:
                sums[hit.text.lower()] += weight * hit.value / len(story.readings)
    ranked = sorted(sums.items(), key=lambda item: -abs(item[1]))
    return tuple(Driver(text=text, value=value) for text, value in ranked[:MOST_DRIVERS])


def _topics(stories: Sequence[Story], weights: Sequence[float]) -> tuple[Topic, ...]:
    sums: defaultdict[Topic, float] = defaultdict(float)
    for story, weight in zip(stories, weights, strict=True):
        for share in story.readings[-1].topics:
            sums[share.topic] += weight * share.share
    return tuple(sorted(sums, key=lambda topic: -sums[topic])[:MOST_TOPICS])
