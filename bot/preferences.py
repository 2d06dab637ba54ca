"""Defaults that a server or a person chose: time zone, benchmark, basis, how numbers look.

A person's own come first, then the server's, then the program's settings. What was not chosen
is not stored, so a changed setting of the program reaches everyone who left it alone.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.market.model import Basis, Symbol
from bot.notation import Notation
from bot.settings import Settings
from storage import facts, preferences
from storage.connection import Connection
from storage.database import Database
from storage.preferences import NOTHING, PreferenceRecord


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What a command uses where its options say nothing."""

    zone: ZoneInfo
    benchmark: Symbol
    basis: Basis
    notation: Notation


class Preferences:
    """Every change is on disk before it is acknowledged; a server's is in its audit, too."""

    def __init__(self, *, db: Database, wall: Clock, settings: Settings) -> None:
        self._db = db
        self._wall = wall
        self._settings = settings

    async def defaults(self, *, user_id: int, guild_id: int | None) -> Defaults:
        """What counts for this person in this server, or outside of any."""
        own, server = await self._db.read(lambda c: _both(c, user_id, guild_id))
        return self._merged(own, server)

    async def notation(self, user_id: int, guild_id: int) -> Notation:
        """How what is told to this person, or in this server, writes its numbers."""
        return (await self.defaults(user_id=user_id, guild_id=guild_id or None)).notation

    async def of_server(self, guild_id: int) -> Defaults:
        """What counts for a server itself, whoever asks."""
        return self._merged(NOTHING, await self.chosen_by_server(guild_id))

    async def chosen_by_person(self, user_id: int) -> PreferenceRecord:
        return await self._db.read(lambda c: preferences.of_user(c, user_id))

    async def chosen_by_server(self, guild_id: int) -> PreferenceRecord:
        return await self._db.read(lambda c: preferences.of_guild(c, guild_id))

    async def choose_for_person(self, user_id: int, record: PreferenceRecord) -> None:
        await self._db.write(lambda c: preferences.set_user(c, user_id, record))

    async def choose_for_server(
        self, guild_id: int, record: PreferenceRecord, *, user_id: int
    ) -> None:
        chosen = (record.zone, record.benchmark, record.basis, record.numbers)
        text = "zone {}, benchmark {}, basis {}, numbers {}".format(*chosen)

        def work(connection: Connection) -> None:
            preferences.set_guild(connection, guild_id, record)
            facts.audit(
                connection,
                "server settings",
                text,
                at=self._wall.now(),
                actor=user_id,
                guild_id=guild_id,
            )

        await self._db.write(work)

    async def meet(self, guild_id: int) -> bool:
        """True once for each server that takes the bot in: it is welcomed then."""
        return await self._db.write(lambda c: preferences.meet(c, guild_id, at=self._wall.now()))

    def _merged(self, own: PreferenceRecord, server: PreferenceRecord) -> Defaults:
        zone = own.zone or server.zone
        benchmark = own.benchmark or server.benchmark or self._settings.benchmark
        return Defaults(
            zone=ZoneInfo(zone) if zone else self._settings.zone,
            benchmark=Symbol(benchmark),
            basis=Basis(own.basis or server.basis or Basis.PRICE),
            notation=Notation(own.numbers or server.numbers or Notation.POINT),
        )


def _both(
    connection: Connection, user_id: int, guild_id: int | None
) -> tuple[PreferenceRecord, PreferenceRecord]:
    own = preferences.of_user(connection, user_id)
    server = NOTHING if guild_id is None else preferences.of_guild(connection, guild_id)
    return own, server
