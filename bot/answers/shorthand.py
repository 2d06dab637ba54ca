"""Commands short enough for Discord's custom ids and select values.

A command that fits is written out (`=chart IVOO range:1y`), so nothing is stored; a longer one
becomes a key to a row in the database (`#3f9…`). Both work after a restart.
"""

from collections.abc import Iterable, Mapping

from bot.errors import UserError
from bot.services import Services
from storage import calls

LONGEST = 90
"""Characters. Discord takes 100; the rest is for what stands before it in a custom id."""


async def shortened(services: Services, texts: Iterable[str]) -> Mapping[str, str]:
    """The shorthand of each text."""
    wanted = list(dict.fromkeys(texts))
    long = [text for text in wanted if len(text) >= LONGEST]
    if long:
        now = services.wall.now()
        await services.db.write(lambda connection: calls.put(connection, long, at=now))
    return {text: f"#{calls.key_of(text)}" if text in long else f"={text}" for text in wanted}


async def restored(services: Services, shorthand: str) -> str:
    """The text of a shorthand. Raises UserError for one that is not known any more."""
    if shorthand.startswith("="):
        return shorthand.removeprefix("=")
    key = shorthand.removeprefix("#")
    text = await services.db.read(lambda connection: calls.get(connection, key))
    if text is None:
        raise UserError("This control is too old. Run the command again for a fresh one.")
    return text
