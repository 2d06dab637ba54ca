"""Cards about the defaults of a person or a server. Pure."""

from dataclasses import dataclass

from bot.cards.model import Card, Field, Tone
from bot.market.model import Basis
from bot.notation import Notation
from bot.preferences import Defaults
from storage.preferences import PreferenceRecord

BASES = {Basis.PRICE: "price, without dividends", Basis.TOTAL: "total return, with dividends"}


@dataclass(frozen=True, kw_only=True)
class SettingsView:
    """`chosen` is the owner's own choice, `server` that of the server they are in; `said` tells
    of a change just made."""

    defaults: Defaults
    chosen: PreferenceRecord
    server: PreferenceRecord
    personal: bool
    said: str = ""


def settings_card(view: SettingsView) -> Card:
    """What counts, and who chose it."""
    defaults = view.defaults
    rows = (
        ("Time zone", defaults.zone.key, view.chosen.zone, view.server.zone),
        ("Benchmark", str(defaults.benchmark), view.chosen.benchmark, view.server.benchmark),
        ("Basis", BASES[defaults.basis], view.chosen.basis, view.server.basis),
        ("Numbers", f"`{defaults.notation.sample}`", view.chosen.numbers, view.server.numbers),
    )
    whose = "Your settings" if view.personal else "This server’s settings"
    scope = (
        "They count for your commands everywhere, before the server’s."
        if view.personal
        else "They count for everybody here who chose none of their own."
    )
    return Card(
        title=whose,
        verdict=view.said or scope,
        tone=Tone.GOOD if view.said else Tone.NEUTRAL,
        fields=tuple(
            Field(name=name, value=f"{value}\n-# {_origin(view, own, server)}")
            for name, value, own, server in rows
        ),
        body=_uses(personal=view.personal),
    )


def sample_of(record: PreferenceRecord) -> str | None:
    """A number as the record writes it, in backticks, so that nobody rewrites it."""
    return None if record.numbers is None else f"`{Notation(record.numbers).sample}`"


def _uses(*, personal: bool) -> str:
    zone = (
        "dates that you type, such as the end of a mute"
        if personal
        else "quiet hours and digests of channels without a zone of their own"
    )
    cards = "every answer to you, and your alerts" if personal else "every card and alert here"
    return (
        f"-# Time zone: {zone}. Benchmark: `/rs`, `/rotation`, `/portfolio risk`, and `/compare` "
        "with one symbol, `/breadth`, `/record` and `/brief`. Basis: `/high` and `/compare`. "
        f"Numbers: {cards}; files and what you type keep the point."
    )


def _origin(view: SettingsView, own: str | None, server: str | None) -> str:
    if own is not None:
        return "your choice" if view.personal else "chosen for this server"
    return "the server’s choice" if view.personal and server is not None else "default"
