"""Users' own alerts as their users manage them. Every change is on disk before it is acknowledged.

An alert belongs to one user: nobody else finds it, by its number or otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.alerts.personal.model import Rule
from bot.alerts.personal.rows import row_of, rule_of
from bot.alerts.personal.words import written
from bot.clock import Clock
from bot.errors import UserError
from storage import personal
from storage.connection import Connection
from storage.database import Database
from storage.personal import DIRECT, PersonalRecord, PersonalRule

PER_USER = 50
"""Alerts a user may have waiting."""
FINISHED = 50
"""Alerts that have fired or expired which are kept, the newest."""
WAITING = ("active", "paused", "blocked")


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where an alert is told; a direct message by default."""

    guild_id: int = DIRECT
    channel_id: int = 0

    @property
    def direct(self) -> bool:
        return self.guild_id == DIRECT


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a user asks for."""

    rule: Rule
    where: Where = Where()
    note: str = ""

    @property
    def row(self) -> PersonalRule:
        return row_of(
            self.rule,
            guild_id=self.where.guild_id,
            channel_id=self.where.channel_id,
            note=self.note,
        )


@dataclass(frozen=True, kw_only=True)
class Added:
    """What an import brought; `present` counts those that were there already."""

    records: tuple[PersonalRecord, ...]
    present: int


class Personal:
    """The alerts of all users. `wall` dates rows; `clock` is the market's time, which rules
    live in."""

    def __init__(self, *, db: Database, wall: Clock, clock: Clock) -> None:
        self._db = db
        self._wall = wall
        self._clock = clock

    async def add(self, user_id: int, wanted: Wanted) -> PersonalRecord:
        """Raises UserError when the user has just this alert, or too many."""

        def work(connection: Connection) -> PersonalRecord:
            existing = personal.of_user(connection, user_id)
            same = _same(existing, wanted.row)
            if same is not None:
                raise UserError(f"You already have just this alert: #{same.id}, {same.state}.")
            return self._insert(connection, existing, [wanted], user_id)[0]

        return await self._db.write(work)

    async def add_all(self, user_id: int, wanted: Sequence[Wanted]) -> Added:
        """All or nothing; those that are there already are passed over. Raises UserError."""

        def work(connection: Connection) -> Added:
            existing = personal.of_user(connection, user_id)
            new = [one for one in wanted if _same(existing, one.row) is None]
            records = self._insert(connection, existing, new, user_id)
            return Added(records=tuple(records), present=len(wanted) - len(new))

        return await self._db.write(work)

    async def of_user(self, user_id: int) -> list[PersonalRecord]:
        return await self._db.read(lambda c: personal.of_user(c, user_id))

    async def find(self, number: int, *, user_id: int) -> PersonalRecord:
        """Raises UserError when this user has no alert of this number."""
        record = await self._db.read(lambda c: personal.get(c, number))
        if record is None or record.user_id != user_id:
            raise UserError(
                f"You have no alert #{number}. `/alert list` shows yours with their numbers."
            )
        return record

    async def edit(self, record: PersonalRecord, wanted: Wanted) -> None:
        """The alert looks afresh. Raises UserError when another one is just that already."""

        def work(connection: Connection) -> None:
            existing = personal.of_user(connection, record.user_id)
            others = [one for one in existing if one.id != record.id]
            same = _same(others, wanted.row)
            if same is not None:
                raise UserError(f"That would be the same as your alert #{same.id}.")
            if record.state not in WAITING:
                _refuse_full(others, 1)
            now = self._clock.now()
            personal.change_rule(connection, record.id, wanted.row, made_at=now)

        await self._db.write(work)

    async def pause(self, record: PersonalRecord) -> None:
        await self._db.write(lambda c: personal.set_state(c, record.id, state="paused"))

    async def resume(self, record: PersonalRecord) -> None:
        """Also after it fired or was blocked, or while it is snoozed. Raises UserError."""

        def work(connection: Connection) -> None:
            if record.state not in WAITING:
                _refuse_full(personal.of_user(connection, record.user_id), 1)
            personal.set_state(connection, record.id, state="active")

        await self._db.write(work)

    async def snooze(self, record: PersonalRecord, *, until: datetime) -> None:
        """`until` is market time; then the alert looks afresh."""
        await self._db.write(
            lambda c: personal.set_state(c, record.id, state="active", snoozed_until=until)
        )

    async def remove(self, record: PersonalRecord) -> None:
        await self._db.write(lambda c: personal.remove(c, record.id))

    async def take_news(self, user_id: int) -> list[PersonalRecord]:
        """The alerts whose messages were refused since the user was last told of that."""
        if not await self._db.read(lambda c: personal.untold(c, user_id)):
            return []

        def work(connection: Connection) -> list[PersonalRecord]:
            found = personal.untold(connection, user_id)
            personal.mark_told(connection, [record.id for record in found])
            return found

        return await self._db.write(work)

    async def forget(self, user_id: int) -> int:
        """Delete all of a user's alerts and what they told; returns how many there were."""
        return await self._db.write(lambda c: personal.forget_user(c, user_id))

    def _insert(
        self,
        connection: Connection,
        existing: Sequence[PersonalRecord],
        wanted: Sequence[Wanted],
        user_id: int,
    ) -> list[PersonalRecord]:
        _refuse_full(existing, len(wanted))
        finished = [record.id for record in existing if record.state not in WAITING]
        for number in finished[: max(0, len(finished) - FINISHED)]:
            personal.remove(connection, number)
        at, now = self._wall.now(), self._clock.now()
        return [
            personal.add(connection, one.row, user_id=user_id, at=at, made_at=now) for one in wanted
        ]


def describe(record: PersonalRecord) -> str:
    """“IVOO above 120”."""
    rule = rule_of(record.rule)
    return f"{rule.symbol} {written(rule.condition)}"


def refused_words(channel_id: int | None) -> str:
    """Why an alert is blocked, for its user; None for direct messages."""
    if channel_id is None:
        return (
            "Discord does not let me send you direct messages; allow them from members of a "
            "server we share"
        )
    return f"Discord does not let me write in <#{channel_id}>"


def _refuse_full(existing: Sequence[PersonalRecord], more: int) -> None:
    waiting = sum(record.state in WAITING for record in existing)
    if waiting + more > PER_USER:
        raise UserError(
            f"You have {waiting} alerts waiting; {PER_USER} is the most. Remove some with "
            "`/alert remove` first; nothing was changed."
        )


def _same(existing: Sequence[PersonalRecord], row: PersonalRule) -> PersonalRecord | None:
    """A waiting alert that tells the same at the same place."""

    def told(one: PersonalRule) -> PersonalRule:
        return replace(one, expires_at=None, note="", cooldown_seconds=0, rearm=0.0)

    return next(
        (r for r in existing if r.state in WAITING and told(r.rule) == told(row)),
        None,
    )
