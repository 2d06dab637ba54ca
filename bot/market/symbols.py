"""The symbol directory: from what people type to a ticker.

Names stand in one long text, a line for each instrument, the best known first. A search is a
few scans of that text in C and stops at the first `limit` hits, so that autocomplete answers
within a millisecond without an index server. Only typing errors need an index of their own.
"""

import csv
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import resources
from itertools import chain, islice
from types import MappingProxyType
from typing import Self

from bot.market.model import Instrument, InstrumentType, Symbol
from bot.market.spelling import Spelling

CAP = re.compile(r"\b(mega|large|mid|small|micro)[ -]?cap\b")
BETWEEN_LETTERS = re.compile(r"(?<=\w)(?:['’&]| and (?=p\b))(?=\w)")
NOT_A_WORD = re.compile(r"[^a-z0-9^]+")
NOTHING: Mapping[str, str] = MappingProxyType({})
LONGEST_QUERY = 80
"""Characters; what is longer cannot be a name."""
SHORTEST_WORD = 2
"""A single letter stands for tickers only."""
SHORTEST_PART = 3
"""A substring of fewer characters is in everything."""


class Directory:
    """Instruments in the order of their prominence, each symbol once (the first one counts).

    `also` gives further words under which a symbol is found: “nasdaq 100” for QQQ.
    """

    def __init__(
        self, instruments: Iterable[Instrument], *, also: Mapping[str, str] = NOTHING
    ) -> None:
        self._by_symbol: dict[str, Instrument] = {}
        for row in instruments:
            self._by_symbol.setdefault(row.symbol, row)
        self._rows = tuple(self._by_symbol.values())
        self._places = {symbol: place for place, symbol in enumerate(self._by_symbol)}
        self._tickers = sorted(self._by_symbol)
        self._also = also
        lines = [f"\n {_folded(row.name)} {also.get(row.symbol, '')}" for row in self._rows]
        self._text = "".join(lines)
        self._starts = _starts(lines)
        self._ticker_spelling = Spelling(self._by_symbol)
        self._word_spelling = Spelling(self._text.split())

    @classmethod
    def load(cls) -> Self:
        """The directory that comes with the program."""
        data = resources.files("bot.market").joinpath("data", "directory.csv")
        lines = data.read_text(encoding="utf-8").splitlines()
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        return cls(
            (
                Instrument(
                    symbol=Symbol(row["symbol"]),
                    name=row["name"],
                    type=InstrumentType(row["type"]),
                    exchange=row["exchange"],
                )
                for row in rows
            ),
            also={row["symbol"]: _folded(row["also"]) for row in rows if row["also"]},
        )

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._rows)

    def get(self, symbol: str) -> Instrument | None:
        """The instrument of this exact symbol."""
        return self._by_symbol.get(symbol)

    def with_instruments(self, more: Iterable[Instrument]) -> "Directory":
        """This directory and what a source lists, new symbols at the end.

        A known symbol keeps its place and its name, which people chose for reading, and takes
        the exchange from the source.
        """
        merged = dict(self._by_symbol)
        for row in more:
            known = merged.get(row.symbol)
            if known is None:
                merged[row.symbol] = row
            elif row.exchange:
                merged[row.symbol] = replace(known, exchange=row.exchange)
        return Directory(merged.values(), also=self._also)

    def search(self, text: str, limit: int = 25) -> tuple[Instrument, ...]:
        """At most `limit` instruments for what somebody typed, the likeliest first.

        The exact ticker comes first, then tickers that begin so, names whose words begin so,
        names that contain it, and tickers and words with one typing error. Within each, the
        better known comes first. Empty text gives the best known instruments.
        """
        query = text.strip()[:LONGEST_QUERY].removeprefix("$").strip()
        if not query:
            return self._rows[:limit]
        ticker, folded = query.upper(), _folded(query)
        found = self._pick(
            chain(self._by_ticker(ticker), self._by_words(folded), self._by_part(folded)),
            limit,
        )
        if not found:
            found = self._pick(self._by_error(ticker, folded), limit)
        return tuple(self._rows[place] for place in found)

    def suggest(self, symbol: str, limit: int = 3) -> tuple[Instrument, ...]:
        """Known symbols that somebody may have meant by an unknown one."""
        ticker = symbol.strip().removeprefix("$").upper()[:LONGEST_QUERY]
        near = (self._places[known] for known in self._ticker_spelling.near(ticker))
        candidates = chain(sorted(near), self._by_ticker(ticker) if len(ticker) > 1 else ())
        places = self._pick((p for p in candidates if self._rows[p].symbol != ticker), limit)
        return tuple(self._rows[place] for place in places)

    @staticmethod
    def _pick(places: Iterable[int], limit: int) -> list[int]:
        """The first `limit` places, each once."""
        return list(islice(dict.fromkeys(islice(places, limit * 4)), limit))

    def _by_ticker(self, ticker: str) -> Iterator[int]:
        for spelled in (ticker, f"^{ticker}", ticker.replace(".", "-")):
            if spelled in self._places:
                yield self._places[spelled]
        first = bisect_left(self._tickers, ticker)
        last = bisect_right(self._tickers, ticker + "\uffff")
        yield from sorted(self._places[symbol] for symbol in self._tickers[first:last])

    def _by_words(self, folded: str) -> Iterator[int]:
        """Names in which every word of the query begins some word."""
        words = folded.split()
        if not words or len(max(words, key=len)) < SHORTEST_WORD:
            return
        words.sort(key=len, reverse=True)
        for place, line in self._lines_with(f" {words[0]}"):
            if all(f" {word}" in line for word in words[1:]):
                yield place

    def _by_part(self, folded: str) -> Iterator[int]:
        if len(folded) >= SHORTEST_PART:
            yield from (place for place, _ in self._lines_with(folded))

    def _by_error(self, ticker: str, folded: str) -> Iterator[int]:
        yield from sorted(self._places[known] for known in self._ticker_spelling.near(ticker))
        words = [self._corrected(word) for word in folded.split()]
        if all(words):
            yield from self._by_words(" ".join(words))

    def _corrected(self, word: str) -> str:
        """The word itself when some name has one that begins so, else a near one, else ''."""
        if f" {word}" in self._text:
            return word
        near = self._word_spelling.near(word)
        return min(near, key=lambda known: (self._text.find(f" {known}"), known), default="")

    def _lines_with(self, part: str) -> Iterator[tuple[int, str]]:
        at = self._text.find(part)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            end = self._starts[place + 1]
            yield place, self._text[self._starts[place] : end]
            at = self._text.find(part, end)


def _folded(text: str) -> str:
    """Lower case without accents and punctuation, `S&P` as sp, `MidCap` as mid cap."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = CAP.sub(r"\1 cap", BETWEEN_LETTERS.sub("", plain))
    return NOT_A_WORD.sub(" ", plain).strip()


def _starts(lines: Iterable[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts
