"""The card and picture of `/sectors`. Pure: fund profiles in, a card out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.format import day_text, joined
from bot.cards.model import Card
from bot.cards.tables import WIDTH, code_table, csv_text, number, plain_points, width
from bot.charts.table_specs import SectorChart, SectorRow, sector_chart
from bot.market.model import FundProfile, Symbol
from bot.signals.concentration import Concentration

CLOSE = 0.005
"""Half a point: shares nearer than this are called equal."""
SHORT = {
    "Consumer Cyclical": "Cons. cyclical",
    "Consumer Defensive": "Cons. defensive",
    "Communication Services": "Communication",
    "Financial Services": "Financials",
    "Basic Materials": "Materials",
}


@dataclass(frozen=True, kw_only=True)
class Fund:
    profile: FundProfile
    concentration: Concentration

    @property
    def symbol(self) -> Symbol:
        return self.profile.symbol


@dataclass(frozen=True, kw_only=True)
class SectorsView:
    funds: tuple[Fund, ...]
    footer: str
    notes: tuple[str, ...] = ()


def sectors_card(view: SectorsView) -> Card:
    return Card(
        title=f"Sectors: {' · '.join(fund.symbol for fund in view.funds)}",
        verdict=verdict(view.funds),
        body="\n".join([_summary(view.funds), _table(view.funds), *_notes(view)]),
        footer=view.footer,
    )


def verdict(funds: Sequence[Fund]) -> str:
    """Which fund spreads most and which least, by top share and effective number of sectors."""
    if len(funds) == 1:
        found = funds[0].concentration
        return (
            f"{found.symbol} holds {plain_points(found.top_weight)} % in {found.top}; its weights "
            f"amount to {number(found.effective, 1)} equal sectors."
        )
    ranked = sorted(funds, key=lambda fund: fund.concentration.effective)
    least, most = ranked[0].concentration, ranked[-1].concentration
    return (
        f"{least.symbol} is the most concentrated: {plain_points(least.top_weight)} % in "
        f"{least.top}, {number(least.effective, 1)} effective sectors. {most.symbol} spreads the "
        f"widest: {plain_points(most.top_weight)} % in {most.top}, {number(most.effective, 1)}."
    )


def _summary(funds: Sequence[Fund]) -> str:
    found = [fund.concentration for fund in funds]
    return code_table(
        ["", "Top %", "Effective", "Above 10 %", "Top sector"],
        [
            [
                c.symbol,
                plain_points(c.top_weight),
                number(c.effective, 1),
                str(len(c.large)),
                SHORT.get(c.top, c.top),
            ]
            for c in found
        ],
    )


def _table(funds: Sequence[Fund]) -> str:
    """Weights by sector; nothing where it is too wide, for the picture and the CSV have them."""
    rows = [
        [SHORT.get(name, name), *(plain_points(weight) for weight in weights)]
        for name, weights in _weights(funds)
    ]
    header = ["%", *(fund.symbol for fund in funds)]
    if len(header) > 8 or width([header, *rows]) > WIDTH:
        return ""
    return code_table(header, rows)


def _weights(funds: Sequence[Fund]) -> list[tuple[str, tuple[float, ...]]]:
    """Every sector with its weight in each fund, by its largest weight."""
    each = [dict(fund.profile.sectors) for fund in funds]
    names = dict.fromkeys(name for weights in each for name in weights)
    rows = [(name, tuple(weights.get(name, 0.0) for weights in each)) for name in names]
    return sorted(rows, key=lambda row: -max(row[1]))


def _notes(view: SectorsView) -> list[str]:
    days = {f.profile.as_of for f in view.funds}
    known = sorted(day for day in days if day is not None)
    as_of = (
        f"Weights as of {joined([day_text(day) for day in known])}."
        if known
        else ("The source gives no date for these weights.")
    )
    part = [
        f"{fund.symbol}’s weights cover {plain_points(fund.concentration.covered)} % of it."
        for fund in view.funds
        if abs(fund.concentration.covered - 1) > CLOSE
    ]
    return [f"-# {note}" for note in (as_of, *part, *view.notes)]


def sectors_picture(funds: Sequence[Fund]) -> SectorChart:
    return sector_chart(
        [str(fund.symbol) for fund in funds],
        [SectorRow(name=name, weights=weights) for name, weights in _weights(funds)],
    )


def sectors_csv(funds: Sequence[Fund]) -> str:
    """One line per fund and sector, weights as fractions."""
    rows = (
        (fund.symbol, name, weight, fund.profile.as_of)
        for fund in funds
        for name, weight in fund.profile.sectors
    )
    return csv_text(("symbol", "sector", "weight", "as_of"), rows)


def numbers(view: SectorsView, missing: Mapping[Symbol, str]) -> dict[str, object]:
    return {
        "command": "sectors",
        "funds": {
            str(fund.symbol): {
                "sectors": dict(fund.profile.sectors),
                "top": fund.concentration.top,
                "top_weight": fund.concentration.top_weight,
                "effective": fund.concentration.effective,
                "above_10_percent": list(fund.concentration.large),
                "covered": fund.concentration.covered,
                "as_of": None if fund.profile.as_of is None else str(fund.profile.as_of),
            }
            for fund in view.funds
        },
        "missing": {str(symbol): reason for symbol, reason in missing.items()},
    }
