"""Many histories with the running session at their end, for one request of quotes in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.answers.histories import Histories, histories
from bot.cards.format import day_text
from bot.errors import DataError, RetryableError
from bot.market.model import Bars, Floats, Quote, Symbol
from bot.services import Services


@dataclass(frozen=True, kw_only=True)
class Live:
    """`found` with provisional bars of `session` where there are quotes; `closed` without.

    `session` is None when there are no quotes of a session that has not settled.
    """

    found: Histories
    closed: Histories
    session: date | None
    footer: str


async def live(services: Services, symbols: Sequence[Symbol]) -> Live:
    """All that can be had. Raises nothing for a symbol that cannot, nor without quotes."""
    closed = await histories(services, symbols)
    session, quotes = await _quotes(services, [bars.symbol for bars in closed.bars])
    if session is None:
        return Live(found=closed, closed=closed, session=None, footer=_footer(services, closed))
    bars = tuple(_with_quote(each, quotes.get(each.symbol), session) for each in closed.bars)
    found = replace(closed, bars=bars)
    return Live(
        found=found, closed=closed, session=session, footer=_live_footer(services, quotes, session)
    )


async def _quotes(
    services: Services, symbols: Sequence[Symbol]
) -> tuple[date | None, Mapping[Symbol, Quote]]:
    """The session that has not settled yet and its quotes; None where there are none."""
    now = services.now()
    session = services.sessions.last_opened(now)
    if not symbols or session <= services.sessions.last_closed(now):
        return None, {}
    try:
        quotes = await services.market.quotes(symbols)
    except (DataError, RetryableError):
        return None, {}
    fresh = {
        symbol: quote
        for symbol, quote in quotes.items()
        if services.sessions.last_opened(quote.time) == session
    }
    return (session, fresh) if fresh else (None, {})


def _with_quote(bars: Bars, quote: Quote | None, session: date) -> Bars:
    if quote is None or bars.last_day >= session:
        return bars
    return replace(
        bars,
        days=np.append(bars.days, np.datetime64(session)),
        open=_then(bars.open, quote.open),
        high=_then(bars.high, max(quote.high, quote.last)),
        low=_then(bars.low, min(quote.low, quote.last)),
        close=_then(bars.close, quote.last),
        volume=_then(bars.volume, quote.volume),
        dividend=_then(bars.dividend, 0.0),
        split=_then(bars.split, 0.0),
        final=False,
    )


def _then(values: Floats, last: float) -> Floats:
    return np.append(values, last)


def _footer(services: Services, found: Histories) -> str:
    if not found.bars:
        return services.market.source.label
    newest = max(bars.last_day for bars in found.bars)
    return f"{services.market.source.label} · closes of {day_text(newest)} · {BASIS}"


def _live_footer(services: Services, quotes: Mapping[Symbol, Quote], session: date) -> str:
    delay = max(quote.delay_minutes for quote in quotes.values())
    late = f"delayed {delay} min" if delay else "provisional"
    return f"{services.market.source.label} · session of {day_text(session)}, {late} · {BASIS}"


BASIS = "prices split-adjusted, without dividends"
