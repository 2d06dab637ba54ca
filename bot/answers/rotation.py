"""`/rotation`: where the symbols of a universe stand against a benchmark and where they head."""

import asyncio

from bot.answers.calls import menu, written
from bot.answers.histories import histories, left_out, shared_footer
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture
from bot.cards.model import Control
from bot.cards.rotation import (
    RotationView,
    numbers,
    rotation_card,
    rotation_csv,
    rotation_picture,
)
from bot.errors import UserError
from bot.market.model import Symbol
from bot.services import Services
from bot.signals.rotation import LEAST_SESSIONS, rotations

SECTORS = "sectors"
WEEKS = 5
"""Points of a tail: a month. Longer tails of eleven sectors cover each other."""
OFFERED = (SECTORS, "size", "factors", "themes", "countries", "bonds", "commodities")


async def rotation(
    services: Services,
    caller: Caller = NOBODY,
    *,
    universe: str = SECTORS,
    against: Symbol | None = None,
) -> Answer:
    """Leading, weakening, lagging and improving symbols.

    `universe` may also be a list of symbols. Raises UserError when none has enough history, and
    UnknownSymbol, NoData, SourceDown for the benchmark.
    """
    selection = await services.universes.select(universe, guild_id=caller.guild_id)
    what = selection.universe or f"{len(selection.symbols)} symbols"
    benchmark = against or (await defaults_for(services, caller)).benchmark
    other = await services.market.bars(benchmark)
    found = await histories(services, [s for s in selection.symbols if s != benchmark])
    places, short = await asyncio.to_thread(rotations, found.bars, other, weeks=WEEKS)
    reason = f"It shares less than {LEAST_SESSIONS} sessions with {benchmark}."
    missing = {**found.missing, **dict.fromkeys(short, reason)}
    if not places:
        reasons = " ".join(left_out(missing)) or "A benchmark does not rotate around itself."
        raise UserError(f"There is nothing to rotate. {reasons}")
    view = RotationView(
        places=places,
        benchmark=benchmark,
        what=what,
        footer=shared_footer(services, (*found.bars, other)),
        notes=left_out(missing),
    )
    picture = rotation_picture(view)
    card = await with_picture(services, rotation_card(view), picture, filename="rotation.png")
    chosen = selection.universe or " ".join(selection.symbols)
    return Answer(
        card=card,
        numbers=numbers(view, missing),
        controls=_controls(chosen, benchmark, named=selection.universe is not None),
        table=rotation_csv(places),
        call=written("rotation", chosen, against=benchmark),
    )


def _controls(chosen: str, benchmark: Symbol, *, named: bool) -> tuple[Control, ...]:
    offered = [(name, name.capitalize()) for name in OFFERED]
    if chosen not in OFFERED:
        offered.insert(0, (chosen, chosen.capitalize() if named else "These symbols"))
    return (
        menu(
            "Universe",
            offered,
            chosen=chosen,
            call=lambda value: written("rotation", value, against=benchmark),
        ),
    )
