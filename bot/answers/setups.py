"""`/setups`: what is waiting for its trigger, in one symbol or ranked over a universe.

One symbol is looked at more closely than many: a shape that was set off in the last five
sessions is shown there even when another of its kind has formed since.
"""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.answers.calls import menu, pages, written
from bot.answers.histories import histories, left_out, shared_footer
from bot.answers.model import NOBODY, Answer, Caller, with_picture
from bot.answers.panels import panel_of
from bot.answers.provenance import footer, notes
from bot.cards.format import plural
from bot.cards.model import Control
from bot.cards.setup_pictures import screen_chart, setup_chart
from bot.cards.setup_words import TITLES
from bot.cards.setups import (
    OneView,
    ScreenView,
    best_of_each,
    numbers,
    one_card,
    ranked,
    screen_card,
    setups_csv,
)
from bot.charts.specs import Interval
from bot.errors import NoData, UserError
from bot.market.model import Bars, Symbol, as_date
from bot.services import Services
from bot.signals.model import Kind
from bot.signals.scan import LONGEST, SIEVED_KINDS, scan
from bot.signals.setup import Setup, Status
from bot.signals.setups import FINDERS, LOOK_BACK, follow
from bot.signals.setups import setups as find_setups
from bot.signals.windows import complete


class SetupKind(StrEnum):
    """The kinds a person can ask for; the values are those of the signals."""

    TIGHT_FLAG = Kind.TIGHT_FLAG.value
    AVERAGE_SURF = Kind.AVERAGE_SURF.value
    RANGE = Kind.RANGE.value
    DOWNTREND_BREAK = Kind.DOWNTREND_BREAK.value
    SUPPORT_TEST = Kind.SUPPORT_TEST.value
    VOLATILITY_CONTRACTION = Kind.VOLATILITY_CONTRACTION.value


SET_OFF = (Kind.TIGHT_FLAG, Kind.RANGE, Kind.DOWNTREND_BREAK, Kind.VOLATILITY_CONTRACTION)
"""Kinds that are set off once. A surf is set off by every new high, a support holds on."""
CROSSED = (Status.TRIGGERED, Status.CONFIRMED)
VIEWS = ((Interval.DAILY.value, "Daily"), (Interval.WEEKLY.value, "Weekly"), ("monthly", "Monthly"))


async def setups(
    services: Services,
    caller: Caller = NOBODY,
    *,
    what: str,
    kind: SetupKind | None = None,
    view: Interval = Interval.DAILY,
    page: int = 1,
) -> Answer:
    """The setups of a symbol, or a ranked page of those of several symbols or a universe.

    Raises UserError for a page that does not exist, and for one symbol UnknownSymbol, NoData,
    SourceDown.
    """
    selection = await services.universes.select(what, guild_id=caller.guild_id)
    chosen = None if kind is None else Kind(kind.value)
    if selection.universe is None and len(selection.symbols) == 1:
        return await _one(services, selection.symbols[0], chosen, view)
    name = selection.universe or " ".join(selection.symbols)
    return await _screen(services, name, selection.symbols, chosen, page)


async def _one(services: Services, symbol: Symbol, kind: Kind | None, interval: Interval) -> Answer:
    bars = await services.market.bars(symbol)
    found = await asyncio.to_thread(_closely, bars)
    shown = next((s for s in found if kind in (None, s.kind)), None)
    name = services.name_of(symbol)
    said = [*notes(services, bars)]
    if kind is not None and shown is None:
        said.insert(0, f"There is no {TITLES[kind].lower()} to draw.")
    view = OneView(
        symbol=symbol,
        name=name,
        setups=found,
        shown=shown,
        footer=footer(services, bars),
        notes=tuple(said),
    )
    spec = setup_chart(bars, shown, name=name, interval=interval)
    card = await with_picture(services, one_card(view), spec, filename=f"{symbol}-setups.png")
    return Answer(
        card=card,
        numbers={"command": "setups", "symbol": str(symbol), "setups": numbers(found)},
        controls=_one_controls(symbol, found, shown, interval),
        table=setups_csv(found) if found else "",
        call=written("setups", symbol, kind=kind, view=interval),
    )


def _closely(bars: Bars) -> tuple[Setup, ...]:
    """What was set off at the last session first, then the others; with the setups of the last
    five sessions that a newer shape hides, unless they are not confirmed and go on in it."""
    known = complete(bars)
    found = list(find_setups(known))
    for kind in SET_OFF:
        hidden = _set_off(known, kind)
        current = [setup for setup in found if setup.kind is kind]
        if (
            hidden
            and (not current or hidden.status is Status.CONFIRMED)
            and not any(setup.trigger == hidden.trigger for setup in current)
        ):
            found.append(hidden)
    return tuple(sorted(ranked(found), key=lambda setup: not _fresh(setup, known)))


