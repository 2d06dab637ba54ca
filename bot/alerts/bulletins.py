"""Bulletins: scorecards of channels and digests of watchlists, at set times.

They go the way of alerts, through the outbox with a unique key, but nothing has to happen for
them, so they have no subscription and no episode. What they say is composed above, where answers
are (`bot.answers.bulletin_pass`).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.policy import TIME_TO_LIVE
from bot.alerts.schedule import CLOSE, next_digest
from bot.alerts.subscriptions import Place
from bot.clock import Clock
from bot.market.sessions import SETTLE, Sessions
from storage import alerts, bulletins, facts
from storage.alerts import NewAlert
from storage.bulletins import BulletinRecord, NewBulletin
from storage.connection import Connection
from storage.database import Database
from storage.personal import DIRECT

STAGE = "bulletin"
"""The stage of the outbox's rows that carry a finished card."""
WEEK = timedelta(days=7)


class BulletinKind(StrEnum):
    SCORECARD = "scorecard"
    WATCHLIST = "watchlist"


class Bulletins:
    """The wishes; every change is on disk before it is acknowledged. `clock` is the market's."""

    def __init__(self, *, db: Database, clock: Clock, wall: Clock, sessions: Sessions) -> None:
        self._db = db
        self._clock = clock
        self._wall = wall
        self._sessions = sessions

    async def scorecard_of(self, place: Place) -> BulletinRecord | None:
        return await self._of(place.channel_id, BulletinKind.SCORECARD)

    async def digest_of(self, user_id: int, list_id: int) -> BulletinRecord | None:
        return await self._of(user_id, BulletinKind.WATCHLIST, list_id)

    async def want_scorecard(self, place: Place) -> BulletinRecord:
        """Send the channel a scorecard after the last close of every week."""
        wish = NewBulletin(
            kind=BulletinKind.SCORECARD,
            user_id=0,
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            next_at=next_week_end(self._sessions, self._clock.now()),
            created_at=self._wall.now(),
        )
        return await self._db.write(lambda c: self._noted(c, place, bulletins.put(c, wish), "on"))

    async def end_scorecard(self, place: Place, record: BulletinRecord) -> None:
        def work(connection: Connection) -> None:
            bulletins.remove(connection, record.id)
            self._noted(connection, place, record, "off")

        await self._db.write(work)

    async def want_digest(
        self, user_id: int, list_id: int, *, times: Sequence[str], zone: ZoneInfo
    ) -> BulletinRecord:
        """Send a person a list by direct message at these times."""
        wish = NewBulletin(
            kind=BulletinKind.WATCHLIST,
            user_id=user_id,
            guild_id=DIRECT,
            channel_id=user_id,
            list_id=list_id,
            times=tuple(times),
            next_at=next_digest_after(times, zone, self._clock.now(), self._sessions),
            created_at=self._wall.now(),
        )
        return await self._db.write(lambda c: bulletins.put(c, wish))

    async def end(self, record: BulletinRecord) -> None:
        await self._db.write(lambda c: bulletins.remove(c, record.id))

    async def due(self) -> list[BulletinRecord]:
        now = self._clock.now()
        return await self._db.read(lambda c: bulletins.due(c, now=now))

    async def skip(self, record: BulletinRecord, *, zone: ZoneInfo) -> None:
        """Nothing to send this time."""
        await self._db.write(lambda c: bulletins.move(c, record, next_at=self._next(record, zone)))

    async def send(
        self, record: BulletinRecord, card: Mapping[str, Any], *, zone: ZoneInfo
    ) -> bool:
        """Owe the message and move on to the next moment, in one transaction; False when
        somebody else just did."""
        at = self._wall.now()
        identity = bulletin_id(record)
        alert = NewAlert(
            id=identity,
            subscription_id=0,
            episode_id=f"bulletin {record.id}",
            stage=STAGE,
            act="post",
            target=None,
            guild_id=record.guild_id,
            channel_id=record.channel_id,
            facts={"card": card},
            created_at=at,
            market_time=self._clock.now(),
            expires_at=at + TIME_TO_LIVE,
        )

        def work(connection: Connection) -> bool:
            if not bulletins.move(connection, record, next_at=self._next(record, zone)):
                return False
            return alerts.enqueue(connection, [alert]) == 1

        return await self._db.write(work)

    def _next(self, record: BulletinRecord, zone: ZoneInfo) -> datetime:
        now = self._clock.now()
        if record.kind == BulletinKind.SCORECARD:
            return next_week_end(self._sessions, now)
        return next_digest_after(record.times, zone, now, self._sessions)

    async def _of(
        self, channel_id: int, kind: BulletinKind, list_id: int = 0
    ) -> BulletinRecord | None:
        found = await self._db.read(lambda c: bulletins.of_channel(c, channel_id))
        mine = [one for one in found if one.kind == kind and one.list_id == list_id]
        return mine[0] if mine else None

    def _noted(
        self, connection: Connection, place: Place, record: BulletinRecord, what: str
    ) -> BulletinRecord:
        facts.audit(
            connection,
            f"{record.kind} {what}",
            f"channel {place.channel_id}",
            at=self._wall.now(),
            actor=place.user_id,
            guild_id=place.guild_id,
        )
        return record


def bulletin_id(record: BulletinRecord) -> str:
    """The idempotency key of a message: the wish and the moment it was due."""
    text = f"bulletin|{record.kind}|{record.id}|{record.next_at.isoformat()}"
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:20]


def week_of(sessions: Sessions, day: date) -> tuple[date, date]:
    """The first and the last session of the calendar week of `day`."""
    monday = day - timedelta(days=day.weekday())
    found = sessions.between(monday, monday + timedelta(days=6))
    return found[0].item(), found[-1].item()


def next_week_end(sessions: Sessions, now: datetime) -> datetime:
    """When the last close of a week is settled, for the first time after `now`."""
    today = now.date()
    for day in (today, today + WEEK, today + 2 * WEEK):
        _, last = week_of(sessions, day)
        settled = sessions.bounds(last)[1] + SETTLE
        if settled > now:
            return settled
    raise ValueError(f"no week ends after {now}")


def next_digest_after(
    times: Sequence[str], zone: ZoneInfo, now: datetime, sessions: Sessions
) -> datetime:
    """The next of these times that lies after `now`; `next_digest` may just have passed."""
    found = next_digest(times or (CLOSE,), zone, now, sessions)
    later = now
    while found <= now:
        later += timedelta(hours=1)
        found = next_digest(times or (CLOSE,), zone, later, sessions)
    return found
