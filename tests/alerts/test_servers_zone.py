"""Quiet hours run by the channel's clock, else by its server's, else by the program's."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.facts import Stage
from bot.alerts.quiet.quieting import Quieting
from bot.market.model import Symbol
from storage import channels, preferences, quieted
from storage.channels import ChannelRecord
from storage.connection import Connection
from storage.database import Database
from storage.preferences import PreferenceRecord
from tests.alerts.test_nothing_is_left_behind import SESSIONS, owed, subscribe

NOW = datetime(2023, 10, 30, 14, 35, tzinfo=UTC)
"""10:35 in New York, 23:35 in Tokyo, 15:35 in Berlin."""


@pytest.mark.parametrize(
    ("channel", "server", "until"),
    [
        (None, None, None),
        (None, "Asia/Tokyo", datetime(2023, 10, 30, 22, 0, tzinfo=UTC)),
        ("Europe/Berlin", "Asia/Tokyo", None),
        ("Asia/Tokyo", "Europe/Berlin", datetime(2023, 10, 30, 22, 0, tzinfo=UTC)),
    ],
)
async def test_an_alert_is_held_by_the_nearest_clock(
    tmp_path: Path, channel: str | None, server: str | None, until: datetime | None
) -> None:
    quieting = Quieting(
        sessions=SESSIONS, benchmark=Symbol("SPY"), zone=ZoneInfo("America/New_York")
    )
    alert = owed(1, "XLK", Stage.OPENED, NOW)

    def work(c: Connection) -> None:
        subscribe(c, 1, "instant")
        record = ChannelRecord(channel_id=1, guild_id=1, quiet="22:00-07:00", zone=channel)
        channels.set_channel(c, record)
        preferences.set_guild(c, 1, PreferenceRecord(zone=server))
        quieting.enqueue(c, [], [alert], now=NOW)

    db = Database.open(tmp_path / "zone.db")
    try:
        await db.write(work)
        (stored,) = await db.read(lambda c: quieted.read(c, [alert.id]))
    finally:
        await db.close()
    held = None if stored.quieted is None else stored.quieted.held_until
    assert held == until
