"""Nasdaq Trader's list of everything that trades in the United States.

The file `nasdaqtraded.txt` has a header, a row for each security with fields between `|`, and
a trailer with its creation time; the fields are described under “Symbol Look-Up/Directory Data
Fields & Definitions” at nasdaqtrader.com. It is fetched while the program runs and comes from
outside, so a file that is cut short or not the list at all is refused as a whole.
"""

import re

from bot.errors import DataError, InvalidSymbol
from bot.market.model import Instrument, InstrumentType, Symbol

COLUMNS = ("Nasdaq Traded", "Symbol", "Security Name", "Listing Exchange", "ETF", "Test Issue")
TRAILER = "File Creation Time"
MOST_CHARACTERS = 16_000_000
"""The real file has about 1.1 million."""
LONGEST_NAME = 100

EXCHANGES = {
    "A": "NYSE American",
    "N": "NYSE",
    "P": "NYSE Arca",
    "Q": "NASDAQ",
    "V": "IEX",
    "Z": "Cboe BZX",
}
PLAIN = re.compile(r"[A-Z]{1,6}")
SHARE_CLASS = re.compile(r"([A-Z]{1,5})\.([A-K])")
"""BRK.B; the letters R, U, W and V after the dot are rights, units, warrants, when issued."""
NOT_SHARES = re.compile(
    r"\bwarrants?\b|- (?:rights?|units?)\b|"
    r"^(?!.*American Deposit).*\b(?:preferred\b|preference shares?\b)|"
    r"\b(?:notes|debentures|bonds) due\b|\bwhen[- ]issued\b",
    re.IGNORECASE,
)
"""Units and rights stand behind a dash; partnerships call their shares units without one.
Depositary receipts may stand for preferred shares abroad and are shares here."""
SECURITY_KIND = re.compile(
    r"\s*(?:-\s*)?(?:(?:Common|Ordinary|Subordinate Voting) (?:Stock|Shares?|Units)|"
    r"American Deposit[ao]ry (?:Shares?|Receipts?)|ADS)\b.*$",
    re.IGNORECASE,
)
CLASS_BEFORE_KIND = re.compile(r"\s+-\s+(?=Class [A-K]\b)")
UNSAFE = re.compile(r"[`@<>*_~|\[\]\\#]|[^ -~\u00a0-\u024f\u2010-\u2027]")


def parse_nasdaq_traded(text: str) -> tuple[Instrument, ...]:
    """Funds and shares of the list in Yahoo's spelling (BRK.B as BRK-B), in its order.

    Test issues, preferred shares, warrants, rights, units and notes are left out, as are rows
    that are malformed. Raises DataError when the text is not the complete list.
    """
    if len(text) > MOST_CHARACTERS:
        raise DataError("The symbol list is far larger than it can be; the old one stays in use.")
    lines = text.splitlines()
    header = [name.strip() for name in lines[0].split("|")] if lines else []
    if any(column not in header for column in COLUMNS):
        raise DataError("This is not Nasdaq Trader's symbol list; the old one stays in use.")
    if not lines[-1].startswith(TRAILER):
        raise DataError("The symbol list is cut short; the old one stays in use.")
    places = [header.index(column) for column in COLUMNS]
    found: dict[Symbol, Instrument] = {}
    for line in lines[1:-1]:
        fields = line.split("|")
        row = _instrument(*(fields[i] for i in places)) if len(fields) == len(header) else None
        if row:
            found.setdefault(row.symbol, row)
    return tuple(found.values())


def _instrument(
    traded: str, ticker: str, security: str, exchange: str, etf: str, test: str
) -> Instrument | None:
    if traded != "Y" or test != "N" or etf not in ("Y", "N", "", " "):
        return None
    if etf != "Y" and NOT_SHARES.search(security):
        return None
    symbol = yahoo_symbol(ticker)
    name = _name(security)
    if symbol is None or not name:
        return None
    return Instrument(
        symbol=symbol,
        name=name,
        type=InstrumentType.ETF if etf == "Y" else InstrumentType.STOCK,
        exchange=EXCHANGES.get(exchange, ""),
    )


def yahoo_symbol(ticker: str) -> Symbol | None:
    """Yahoo's spelling of a ticker of this list, or None for what is not a fund or a share."""
    if PLAIN.fullmatch(ticker):
        spelled = ticker
    elif share := SHARE_CLASS.fullmatch(ticker):
        spelled = f"{share[1]}-{share[2]}"
    else:
        return None
    try:
        return Symbol(spelled)
    except InvalidSymbol:
        return None


def _name(security: str) -> str:
    """The name without what every share has: “Alphabet Inc. Class A”."""
    plain = " ".join(UNSAFE.sub(" ", security).split())
    plain = CLASS_BEFORE_KIND.sub(" ", plain)
    shortened = SECURITY_KIND.sub("", plain).strip(" -,")
    return (shortened or plain)[:LONGEST_NAME].rstrip()
