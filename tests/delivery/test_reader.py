"""An alert's numbers are written as its server chose, whoever pays it."""

from pathlib import Path

from bot.alerts.facts import AlertFacts
from bot.app import together
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.reader_sink import ReaderSink
from bot.preferences import Preferences
from bot.settings import Settings
from storage.preferences import PreferenceRecord
from tests.delivery.conftest import Post, closed


async def no_picture(facts: AlertFacts) -> None:
    return None


async def test_an_alert_and_its_edit_are_written_as_the_server_writes_numbers(
    post: Post, tmp_path: Path
) -> None:
    preferences = Preferences(db=post.db, wall=post.clock, settings=Settings(data_dir=tmp_path))
    deliverer = Deliverer.of(
        db=post.db,
        sink=ReaderSink(
            DiscordSink(lambda: post.client, draw=no_picture, together=together(post.db)),
            preferences.notation,
        ),
        wall=post.clock,
        pace=Pace(1000.0, 1000),
    )
    await preferences.choose_for_server(post.guild, PreferenceRecord(numbers="comma"), user_id=1)
    subscription = await post.subscribe("alerts")
    await post.owe(subscription, "alerts")
    await deliverer.run_once()
    (opened,) = await post.shown("alerts")
    assert "122,77, above 122,74 of 20 Feb 2026" in str(opened.embeds[0].title)
    await post.owe(subscription, "alerts", closed())
    await deliverer.run_once()
    (edited,) = await post.shown("alerts")
    assert "123,44" in f"{edited.embeds[0].title} {edited.embeds[0].description}"
