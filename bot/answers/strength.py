"""`/rs`: the relative strength of one symbol."""

import asyncio

import numpy as np

from bot.answers.calls import menu, written
from bot.answers.histories import shared_footer
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture
from bot.cards.model import Control
from bot.cards.strength import Rank, StrengthView, numbers, strength_card, strength_chart
from bot.errors import UserError
from bot.market.families import family_of
from bot.market.model import Symbol, symbols_of
from bot.market.panel import Panel
from bot.services import Services
from bot.signals.strength import RANK_RETURNS, ranks, strength_report, strength_scores

AGAINST = ("SPY", "QQQ", "IWM", "RSP", "VTI")
"""Benchmarks offered to pick beside the one in use."""


async def rs(
    services: Services,
    caller: Caller = NOBODY,
    *,
    symbol: Symbol,
    against: Symbol | None = None,
) -> Answer:
    """RS line, Mansfield RS and the rank among the symbol's peers.

    Raises UserError for a symbol against itself, and UnknownSymbol, NoData, SourceDown.
    """
    benchmark = against or (await defaults_for(services, caller)).benchmark
    if symbol == benchmark:
        raise UserError(
            f"{symbol} is the benchmark itself. Name another: `/rs {symbol} against:VTI`."
        )
    bars = await services.market.bars(symbol)
    other = await services.market.bars(benchmark)
    report = await asyncio.to_thread(strength_report, bars, other)
    rank, no_rank = await _rank(services, symbol)
    name = services.name_of(symbol)
    view = StrengthView(
        report=report,
        name=name,
        rank=rank,
        no_rank=no_rank,
        footer=shared_footer(services, (bars, other)),
    )
    spec = strength_chart(report, name=name)
    card = await with_picture(services, strength_card(view), spec, filename=f"{symbol}-rs.png")
    return Answer(card=card, numbers=numbers(view), controls=_controls(symbol, benchmark))


async def _rank(services: Services, symbol: Symbol) -> tuple[Rank | None, str]:
    """The rank, or why there is none."""
    family = family_of(symbol)
    if family is None:
        return None, f"{symbol} is in none of the universes"
    sessions = RANK_RETURNS[-1][0] + 1
    panel = await services.market.panel(family.symbols, sessions=sessions)
    rank = _rank_in(panel, symbol, family.name)
    if rank is None:
        return None, f"it needs {sessions} sessions without a gap"
    return rank, ""


def _rank_in(panel: Panel, symbol: Symbol, name: str) -> Rank | None:
    if symbol not in panel.symbols:
        return None
    scores = strength_scores(panel.close)
    mine = panel.index_of(symbol)
    if not np.isfinite(scores[mine]):
        return None
    return Rank(
        name=name,
        percentile=int(ranks(scores)[mine]),
        place=1 + int((scores > scores[mine]).sum()),
        among=int(np.isfinite(scores).sum()),
    )


def _controls(symbol: Symbol, benchmark: Symbol) -> tuple[Control, ...]:
    offered = [s for s in symbols_of((benchmark, *AGAINST)) if s != symbol]
    return (
        menu(
            "Against",
            [(str(s), f"Against {s}") for s in offered],
            chosen=benchmark,
            call=lambda value: written("rs", symbol, against=value),
        ),
    )
