"""Material made by hand, so that every figure of a finding can be reckoned by hand too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from bot.brief.dates import dates_of
from bot.brief.model import Material
from bot.market.model import Bars, Symbol
from bot.sentiment.impact import market_impact
from bot.sentiment.stories import symbol_sentiment
from bot.sentiment.topics import Topic, TopicShare
from tests.market.known import SESSIONS

LAST = date(2024, 6, 26)
NOW = datetime(2024, 6, 26, 22, tzinfo=UTC)
CHART = (TopicShare(topic=Topic.TECHNICALS, share=1.0),)


def bars(symbol: str, closes: list[float], *, last: date = LAST, reach: float = 1.0) -> Bars:
    """Bars on the exchange's sessions up to `last`: highs and lows `reach` around the close."""
    days = SESSIONS.between(date(2015, 1, 2), last)[-len(closes) :]
    close = np.array(closes, dtype=float)
    none = np.zeros(len(close))
    return Bars(
        symbol=Symbol(symbol),
        days=days.copy(),
        open=close,
        high=close + reach,
        low=close - reach,
        close=close,
        volume=np.full(len(close), 1000.0),
        dividend=none,
        split=none,
    )


def flat(count: int, price: float = 100.0) -> list[float]:
    """Closes that go up and down by a quarter of a percent in turns."""
    return [price * (1.0025 if i % 2 else 1.0) for i in range(count)]


def material(
    own: Bars,
    others: Mapping[str, Bars] | None = None,
    absent: Mapping[str, date | None] | None = None,
) -> Material:
    """A brief's material without news and record; the benchmark is SPY."""
    return Material(
        bars=own,
        name="Known Fund",
        benchmark=Symbol("SPY"),
        others={Symbol(name): one for name, one in (others or {}).items()},
        absent={Symbol(name): ends for name, ends in (absent or {}).items()},
        peers=tuple(Symbol(name) for name in others or {}),
        home="size",
        dates=dates_of(SESSIONS, own.last_day),
        setups=(),
        sentiment=symbol_sentiment([], NOW),
        impact=market_impact(
            CHART, volume_share=0.1, move_in_sigmas=2.0, breadth=0.5, novelty=None
        ),
        record=None,
    )


def gapped(one: Bars, first: int, stop: int) -> Bars:
    """The same bars without those at first…stop−1."""
    keep = np.r_[0:first, stop : len(one)]
    return replace(
        one,
        **{
            name: getattr(one, name)[keep]
            for name in (
                "days",
                "open",
                "high",
                "low",
                "close",
                "volume",
                "dividend",
                "split",
            )
        },
    )
