"""Subscriptions as people manage them: checked when made, resolved when used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.alerts.policy import Wish
from bot.clock import Clock
from bot.errors import UserError
from bot.market.model import Symbol
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage import facts, people, personal, subscriptions
from storage.connection import Connection
from storage.database import Database
from storage.subscriptions import SubscriptionRecord

PER_CHANNEL = 25
"""Subscriptions a channel may have; more is a sign of a mistake."""


Resolve = Callable[[Connection, int, str], Sequence[Symbol]]
"""The symbols of a universe by guild and name; raises UserError when there is none of that name
in that guild. It is asked anew at every pass, so a subscription follows its universe."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a subscription lives, and who asks."""

    guild_id: int
    channel_id: int
    user_id: int


class Subscriptions:
    """The subscriptions of all channels. Every change is on disk before it is acknowledged."""

    def __init__(self, *, db: Database, clock: Clock, resolve: Resolve) -> None:
        self._db = db
        self._clock = clock
        self._resolve = resolve

    async def add(
        self,
        place: Place,
        kinds: Sequence[Kind],
        *,
        universe: str | None,
        symbols: Sequence[Symbol],
    ) -> SubscriptionRecord:
        """Subscribe a channel. Raises UserError when it is full or already has just this."""
        now = self._clock.now()

        def work(connection: Connection) -> SubscriptionRecord:
            if universe is not None:
                self._resolve(connection, place.guild_id, universe)
            existing = subscriptions.in_channel(connection, place.channel_id)
            _refuse_duplicate(existing, kinds, universe, symbols)
            record = subscriptions.add(
                connection,
                guild_id=place.guild_id,
                channel_id=place.channel_id,
                kinds=[kind.value for kind in kinds],
                universe=universe,
                symbols=sorted(symbols),
                created_by=place.user_id,
                at=now,
            )
            facts.audit(
                connection,
                "subscribe",
                describe(record),
                at=now,
                actor=place.user_id,
                guild_id=place.guild_id,
            )
            return record

        return await self._db.write(work)

    async def in_channel(self, channel_id: int) -> list[SubscriptionRecord]:
        return await self._db.read(lambda c: subscriptions.in_channel(c, channel_id))

    async def in_guild(self, guild_id: int) -> list[SubscriptionRecord]:
        return await self._db.read(lambda c: subscriptions.in_guild(c, guild_id))

    async def find(self, subscription_id: int, *, guild_id: int) -> SubscriptionRecord:
        """One subscription of a guild. Raises UserError when it has none with this number."""
        record = await self._db.read(lambda c: subscriptions.get(c, subscription_id))
        if record is None or record.guild_id != guild_id:
            raise UserError(
                f"There is no subscription #{subscription_id} here. "
                "`/subscriptions list` shows them with their numbers."
            )
        return record

    async def pause(self, record: SubscriptionRecord, *, user_id: int) -> None:
        await self._set(record, "paused", "paused by a person", user_id)

    async def resume(self, record: SubscriptionRecord, *, user_id: int) -> None:
        await self._set(record, "active", None, user_id)

    async def remove(self, record: SubscriptionRecord, *, user_id: int) -> None:
        now = self._clock.now()

        def work(connection: Connection) -> None:
            subscriptions.remove(connection, record.id)
            facts.audit(
                connection,
                "unsubscribe",
                describe(record),
                at=now,
                actor=user_id,
                guild_id=record.guild_id,
            )

        await self._db.write(work)

    async def forget_guild(self, guild_id: int) -> None:
        """Delete every row of a guild that removed the bot; users' own alerts that were told
        there wait for their users."""

        def work(connection: Connection) -> None:
            subscriptions.forget_guild(connection, guild_id)
            reason = "I am no longer in its server; resumed, it is told by direct message"
            personal.leave_guild(connection, guild_id, reason=reason)
            people.leave_guild(connection, guild_id)

        await self._db.write(work)

    async def symbols_of(self, record: SubscriptionRecord) -> tuple[Symbol, ...]:
        """What a subscription watches now. Raises UserError for a universe that is gone."""
        return tuple(await self._db.read(lambda c: self._symbols(c, record)))

    async def wishes(self) -> list[Wish]:
        """All subscriptions that are owed alerts, resolved to symbols."""

        def work(connection: Connection) -> list[Wish]:
            found = (self._wish(connection, one) for one in subscriptions.active(connection))
            return [wish for wish in found if wish is not None]

        return await self._db.read(work)

    async def _set(
        self, record: SubscriptionRecord, state: str, reason: str | None, user_id: int
    ) -> None:
        now = self._clock.now()

        def work(connection: Connection) -> None:
            subscriptions.set_state(connection, record.id, state=state, reason=reason)
            facts.audit(
                connection,
                f"subscription {state}",
                describe(record),
                at=now,
                actor=user_id,
                guild_id=record.guild_id,
            )

        await self._db.write(work)

    def _symbols(self, connection: Connection, record: SubscriptionRecord) -> Sequence[Symbol]:
        if record.universe:
            return self._resolve(connection, record.guild_id, record.universe)
        return [Symbol(symbol) for symbol in record.symbols]

    def _wish(self, connection: Connection, record: SubscriptionRecord) -> Wish | None:
        try:
            symbols = self._symbols(connection, record)
        except UserError:
            return None  # a universe that a later version no longer ships
        kinds = frozenset(_kinds(record))
        return Wish(subscription=record, kinds=kinds, symbols=frozenset(Symbol(s) for s in symbols))


def describe(record: SubscriptionRecord) -> str:
    """“New 52-week high over sectors”, for lists and the audit."""
    kinds = ", ".join(KINDS[kind].title for kind in _kinds(record))
    if record.universe:
        return f"{kinds} · universe {record.universe}"
    shown = ", ".join(record.symbols[:8])
    more = f" and {len(record.symbols) - 8} more" if len(record.symbols) > 8 else ""
    return f"{kinds} · {shown}{more}"


def _kinds(record: SubscriptionRecord) -> list[Kind]:
    known = {kind.value: kind for kind in KINDS}
    return [known[kind] for kind in record.kinds if kind in known]


def _refuse_duplicate(
    existing: Sequence[SubscriptionRecord],
    kinds: Sequence[Kind],
    universe: str | None,
    symbols: Sequence[Symbol],
) -> None:
    if len(existing) >= PER_CHANNEL:
        raise UserError(
            f"This channel already has {PER_CHANNEL} subscriptions, the most it may have. "
            "Remove one with `/subscriptions remove` first."
        )
    wanted = (frozenset(kinds), universe, frozenset(symbols))
    for record in existing:
        if (frozenset(record.kinds), record.universe, frozenset(record.symbols)) == wanted:
            raise UserError(f"This channel already has just this subscription: #{record.id}.")
