"""The cards of `/portfolio`: what is held and what it comes to, and its risk. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from bot.cards.format import day_text, percent, plural, price_text
from bot.cards.model import Card, Field, Tone
from bot.cards.tables import code_table, csv_text, number, plain_points, points
from bot.charts.series_specs import ComparisonChart, Line, comparison_chart
from bot.charts.table_specs import Cell, Strip, StripTable, strip_table
from bot.market.model import Floats, Symbol
from bot.portfolio.model import LookThrough, Position, Risk, Valuation

ROWS = 25
"""Positions in a table: all of them are in the CSV."""
SPARK = 63
STRONG_DAY = 0.03
STRONG_TOTAL = 0.30
SECTORS = 11


@dataclass(frozen=True, kw_only=True, eq=False)
class PortfolioView:
    """`closes` of the positions by symbol, for their sparklines."""

    valuation: Valuation
    sectors: LookThrough
    names: dict[Symbol, str]
    closes: dict[Symbol, Floats]
    footer: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskView:
    risk: Risk
    benchmark: Symbol
    effective: float
    footer: str
    notes: tuple[str, ...] = ()


def portfolio_card(view: PortfolioView) -> Card:
    worth = view.valuation
    fields = [
        Field(name="Value", value=money(worth.value)),
        Field(name="Day", value=f"{signed(worth.day)} ({percent(worth.day_share)})"),
        Field(name="Since purchase", value=_total(worth)),
        Field(name="Positions", value=str(len(worth.positions))),
        Field(name="Effective positions", value=number(worth.effective, 1)),
        Field(name="Near 52-week highs", value=_near(worth)),
    ]
    sectors = _sector_lines(view.sectors)
    return Card(
        title=f"Portfolio · {plural(len(worth.positions), 'position')}",
        verdict=verdict(worth),
        tone=Tone.GOOD if worth.day > 0 else Tone.BAD if worth.day < 0 else Tone.NEUTRAL,
        body="\n".join([_positions(worth), *sectors, *(f"-# {note}" for note in view.notes)]),
        fields=tuple(fields),
        footer=view.footer,
    )


def verdict(worth: Valuation) -> str:
    """What it is worth, how it moved, what moved it most, and how concentrated it is."""
    told = [f"Worth {money(worth.value)}, {percent(worth.day_share)} on the day"]
    movers = sorted(worth.positions, key=lambda p: -abs(p.day))
    if len(movers) > 1 and movers[0].day:
        told.append(f"{movers[0].symbol} moved it most ({signed(movers[0].day)})")
    top = worth.positions[0]
    told.append(
        f"{top.symbol} is {plain_points(top.weight)} % of it, as concentrated as "
        f"{number(worth.effective, 1)} equal positions"
    )
    return f"{'; '.join(told)}."


def _total(worth: Valuation) -> str:
    if worth.total is None:
        return "no costs given"
    share = "" if worth.total_share is None else f" ({percent(worth.total_share)})"
    part = "" if worth.costed > 0.9995 else f", on {plain_points(worth.costed)} % of it"
    return f"{signed(worth.total)}{share}{part}"


def _near(worth: Valuation) -> str:
    known = [p for p in worth.positions if p.distance is not None]
    near = [p for p in known if p.distance is not None and p.distance >= -0.02]
    return f"{len(near)} of {len(known)} within 2 %"


def _positions(worth: Valuation) -> str:
    header = ["", "Value", "Weight %", "Day %", "Total %", "52w %"]
    rows = [[p.symbol, money(p.value), *_shares(p)] for p in worth.positions[:ROWS]]
    return code_table(header, rows)


def _shares(position: Position) -> list[str]:
    return [
        plain_points(position.weight),
        points(position.day_share),
        points(position.total_share),
        plain_points(position.distance),
    ]


def _sector_lines(sectors: LookThrough) -> list[str]:
    """The sectors as a table, and what nobody says."""
    lines = []
    if sectors.sectors:
        rows = [[name, plain_points(share)] for name, share in sectors.sectors[:SECTORS]]
        if sectors.unknown >= 0.0005:
            rows.append(["Not known", plain_points(sectors.unknown)])
        lines.append(code_table(["Sectors behind the funds", "%"], rows))
    if sectors.missing:
        named = ", ".join(sectors.missing[:12])
        more = f" and {len(sectors.missing) - 12} more" if len(sectors.missing) > 12 else ""
        lines.append(f"-# No sector weights are known of {named}{more}.")
    if sectors.as_of:
        lines.append(f"-# Sector weights as of {day_text(sectors.as_of[0])} or later.")
    elif sectors.sectors:
        lines.append("-# The source gives no date for the sector weights.")
    return lines


def portfolio_picture(view: PortfolioView) -> StripTable:
    """Positions by weight, with a quarter of closes and the heat of their changes."""
    worth = view.valuation
    return strip_table(
        [_strip(p, view) for p in worth.positions],
        columns=("Weight %", "Day %", "Total %", "From high %"),
        title="Portfolio",
        fact=f"{percent(worth.day_share)} on the day",
    )


def _strip(position: Position, view: PortfolioView) -> Strip:
    weight, day, total, distance = _shares(position)
    gain = position.total_share
    return Strip(
        name=position.symbol,
        note=view.names.get(position.symbol, ""),
        closes=view.closes[position.symbol][-SPARK:],
        cells=(
            Cell(text=weight),
            Cell(text=day, heat=float(np.clip(position.day_share / STRONG_DAY, -1, 1))),
            Cell(
                text=total,
                heat=0.0 if gain is None else float(np.clip(gain / STRONG_TOTAL, -1, 1)),
            ),
            Cell(text=distance),
        ),
    )


def portfolio_csv(worth: Valuation) -> str:
    """All positions, fractions and amounts unrounded."""
    header = ("symbol", "shares", "cost", "last", "value", "weight", "day", "day_change")
    return csv_text(
        (*header, "total", "total_change", "from_52_week_high", "session"),
        (
            (
                p.symbol,
                p.holding.shares,
                p.holding.cost,
                p.last,
                p.value,
                p.weight,
                p.day,
                p.day_share,
                p.total,
                p.total_share,
                p.distance,
                p.session,
            )
            for p in worth.positions
        ),
    )


def portfolio_numbers(view: PortfolioView) -> dict[str, object]:
    worth = view.valuation
    return {
        "command": "portfolio show",
        "value": worth.value,
        "day": worth.day,
        "day_change": worth.day_share,
        "total": worth.total,
        "total_change": worth.total_share,
        "costed": worth.costed,
        "effective": worth.effective,
        "positions": {
            str(p.symbol): {
                "shares": p.holding.shares,
                "cost": p.holding.cost,
                "last": p.last,
                "value": p.value,
                "weight": p.weight,
                "day": p.day,
                "total": p.total,
                "distance_52w": p.distance,
                "session": str(p.session),
            }
            for p in worth.positions
        },
        "sectors": dict(view.sectors.sectors),
        "sectors_unknown": view.sectors.unknown,
    }


def risk_card(view: RiskView) -> Card:
    found = view.risk
    b = view.benchmark
    return Card(
        title=f"Portfolio risk against {b}",
        verdict=risk_verdict(view),
        body="\n".join([_contributions(found), *(f"-# {note}" for note in _notes(view))]),
        fields=(
            Field(
                name="Volatility",
                value=f"{_pct(found.volatility)} ({b} {_pct(found.benchmark_volatility)})",
            ),
            Field(name="Beta", value=number(found.beta)),
            Field(name="Correlation", value=number(found.correlation)),
            Field(
                name="Maximum drawdown",
                value=f"{percent(found.drawdown)} ({b} {percent(found.benchmark_drawdown)})",
            ),
            Field(name="Effective positions", value=number(view.effective, 1)),
            Field(
                name="Effective sources of risk",
                value=number(_effective_risk(found), 1),
            ),
        ),
        footer=view.footer,
    )


def risk_verdict(view: RiskView) -> str:
    """How it swings beside the benchmark, and where the risk comes from."""
    found = view.risk
    ratio = found.volatility / found.benchmark_volatility if found.benchmark_volatility else 0
    swing = f"It swings {number(ratio)} times as much as {view.benchmark}"
    if not ratio:
        swing = f"Its volatility is {_pct(found.volatility)}"
    beta = "" if found.beta is None else f" with a beta of {number(found.beta)}"
    top = found.contributions[0]
    return (
        f"{swing}{beta}. {top.symbol} is {plain_points(top.weight)} % of the value and "
        f"{plain_points(top.share)} % of the risk."
    )


def _contributions(found: Risk) -> str:
    return code_table(
        ["", "Weight %", "Risk %", "Vol %", "Beta", "Drawdown %"],
        [
            [
                each.symbol,
                plain_points(each.weight),
                plain_points(each.share),
                plain_points(each.volatility),
                number(each.beta),
                plain_points(each.drawdown),
            ]
            for each in found.contributions[:ROWS]
        ],
    )


def _effective_risk(found: Risk) -> float | None:
    """1/Σs² of the shares of risk; None where some of them are negative."""
    shares = [each.share for each in found.contributions]
    if min(shares) < 0 or not sum(shares):
        return None
    return 1 / sum(share * share for share in shares)


def _notes(view: RiskView) -> Sequence[str]:
    found = view.risk
    notes = [
        f"Today’s weights over {found.sessions} sessions since {day_text(found.first)}, rebalanced "
        "daily, dividends included. Risk % is the share of the variance; a negative one calms."
    ]
    if found.left_out:
        notes.append(
            f"{', '.join(found.left_out)} had too short a history; the figures cover "
            f"{plain_points(found.covered)} % of the value."
        )
    return [*notes, *view.notes]


def risk_picture(view: RiskView) -> ComparisonChart:
    """The growth of today's weights beside the benchmark's, in percent."""
    found = view.risk
    return comparison_chart(
        found.days,
        [
            Line(name="Portfolio", values=100 * (found.growth - 1)),
            Line(name=str(view.benchmark), values=100 * (found.benchmark_growth - 1)),
        ],
        fact=f"{found.sessions} sessions to {day_text(found.last)}, with dividends",
    )


def risk_csv(found: Risk) -> str:
    return csv_text(
        ("symbol", "weight", "risk_share", "volatility", "beta", "max_drawdown"),
        (
            (c.symbol, c.weight, c.share, c.volatility, c.beta, c.drawdown)
            for c in found.contributions
        ),
    )


def risk_numbers(view: RiskView) -> dict[str, object]:
    found = view.risk
    return {
        "command": "portfolio risk",
        "benchmark": str(view.benchmark),
        "first": str(found.first),
        "last": str(found.last),
        "sessions": found.sessions,
        "volatility": found.volatility,
        "benchmark_volatility": found.benchmark_volatility,
        "beta": found.beta,
        "correlation": found.correlation,
        "max_drawdown": found.drawdown,
        "benchmark_max_drawdown": found.benchmark_drawdown,
        "effective": view.effective,
        "covered": found.covered,
        "contributions": [asdict(each) for each in found.contributions],
    }


def money(amount: float) -> str:
    """An amount: cents below 10,000, whole above."""
    return price_text(amount) if abs(amount) < 10_000 else f"{amount:,.0f}".replace("-", "−")


def signed(amount: float) -> str:
    return f"+{money(amount)}" if amount > 0 else money(amount)


def _pct(fraction: float) -> str:
    return f"{plain_points(fraction)} %"


def holding_words(symbol: Symbol, shares: float, cost: float | None) -> str:
    """“IVOO 10 at 95.20”."""
    at = "" if cost is None else f" at {price_text(cost)}"
    return f"{symbol} {shares:,.6g}{at}" if shares < 1e6 else f"{symbol} {shares:,.0f}{at}"
