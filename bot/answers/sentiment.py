"""`/sentiment`: what the news about a symbol say, and which words say it."""

import asyncio

from bot.answers.calls import written
from bot.answers.histories import histories
from bot.answers.model import Answer, with_picture
from bot.answers.news_reading import NewsReading, read_news
from bot.answers.peers import home_of, peers_of
from bot.cards.format import day_text, plural
from bot.cards.model import Button, Card
from bot.cards.sentiment import (
    SentimentView,
    sentiment_card,
    sentiment_csv,
    sentiment_picture,
)
from bot.errors import DataError, NoData, RetryableError
from bot.market.model import Bars, Symbol
from bot.news.history import history
from bot.services import Services


async def sentiment(services: Services, *, symbol: Symbol) -> Answer:
    """Score, spread, words, topics and impact; “not enough news” is a valid answer.

    Raises UnknownSymbol. A source without news or prices is said on the card.
    """
    bars, lost = None, ""
    try:
        bars = await services.market.bars(symbol, running=True)
    except (DataError, RetryableError) as error:
        lost = f"Impact without prices: {error}"
    peers = (await histories(services, peers_of(symbol), running=True)).bars if bars else ()
    reading = await read_news(services, symbol, bars=bars, peers=peers)
    view = SentimentView(
        symbol=symbol,
        name=services.name_of(symbol),
        news=reading.news,
        sentiment=reading.sentiment,
        impact=reading.impact,
        reach=reading.reach,
        footer=_footer(reading, bars, home_of(symbol).name),
        notes=(lost,),
    )
    call = written("sentiment", symbol)
    return Answer(
        card=await _pictured(services, sentiment_card(view), view),
        numbers={"command": "sentiment", "symbol": str(symbol), **numbers(reading)},
        controls=(Button(label="Brief", call=written("brief", symbol)),),
        table=sentiment_csv(reading.news) if reading.news.items else "",
        call=call,
    )


async def _pictured(services: Services, card: Card, view: SentimentView) -> Card:
    moments = await asyncio.to_thread(history, view.news.items, view.news.now)
    try:
        spec = sentiment_picture(view, moments)
    except NoData:
        return card
    return await with_picture(services, card, spec, filename=f"{view.symbol}-sentiment.png")


def _footer(reading: NewsReading, bars: Bars | None, home: str) -> str:
    parts = [reading.news.source, f"read by {reading.news.scorer}"]
    if bars is not None:
        parts.append(
            f"impact at the session of {day_text(bars.last_day)}, among "
            f"{plural(reading.reach.peers, 'peer')} of “{home}”"
        )
    return " · ".join(parts)


def numbers(reading: NewsReading) -> dict[str, object]:
    """The reading as JSON values."""
    found, impact, reach = reading.sentiment, reading.impact, reading.reach
    return {
        "score": found.score,
        "words": found.words,
        "headlines": found.headlines,
        "stories": len(found.stories),
        "newest_age_seconds": None if found.age is None else int(found.age.total_seconds()),
        "spread": found.spread,
        "disagreement": found.disagreement,
        "drivers": {driver.text: driver.value for driver in found.drivers},
        "topics": [topic.value for topic in found.topics],
        "scorer": reading.news.scorer,
        "trouble": reading.news.trouble,
        "impact": {
            "value": impact.value,
            "importance": impact.importance,
            "parts": {part.name: part.value for part in impact.parts},
            "volume_share": reach.volume_share,
            "move_in_sigmas": reach.move_in_sigmas,
            "breadth": reach.breadth,
            "peers": reach.peers,
        },
    }