def _set_off(known: Bars, kind: Kind) -> Setup | None:
    """The newest setup of the sessions before the last one that has been set off since."""
    for back in range(1, min(LOOK_BACK + 1, len(known))):
        setup = FINDERS[kind](_without(known, back))
        now = None if setup is None else follow(setup, known)
        if now is not None and now.status in CROSSED:
            return now
    return None


def _fresh(setup: Setup, known: Bars) -> bool:
    """Whether it was set off at the last session."""
    if setup.status not in CROSSED or setup.kind not in SET_OFF or len(known) < 2:
        return False
    return follow(setup, _without(known, 1)).status not in CROSSED or (
        setup.session == as_date(known.days[-2])
    )


def _without(known: Bars, sessions: int) -> Bars:
    return known.through(as_date(known.days[len(known) - 1 - sessions]))


def _one_controls(
    symbol: Symbol, found: Sequence[Setup], shown: Setup | None, interval: Interval
) -> tuple[Control, ...]:
    kind = None if shown is None else shown.kind
    views = menu(
        "View",
        VIEWS,
        chosen=interval,
        call=lambda value: written("setups", symbol, kind=kind, view=value),
    )
    kinds = list(dict.fromkeys(s.kind for s in found))
    if len(kinds) < 2:
        return (views,)
    drawn = menu(
        "Setup to draw",
        [(k.value, TITLES[k]) for k in kinds],
        chosen=kind or "",
        call=lambda value: written("setups", symbol, kind=value, view=interval),
    )
    return (drawn, views)


async def _screen(
    services: Services, name: str, symbols: tuple[Symbol, ...], kind: Kind | None, page: int
) -> Answer:
    found = await histories(services, symbols)
    if not found.bars:
        raise NoData(f"There are no usable bars of {plural(len(symbols), 'symbol')}.")
    every: list[Setup] = []
    for bars in found.bars:  # one by one, so that the bot answers others in between
        every += await asyncio.to_thread(find_setups, bars)
    chosen = ranked([s for s in every if kind in (None, s.kind) and s.status is not Status.FAILED])
    firsts = best_of_each(chosen)
    view = ScreenView(
        what=name if len(name) < 60 else f"{len(symbols)} symbols",
        kind=kind,
        setups=firsts,
        others=len(chosen) - len(firsts),
        page=page,
        looked_at=len(found.bars),
        broke_out=await _broke_out(services, symbols, kind),
        footer=shared_footer(services, found.bars),
        notes=left_out(found.missing),
    )
    if not 1 <= page <= view.pages:
        raise UserError(f"There is no page {page}: these setups fill {view.pages}.")
    card = screen_card(view)
    if view.rows:
        rows = [found.get(setup.symbol) for setup in view.rows]
        spec = screen_chart(view.rows, [b for b in rows if b is not None], title=card.title)
        card = await with_picture(services, card, spec, filename="setups.png")
    return Answer(
        card=card,
        numbers=_screen_numbers(view),
        controls=_screen_controls(name, kind, view),
        table=setups_csv(chosen) if chosen else "",
        call=written("setups", name, kind=kind),
    )


async def _broke_out(
    services: Services, symbols: tuple[Symbol, ...], kind: Kind | None
) -> Mapping[Kind, tuple[Symbol, ...]]:
    """Whose setup was set off at the last session; riding an average is no news."""
    kinds = [k for k in SIEVED_KINDS if k in SET_OFF and kind in (None, k)]
    if not kinds:
        return {}
    try:
        panel, _ = await panel_of(services, symbols, sessions=LONGEST)
    except NoData:
        return {}
    hits = await asyncio.to_thread(scan, panel, kinds=kinds)
    return {k: hits.symbols_of(k) for k in kinds}


def _screen_controls(name: str, kind: Kind | None, view: ScreenView) -> tuple[Control, ...]:
    kinds = [("", "All setups"), *((k.value, words) for k, words in TITLES.items())]
    chosen = "" if kind is None else kind.value
    return (
        menu(
            "Setup",
            kinds,
            chosen=chosen,
            call=lambda value: written("setups", name, kind=value or None),
        ),
        *pages(
            view.page,
            view.pages,
            call=lambda number: written("setups", name, kind=kind, page=number),
        ),
    )


def _screen_numbers(view: ScreenView) -> dict[str, object]:
    return {
        "command": "setups",
        "what": view.what,
        "looked_at": view.looked_at,
        "page": view.page,
        "pages": view.pages,
        "broke_out": {k.value: [str(s) for s in found] for k, found in view.broke_out.items()},
        "setups": numbers(view.setups),
    }
