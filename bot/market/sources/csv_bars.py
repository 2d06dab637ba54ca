"""Daily bars out of CSV files, forgiving to rows and strict to files.

A clean file goes through pandas at some three million rows a second. Only a file that trips
it is read again row by row, which names each broken line and keeps the rest. Nothing is
repaired here: an empty cell becomes NaN and is left to the guard.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.errors import DataError, InvalidSymbol
from bot.market.model import Bars, Days, Floats, Symbol

FIELDS = ("open", "high", "low", "close", "volume", "dividend", "split")
REQUIRED = ("date", "open", "high", "low", "close", "volume")
ALIASES = {"dividends": "dividend", "stock splits": "split", "splits": "split", "ticker": "symbol"}
"""Column names that other exports use for the same thing; case does not matter."""
MAX_BYTES = 1 << 29
"""512 MiB uncompressed, about eight million bars; protects memory against a wrong file."""
HEADER_BYTES = 1 << 16
SHOWN_PROBLEMS = 20
"""Broken rows named one by one in each file; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something unusable in a file; `line` counts from 1, None when it is the whole file."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        return (
            f"{self.file}, line {self.line}: {self.text}"
            if self.line
            else f"{self.file}: {self.text}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """One symbol's rows of one file, in file order; `values` is (7, n) in the order of FIELDS."""

    days: Days
    values: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Parsed:
    """A whole file: rows by symbol, the number of broken rows, and the first of them named."""

    rows: Mapping[Symbol, Rows]
    broken: int = 0
    problems: tuple[Problem, ...] = ()


def symbol_of(path: Path) -> Symbol | None:
    """The symbol that a file name stands for: BRK-B.csv.gz is BRK-B."""
    try:
        return Symbol(path.name.removesuffix(".gz").removesuffix(".csv"))
    except InvalidSymbol:
        return None


