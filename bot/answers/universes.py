"""`/universe`: sets of symbols that a server names for its subscriptions and questions.

Changes need the right for the whole server, because a universe counts in all of its channels.
The undo of a change is the opposite command, checked like any other.
"""

from collections.abc import Sequence

from bot.alerts.universes import MOST_SYMBOLS, MOST_UNIVERSES, Changed, own_names
from bot.answers.calls import written
from bot.answers.model import Answer, Caller
from bot.answers.symbol_check import checked
from bot.cards.format import joined, plural
from bot.cards.model import Button, Card, Tone
from bot.errors import UserError
from bot.market.model import Symbol
from bot.market.universes import find_universe, universe_titles
from bot.services import Services
from bot.watchlists.reading import Pasted, read_symbols

NAMED = 12
"""Symbols that an answer names one by one."""


async def create(services: Services, caller: Caller, *, name: str, symbols: str) -> Answer:
    """Make a universe; symbols that nobody knows are named and left out. Raises UserError."""
    guild_id = caller.require_server_manager()
    pasted = await _pasted(services, symbols)
    done = await services.universes.create(guild_id, name, pasted.symbols, user_id=caller.user_id)
    made = done.record.name
    undo = written("universe delete", made)
    return _changed(f"Created {made}", done, undo, pasted.bad, hint=f"`/subscribe {made}` uses it.")


async def add(services: Services, caller: Caller, *, name: str, symbols: str) -> Answer:
    """Add symbols; subscriptions to the universe follow. Raises UserError."""
    guild_id = caller.require_server_manager()
    pasted = await _pasted(services, symbols)
    done = await services.universes.add(guild_id, name, pasted.symbols, user_id=caller.user_id)
    said = f"Added {len(done.symbols)} to {done.record.name}"
    undo = written("universe remove", done.record.name, symbols=" ".join(done.symbols))
    return _changed(said, done, undo, pasted.bad)


async def remove(services: Services, caller: Caller, *, name: str, symbols: str) -> Answer:
    """Take symbols out; subscriptions to the universe follow. Raises UserError."""
    guild_id = caller.require_server_manager()
    read = read_symbols(symbols)
    done = await services.universes.remove(guild_id, name, read.symbols, user_id=caller.user_id)
    said = f"Removed {len(done.symbols)} from {done.record.name}"
    undo = written("universe add", done.record.name, symbols=" ".join(done.symbols))
    return _changed(said, done, undo, read.bad)


async def delete(services: Services, caller: Caller, *, name: str) -> Answer:
    """Delete a universe that nothing is subscribed to. Raises UserError."""
    guild_id = caller.require_server_manager()
    done = await services.universes.delete(guild_id, name, user_id=caller.user_id)
    undo = written("universe create", done.record.name, symbols=" ".join(done.symbols))
    return Answer(
        card=Card(
            title="",
            verdict=f"Deleted {done.record.name} ({plural(len(done.symbols), 'symbol')}).",
            tone=Tone.GOOD,
        ),
        numbers=_numbers({}),
        private=True,
        controls=(Button(label="Undo", call=undo),),
    )


async def list_universes(services: Services, caller: Caller) -> Answer:
    """The server's own universes, then those of the program."""
    records = await services.universes.in_guild(caller.guild_id)
    own = {one.name: one.symbols for one in records}
    verdict = f"{len(own)} of {MOST_UNIVERSES} of this server’s own."
    if not own:
        verdict = "This server has none of its own. `/universe create` makes the first."
    if caller.guild_id is None:
        verdict = "Servers make their own; these come with me."
    lines = [f"**{name}** · {plural(len(symbols), 'symbol')}" for name, symbols in own.items()]
    shipped = [f"{name} · {title}" for name, title in universe_titles().items() if name not in own]
    body = "\n".join([*lines, *(f"-# {line}" for line in shipped)])
    return Answer(
        card=Card(title="Universes", verdict=verdict, body=body),
        numbers=_numbers(own),
        private=True,
    )


async def show(services: Services, caller: Caller, *, name: str) -> Answer:
    """The symbols of a universe, the server's own or the program's. Raises UserError."""
    selection = await services.universes.select(name, guild_id=caller.guild_id)
    if selection.universe is None:
        raise UserError("That is no universe. `/universe list` shows them.")
    records = await services.universes.in_guild(caller.guild_id)
    own = own_names(records)
    shipped = find_universe(selection.universe)
    title = "" if selection.universe in own or shipped is None else f" · {shipped.title}"
    verdict = f"{plural(len(selection.symbols), 'symbol')}{title}."
    if caller.guild_id is not None:
        numbers = await services.universes.subscribed(caller.guild_id, selection.universe)
        if numbers:
            verdict += f" Subscribed to: {', '.join(f'#{number}' for number in numbers)}."
    return Answer(
        card=Card(title=selection.universe, verdict=verdict, body=" ".join(selection.symbols)),
        numbers=_numbers({selection.universe: selection.symbols}),
        private=True,
    )


async def _pasted(services: Services, text: str) -> Pasted:
    """What of the text is symbols that somebody knows. Raises UserError when nothing is."""
    read = read_symbols(text)
    if len(read.symbols) > MOST_SYMBOLS:
        raise UserError(
            f"That is {len(read.symbols)} symbols; a universe takes up to {MOST_SYMBOLS}. "
            "Nothing was changed."
        )
    found = await checked(services, read.symbols)
    bad = (*read.bad, *(f"{symbol} (unknown)" for symbol in found.unknown))
    if not found.known:
        named = f" I could not use {_some(bad)}." if bad else ""
        raise UserError(f"There is no symbol in that.{named} Nothing was changed.")
    return Pasted(symbols=found.known, bad=bad)


def _changed(said: str, done: Changed, undo: str, bad: Sequence[str], *, hint: str = "") -> Answer:
    count = plural(len(done.record.symbols), "symbol")
    left = f"-# Left out: {_some(bad)}." if bad else ""
    return Answer(
        card=Card(
            title="",
            verdict=f"{said}: {_some(done.symbols)}. It has {count}. {hint}".strip(),
            tone=Tone.WATCH if bad else Tone.GOOD,
            body=left,
        ),
        numbers=_numbers({done.record.name: done.record.symbols}),
        private=True,
        controls=(Button(label="Undo", call=undo),),
    )


def _some(words: Sequence[str]) -> str:
    if len(words) <= NAMED:
        return joined(words)
    return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} more"


def _numbers(
    found: dict[str, tuple[str, ...]] | dict[str, tuple[Symbol, ...]],
) -> dict[str, object]:
    return {
        "command": "universe",
        "universes": [
            {"name": name, "symbols": [str(symbol) for symbol in symbols]}
            for name, symbols in found.items()
        ],
    }
