"""The select menus and buttons of an answer, as Discord components that need no memory.

A view is stopped before it is sent: the library then keeps nothing of it, and clicks are
recognised by their custom ids alone (see `cogs.controls`).
"""

from collections.abc import Mapping, Sequence

import discord

from bot.cards.model import Button, Control, Menu

PICK, GO, CSV = "pick", "go", "csv"
PREFIX = "hw"
ROWS = 5
"""Rows of components a message may have; a menu takes a whole one."""


def alert_view(symbol: str, short_id: str = "") -> discord.ui.View:
    """The buttons under an alert: commands that answer whoever presses them, privately.

    Watch puts the symbol on one's own list; Mute silences it in the channel and asks for the
    right to. Without a `short_id`, in a direct message, there is nothing to explain or to mute.
    """
    view = discord.ui.View(timeout=None)
    calls = [("Chart", f"chart {symbol}"), ("High", f"high {symbol}")]
    if short_id:
        calls.append(("Why", f"why {short_id}"))
    calls.append(("Watch", f"watchlist add {symbol}"))
    if short_id:
        calls.append(("Mute for a day", f"mute add {symbol} until:1d"))
    for label, call in calls:
        view.add_item(_button(label, GO, f"={call}"))
    view.stop()
    return view


def to_view(
    controls: Sequence[Control], short: Mapping[str, str], *, csv: str = ""
) -> discord.ui.View | None:
    """The controls as a view, or None without any.

    `short` maps each call to its shorthand; `csv` is the call whose table is offered as CSV.
    """
    if not controls and not csv:
        return None
    view = discord.ui.View(timeout=None)
    menus = [control for control in controls if isinstance(control, Menu)]
    for row, menu in enumerate(menus[: ROWS - 1]):
        view.add_item(_select(menu, row, short))
    for control in controls:
        if isinstance(control, Button):
            view.add_item(_button(control.label, GO, short[control.call]))
    if csv:
        view.add_item(_button("CSV", CSV, short[csv]))
    view.stop()
    return view


def _select(menu: Menu, row: int, short: Mapping[str, str]) -> discord.ui.Select[discord.ui.View]:
    options = [
        discord.SelectOption(
            label=choice.label[:100], value=short[choice.call], default=choice.chosen
        )
        for choice in menu.choices
    ]
    return discord.ui.Select(
        custom_id=f"{PREFIX}:{PICK}:{row}", placeholder=menu.label, options=options, row=row
    )


def _button(label: str, act: str, shorthand: str) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        label=label,
        style=discord.ButtonStyle.secondary,
        custom_id=f"{PREFIX}:{act}:{shorthand}",
        row=ROWS - 1,
    )
