"""`/compare`: several symbols from one common start."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.answers.calls import menu, written
from bot.answers.histories import histories, left_out, shared_footer, start_of
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture
from bot.answers.since import BEGINNING, WORDS, Since
from bot.cards.compare import CompareView, compare_card, compare_chart, compare_csv
from bot.cards.format import day_text, joined
from bot.cards.model import Control
from bot.errors import UserError
from bot.market.model import Bars, Basis, Symbol, as_date
from bot.market.universes import Selection
from bot.services import Services
from bot.signals.relative import Comparison, Performance
from bot.signals.relative import compare as compare_bars

LEAST, MOST = 2, 8
HALF_A_YEAR = Since("6m")
BASES = ((Basis.PRICE.value, "Price, without dividends"), (Basis.TOTAL.value, "With dividends"))


async def compare(
    services: Services,
    caller: Caller = NOBODY,
    *,
    symbols: str,
    since: Since = HALF_A_YEAR,
    basis: Basis | None = None,
) -> Answer:
    """Returns, drawdowns, volatility, distances and correlations against the first symbol.

    One symbol alone is compared with the caller’s benchmark.
    Raises UserError for fewer than 2 or more than 8 symbols and for a start that fits none,
    with what to do instead.
    """
    defaults = await defaults_for(services, caller)
    basis = basis or defaults.basis
    selection = await services.universes.select(symbols, guild_id=caller.guild_id)
    wanted = _wanted(selection, defaults.benchmark)
    found = await histories(services, wanted, running=True)
    if len(found.bars) < LEAST:
        raise UserError(
            f"I need {LEAST} symbols with prices to compare. {' '.join(found.missing.values())}"
        )
    last = min(bars.last_day for bars in found.bars)
    start = await start_of(services, since, last, defaults.benchmark)
    comparison = await asyncio.to_thread(compare_bars, found.bars, start, basis=basis)
    if comparison.start == comparison.end:
        raise UserError(
            f"There is no session after {comparison.start} to compare yet. Take an earlier start."
        )
    card = compare_card(
        CompareView(
            comparison=comparison,
            late=_late(found.bars, comparison),
            footer=shared_footer(services, found.bars, basis),
            notes=(*_early_end(found.bars), *left_out(found.missing)),
        )
    )
    card = await with_picture(services, card, compare_chart(comparison), filename="compare.png")
    return Answer(
        card=card,
        numbers=numbers(comparison, found.missing),
        controls=_controls(wanted, since, basis),
        table=compare_csv(comparison),
        call=written("compare", *wanted, since=since, basis=basis),
    )


def _wanted(selection: Selection, benchmark: Symbol) -> tuple[Symbol, ...]:
    count = len(selection.symbols)
    if count == 1 and selection.symbols != (benchmark,):
        return (benchmark, *selection.symbols)
    if selection.universe is not None and count > MOST:
        raise UserError(
            f"The universe {selection.universe} has {count} symbols; a comparison takes up to "
            f"{MOST}. Name them, or see `/rotation {selection.universe}`."
        )
    if not LEAST <= count <= MOST:
        raise UserError(
            f"A comparison takes {LEAST} to {MOST} symbols, not {count}: `/compare SPY QQQ IWM`."
        )
    return selection.symbols


def _late(many: Sequence[Bars], found: Comparison) -> tuple[Symbol, ...]:
    if found.asked >= found.start:
        return ()
    return tuple(bars.symbol for bars in many if as_date(bars.days[0]) == found.start)


def _early_end(many: Sequence[Bars]) -> tuple[str, ...]:
    """A note when some symbols have no bars of the others' last session."""
    first = min(bars.last_day for bars in many)
    if first == max(bars.last_day for bars in many):
        return ()
    early = joined([str(bars.symbol) for bars in many if bars.last_day == first])
    return (f"It ends on {day_text(first)}, the last session of {early}.",)


def _controls(wanted: Sequence[Symbol], since: Since, basis: Basis) -> tuple[Control, ...]:
    spans = list(WORDS.items())
    if since not in WORDS:
        spans.insert(0, (str(since), f"Since {since}"))
    return (
        menu(
            "Since",
            spans,
            chosen=since,
            call=lambda value: written("compare", *wanted, since=value, basis=basis),
        ),
        menu(
            "Basis",
            BASES,
            chosen=basis,
            call=lambda value: written("compare", *wanted, since=since, basis=value),
        ),
    )


def numbers(found: Comparison, missing: Mapping[Symbol, str]) -> dict[str, object]:
    return {
        "command": "compare",
        "asked": None if found.asked == BEGINNING else str(found.asked),
        "start": str(found.start),
        "end": str(found.end),
        "basis": found.basis.value,
        "members": {str(member.symbol): _member(member) for member in found.members},
        "missing": {str(symbol): reason for symbol, reason in missing.items()},
    }


def _member(member: Performance) -> dict[str, object]:
    return {
        "start": str(member.start),
        "end": str(member.end),
        "start_close": member.start_close,
        "end_close": member.end_close,
        "return": member.change,
        "excess": member.excess,
        "max_drawdown": member.max_drawdown,
        "volatility": member.volatility,
        "distance_52w": member.distance_52w,
        "distance_all_time": member.distance_all_time,
        "correlation": member.correlation,
    }