def read(path: Path) -> bytes:
    """The uncompressed bytes. Raises DataError naming the file."""
    raw = beginning(path, MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise DataError(f"{path.name}: is larger than {MAX_BYTES >> 20} MiB; split it into several")
    return raw


def beginning(path: Path, size: int = HEADER_BYTES) -> bytes:
    """The first uncompressed bytes, enough for `header`. Raises DataError naming the file."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name}: cannot be read ({error})") from error


def header(path: Path, raw: bytes) -> tuple[str, ...]:
    """The column names in our spelling. Raises DataError when a needed one is missing."""
    first = raw.split(b"\n", 1)[0]
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}, line 1: is not UTF-8 text") from error
    names = next(csv.reader([text.strip("\r")]), [])
    columns = tuple(ALIASES.get(name, name) for name in (n.strip().lower() for n in names))
    missing = [name for name in REQUIRED if name not in columns]
    if "symbol" not in columns and symbol_of(path) is None:
        missing.insert(0, "symbol")
    if missing:
        raise DataError(f"{path.name}, line 1: has no column {', '.join(missing)}")
    if len(set(columns)) < len(columns):
        raise DataError(f"{path.name}, line 1: names a column twice")
    return columns


def symbols_in(path: Path) -> frozenset[Symbol]:
    """The symbols a file holds, without reading its numbers. Raises DataError."""
    raw = read(path)
    columns = header(path, raw)
    if "symbol" not in columns:
        symbol = symbol_of(path)
        return frozenset({symbol} if symbol else ())
    try:
        frame = _frame(raw, columns, ("symbol",))
        return frozenset(Symbol(text) for text in frame["symbol"].dropna().unique())
    except (ValueError, InvalidSymbol):
        return frozenset(parse(path).rows)


def parse(path: Path) -> Parsed:
    """All rows of a file. Raises DataError when the file as a whole is unusable."""
    raw = read(path)
    columns = header(path, raw)
    try:
        return _parse_clean(path, raw, columns)
    except (ValueError, InvalidSymbol):
        return _parse_rows(path, raw, columns)


def _frame(raw: bytes, columns: tuple[str, ...], wanted: tuple[str, ...]):  # type: ignore[no-untyped-def]
    # pandas takes a third of a second to import: only who has a folder pays.
    import pandas  # noqa: PLC0415

    return pandas.read_csv(
        io.BytesIO(raw),
        names=list(columns),
        header=0,
        index_col=False,
        usecols=[name for name in wanted if name in columns],
        dtype={name: np.float64 if name in FIELDS else str for name in wanted},
        keep_default_na=False,
        na_values=[""],
    )


def _parse_clean(path: Path, raw: bytes, columns: tuple[str, ...]) -> Parsed:
    """The quick way. Raises ValueError or InvalidSymbol on whatever the slow way must name."""
    last = columns[-1]
    frame = _frame(raw, columns, tuple(dict.fromkeys(("symbol", "date", *FIELDS, last))))
    # pandas fills short rows and cuts long ones without a word.
    if raw.count(b",") != (len(columns) - 1) * (len(frame) + 1) or frame[last].isna().any():
        raise ValueError("rows of another width, or cut short")
    if frame["date"].isna().any():
        raise ValueError("rows without a date")
    texts = [text[:10] for text in frame["date"].tolist()]
    if set(map(len, texts)) - {len("2000-01-01")}:
        raise ValueError("dates that are not ISO")
    days = np.array(texts, dtype="datetime64[D]")
    values = np.array(
        [frame[name] if name in columns else np.zeros(len(frame)) for name in FIELDS],
        dtype=np.float64,
    )
    if "symbol" not in columns:
        symbol = symbol_of(path)
        assert symbol is not None  # noqa: S101  header() made sure
        return Parsed(rows={symbol: Rows(days=days, values=values)})
    if frame["symbol"].isna().any():
        raise ValueError("rows without a symbol")
    codes, names = frame["symbol"].factorize()
    return Parsed(rows=_grouped([Symbol(name) for name in names], codes, days, values))


def _grouped(
    names: list[Symbol], codes: NDArray[np.intp], days: Days, values: Floats
) -> dict[Symbol, Rows]:
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    rows: dict[Symbol, Rows] = {}
    for i, name in enumerate(names):
        picked = order[bounds[i] : bounds[i + 1]]
        new = Rows(days=days[picked], values=values[:, picked])
        old = rows.get(name)
        rows[name] = new if old is None else _joined(old, new)
    return rows


def _joined(first: Rows, second: Rows) -> Rows:
    return Rows(
        days=np.concatenate([first.days, second.days]),
        values=np.concatenate([first.values, second.values], axis=1),
    )


def _parse_rows(path: Path, raw: bytes, columns: tuple[str, ...]) -> Parsed:
    """The slow way: row by row, naming what is broken."""
    names: dict[Symbol, int] = {}
    codes: list[int] = []
    days: list[date] = []
    values: list[list[float]] = []
    problems: list[Problem] = []
    broken = 0
    for line, cells in _lines(path, raw):
        try:
            symbol, day, numbers = _row(path, columns, cells)
        except (ValueError, InvalidSymbol) as error:
            broken += 1
            if len(problems) < SHOWN_PROBLEMS:
                problems.append(Problem(file=path.name, line=line, text=str(error)))
            continue
        codes.append(names.setdefault(symbol, len(names)))
        days.append(day)
        values.append(numbers)
    table = np.array(values, dtype=np.float64).reshape(-1, len(FIELDS)).T
    rows = _grouped(list(names), np.array(codes, np.intp), np.array(days, "datetime64[D]"), table)
    return Parsed(rows=rows, broken=broken, problems=tuple(problems))


def _lines(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(raw.decode("utf-8-sig", errors="replace"), newline=""))
    try:
        next(reader, None)
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(f"{path.name}, line {reader.line_num}: {error}") from error


def _row(
    path: Path, columns: tuple[str, ...], cells: list[str]
) -> tuple[Symbol, date, list[float]]:
    if len(cells) != len(columns):
        raise ValueError(f"has {len(cells)} cells instead of {len(columns)}")
    row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    symbol = Symbol(row["symbol"]) if "symbol" in row else symbol_of(path)
    assert symbol is not None  # noqa: S101  header() made sure
    day = date.fromisoformat(row["date"][:10])
    return symbol, day, [_number(name, row.get(name, "0")) for name in FIELDS]


def _number(name: str, text: str) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError as error:
        raise ValueError(f"{name} is no number: {text[:20]!r}") from error


def to_bars(symbol: Symbol, parts: list[Rows]) -> tuple[Bars, int]:
    """Bars from the rows of one or several files, and how many days had contradicting rows.

    Where two rows name the same day the earlier one counts.
    """
    days = np.concatenate([part.days for part in parts])
    values = np.concatenate([part.values for part in parts], axis=1)
    order = np.argsort(days, kind="stable")
    days, values = days[order], values[:, order]
    again = np.flatnonzero(days[1:] == days[:-1]) + 1
    differing = (values[:4, again] != values[:4, again - 1]).any(axis=0)
    conflicts = len(np.unique(days[again[differing]]))
    days, values = np.delete(days, again), np.delete(values, again, axis=1)
    values[5:] = np.nan_to_num(values[5:])
    named = dict(zip(FIELDS, values, strict=True))
    return Bars(symbol=symbol, days=days, **named), conflicts
