"""Quotes in, trustworthy quotes out; pure. What lies about the present never becomes an alert."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from bot.market.findings import Finding, Rule, Severity
from bot.market.model import Bars, Quote
from bot.market.oddities import ROUNDING, SPIKE
from bot.market.sessions import Sessions

AHEAD = timedelta(minutes=2)
"""How far the source's clock may be ahead of ours."""
BEHIND = timedelta(minutes=15)
"""How old a quote may be while a session runs, beyond the source's declared delay."""
PRIOR_TOLERANCE = 0.01
"""How far the quote's prior close may differ from the last bar's: another scale, else."""
JUMP = 1.5
"""A last price this many times (or this fraction of) the prior close must wait for its bar."""

CENT = 0.011


def check_quote(
    quote: Quote, *, sessions: Sessions, now: datetime, bars: Bars | None = None
) -> Finding | None:
    """Why `quote` must not be used at `now`; None when it may.

    `bars` are the guarded bars through the last closed session, where they are at hand.
    """
    objections = chain(
        _numbers(quote),
        _times(quote, sessions, now),
        _surroundings(quote),
        _prior_close(quote, bars, sessions),
    )
    return next(objections, None)


def on_new_scale(quote: Quote) -> Finding:
    """The objection to a quote whose symbol has just been restated."""
    return _finding(
        quote, Rule.PRIOR_CLOSE, quote.last, "is on a scale that levels do not know yet"
    )


def _numbers(quote: Quote) -> Iterator[Finding]:
    # An opening price may be unknown (NaN): nothing is measured against it.
    opening = () if math.isnan(quote.open) else (quote.open,)
    prices = (quote.last, quote.prior_close, quote.high, quote.low, *opening)
    if not all(map(math.isfinite, (*prices, quote.volume))):
        yield _finding(quote, Rule.UNREADABLE, quote.last, "has prices that cannot be read")
    elif min(prices) <= 0 or quote.volume < 0:
        yield _finding(quote, Rule.NOT_POSITIVE, min(prices), "has a price of 0 or less")
    else:
        slack = max(quote.last * ROUNDING, CENT)
        if quote.last > quote.high + slack or quote.last < quote.low - slack:
            yield _finding(
                quote, Rule.INCONSISTENT, quote.last, "has a last price outside its range"
            )


def _times(quote: Quote, sessions: Sessions, now: datetime) -> Iterator[Finding]:
    if quote.time > now + AHEAD:
        yield _finding(quote, Rule.FUTURE, quote.last, "is dated in the future")
    delay = timedelta(minutes=quote.delay_minutes)
    running = sessions.open_session(now - BEHIND - delay)
    if running is None or sessions.open_session(now) != running:
        return
    if quote.time < now - BEHIND - delay:
        yield _finding(quote, Rule.STALE, quote.last, f"is of {quote.time:%Y-%m-%d %H:%M} UTC")


def _surroundings(quote: Quote) -> Iterator[Finding]:
    ratio = quote.last / quote.prior_close if quote.prior_close else math.inf
    if not 1 / JUMP <= ratio <= JUMP:
        yield _finding(quote, Rule.JUMP, ratio, "stands far from the prior close")
    if quote.high > SPIKE * max(quote.last, quote.prior_close):
        yield _finding(quote, Rule.SPIKE, quote.high, "has a high far outside its surroundings")
    if quote.low * SPIKE < min(quote.last, quote.prior_close):
        yield _finding(quote, Rule.SPIKE, quote.low, "has a low far outside its surroundings")


def _prior_close(quote: Quote, bars: Bars | None, sessions: Sessions) -> Iterator[Finding]:
    if bars is None or not len(bars):
        return
    before = sessions.offset(sessions.last_opened(quote.time), -1)
    i = bars.index_of(before)
    if i is None:
        return
    ratio = quote.prior_close / float(bars.close[i])
    if abs(ratio - 1) > PRIOR_TOLERANCE:
        text = f"counts from a prior close of {quote.prior_close:g}, the bars from "
        yield _finding(quote, Rule.PRIOR_CLOSE, ratio, f"{text}{bars.close[i]:g}")


def _finding(quote: Quote, rule: Rule, value: float, text: str) -> Finding:
    return Finding(
        symbol=quote.symbol,
        rule=rule,
        severity=Severity.HOLD,
        session=quote.time.date(),
        value=value,
        text=f"The quote of {quote.symbol} {text}; it is not used.",
    )
