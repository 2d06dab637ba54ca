"""The pass over bulletins: quiet hours, what nobody was there to send, and empty lists."""

from datetime import datetime, timedelta

import pytest

from bot.alerts.subscriptions import Place
from bot.answers.bulletin_pass import BulletinPass
from bot.services import Services
from storage import bulletins, watchlists
from storage.bulletins import BulletinRecord
from storage.channels import ChannelRecord
from storage.connection import Connection
from storage.values import from_time

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = Place(guild_id=31, channel_id=3100, user_id=7)
OWNER = 3200


async def let_it_be_due(services: Services, record: BulletinRecord, ago: timedelta) -> None:
    due = from_time(services.now() - ago)
    query = "UPDATE bulletins SET next_at = :due WHERE id = :id"
    params = {"due": due, "id": record.id}
    await services.db.write(lambda c: c.execute(query, params).rowcount)


async def standing(services: Services, channel_id: int) -> tuple[int, datetime]:
    """How many messages the outbox has for a channel, and when its next bulletin is due."""

    def read(connection: Connection) -> tuple[int, datetime]:
        query = "SELECT count(*) FROM alerts WHERE channel_id = :channel"
        owed = connection.execute(query, {"channel": channel_id}).fetchone()[0]
        (record,) = bulletins.of_channel(connection, channel_id)
        return int(owed), record.next_at

    return await services.db.read(read)


async def test_a_scorecard_waits_for_the_end_of_quiet_hours_and_comes_once(demo: Services) -> None:
    record = await demo.bulletins.want_scorecard(HERE)
    await let_it_be_due(demo, record, timedelta(hours=1))
    quiet = ChannelRecord(channel_id=HERE.channel_id, guild_id=HERE.guild_id, quiet="20:00-08:00")
    await demo.channels.choose(HERE, quiet)  # It is 23:00 in New York.
    assert await BulletinPass(demo).run_once() == 0
    assert (await standing(demo, HERE.channel_id))[0] == 0
    loud = ChannelRecord(channel_id=HERE.channel_id, guild_id=HERE.guild_id)
    await demo.channels.choose(HERE, loud)
    assert await BulletinPass(demo).run_once() == 1
    assert await BulletinPass(demo).run_once() == 0
    owed, following = await standing(demo, HERE.channel_id)
    assert owed == 1
    assert timedelta(days=5) < following - demo.now() < timedelta(days=8)
    await demo.db.write(lambda c: bulletins.forget_channel(c, HERE.channel_id))


async def test_what_nobody_was_there_to_send_for_a_day_is_left_out(demo: Services) -> None:
    place = Place(guild_id=31, channel_id=3101, user_id=7)
    record = await demo.bulletins.want_scorecard(place)
    await let_it_be_due(demo, record, timedelta(days=2))
    assert await BulletinPass(demo).run_once() == 0
    owed, following = await standing(demo, place.channel_id)
    assert (owed, following > demo.now()) == (0, True)
    await demo.db.write(lambda c: bulletins.forget_channel(c, place.channel_id))


async def test_an_empty_list_sends_nothing_and_keeps_its_times(demo: Services) -> None:
    made = await demo.db.write(
        lambda c: watchlists.add(c, user_id=OWNER, name="bare", symbols=[], at=demo.now())
    )
    zone = (await demo.preferences.defaults(user_id=OWNER, guild_id=None)).zone
    record = await demo.bulletins.want_digest(OWNER, made.id, times=("close",), zone=zone)
    await let_it_be_due(demo, record, timedelta(hours=1))
    assert await BulletinPass(demo).run_once() == 0
    owed, following = await standing(demo, OWNER)
    assert (owed, following > demo.now()) == (0, True)
    await demo.bulletins.end(record)
