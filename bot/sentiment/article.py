"""An article: the title says most, the first sentence more than the rest.

Sentences that say nothing dilute the tone, but less than sentences that speak. The tone is
then damped by what the article is about (`topics`): a note about a chart says less about
the future than a report of earnings.
"""

import re
from dataclasses import dataclass

from bot.sentiment.model import Hit, Label, Reading, label_of
from bot.sentiment.scorer import score
from bot.sentiment.topics import TopicShare, carry_of, topics_of

TITLE_WEIGHT = 3.0
LEAD_WEIGHT = 1.5
SENTENCE_WEIGHT = 1.0
SILENT_SHARE = 0.6
"""Share of its weight with which a sentence without any hit dilutes the mean."""

READ_CHARACTERS = 20_000
READ_SENTENCES = 40
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'“(])")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence of an article (the title is the first) with its weight in the mean."""

    text: str
    weight: float
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class ArticleReading:
    """The sentiment of an article: score −1…1, its label, topics, and the sentences read."""

    score: float
    label: Label
    topics: tuple[TopicShare, ...]
    sentences: tuple[Sentence, ...]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits; their spans count within their sentence."""
        return tuple(hit for sentence in self.sentences for hit in sentence.reading.hits)


def read_article(title: str, body: str = "", *, entity: str | None = None) -> ArticleReading:
    """The sentiment of an article; the first 20,000 characters of the body are read.

    `entity` is the company or fund in question; sentences that do not name it count whole.
    """
    sentences = _weighted(title, body, entity)
    topics = topics_of(title, body)
    weights = sum(s.weight * (1.0 if s.reading.hits else SILENT_SHARE) for s in sentences)
    mean = sum(s.weight * s.reading.score for s in sentences) / weights
    value = mean * carry_of(topics)
    return ArticleReading(score=value, label=label_of(value), topics=topics, sentences=sentences)


def split_sentences(text: str) -> tuple[str, ...]:
    """The first sentences of a text, without blanks around them."""
    pieces = SENTENCE_END.split(text[:READ_CHARACTERS].strip(), maxsplit=READ_SENTENCES)
    return tuple(piece for piece in pieces[:READ_SENTENCES] if piece)


def _weighted(title: str, body: str, entity: str | None) -> tuple[Sentence, ...]:
    texts = [(title, TITLE_WEIGHT)]
    for number, sentence in enumerate(split_sentences(body)):
        texts.append((sentence, SENTENCE_WEIGHT if number else LEAD_WEIGHT))
    return tuple(
        Sentence(text=text, weight=weight, reading=score(text, entity)) for text, weight in texts
    )
