"""Universes: named sets of symbols, kept as text files that people can read and edit.

A file has one symbol a line; its first line is a comment with the title. What a command takes
as “symbols” may always be the name of a universe instead.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from bot.errors import InvalidSymbol, UserError
from bot.market.model import Symbol, symbols_of

MOST_SYMBOLS = 100
"""Symbols a person may list at once; a universe may be larger."""
LONGEST_SELECTION = 2000
"""Characters; more than a hundred symbols of fifteen."""
ALIASES: Mapping[str, str] = {"sector-spdrs": "sectors"}
NONE: Mapping[str, Sequence[Symbol]] = MappingProxyType({})
SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, kw_only=True)
class Universe:
    """A named set of symbols, each once, in the order of its file."""

    name: str
    title: str
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What somebody chose: a universe (its name, else None) and the symbols."""

    universe: str | None
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, kw_only=True)
class CloneGroup:
    """Symbols that follow the same thing; the first one trades most and speaks for all."""

    follows: str
    symbols: tuple[Symbol, ...]


def names() -> tuple[str, ...]:
    """The names of all universes, sorted; aliases left out."""
    return tuple(UNIVERSES)


def universe_titles() -> Mapping[str, str]:
    """What each universe holds, by name."""
    return {name: one.title for name, one in UNIVERSES.items()}


def universe(name: str) -> Universe:
    """The universe of this name or alias, in any case. Raises UserError that lists the names."""
    found = find_universe(name)
    if found is None:
        shown = "".join(letter for letter in name[:30] if letter.isalnum() or letter in "-. ")
        raise UserError(f"There is no universe “{shown}”. Universes are: {', '.join(UNIVERSES)}.")
    return found


def parse_selection(text: str, *, own: Mapping[str, Sequence[Symbol]] = NONE) -> Selection:
    """A universe, or symbols between blanks or commas, `$` and lower case forgiven.

    `own` are further universes by name, which come before those of the program. A universe
    wins where a symbol has the same name. Raises UserError with what to do for no symbol at
    all, for more than 100 and for a universe among symbols, InvalidSymbol for what is neither.
    """
    known = ", ".join([*own, *UNIVERSES])
    if len(text) > LONGEST_SELECTION:
        raise UserError(_too_many("many more", known))
    words = [word for word in SEPARATORS.split(text.strip()) if word]
    if not words:
        raise UserError(f"Name at least one symbol, such as SPY QQQ IWM, or a universe: {known}.")
    if len(words) == 1:
        name = words[0].lower()
        if name in own:
            return Selection(universe=name, symbols=tuple(own[name]))
        if found := find_universe(name):
            return Selection(universe=found.name, symbols=found.symbols)
    try:
        symbols = symbols_of(words)
    except InvalidSymbol as error:
        raise InvalidSymbol(f"{error} A universe stands alone: {known}.") from error
    if len(symbols) > MOST_SYMBOLS:
        raise UserError(_too_many(str(len(symbols)), known))
    return Selection(universe=None, symbols=symbols)


@cache
def clone_groups() -> tuple[CloneGroup, ...]:
    """All groups of symbols that follow the same index or company; a symbol is in one at most."""
    lines = _data().joinpath("clones.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(
        CloneGroup(follows=row["follows"], symbols=symbols_of(row["symbols"].split()))
        for row in rows
    )


def read_universe(name: str, text: str) -> Universe:
    """A universe from the text of its file. Raises ValueError without title or symbols."""
    lines = [line.strip() for line in text.splitlines()]
    if not lines or not lines[0].startswith("#"):
        raise ValueError(f"universe {name}: the first line must be “# title”")
    written = (line.partition("#")[0].strip() for line in lines)
    symbols = symbols_of([symbol for symbol in written if symbol])
    if not symbols:
        raise ValueError(f"universe {name}: no symbols")
    return Universe(name=name, title=lines[0].removeprefix("#").strip(), symbols=symbols)


def find_universe(name: str) -> Universe | None:
    """The universe of this name or alias, in any case, if there is one."""
    plain = name.strip().lower()
    return UNIVERSES.get(ALIASES.get(plain, plain))


def _too_many(count: str, known: str) -> str:
    return (
        f"That is {count} symbols; at most {MOST_SYMBOLS} fit into one request. "
        f"Name fewer, or take a universe: {known}."
    )


def _data() -> Traversable:
    return resources.files("bot.market").joinpath("data")


def _load() -> Mapping[str, Universe]:
    files = sorted(_data().joinpath("universes").iterdir(), key=lambda file: file.name)
    found = (
        read_universe(file.name.removesuffix(".txt"), file.read_text(encoding="utf-8"))
        for file in files
        if file.name.endswith(".txt")
    )
    return {one.name: one for one in found}


UNIVERSES: Mapping[str, Universe] = _load()
"""All universes by name, sorted."""
