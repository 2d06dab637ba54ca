"""What was held is released in one pass, a few channels in each transaction."""

from datetime import date
from pathlib import Path

import pytest

from bot.alerts.subscriptions import Place
from bot.market.model import Symbol
from storage import channels, quieted
from storage.channels import ChannelRecord
from tests.alerts.stage import HIGHS, SESSIONS, Stage, at, quiet_year, write_prices

DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
CHANNELS = range(10, 17)


async def test_one_pass_releases_the_digests_of_all_channels(
    tmp_path: Path, where: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.alerts.quiet.quieting.CHANNELS", 2)
    write_prices(tmp_path / "prices", {"AAA": quiet_year(103)}, first="2022-01-03")
    stage = Stage(tmp_path / "prices", where, at(str(DAYS[299])))
    for channel in CHANNELS:
        place = Place(guild_id=channel, channel_id=channel, user_id=1)
        await stage.subscriptions.add(place, HIGHS, universe=None, symbols=[Symbol("AAA")])
        record = ChannelRecord(
            channel_id=channel, guild_id=channel, zone="UTC", quiet="14:00-22:00"
        )
        await stage.db.write(lambda c, record=record: channels.set_channel(c, record))  # type: ignore[misc]
    await stage.watcher.run_once()
    await stage.look(at(str(DAYS[300]), "16:45"))
    held = await stage.db.read(quieted.held)
    assert held == len(CHANNELS) * len({row.stage for row in await stage.outbox()})
    await stage.look(at(str(DAYS[300]), "22:01"))
    assert await stage.db.read(quieted.held) == 0
    assert {row.channel_id for row in await stage.outbox()} == set(CHANNELS)
    await stage.close()
