"""The news of a symbol, read: sentiment, and how much what happened can matter."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.market.model import Bars, InstrumentType, Symbol
from bot.news.desk import News
from bot.sentiment.impact import Impact, market_impact, novelty_of
from bot.sentiment.reach import Reach, reach
from bot.sentiment.stories import Story, SymbolSentiment, symbol_sentiment
from bot.sentiment.topics import Topic, TopicShare
from bot.services import Services

CHART_EVENT = (TopicShare(topic=Topic.TECHNICALS, share=1.0),)
"""What is weighed where there is no news: the event in the prices itself."""


@dataclass(frozen=True, kw_only=True)
class NewsReading:
    """The news, their sentiment, and the impact with what it was measured from."""

    news: News
    sentiment: SymbolSentiment
    impact: Impact
    reach: Reach


async def read_news(
    services: Services, symbol: Symbol, *, bars: Bars | None, peers: Sequence[Bars]
) -> NewsReading:
    """Raises nothing for a source without news: `news.trouble` says it."""
    entity = entity_of(services, symbol)
    news = await services.news.news(symbol, entity=entity)
    sentiment = await asyncio.to_thread(
        symbol_sentiment, news.headlines, news.now, entity=entity, scores=news.scores
    )
    measured = (
        Reach(volume_share=None, move_in_sigmas=None, breadth=None, peers=0)
        if bars is None
        else reach(bars, peers)
    )
    newest = max(sentiment.stories, key=lambda story: story.newest, default=None)
    impact = market_impact(
        CHART_EVENT if newest is None else newest.readings[-1].topics,
        volume_share=measured.volume_share,
        move_in_sigmas=measured.move_in_sigmas,
        breadth=measured.breadth,
        novelty=None if newest is None else novelty_of(earlier_on_topic(newest, sentiment)),
    )
    return NewsReading(news=news, sentiment=sentiment, impact=impact, reach=measured)


def entity_of(services: Services, symbol: Symbol) -> str | None:
    """The name whose clauses are read. A fund's name is made of words about others: none."""
    instrument = services.directory.get(symbol)
    if instrument is None or instrument.type is not InstrumentType.STOCK:
        return None
    return instrument.name or None


def earlier_on_topic(newest: Story, found: SymbolSentiment) -> int:
    """How many other stories have the main topic of the newest one."""
    topic = _main_topic(newest)
    others = (story for story in found.stories if story is not newest)
    return sum(_main_topic(story) is topic for story in others)


def _main_topic(story: Story) -> Topic | None:
    topics = story.readings[-1].topics
    return topics[0].topic if topics else None
