"""`/portfolio`: what a user holds, what it comes to, and its risk. Always private."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.answers.calls import written
from bot.answers.histories import histories, left_out
from bot.answers.live import live
from bot.answers.model import Answer, Caller, defaults_for, with_picture
from bot.answers.symbol_check import checked
from bot.cards.format import day_text, joined, plural
from bot.cards.model import Button, Card, Tone
from bot.cards.portfolio import (
    PortfolioView,
    RiskView,
    holding_words,
    portfolio_card,
    portfolio_csv,
    portfolio_numbers,
    portfolio_picture,
    risk_card,
    risk_csv,
    risk_numbers,
    risk_picture,
)
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Bars, FundProfile, Symbol
from bot.portfolio.book import MOST, Book, Booked
from bot.portfolio.model import Holding, LookThrough, Valuation
from bot.portfolio.reading import Read, read_holdings
from bot.portfolio.risk import risk as risk_of
from bot.portfolio.value import look_through, valuation
from bot.services import Services

NAMED = 12
"""Holdings that an answer names one by one."""
AT_ONCE = 4
"""Fund profiles that are asked for at a time."""
CURRENCY = "Amounts are in the currency of each quote; nothing is converted."
SHOW = Button(label="Show", call="portfolio show")
RISK = Button(label="Risk", call="portfolio risk")


async def set_(services: Services, caller: Caller, *, holdings: str) -> Answer:
    """Set the named holdings and keep the others; 0 shares take one away.

    Raises UserError when nothing in the text is a holding of a known symbol.
    """
    read = await _read(services, holdings)
    since = services.now().date()
    done = await _book(services).put(caller.user_id, read.holdings, read.gone, since=since)
    return _booked(done, read, "Set")


async def import_(services: Services, caller: Caller, *, text: str = "") -> Answer:
    """Make what a file or pasted text says the whole portfolio. Raises UserError."""
    if not text.strip():
        raise UserError("Attach a CSV with symbols and shares, or paste it as `text`.")
    read = await _read(services, text)
    if not read.holdings:
        raise UserError("There are no shares of anything in that. Nothing was changed.")
    since = services.now().date()
    done = await _book(services).replace(caller.user_id, read.holdings, since=since)
    return _booked(done, read, "The portfolio is now")


async def clear(services: Services, caller: Caller) -> Answer:
    """Take all holdings away; the answer has a button that brings them back."""
    since = services.now().date()
    done = await _book(services).replace(caller.user_id, (), since=since)
    return _booked(done, Read(holdings=(), gone=(), bad=()), "Cleared")


async def undo(services: Services, caller: Caller, *, number: int | None = None) -> Answer:
    """Put the holdings back as they were before the last change, or before that of `number`."""
    book = _book(services)
    what = await book.undo(caller.user_id, number)
    held = await book.of_user(caller.user_id)
    text = f"Undone: {what}. The portfolio has {plural(len(held), 'holding')}."
    return Answer(
        card=Card(title="", verdict=text),
        numbers=_holding_numbers(held),
        private=True,
        controls=(SHOW,) if held else (),
    )


async def show(services: Services, caller: Caller) -> Answer:
    """Value, weights, changes, sectors behind the funds, distances from highs.

    Raises UserError without holdings and NoData when none has prices.
    """
    held = await _held(services, caller)
    found = await live(services, [holding.symbol for holding in held])
    bars = {each.symbol: each for each in found.found.bars}
    worth = await asyncio.to_thread(valuation, held, bars)
    sectors = await _sectors(services, worth)
    view = PortfolioView(
        valuation=worth,
        sectors=sectors,
        names={p.symbol: services.name_of(p.symbol) for p in worth.positions},
        closes={symbol: each.close for symbol, each in bars.items()},
        footer=found.footer,
        notes=(*left_out(found.found.missing), *_stale(worth), CURRENCY),
    )
    card = await with_picture(
        services, portfolio_card(view), portfolio_picture(view), filename="portfolio.png"
    )
    return Answer(
        card=card,
        numbers=portfolio_numbers(view),
        private=True,
        controls=(RISK,),
        table=portfolio_csv(worth),
        call="portfolio show",
    )


async def risk(services: Services, caller: Caller, *, against: Symbol | None = None) -> Answer:
    """Volatility, beta, correlation, drawdown and contributions of today's weights.

    Raises UserError without holdings, NoData when they share too little history, and what the
    benchmark's bars raise.
    """
    benchmark = against or (await defaults_for(services, caller)).benchmark
    held = await _held(services, caller)
    index = await services.market.bars(benchmark)
    found = await histories(services, [holding.symbol for holding in held])
    bars = {each.symbol: each for each in found.bars}

    def work() -> tuple[Valuation, RiskView]:
        worth = valuation(held, bars)
        return worth, RiskView(
            risk=risk_of(worth.positions, bars, index),
            benchmark=benchmark,
            effective=worth.effective,
            footer=_closes(services, found.bars),
            notes=left_out(found.missing),
        )

    _, view = await asyncio.to_thread(work)
    card = await with_picture(
        services, risk_card(view), risk_picture(view), filename="portfolio-risk.png"
    )
    return Answer(
        card=card,
        numbers=risk_numbers(view),
        private=True,
        controls=(SHOW,),
        table=risk_csv(view.risk),
        call=written("portfolio risk", against=against),
    )


def _book(services: Services) -> Book:
    return Book(db=services.db, wall=services.wall)


async def _held(services: Services, caller: Caller) -> tuple[Holding, ...]:
    held = await _book(services).of_user(caller.user_id)
    if not held:
        raise UserError(
            "Your portfolio is empty. `/portfolio set holdings:IVOO 10 @ 95.20, SPY 5` fills it; "
            "`/portfolio import` reads a CSV."
        )
    return held


async def _read(services: Services, text: str) -> Read:
    """Holdings of known symbols; the others are among the bad. Raises UserError for none."""
    read = read_holdings(text)
    if len(read.holdings) > MOST:
        raise UserError(f"That is {len(read.holdings)} holdings; {MOST} is the most.")
    found = await checked(services, [holding.symbol for holding in read.holdings])
    by_name = {holding.symbol: holding for holding in read.holdings}
    known = [_spelled(by_name, symbol) for symbol in found.known]
    bad = (*read.bad, *(f"{symbol} (unknown)" for symbol in found.unknown))
    if not known and not read.gone:
        why = f" I could not use {_some(bad)}." if bad else ""
        raise UserError(
            f"There are no holdings in that.{why} Write `IVOO 10 @ 95.20, SPY 5`: symbol, shares "
            "and, if you like, what one cost. Nothing was changed."
        )
    return Read(holdings=tuple(known), gone=read.gone, bad=bad)


def _spelled(by_name: Mapping[Symbol, Holding], symbol: Symbol) -> Holding:
    """The holding under the directory's spelling of its symbol (BRK-B for BRK.B)."""
    holding = by_name.get(symbol)
    if holding is not None:
        return holding
    other = next(h for s, h in by_name.items() if s.replace(".", "-") == symbol)
    return Holding(symbol=symbol, shares=other.shares, cost=other.cost)


async def _sectors(services: Services, worth: Valuation) -> LookThrough:
    gate = asyncio.Semaphore(AT_ONCE)

    async def profile(symbol: Symbol) -> FundProfile | None:
        async with gate:
            try:
                return await services.market.profile(symbol)
            except (UserError, DataError, RetryableError):
                return None

    found = await asyncio.gather(*(profile(p.symbol) for p in worth.positions))
    profiles = {each.symbol: each for each in found if each is not None}
    return look_through(worth.positions, profiles)


def _stale(worth: Valuation) -> Sequence[str]:
    """Positions whose last price is of an earlier session than that of the others."""
    newest = max(p.session for p in worth.positions)
    old = [f"{p.symbol} ({day_text(p.session)})" for p in worth.positions if p.session < newest]
    return [f"Older prices: {_some(old)}."] if old else []


def _closes(services: Services, bars: Sequence[Bars]) -> str:
    last = day_text(max(each.last_day for each in bars))
    return f"{services.market.source.label} · closes of {last} · total return"


def _booked(done: Booked, read: Read, verb: str) -> Answer:
    words = [holding_words(h.symbol, h.shares, h.cost) for h in read.holdings]
    named = f": {_some(words)}" if words else ""
    gone = f" Taken away: {_some(read.gone)}." if read.gone else ""
    left = f"-# Left out: {_some(read.bad)}." if read.bad else ""
    undo_ = Button(label="Undo", call=written("portfolio undo", str(done.change)))
    return Answer(
        card=Card(
            title="",
            verdict=f"{verb}{named}.{gone} {plural(done.count, 'holding')} in all.",
            tone=Tone.WATCH if read.bad else Tone.GOOD,
            body=left,
        ),
        numbers=_holding_numbers(read.holdings),
        private=True,
        controls=(*((SHOW, RISK) if done.count else ()), undo_),
    )


def _holding_numbers(holdings: Sequence[Holding]) -> dict[str, object]:
    return {
        "command": "portfolio",
        "holdings": [
            {"symbol": str(h.symbol), "shares": h.shares, "cost": h.cost} for h in holdings
        ],
    }


def _some(words: Sequence[str]) -> str:
    if len(words) <= NAMED:
        return joined(words)
    return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} more"
