"""The funds of the demo market, read from two tables that people can read and edit."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bot.market.model import Symbol


@dataclass(frozen=True, kw_only=True)
class DemoFund:
    """How the demo market makes one fund.

    `price` is the first close in split-adjusted dollars, `volume` the usual shares a day,
    `dividend_yield` and `own_volatility` are annual fractions, `payments` the payments a year,
    `split` the ratio on the session numbered `split_session` (1.0: never); `tracks` names the
    fund whose path this one follows; `loadings` weighs the factors; `sectors` are
    (name, weight 0…1), largest first.
    """

    symbol: Symbol
    name: str
    category: str
    price: float
    volume: float
    dividend_yield: float
    payments: int
    own_volatility: float
    split: float
    split_session: int
    tracks: Symbol | None
    loadings: Mapping[str, float]
    sectors: tuple[tuple[str, float], ...]


VOLATILITY_INDEX = Symbol("^VIX")
PAYMENTS_A_YEAR = {"q": 4, "m": 12, "-": 0}


@cache
def demo_funds() -> tuple[DemoFund, ...]:
    """All funds in the order of the table; those that are tracked stand before their trackers."""
    sectors = _sector_weights()
    return tuple(_fund(row, sectors) for row in _table("demo_funds.csv"))


def _table(file: str) -> list[dict[str, str]]:
    text = resources.files("bot.market").joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _fund(row: Mapping[str, str], sectors: Mapping[str, tuple[tuple[str, float], ...]]) -> DemoFund:
    ratio, _, session = row["split"].partition("@")
    pairs = (part.split("=") for part in row["loadings"].split(";") if part)
    return DemoFund(
        symbol=Symbol(row["symbol"]),
        name=row["name"],
        category=row["category"],
        price=float(row["price"]),
        volume=float(row["volume"]) * 1e6,
        dividend_yield=float(row["yield"]) / 100,
        payments=PAYMENTS_A_YEAR[row["pays"]],
        own_volatility=float(row["own"]) / 100,
        split=float(ratio or 1.0),
        split_session=int(session or 0),
        tracks=Symbol(row["tracks"]) if row["tracks"] else None,
        loadings={factor: float(weight) for factor, weight in pairs},
        sectors=sectors.get(row["tracks"] or row["symbol"], ()),
    )


def _sector_weights() -> dict[str, tuple[tuple[str, float], ...]]:
    weights = {}
    for row in _table("demo_sectors.csv"):
        held = [(name, float(row[name]) / 100) for name in row if name != "symbol"]
        held.sort(key=lambda pair: -pair[1])
        weights[row["symbol"]] = tuple(pair for pair in held if pair[1] > 0)
    return weights
