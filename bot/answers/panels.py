"""A universe side by side, cut back to the last session that most of it has."""

from dataclasses import replace

import numpy as np

from bot.cards.format import day_text, plural
from bot.errors import NoData
from bot.market.model import Symbol, as_date
from bot.market.panel import COLUMNS, Panel
from bot.services import Services

ENOUGH = 0.5
"""Share of the symbols that must have a session for it to count as there."""


async def panel_of(
    services: Services, symbols: tuple[Symbol, ...], *, sessions: int
) -> tuple[Panel, tuple[str, ...]]:
    """The panel up to the last session that half of its symbols have, and a note when that is
    not the last closed one. Raises NoData when no symbol has bars there."""
    whole = await services.market.panel(symbols, sessions=sessions)
    panel = through_the_last_full_session(whole)
    if not panel.symbols or not len(panel):
        raise NoData(
            f"There are no usable bars of {plural(len(symbols), 'symbol')} in the last "
            f"{sessions} sessions."
        )
    if len(panel) == len(whole):
        return panel, ()
    last = day_text(as_date(panel.days[-1]))
    return panel, (f"Most symbols have no bars after {last}, so that session is the last here.",)


def through_the_last_full_session(panel: Panel) -> Panel:
    """The panel without the sessions at its end that less than half of the symbols have."""
    if not panel.symbols:
        return panel
    known = np.isfinite(panel.close).mean(axis=1)
    full = np.flatnonzero(known >= ENOUGH)
    stop = int(full[-1]) + 1 if len(full) else 0
    columns = {name: getattr(panel, name)[:stop] for name in COLUMNS}
    return replace(panel, days=panel.days[:stop], **columns)
