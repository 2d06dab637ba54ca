"""Symbols out of whatever people paste: words, lines, a CSV with a header, another site's list.

What is no symbol is named and left out, so that one bad line costs nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import InvalidSymbol
from bot.market.model import Symbol
from bot.pasted import name_of, shown, table

HEADINGS = frozenset(("symbol", "symbols", "ticker", "tickers", "tickersymbol", "fund", "funds"))
"""Names of the column that holds the symbols."""
SEPARATORS = re.compile(r"[\s,;|]+")
NUMBER = re.compile(r"[-+$€£]?[\d.,']+%?")
EXCHANGE = re.compile(r"[A-Za-z_]{2,10}:")
"""What other sites write before a ticker: NASDAQ:QQQ."""


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """Symbols in their order, each once; `bad` is what was no symbol, ready to be shown."""

    symbols: tuple[Symbol, ...]
    bad: tuple[str, ...]


def read_symbols(text: str) -> Pasted:
    """Symbols between blanks, commas, semicolons or lines, or from the symbol column of a CSV.

    A heading is forgiven, `$IVOO` and `NASDAQ:QQQ` mean IVOO and QQQ. Numbers are no symbols.
    """
    rows = table(text)
    column = _column(rows)
    if column is None:
        words = [word for word in SEPARATORS.split(text) if word]
        if words and name_of(words[0]) in HEADINGS and len(words) > 1:
            words = words[1:]
    else:
        first, position = column
        words = [row[position] for row in rows[first:] if len(row) > position and row[position]]
    return _read(words)


def _column(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """The first row and the position of the symbols, when the text is a table."""
    if len(rows) < 2:
        return None
    for position, cell in enumerate(rows[0]):
        if name_of(cell) in HEADINGS and len(rows[0]) > 1:
            return 1, position
    wide = len(rows[0])
    same = wide > 1 and all(len(row) == wide for row in rows)
    if same and any(_is_prose(cell) for row in rows for cell in row[1:]):
        return 0, 0
    return None


def _is_prose(cell: str) -> bool:
    """Whether a cell is a name or a number beside a symbol, rather than another symbol."""
    return " " in cell or NUMBER.fullmatch(cell) is not None


def _read(words: Sequence[str]) -> Pasted:
    symbols: dict[Symbol, None] = {}
    bad: dict[str, None] = {}
    for word in words:
        plain = EXCHANGE.sub("", word.strip("\"'"), count=1)
        try:
            if NUMBER.fullmatch(plain):
                raise InvalidSymbol(plain)
            symbols[Symbol(plain)] = None
        except InvalidSymbol:
            bad[shown(word)] = None
    return Pasted(symbols=tuple(symbols), bad=tuple(bad))
