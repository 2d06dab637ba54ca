"""What feeds owe their followers, on both engines."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import alerts, channels, publications, quieted, subscriptions
from storage.alerts import NewAlert
from storage.channels import ChannelRecord
from storage.connection import Connection
from storage.database import Database
from storage.quieted import QuietedRecord

NOW = datetime(2026, 4, 17, 14, 0, tzinfo=UTC)
FEED, OTHER, PLAIN = 10, 11, 12
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
async def db(where: Path | str) -> AsyncIterator[Database]:
    opened = Database.open(where)

    def furnish(connection: Connection) -> None:
        for channel in (FEED, OTHER):
            record = ChannelRecord(channel_id=channel, guild_id=1, feed=True)
            channels.set_channel(connection, record)
        plain = ChannelRecord(channel_id=PLAIN, guild_id=1, quiet="22:00-07:00")
        channels.set_channel(connection, plain)

    await opened.write(furnish)
    yield opened
    await opened.close()


async def sent(
    db: Database, *names: str, channel: int = FEED, act: str = "post", form: str | None = None
) -> None:
    """Alerts that were just sent; the messages have numbers of their own."""

    def work(connection: Connection) -> None:
        for number, name in enumerate(names):
            alert = NewAlert(
                id=name,
                subscription_id=1,
                episode_id=name,
                stage="opened",
                act=act,
                target=None,
                guild_id=1,
                channel_id=channel,
                facts={},
                created_at=NOW,
                market_time=NOW,
            )
            alerts.enqueue(connection, [alert])
            if form is not None:
                one = QuietedRecord(alert_id=name, channel_id=channel, form=form)
                quieted.put(connection, [one])
            publications.owe(
                connection, name, message_id=2**62 + number, at=NOW, until=NOW + 2 * HOUR
            )

    await db.write(work)


async def taken(db: Database, *, at: datetime = NOW, an_hour: int = 3) -> Sequence[Sequence[str]]:
    lease = at + 5 * MINUTE
    found = await db.write(
        lambda c: publications.take(c, now=at, lease_until=lease, an_hour=an_hour)
    )
    return [[each.alert_id for each in queue] for queue in found]


async def published(db: Database, *names: str) -> None:
    def work(connection: Connection) -> None:
        for name in names:
            publications.published(connection, name)

    await db.write(work)


async def test_feeds_owe_posts_and_digests_and_neither_replies_nor_edits(db: Database) -> None:
    await sent(db, "post")
    await sent(db, "reply", act="reply")
    await sent(db, "edit", act="edit")
    await sent(db, "digest", act="reply", form="digest")
    await sent(db, "elsewhere", channel=PLAIN)
    assert await taken(db) == [["post", "digest"]]


async def test_an_alert_is_owed_once_however_often_it_is_written_down(db: Database) -> None:
    await sent(db, "a")
    await published(db, "a")
    await sent(db, "a")
    assert await db.read(publications.counts) == {"published": 1}


async def test_every_channel_has_an_hour_of_its_own(db: Database) -> None:
    await sent(db, "a", "b", "c", "d", "e")
    await sent(db, "x", channel=OTHER)
    assert await taken(db) == [["a", "b", "c"], ["x"]]
    await published(db, "a", "b", "c", "x")
    assert await taken(db, at=NOW + 59 * MINUTE) == []
    assert await taken(db, at=NOW + 61 * MINUTE) == [["d", "e"]]
    assert await db.read(lambda c: publications.counts_of(c, FEED)) == {
        "published": 3,
        "pending": 2,
    }


async def test_what_one_has_taken_nobody_else_is_given_until_the_lease_ends(db: Database) -> None:
    await sent(db, "a", "b", "c", "d")
    assert await taken(db, an_hour=2) == [["a", "b"]]
    assert await taken(db, an_hour=10) == []
    assert await taken(db, at=NOW + 6 * MINUTE, an_hour=10) == [["a", "b", "c", "d"]]


async def test_a_wait_holds_for_the_whole_channel_and_ends_when_the_clock_is_set_back(
    db: Database,
) -> None:
    await sent(db, "a")
    until = NOW + 30 * MINUTE
    await db.write(
        lambda c: publications.wait(c, FEED, now=NOW, not_before=until, reason="rate limit")
    )
    await sent(db, "b")
    assert await taken(db, at=NOW + MINUTE) == []
    assert await taken(db, at=NOW - HOUR) == [["a", "b"]]


async def test_what_is_too_late_is_left_unpublished_with_its_reason(db: Database) -> None:
    await sent(db, "a")
    await sent(db, "x", channel=OTHER)
    await db.write(
        lambda c: publications.wait(c, FEED, now=NOW, not_before=NOW, reason="forbidden")
    )
    later = NOW + 2 * HOUR
    assert await db.write(lambda c: publications.give_up(c, now=later - MINUTE)) == {}
    missed = await db.write(lambda c: publications.give_up(c, now=later))
    assert missed == {FEED: 1, OTHER: 1}
    reasons = await db.read(
        lambda c: c.execute("SELECT reason FROM publications ORDER BY number").fetchall()
    )
    assert [each for (each,) in reasons] == [
        "too late: forbidden",
        "too late: others of its channel went first",
    ]
    assert not await db.read(publications.waiting)


async def test_a_server_that_is_left_owes_its_followers_nothing(db: Database) -> None:
    await sent(db, "a")
    await db.write(lambda c: subscriptions.forget_guild(c, 1))
    assert await db.read(publications.counts) == {}
    assert await db.read(lambda c: channels.feeds_in_guild(c, 1)) == set()
