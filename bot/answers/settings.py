"""`/settings`: the defaults of the one who asks, and of the server."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from bot.alerts.schedule import parse_zone
from bot.answers.calls import menu, written
from bot.answers.model import Answer, Caller, defaults_for
from bot.answers.strength import AGAINST
from bot.cards.format import joined
from bot.cards.model import Button, Control
from bot.cards.settings import SettingsView, sample_of, settings_card
from bot.errors import UserError
from bot.market.model import Symbol
from bot.notation import Notation
from bot.services import Services
from storage.preferences import NOTHING, PreferenceRecord

DEFAULT = "default"
"""What takes a choice back, instead of a value."""
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Offered to pick, from west to east; any other can be typed."""


class NumbersChoice(StrEnum):
    """How numbers are written, or no choice of one's own."""

    POINT = "point"
    COMMA = "comma"
    SPACE = "space"
    DEFAULT = "default"


class BasisChoice(StrEnum):
    """A basis, or none of one's own."""

    PRICE = "price"
    TOTAL = "total"
    DEFAULT = "default"


async def me(
    services: Services,
    caller: Caller,
    *,
    zone: str = "",
    benchmark: str = "",
    basis: BasisChoice | None = None,
    numbers: NumbersChoice | None = None,
) -> Answer:
    """The defaults of the one who asks, changed first where options say so. Raises UserError,
    UnknownSymbol, NoData, SourceDown for what cannot be a default."""
    if not caller.user_id:
        raise UserError("Settings of your own belong to a person on Discord.")
    before = await services.preferences.chosen_by_person(caller.user_id)
    after = await _changed(services, before, zone, benchmark, basis, numbers)
    if after != before:
        await services.preferences.choose_for_person(caller.user_id, after)
    server = NOTHING
    if caller.guild_id is not None:
        server = await services.preferences.chosen_by_server(caller.guild_id)
    view = SettingsView(
        defaults=await defaults_for(services, caller),
        chosen=after,
        server=server,
        personal=True,
        said=_said(before, after),
    )
    return _answer("settings me", view, before)


async def server(
    services: Services,
    caller: Caller,
    *,
    zone: str = "",
    benchmark: str = "",
    basis: BasisChoice | None = None,
    numbers: NumbersChoice | None = None,
) -> Answer:
    """The server's defaults for everyone to see; moderators change them. Raises like `me`."""
    if caller.guild_id is None:
        raise UserError("This command works in a server only.")
    before = await services.preferences.chosen_by_server(caller.guild_id)
    if zone or benchmark or basis is not None or numbers is not None:
        caller.require_server_manager()
    after = await _changed(services, before, zone, benchmark, basis, numbers)
    if after != before:
        await services.preferences.choose_for_server(caller.guild_id, after, user_id=caller.user_id)
    view = SettingsView(
        defaults=await services.preferences.of_server(caller.guild_id),
        chosen=after,
        server=after,
        personal=False,
        said=_said(before, after),
    )
    answer = _answer("settings server", view, before)
    return answer if caller.may_manage_server else replace(answer, controls=())


async def _changed(
    services: Services,
    record: PreferenceRecord,
    zone: str,
    benchmark: str,
    basis: BasisChoice | None,
    numbers: NumbersChoice | None,
) -> PreferenceRecord:
    if zone:
        record = replace(record, zone=None if _taken_back(zone) else parse_zone(zone).key)
    if benchmark:
        symbol = None if _taken_back(benchmark) else Symbol(benchmark)
        if symbol is not None:
            await services.market.bars(symbol)
        record = replace(record, benchmark=symbol)
    if basis is not None:
        chosen = None if basis is BasisChoice.DEFAULT else basis.value
        record = replace(record, basis=chosen)
    if numbers is not None:
        notation = None if numbers is NumbersChoice.DEFAULT else numbers.value
        record = replace(record, numbers=notation)
    return record


def _taken_back(text: str) -> bool:
    return text.strip().lower() == DEFAULT


def _said(before: PreferenceRecord, after: PreferenceRecord) -> str:
    parts = [
        f"{name} {'back to the default' if new is None else f'is now {new}'}"
        for name, old, new in (
            ("the time zone", before.zone, after.zone),
            ("the benchmark", before.benchmark, after.benchmark),
            ("the basis", before.basis, after.basis),
            ("how numbers are written", sample_of(before), sample_of(after)),
        )
        if old != new
    ]
    return f"Done: {joined(parts)}." if parts else ""


def _answer(name: str, view: SettingsView, before: PreferenceRecord) -> Answer:
    defaults, chosen = view.defaults, view.chosen
    return Answer(
        card=settings_card(view),
        numbers={
            "command": name,
            "zone": defaults.zone.key,
            "benchmark": str(defaults.benchmark),
            "basis": defaults.basis.value,
            "numbers": defaults.notation.value,
            "chosen": {
                "zone": chosen.zone,
                "benchmark": chosen.benchmark,
                "basis": chosen.basis,
                "numbers": chosen.numbers,
            },
        },
        private=True,
        controls=(*_menus(name, chosen), *_undo(name, before, chosen)),
    )


def _menus(name: str, chosen: PreferenceRecord) -> tuple[Control, ...]:
    def call(option: str) -> Callable[[str], str]:
        return lambda value: written(name, **{option: value})

    zones = _with(ZONES, chosen.zone)
    benchmarks = _with(AGAINST, chosen.benchmark)
    bases = ((BasisChoice.PRICE, "Price, without dividends"), (BasisChoice.TOTAL, "With dividends"))
    untouched = (
        (DEFAULT, "Time zone: the default"),
        (DEFAULT, "Benchmark: the default"),
        (DEFAULT, "Basis: the default"),
        (DEFAULT, "Numbers: the default"),
    )
    return (
        menu(
            "Time zone",
            [untouched[0], *((zone, zone.replace("_", " ")) for zone in zones)],
            chosen=chosen.zone or DEFAULT,
            call=call("zone"),
        ),
        menu(
            "Benchmark",
            [untouched[1], *((symbol, f"Benchmark: {symbol}") for symbol in benchmarks)],
            chosen=chosen.benchmark or DEFAULT,
            call=call("benchmark"),
        ),
        menu(
            "Basis",
            [untouched[2], *bases],
            chosen=chosen.basis or DEFAULT,
            call=call("basis"),
        ),
        menu(
            "Numbers",
            [untouched[3], *((n.value, f"Numbers: {n.sample}") for n in Notation)],
            chosen=chosen.numbers or DEFAULT,
            call=call("numbers"),
        ),
    )


def _with(offered: tuple[str, ...], chosen: str | None) -> tuple[str, ...]:
    return offered if chosen is None or chosen in offered else (*offered, chosen)


def _undo(name: str, before: PreferenceRecord, after: PreferenceRecord) -> tuple[Control, ...]:
    if before == after:
        return ()
    old = {
        option: getattr(before, option) or DEFAULT
        for option in ("zone", "benchmark", "basis", "numbers")
        if getattr(before, option) != getattr(after, option)
    }
    return (Button(label="Undo", call=written(name, **old)),)
