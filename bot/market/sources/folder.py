"""Market data from a folder of CSV files: the source that needs no vendor and no network.

The folder and its sub-folders are listed at once, the symbol columns are read when the first
question comes, the numbers of a file when one of its symbols is asked for, and each file only
once until it changes on disk. Files are read in the order of their names; where two files
name the same day of a symbol, the first one counts.
"""

import asyncio
import csv
import io
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.errors import DataError, InvalidSymbol, NoData, NotOffered, OperatorError, UnknownSymbol
from bot.market.model import (
    Bars,
    FundProfile,
    Headline,
    Instrument,
    InstrumentType,
    Quote,
    Symbol,
)
from bot.market.sources.csv_bars import (
    Parsed,
    Problem,
    beginning,
    header,
    parse,
    read,
    symbols_in,
    to_bars,
)

log = logging.getLogger(__name__)

DIRECTORY = "symbols.csv"
"""Optional: columns symbol, name, type (etf, stock, index) and exchange."""

Stamp = tuple[int, int]


class FolderSource:
    """Bars from `*.csv` and `*.csv.gz` under `path`; quotes, news and profiles are not offered.

    Raises OperatorError when the folder is missing or holds no usable file.
    """

    name = "folder"
    delay_minutes = 0

    def __init__(self, path: Path) -> None:
        self._path = path
        self.label = f"Folder “{path.name}”"
        self._lock = asyncio.Lock()
        self._holders: dict[Symbol, tuple[Path, ...]] = {}
        self._parsed: dict[Path, tuple[Stamp, Parsed]] = {}
        self._bars: dict[Symbol, tuple[tuple[Stamp, ...], Bars]] = {}
        self._folders: tuple[Path, ...] = (path,)
        self._listing: tuple[Stamp, ...] | None = None
        self._problems: dict[Path, tuple[Problem, ...]] = {}
        _check_usable(path)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was unusable in the files read so far."""
        return tuple(problem for found in self._problems.values() for problem in found)

    async def bars(self, symbol: Symbol, *, since: date | None = None) -> Bars:
        """Daily bars, all taken as final. Raises UnknownSymbol and NoData."""
        async with self._lock:
            bars = await asyncio.to_thread(self._read, symbol)
        return bars if since is None else bars.since(since)

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        raise NotOffered(f"{self.label} holds daily bars only, no quotes.")

    async def profile(self, symbol: Symbol) -> FundProfile:
        raise NotOffered(f"{self.label} holds daily bars only, no fund profiles.")

    async def headlines(self, symbol: Symbol, *, limit: int = 20) -> tuple[Headline, ...]:
        raise NotOffered(f"{self.label} holds daily bars only, no news.")

    async def directory(self) -> tuple[Instrument, ...]:
        """Every symbol in the files; names and types from `symbols.csv` where there is one."""
        async with self._lock:
            return await asyncio.to_thread(self._instruments)

    async def close(self) -> None:
        """Nothing is held open."""

    def _read(self, symbol: Symbol) -> Bars:
        self._index()
        holders = self._holders.get(symbol)
        if holders is None:
            raise UnknownSymbol(f"No file of {self.label} holds {symbol}.")
        stamps = tuple(_stamp(path) for path in holders)
        cached = self._bars.get(symbol)
        if cached is not None and cached[0] == stamps:
            return cached[1]
        parts = [
            parsed.rows[symbol]
            for path, stamp in zip(holders, stamps, strict=True)
            if symbol in (parsed := self._parse(path, stamp)).rows
        ]
        if not parts:
            raise NoData(f"The rows of {symbol} in {self.label} cannot be read.{self._first()}")
        bars, conflicts = to_bars(symbol, parts)
        if conflicts:
            log.warning("%s: %d days of %s differ between rows", self.label, conflicts, symbol)
        self._bars[symbol] = (stamps, bars)
        return bars

    def _parse(self, path: Path, stamp: Stamp) -> Parsed:
        cached = self._parsed.get(path)
        if cached is not None and cached[0] == stamp:
            return cached[1]
        try:
            parsed = parse(path)
        except DataError as error:
            self._report(path, (Problem(file=path.name, line=None, text=str(error)),))
            parsed = Parsed(rows={})
        else:
            self._report(path, parsed.problems)
            if parsed.broken:
                log.warning("%s: %d broken rows left out", path, parsed.broken)
        self._parsed[path] = (stamp, parsed)
        return parsed

    def _index(self) -> None:
        """Learn which file holds which symbol, again when files came or went."""
        if self._listing == tuple(_stamp(folder) for folder in self._folders):
            return
        self._folders = (self._path, *(p for p in self._path.rglob("*") if p.is_dir()))
        listing = tuple(_stamp(folder) for folder in self._folders)
        holders: dict[Symbol, list[Path]] = {}
        for path in _files(self._path):
            try:
                found = symbols_in(path)
            except DataError as error:
                self._report(path, (Problem(file=path.name, line=None, text=str(error)),))
                log.warning("%s is left out: %s", path, error)
                continue
            for symbol in found:
                holders.setdefault(symbol, []).append(path)
        self._holders = {symbol: tuple(paths) for symbol, paths in holders.items()}
        self._listing = listing

    def _instruments(self) -> tuple[Instrument, ...]:
        self._index()
        described = _described(self._path)
        return tuple(
            described.get(symbol) or Instrument(symbol=symbol, name=symbol, type=_type(symbol, ""))
            for symbol in sorted(self._holders)
        )

    def _report(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self._problems[path] = problems

    def _first(self) -> str:
        return f" First problem: {self.problems[0]}" if self.problems else ""


def _files(folder: Path) -> list[Path]:
    found = (p for pattern in ("*.csv", "*.csv.gz") for p in folder.rglob(pattern))
    return sorted(p for p in found if p.is_file() and p.name != DIRECTORY)


def _check_usable(folder: Path) -> None:
    if not folder.is_dir():
        raise OperatorError(f"The market data folder {folder} does not exist.")
    try:
        files = _files(folder)
    except OSError as error:
        raise OperatorError(f"The market data folder {folder} cannot be read: {error}") from error
    if not files:
        raise OperatorError(f"The market data folder {folder} holds no .csv or .csv.gz file.")
    reasons: list[str] = []
    for path in files:
        try:
            header(path, beginning(path))
        except DataError as error:
            reasons.append(str(error))
        else:
            return
    raise OperatorError(
        f"No file of the market data folder {folder} can be used. {'; '.join(reasons[:3])}."
    )


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)  # gone: differs from any real stamp, so it is looked at again
    return (stat.st_mtime_ns, stat.st_size)


def _described(folder: Path) -> dict[Symbol, Instrument]:
    instruments: dict[Symbol, Instrument] = {}
    for path in sorted(folder.rglob(DIRECTORY)):
        try:
            text = read(path).decode("utf-8-sig", errors="replace")
        except DataError as error:
            log.warning("%s is left out: %s", path, error)
            continue
        for row in csv.DictReader(io.StringIO(text, newline="")):
            try:
                symbol = Symbol(row.get("symbol") or "")
            except InvalidSymbol:
                continue
            instruments[symbol] = Instrument(
                symbol=symbol,
                name=(row.get("name") or symbol).strip(),
                type=_type(symbol, (row.get("type") or "").strip().lower()),
                exchange=(row.get("exchange") or "").strip(),
            )
    return instruments


def _type(symbol: Symbol, text: str) -> InstrumentType:
    if text in list(InstrumentType):
        return InstrumentType(text)
    return InstrumentType.INDEX if symbol.startswith("^") else InstrumentType.ETF
