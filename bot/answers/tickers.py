"""“Tickers in this message”: quick looks at the symbols that somebody wrote about.

A ticker is what was meant as one: `$ivoo`, or plain capitals that the directory knows and that
are no everyday word. Names of companies are not guessed.
"""

import asyncio
import re
from collections.abc import Callable, Sequence

from bot.answers.calls import written
from bot.answers.model import Answer, Caller, defaults_for
from bot.answers.provenance import footer
from bot.cards.model import Button
from bot.cards.tickers import Look, tickers_card
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Basis, Symbol
from bot.services import Services
from bot.signals.highs import high_report

MOST = 5
"""Symbols looked at; a row has room for five buttons."""
LONGEST = 8000
"""Characters of a message and what is embedded in it that are read."""
NOT_TEXT = re.compile(r"https?://\S+|<[@#:/at][^>]{1,100}>|```.*?```", re.DOTALL)
CASHTAG = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6}(?:[.-][A-Za-z]{1,2})?)(?![\w$])")
CAPITALS = re.compile(r"(?<![\w$.'’&-])([A-Z]{2,5}(?:-[A-Z])?)(?![\w'’&]|[.-]\w)")
EVERYDAY = frozenset(
    """
    AI ALL AM AN ANY ARE AS AT ATH BE BIG BUY BY CAN CASH CEO CFO COST CPI DD DO EOD EPS ETF EU
    FAST FED FOMO FOR FYI GDP GO GOOD HAS HE HIGH HOLD IF IMO IN IPO IS IT ITS KEY LIFE LOL LOVE
    LOW ME MY NEW NEXT NICE NO NOT NOW OF OK ON ONE OPEN OR OUT OWN PE PM REAL RSI RUN SAFE SEC
    SEE SELL SO STAY TA THE TO TRUE TWO UK UP US USA USD WAS WAY WE WELL YOLO YOU YTD
    """.split()  # noqa: SIM905  eighty words read better as text
)
"""Words that people write in capitals; with a `$` they count all the same."""


def found_in(text: str, *, known: Callable[[str], bool]) -> tuple[Symbol, ...]:
    """The symbols in a message, each once, in the order in which they stand there."""
    plain = NOT_TEXT.sub(" ", text[:LONGEST])
    hits = [
        (match.start(), match[1].upper().replace(".", "-")) for match in CASHTAG.finditer(plain)
    ]
    hits += [
        (match.start(), match[1])
        for match in CAPITALS.finditer(plain)
        if match[1] not in EVERYDAY and known(match[1])
    ]
    return tuple(Symbol(word) for word in dict.fromkeys(word for _, word in sorted(hits)))


async def tickers(services: Services, caller: Caller, *, text: str) -> Answer:
    """A line for each of the first symbols, with a button to its whole answer.

    Raises UserError when the text has none.
    """
    symbols = found_in(text, known=lambda word: services.directory.get(word) is not None)
    if not symbols:
        raise UserError(
            "I see no ticker in this message. I look for `$IVOO` and for tickers in capitals that "
            "I know; names of companies I do not guess."
        )
    basis = (await defaults_for(services, caller)).basis
    first = symbols[:MOST]
    looks = await asyncio.gather(*(_look(services, symbol, basis) for symbol in first))
    seen = [look for look in looks if look.report is not None]
    card = tickers_card(looks, left=symbols[MOST:], footer=_oldest(seen))
    return Answer(
        card=card,
        numbers={"command": "tickers", "symbols": [str(symbol) for symbol in symbols]},
        private=True,
        controls=tuple(
            Button(label=look.symbol, call=written("high", look.symbol)) for look in seen
        ),
    )


async def _look(services: Services, symbol: Symbol, basis: Basis) -> Look:
    try:
        bars = await services.market.bars(symbol, running=True)
        report = high_report(bars, basis=basis)
    except (UserError, DataError, RetryableError) as error:
        return Look(symbol=symbol, problem=str(error))
    return Look(
        symbol=symbol,
        name=services.name_of(symbol),
        report=report,
        footer=footer(services, bars, basis),
    )


def _oldest(looks: Sequence[Look]) -> str:
    dated = [(look.report.session, look.footer) for look in looks if look.report is not None]
    return min(dated)[1] if dated else ""
