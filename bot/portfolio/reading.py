"""Holdings out of what people paste or export: “IVOO 10 @ 95.20, SPY 5”, or a broker's CSV."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import InvalidSymbol
from bot.market.model import Symbol
from bot.pasted import name_of, shown, table
from bot.portfolio.model import Holding

SYMBOLS = frozenset(("symbol", "ticker", "tickersymbol", "fund"))
SHARES = frozenset(("shares", "quantity", "qty", "units", "amount", "numberofshares"))
COSTS = frozenset(
    (
        *("cost", "costpershare", "costshare", "averagecost", "avgcost", "averagecostbasis"),
        *("averageprice", "avgprice", "purchaseprice", "pricepaid", "buyprice", "unitcost"),
    )
)
TOTALS = frozenset(("costbasis", "costbasistotal", "totalcost", "totalcostbasis", "bookvalue"))
"""Columns with what all shares of a row cost together."""
HEADINGS = SYMBOLS | SHARES | COSTS | TOTALS
WORD = re.compile(r"[^\s,;|]+")
NUMBER = re.compile(r"[-+]?[$€£]?\d[\d,']*(\.\d+)?|[-+]?[$€£]?\.\d+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")
"""A comma inside a number, where a blank and no comma stands behind the symbol."""
WORDS_FIRST = re.compile(r"\s*\$?[A-Za-z^][\w.^=\-]*\s")
FILLERS = frozenset(("@", "at", "x", "shares", "share", "of", "for", "usd", "="))


@dataclass(frozen=True, kw_only=True)
class Read:
    """Holdings, each symbol once; `gone` were given as 0 shares; `bad` is ready to be shown."""

    holdings: tuple[Holding, ...]
    gone: tuple[Symbol, ...]
    bad: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Lot:
    symbol: Symbol
    shares: float
    cost: float | None


def read_holdings(text: str) -> Read:
    """A CSV with named columns, or symbols each followed by shares and perhaps a cost.

    Several lots of a symbol are added up; their cost is the mean by shares where all have one.
    """
    rows = table(text)
    columns = _columns(rows[0]) if rows else {}
    if "symbol" in columns and "shares" in columns:
        lots, bad = _from_table(rows[1:], columns)
    else:
        lots, bad = _from_words(text)
    return _merged(lots, bad)


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(header):
        name = name_of(cell)
        for kind, names in (
            ("symbol", SYMBOLS),
            ("shares", SHARES),
            ("cost", COSTS),
            ("total", TOTALS),
        ):
            if name in names:
                found.setdefault(kind, position)
    return found


def _from_table(
    rows: Sequence[Sequence[str]], columns: Mapping[str, int]
) -> tuple[list[_Lot], list[str]]:
    lots, bad = [], []
    for row in rows:
        cells = {kind: row[place] if place < len(row) else "" for kind, place in columns.items()}
        shares = number_of(cells["shares"])
        cost = number_of(cells.get("cost", ""))
        total = number_of(cells.get("total", ""))
        if cost is None and total is not None and shares:
            cost = total / shares
        try:
            if shares is None:
                raise InvalidSymbol(cells["symbol"])
            lots.append(_Lot(symbol=Symbol(cells["symbol"]), shares=shares, cost=cost))
        except InvalidSymbol:
            bad.append(shown(" ".join(cells.values())))
    return lots, bad


def _from_words(text: str) -> tuple[list[_Lot], list[str]]:
    """A symbol opens a holding; the numbers behind it are shares and cost."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        opened = False
        whole = THOUSANDS.sub("", line) if WORDS_FIRST.match(line) else line
        for found in WORD.finditer(whole.replace("@", " @ ")):
            word = found[0]
            if word.lower() in FILLERS or (name_of(word) in HEADINGS and not groups):
                continue
            if NUMBER.fullmatch(word) and opened:
                groups[-1].append(word)
            else:
                groups.append([word])
                opened = True
    lots, bad = [], []
    for name, *values in groups:
        numbers = [number_of(value) for value in values]
        try:
            if NUMBER.fullmatch(name) or not 1 <= len(numbers) <= 2 or numbers[0] is None:
                raise InvalidSymbol(name)
            cost = numbers[1] if len(numbers) == 2 else None
            lots.append(_Lot(symbol=Symbol(name), shares=numbers[0], cost=cost))
        except InvalidSymbol:
            bad.append(shown(" ".join([name, *values])))
    return lots, bad


def number_of(text: str) -> float | None:
    """A number as people and brokers write it: 1,234.50, $95.2, 1'000; None for none."""
    plain = re.sub(r"[,'$€£\s]", "", text)
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _merged(lots: Sequence[_Lot], bad: Sequence[str]) -> Read:
    by_symbol: dict[Symbol, list[_Lot]] = {}
    for lot in lots:
        by_symbol.setdefault(lot.symbol, []).append(lot)
    holdings, gone, wrong = [], [], list(bad)
    for symbol, mine in by_symbol.items():
        shares = sum(lot.shares for lot in mine)
        costs = [lot.cost * lot.shares for lot in mine if lot.cost is not None]
        cost = sum(costs) / shares if shares and len(costs) == len(mine) else None
        if shares == 0 and all(lot.shares == 0 for lot in mine):
            gone.append(symbol)
            continue
        try:
            holdings.append(Holding(symbol=symbol, shares=shares, cost=cost))
        except ValueError:
            wrong.append(shown(f"{symbol} {shares:g}"))
    return Read(holdings=tuple(holdings), gone=tuple(gone), bad=tuple(dict.fromkeys(wrong)))
